"""Projects and their experiments on the page: made, opened, run, archived."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.flows import projects as flow
from experimentos.memo.run_words import value
from experimentos.runs.documents import Project
from experimentos.ui import format as fmt
from experimentos.ui.banner import issue_list
from experimentos.ui.experiment_form import define_experiment
from experimentos.ui.experiment_panel import draw_experiment
from experimentos.ui.services import services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experimentos.flows.projects import SavedExperiment, SavedProject

PROJECT, EXPERIMENT = "runs.project", "runs.experiment"


def projects_tab() -> None:
    """Draw the projects, the one that is open, and its experiments."""
    store = services().store
    known = flow.list_projects(store)
    archived = st.session_state.get("runs.archived", False)
    shown = [saved for saved in known if archived or saved.project.status != "archived"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        opened = _chosen(shown) if shown else None
        with st.popover("New project", icon=":material/create_new_folder:"):
            _create(known)
        if opened is not None:
            with st.popover("Change", icon=":material/edit:"):
                _change(opened)
            _archive(opened)
        if any(saved.project.status == "archived" for saved in known):
            st.toggle("Archived ones too", key="runs.archived")
    if opened is None:
        st.info(
            "A project holds what several experiments share: default parameters, limits, tags. "
            "Make one, then define an experiment with its variants.",
            title="No project yet",
            icon=":material/folder_open:",
        )
        return
    _about(opened)
    experiments = flow.list_experiments(store, opened.project.slug)
    _experiments(opened, experiments)


def _chosen(shown: list[SavedProject]) -> SavedProject:
    names = {saved.project.slug: saved for saved in shown}
    wanted = st.session_state.pop("runs.project_made", None)
    if wanted in names:
        st.session_state[PROJECT] = wanted
    elif st.session_state.get(PROJECT) not in names:
        active = flow.active_project(services().store)
        st.session_state[PROJECT] = active if active in names else shown[0].project.slug
    chosen: str = st.selectbox(
        "Project", list(names), key=PROJECT, format_func=lambda slug: names[slug].project.name
    )
    return names[chosen]


def _create(known: Sequence[SavedProject]) -> None:
    with st.form("project.form", clear_on_submit=True, border=False):
        name = st.text_input("Project name", max_chars=64, key="project.name")
        about = st.text_input("What it is about", max_chars=2_000, key="project.about")
        defaults = st.text_input(
            "Defaults", key="project.defaults", placeholder="model=small, count=5",
            help="Parameters that every experiment of the project begins with.",
        )  # fmt: skip
        names = {saved.project.slug: saved.project.name for saved in known}
        template = st.selectbox(
            "Begin with", names, None, key="project.template", placeholder="Nothing",
            format_func=lambda slug: names[slug],
            help="Takes over the defaults, limits, constraints and tags of a project, such as a "
            "template.",
        )  # fmt: skip
        if not st.form_submit_button("Create project", type="primary"):
            return
    from experimentos.runs.variant_lines import read_variants

    try:
        given = read_variants(f"defaults: {defaults}")[0]["parameters"]
        own = {"name": flow.name_of(name), "description": about, "defaults": given}
        taken = flow.shared_by(services().store, template) if template else {}
        project = Project.model_validate(taken | {k: v for k, v in own.items() if v})
        saved = flow.create_project(services().store, project)
    except ExperimentOSError as wrong:
        st.error(fmt.plain(str(wrong)), icon=":material/error:")
        return
    st.session_state["runs.project_made"] = saved.project.slug
    st.rerun()


def _change(saved: SavedProject) -> None:
    from experimentos.runs.experiment_file import read_project

    project = saved.project
    with st.form(f"project.change.{project.slug}", border=False):
        text = st.text_area(
            "Project (YAML)", flow.project_text(project), height=260,
            key=f"project.yaml.{project.slug}.{saved.record.revision}",
            help="Constraints such as budget_usd: 50, max_runs: 100, required_metrics: [cost]; "
            "docs/runs.md lists them. Runs that are over keep what they were given.",
        )  # fmt: skip
        if not st.form_submit_button("Save project", type="primary"):
            return
    found = read_project(text.encode(), "page.yaml", given={"name": project.name})
    issue_list(found.issues)
    if found.project is None:
        return
    changes = {name: getattr(found.project, name) for name in flow.CHANGEABLE}
    try:
        flow.change_project(services().store, project.slug, **changes)
    except ExperimentOSError as wrong:
        st.error(fmt.plain(str(wrong)), icon=":material/error:")
        return
    st.rerun()


def _about(saved: SavedProject) -> None:
    project = saved.project
    parts = [f":gray-badge[{fmt.plain(f'{k} = {value(v)}')}]" for k, v in project.defaults.items()]
    parts += [f":blue-badge[{fmt.plain(f'{k} = {value(v)}')}]" for k, v in project.quality.items()]
    parts += [
        f":orange-badge[{fmt.plain(f'{k} = {value(v)}')}]" for k, v in project.constraints.items()
    ]
    if project.description:
        st.markdown(fmt.plain(project.description))
    if parts:
        st.markdown(
            "Defaults, limits and constraints: " + " ".join(parts),
            help="Defaults (grey) are parameters that every experiment begins with. Limits (blue) "
            "are held against the mean of a variant. Constraints (orange) are checked before, "
            "during and after each run.",
        )


def _archive(saved: SavedProject) -> None:
    project = saved.project
    is_archived = project.status == "archived"
    label, icon = ("Restore", "unarchive") if is_archived else ("Archive", "archive")
    if st.button(
        f"{label} this project", key="project.archive", type="tertiary", icon=f":material/{icon}:"
    ):
        status = "active" if is_archived else "archived"
        flow.change_project(services().store, project.slug, status=status)
        st.rerun()


def _experiments(owner: SavedProject, known: list[SavedExperiment]) -> None:
    if owner.project.status != "archived":
        made = define_experiment(owner.project, is_first=not known)
        if made:
            st.session_state[EXPERIMENT] = made
            st.rerun()
    if not known:
        return
    names = {saved.experiment.slug: saved for saved in known}
    if st.session_state.get(EXPERIMENT) not in names:
        st.session_state[EXPERIMENT] = known[0].experiment.slug
    chosen = st.selectbox(
        "Experiment", list(names), key=EXPERIMENT,
        format_func=lambda slug: names[slug].experiment.name,
    )  # fmt: skip
    draw_experiment(owner.project, names[chosen])
