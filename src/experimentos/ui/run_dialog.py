"""One run, opened over the page: what it was given, what came of it, where it comes from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import ExperimentOSError, NotFound
from experimentos.memo.exports import download_name
from experimentos.memo.live_words import run_name
from experimentos.memo.run_words import brief, money, seconds, value
from experimentos.ui import access, navigation, run_jobs
from experimentos.ui import format as fmt
from experimentos.ui.services import services
from experimentos.ui.table import small_table
from experimentos.ui.variant_samples_view import run_samples_button

if TYPE_CHECKING:
    from experimentos.runs.documents import Run

OPENED = "runs.opened"
TONES = {
    "completed": "green", "failed": "red", "running": "blue", "queued": "gray",
    "cancelled": "orange", "interrupted": "orange",
}  # fmt: skip
LOG_SHOWN = 20_000
LOOK_SECONDS = 2.0


def open_run(run_id: str) -> None:
    """Have this run opened when the page is drawn next."""
    st.session_state[OPENED] = run_id


def draw_opened() -> None:
    """Open the run that was asked for; it stays open, after a reload too, until it is closed."""
    run_id = st.session_state.pop(OPENED, None) or st.query_params.get("run")
    if not run_id:
        return
    try:
        run = services().store.runs.load_run(str(run_id))
    except NotFound as absent:
        close_run()
        st.error(fmt.plain(str(absent)), icon=":material/search_off:")
        return
    st.query_params["run"] = run.run_id
    title = fmt.shortened(run.title or run.kind, 60)
    drawer = st.dialog(
        fmt.plain(title), width="medium", position="right", icon=":material/play_circle:",
        on_dismiss=_dismissed,
    )  # fmt: skip
    drawer(_draw)(run.run_id)


def _dismissed() -> None:
    access.admit()
    close_run()


def close_run() -> None:
    """Have no run opened when the page is drawn next."""
    st.session_state.pop(OPENED, None)
    if "run" in st.query_params:
        del st.query_params["run"]


def status_badge(status: str) -> str:
    """Return the Markdown of a status."""
    return f":{TONES[status]}-badge[{status}]"


def _draw(run_id: str) -> None:
    access.admit()
    try:
        run = services().store.runs.load_run(run_id)
        _head(run)
        if not run.is_over:
            st.fragment(_live, run_every=LOOK_SECONDS)(run.run_id)
        tabs = {
            "Values": _values, "Lineage": _lineage, "Files": _files, "Log": _log,
            "Environment": _around,
        }  # fmt: skip
        for tab, draw in zip(
            st.tabs(list(tabs), key="run.tabs", on_change="rerun"), tabs.values(), strict=True
        ):
            if tab.open:
                with tab:
                    draw(run)
    except ExperimentOSError as failure:
        st.error(fmt.plain(str(failure)), icon=":material/error:")


def _head(run: Run) -> None:
    parts = [
        fmt.when(run.started_at or run.created_at),
        seconds(run.seconds) if run.seconds is not None else "",
        money(run.cost_usd) if run.cost_usd is not None else "",
    ]
    said = " · ".join(fmt.plain(part) for part in parts if part)
    st.markdown(f"{status_badge(run.status)} {said}")
    st.caption(f"`{run.run_id}`")
    if run.status == "completed" and run.error:
        title = "It breaks a constraint of its project"
        st.warning(fmt.plain(run.error), title=title, icon=":material/rule:")
    elif run.error:
        title = fmt.plain(run.error_kind or run.status)
        st.error(fmt.plain(run.error), title=title, icon=":material/error:")
    with st.container(horizontal=True):
        _actions(run)


def _live(run_id: str) -> None:
    access.admit()
    from experimentos.flows.live_runs import pace_now
    from experimentos.memo.live_words import tail_lines
    from experimentos.ui.live_runs import live_run

    store = services().store
    store.runs.interrupt_silent()
    run = store.runs.load_run(run_id)
    if run.is_over:
        st.rerun()
    if run.status == "queued":
        st.caption("It waits for its turn.")
        return
    live_run(run, pace_now(store, run))
    if tail := tail_lines(run):
        st.code(tail, language=None, wrap_lines=True)


def _actions(run: Run) -> None:
    store = services().store
    if run.kind == "ab":
        from experimentos.ui.history_list import open_saved

        if st.button("Open its results", key="run.results", icon=":material/monitoring:"):
            close_run()
            open_saved(run.run_id)
            navigation.go("results")
    run_samples_button(run)
    if run.kind == "script" and run.status in ("completed", "failed"):
        able = run_jobs.may_run()
        if st.button(
            "Reproduce", key="run.again", icon=":material/replay:", disabled=not able,
            help="Executes it again from its record and compares."
            if able else "Nothing is run on a shared server: use experimentos run reproduce.",
        ):  # fmt: skip
            run_jobs.start_again(run.run_id)
            close_run()
            st.rerun()
    if run.deleted_at is None:
        if st.button("Delete", key="run.delete", icon=":material/delete:", type="tertiary"):
            store.runs.remove_run(run.run_id)
            close_run()
            st.rerun()
    elif st.button("Restore", key="run.restore", icon=":material/restore_from_trash:"):
        store.runs.restore_run(run.run_id)
        close_run()
        st.rerun()


def _values(run: Run) -> None:
    from experimentos.runs.run_diff import flat

    left, right = st.columns(2)
    for place, title, values in (
        (left, "Parameters", flat(run.params)),
        (right, "Metrics", dict(run.metrics)),
    ):
        with place:
            st.markdown(f"**{title}**")
            if not values:
                st.caption("None." if run.is_over else "None before it is over.")
                continue
            small_table(
                [{"Name": fmt.plain(k), "Value": fmt.plain(value(v))} for k, v in values.items()],
                title,
            )
    if run.tags:
        st.markdown(" ".join(f":gray-badge[{fmt.plain(f'{k} {v}')}]" for k, v in run.tags.items()))


def _lineage(run: Run) -> None:
    from experimentos.flows.reproduce import children_of, compare
    from experimentos.memo.run_words import origin_rows

    rows = [{"What went in": n, "Which": fmt.plain(found)} for n, found in origin_rows(run)]
    small_table(rows, "What went into the run")
    for child in children_of(services().store, run):
        _relative("Reproduced by" if child.reproduces_run_id else "Made up for by", child)
    parent_id = run.reproduces_run_id or run.parent_run_id
    if parent_id is None:
        st.caption("It has no parent: it is neither a reproduction nor a second attempt.")
        return
    parent = services().store.runs.load_run(parent_id)
    _relative("Reproduces" if run.reproduces_run_id else "Makes up for", parent)
    found = compare(services().store, parent, run)
    if not found.lines:
        st.success("Nothing differs from it.", icon=":material/verified:")
        return
    diff_table(found.lines, ("Parent", "This run"))
    if found.code:
        st.code(found.code, language="diff")


def _relative(what: str, other: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{what} {status_badge(other.status)} {fmt.plain(run_name(other))} "
            f"`…{other.run_id[-8:]}`, {fmt.when(other.created_at)}"
        )
        if st.button(
            "Open", key=f"run.relative.{other.run_id}", icon=":material/open_in_full:",
            type="tertiary",
        ):  # fmt: skip
            open_run(other.run_id)
            st.rerun()


def diff_table(lines: object, names: tuple[str, str]) -> None:
    """Draw where two runs differ."""
    from experimentos.runs.run_diff import DiffLine

    rows = (
        [line for line in lines if isinstance(line, DiffLine)] if isinstance(lines, tuple) else []
    )
    small_table(
        [
            {
                "Where": line.section,
                "What": fmt.plain(line.name),
                names[0]: fmt.plain(brief(line.before)),
                names[1]: fmt.plain(brief(line.after)),
            }
            for line in rows
        ],
        "Where two runs differ",
    )


def _files(run: Run) -> None:
    roles = [("input", r, h) for r, h in run.inputs.items()]
    roles += [("output", r, h) for r, h in run.outputs.items()]
    if not roles:
        st.caption("Nothing was kept of it.")
    for side, role, sha256 in roles:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{fmt.plain(role)} :gray-badge[{side}] `{sha256[:12]}`")
            st.download_button(
                "Download",
                access.while_admitted(partial(services().store.artefact, sha256)),
                _file_name(run, role),
                key=f"run.file.{side}.{role}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


def _file_name(run: Run, role: str) -> str:
    kinds = {"code": "json", "diff": "patch", "packages": "txt", "log": "txt"}
    name, dot, kind = role.rpartition(".")
    return download_name(f"{run.run_id[-8:]} {name if dot else role}", "", kinds.get(role, kind))


def _log(run: Run) -> None:
    from experimentos.flows.reproduce import log_of

    text = log_of(services().store, run)
    if not text and run.live is not None:
        st.caption("The last it printed so far." if not run.is_over else "The last it printed.")
        text = run.live.tail
    if not text:
        st.caption("It printed nothing." if run.is_over else "It printed nothing so far.")
        return
    if len(text) > LOG_SHOWN:
        st.caption(f"The last {LOG_SHOWN:,} of {len(text):,} characters.")
    st.code(text[-LOG_SHOWN:], language=None, wrap_lines=True)


def _around(run: Run) -> None:
    from experimentos.runs.run_diff import flat

    facts = {
        **flat(run.environment),
        "host": run.host,
        "code": run.code_sha256[:12],
        "configuration": run.config_sha256[:12],
        "seed": str(run.environment.get("seed", "")),
    }
    rows = [
        {"Name": fmt.plain(name), "Value": fmt.plain(brief(found))}
        for name, found in facts.items()
        if found not in (None, "", [], {})
    ]
    small_table(rows, "Environment")
