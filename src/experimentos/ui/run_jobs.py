"""Runs executed from the page: started in the background, followed, told of at their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from experimentos.memo.run_words import asking_lines
from experimentos.ui import access, background
from experimentos.ui import format as fmt
from experimentos.ui.endpoint_notice import endpoint
from experimentos.ui.services import services
from experimentos.wiring import open_runner, settings_from_environment

if TYPE_CHECKING:
    from experimentos.flows.reproduce import Again
    from experimentos.flows.run_matrix import Batch
    from experimentos.runs.documents import Experiment
    from experimentos.runs.expand import RunPlan
    from experimentos.runs.run_diff import DiffLine

BATCH, AGAIN = "runs.batch.", "runs.again."
VERDICTS = {
    "identical": (st.success, "Identical", ":material/verified:"),
    "within_noise": (st.success, "The same within noise", ":material/check_circle:"),
    "different": (st.warning, "Different", ":material/difference:"),
}


def may_run(experiment: Experiment | None = None) -> bool:
    """Return whether code may be executed from this page: at this machine alone.

    Questions to models that touch neither code nor files of the server may be asked wherever
    people share its history.
    """
    gate = access.gate()
    if gate.is_local or experiment is None:
        return gate.is_local
    files = experiment.data_sources or experiment.evaluation.scenarios_file
    return gate.is_shared and not experiment.runs_code and not files


def said_before(plan: RunPlan) -> bool:
    """Draw what is to be known before a plan starts; return whether it can."""
    if plan.size is None:
        st.caption(
            f"Calls {fmt.plain(plan.experiment.entry_point or '')} in child processes with your "
            "own rights; there is no sandbox yet, so run code that you trust."
        )
        return True
    settings = endpoint()
    if settings is None:
        return False
    lines = asking_lines(plan, settings.host)
    st.markdown("\n".join(f"- {fmt.plain(line)}" for line in lines))
    return True


def why_not() -> None:
    """Say why nothing is executed from this page."""
    st.info(
        "Code runs with the rights of the person who started this server, so it is run from the "
        "page only where nobody else can reach it. There is no sandbox yet. Use `experimentos "
        "experiment run` on your own machine: the runs appear here.",
        title="Nothing is run on a shared server",
        icon=":material/lock:",
    )


def start_batch(plan: RunPlan) -> None:
    """Start a plan in the background."""
    from experimentos.flows.run_matrix import execute

    store, code = services().store, settings_from_environment().code
    key = f"{BATCH}{plan.experiment.project_slug}/{plan.experiment.slug}"

    def work(progress: background.Progress) -> Batch:
        return execute(store, open_runner(), plan, code, progress)

    background.board().start(key, work)


def start_again(run_id: str) -> None:
    """Start the reproduction of a run in the background."""
    from experimentos.flows.reproduce import reproduce

    store, code = services().store, settings_from_environment().code

    def work(progress: background.Progress) -> Again:
        return reproduce(store, open_runner(), run_id, code, lambda: progress(0, 1))

    background.board().start(f"{AGAIN}{run_id}", work)


def draw_jobs() -> None:
    """Draw what came of what was started from a page, until it is put away."""
    if not access.gate().is_shared:
        return
    for key, job in background.board().named("runs.").items():
        name = key.removeprefix(BATCH).removeprefix(AGAIN)
        if not job.is_over:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            with st.container():
                _tell(job, name)
            if st.button("Put away", key=f"away.{key}", type="tertiary", icon=":material/close:"):
                background.board().forget(key)
                st.rerun()


def _tell(job: background.Job, name: str) -> None:
    from experimentos.flows.reproduce import Again
    from experimentos.memo.run_words import status_counts

    if job.failure:
        st.error(fmt.plain(job.failure), title=f"{name} did not run", icon=":material/error:")
    elif isinstance(job.answer, Again):
        result = job.answer.result
        draw, title, icon = VERDICTS[result.verdict.value]
        lines = [fmt.plain(result.sentence)]
        if result.verdict.value == "different":
            lines += [f"- {fmt.plain(diff_words(line))}" for line in result.diff.lines[:6]]
        elif others := {line.section for line in result.diff.lines}:
            lines.append(f"Not the same: {fmt.listed(sorted(others))}. Its lineage shows where.")
        draw("  \n".join(lines), title=f"Run {name[-8:]} again: {title.lower()}", icon=icon)
    elif job.answer is not None:
        batch = job.answer
        all_done = batch.count("completed") == len(batch.runs)
        draw = st.success if all_done else st.warning
        draw(fmt.plain(f"{name}: {status_counts(batch.runs)}."), icon=":material/flag:")
    else:
        st.info(fmt.plain(f"{name} was cancelled before it began."))


def diff_words(line: DiffLine) -> str:
    """Return one place where two runs differ in words."""
    from experimentos.memo.run_words import brief

    return f"{line.section}, {line.name}: {brief(line.before)} before, {brief(line.after)} now"
