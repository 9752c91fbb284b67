"""One experiment: parameters with their origin, how far it is, running more, its files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.flows.experiment_status import status_of
from experimentos.flows.run_matrix import Asked, plan_runs
from experimentos.flows.variants import export_text
from experimentos.memo.exports import download_name
from experimentos.memo.live_words import LABELS, standing
from experimentos.memo.run_words import metrics_line, plan_line, value
from experimentos.runs.inherit import Setting, settings_of
from experimentos.ui import access, run_jobs
from experimentos.ui import format as fmt
from experimentos.ui.banner import issue_list
from experimentos.ui.run_dialog import open_run, status_badge
from experimentos.ui.services import services
from experimentos.ui.table import small_table
from experimentos.ui.variant_samples_view import samples_button
from experimentos.wiring import settings_from_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experimentos.flows.experiment_status import ExperimentStatus
    from experimentos.flows.projects import SavedExperiment
    from experimentos.flows.run_matrix import VariantProgress
    from experimentos.runs.documents import Experiment, Project, Run

NEW, RESUME, RETRY = "New runs", "What was left undone", "And what failed"
LATEST = 6
STATES = {"kept": "green", "broken": "red", "open": "gray", "unchecked": "orange"}


def draw_experiment(project: Project, saved: SavedExperiment) -> None:
    """Draw an experiment of a project."""
    found = status_of(services().store, saved)
    saved, runs = found.saved, found.runs
    experiment = saved.experiment
    with st.container(border=True):
        st.markdown(f"#### {fmt.plain(experiment.name)} :gray-badge[{experiment.status}]")
        for text in (experiment.hypothesis, experiment.description):
            if text:
                st.markdown(fmt.plain(text))
        _variants(project, experiment, found.variants)
        _standing(found)
        if experiment.status != "archived":
            _left_undone(experiment, found.variants)
            _run(experiment)
        _latest(runs)
        _files(saved, has_runs=bool(runs))


def _standing(found: ExperimentStatus) -> None:
    """Draw how it stands to what it asks for, and to what its project allows."""
    lines = standing(found.saved.experiment, found.comparison)
    st.markdown("\n".join(f"- {fmt.plain(line)}" for line in lines))
    if not found.constraints:
        return
    small_table(
        [
            {
                "Constraint of the project": fmt.plain(f"{each.name} = {value(each.value)}"),
                "State": f":{STATES[each.state]}-badge[{LABELS[each.state]}]",
                "Why": fmt.plain(each.said),
            }
            for each in found.constraints
        ],
        "Constraints of the project",
    )


def _variants(project: Project, experiment: Experiment, counted: Sequence[VariantProgress]) -> None:
    done = {row.variant: row for row in counted}
    least = experiment.evaluation.min_runs_per_variant
    rows = []
    for variant in experiment.variants:
        settings = settings_of(project, experiment, variant)
        base = " :blue-badge[baseline]" if variant.name == experiment.baseline else ""
        failed = done[variant.name].counts.get("failed", 0)
        rows.append(
            {
                "Variant": f"{fmt.plain(variant.name)}{base}",
                "Parameters (from)": ", ".join(
                    fmt.plain(f"{s.name} = {value(s.value)}") + _origin(s) for s in settings
                )
                or "none",
                "Done": f"{done[variant.name].done} of {least}",
                "Failed": f"{failed:,}",
            }
        )
    small_table(rows, "Variants of the experiment")


def _origin(setting: Setting) -> str:
    """Return where a parameter comes from, and what it overrides; nothing for a plain own one."""
    if setting.overrides:
        over = fmt.listed(setting.overrides)
        own = "" if setting.origin == "variant" else f"{setting.origin}, "
        return f" :orange-badge[{own}instead of the {over}'s]"
    return "" if setting.origin == "variant" else f" :gray-badge[{setting.origin}]"


def _left_undone(experiment: Experiment, counted: Sequence[VariantProgress]) -> None:
    """Say that runs were cut off and not made up for, and how to go on with them."""
    if experiment.entry_point is None or not any(r.counts.get("interrupted") for r in counted):
        return
    try:
        left = plan_runs(services().store, _full(experiment), Asked(resume=True))
    except ExperimentOSError:
        return
    st.info(
        f"{fmt.plural(len(left.runs), 'run')} left undone: cancelled, or ended with the process "
        f"that executed them. Choose *{RESUME}* to execute them.",
        icon=":material/power_off:",
    )


def _run(experiment: Experiment) -> None:
    if experiment.entry_point is None and not experiment.asks:
        st.caption("It names no entry point and asks no models, so nothing can be run from here.")
        return
    if not run_jobs.may_run(experiment):
        run_jobs.why_not()
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        what = st.selectbox("Run", [NEW, RESUME, RETRY], key="batch.what", width=210)
        each = st.number_input(
            "Runs of each", 1, 1_000, 1 if experiment.asks else 5, width=130,
            key="batch.each.asked" if experiment.asks else "batch.each", disabled=what != NEW,
        )  # fmt: skip
        names = [variant.name for variant in experiment.variants]
        chosen = st.multiselect(
            "Variants", names, key=f"batch.variants.{experiment.slug}", placeholder="All"
        )
    asked = Asked(int(each), tuple(chosen), resume=what == RESUME, retry=what == RETRY)
    try:
        code = settings_from_environment().code
        plan = plan_runs(services().store, _full(experiment), asked, code=code)
    except ExperimentOSError as wrong:
        st.caption(fmt.plain(str(wrong)))
        return
    able = run_jobs.said_before(plan)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Start", type="primary", icon=":material/play_arrow:", key="batch.start",
            disabled=plan.is_blocked or not able,
            help="A constraint of the project forbids it." if plan.is_blocked else None,
        ):  # fmt: skip
            run_jobs.start_batch(plan)
            st.rerun()
        st.markdown(fmt.plain(plan_line(plan)))
    issue_list(plan.issues)


def _full(experiment: Experiment) -> str:
    return f"{experiment.project_slug}/{experiment.slug}"


def _latest(runs: Sequence[Run]) -> None:
    if not runs:
        return
    st.markdown("**Latest runs**")
    with st.container(gap="xsmall"):
        _listed(runs[:LATEST])


def _listed(runs: Sequence[Run]) -> None:
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            again = " (again)" if run.reproduces_run_id else ""
            name = fmt.plain(f"{run.variant} {run.repeat}{again}")
            words = fmt.plain(fmt.shortened(metrics_line(run), 90))
            st.markdown(f"{status_badge(run.status)} **{name}** {words}")
            if st.button(
                "Open", key=f"latest.{run.run_id}", icon=":material/open_in_full:", type="tertiary"
            ):
                open_run(run.run_id)
                st.rerun()


def _files(saved: SavedExperiment, *, has_runs: bool) -> None:
    from experimentos.flows.projects import change_experiment
    from experimentos.flows.run_matrix import restore_experiment

    experiment = saved.experiment
    with st.container(horizontal=True, vertical_alignment="center"):
        if has_runs and experiment.asks:
            samples_button(saved, "experiment")
        if has_runs:
            for form, mime in (("json", "application/json"), ("csv", "text/csv")):
                st.download_button(
                    f"Export as {form.upper()}",
                    access.while_admitted(partial(export_text, services().store, saved, form)),
                    download_name(f"experiment {experiment.slug}", "", form),
                    mime,
                    key=f"experiment.{form}",
                    icon=":material/download:",
                    on_click="ignore",
                )
        if experiment.status == "archived":
            if st.button("Restore", key="experiment.restore", icon=":material/unarchive:"):
                restore_experiment(services().store, saved)
                st.rerun()
        elif st.button(
            "Archive", key="experiment.archive", icon=":material/archive:", type="tertiary"
        ):
            change_experiment(services().store, saved, status="archived")
            st.rerun()
