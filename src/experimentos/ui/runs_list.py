"""All runs: filter, views, columns, groups; a page at a time, read by the store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from experimentos.flows.run_list import (
    Wanted,
    count_runs,
    group_runs,
    list_runs,
    place_in,
)
from experimentos.memo.run_words import NONE, interval, short, value, why_missing
from experimentos.runs.filter_text import FilterError
from experimentos.ui import format as fmt
from experimentos.ui.run_dialog import open_run
from experimentos.ui.runs_pages import Pages, diff_button, pages
from experimentos.ui.runs_views import asked_view, views_menu
from experimentos.ui.services import services
from experimentos.ui.table import small_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experimentos.runs.documents import Run

PAGE = 50
TABLE = "runs.table"
PLAIN = ("status", "experiment", "variant", "repeat", "primary_value", "created_at", "kind")
TITLES = {
    "primary_value": "Score", "created_at": "Created (UTC)", "cost_usd": "Cost, USD",
    "sample_count": "Samples", "run_id": "Id", "error_kind": "Error",
}  # fmt: skip
FIRST = {"Newest first": "newest", "Best score": "primary"}


def all_runs() -> None:
    """Draw the list of runs, or what to do when there is none."""
    store = services().store
    store.runs.interrupt_silent()
    wanted = _asked()
    try:
        total = count_runs(store, wanted)
    except FilterError as wrong:
        st.error(fmt.plain(wrong.message) + "  \n" + fmt.plain(wrong.hint), icon=":material/error:")
        return
    if not total:
        _nothing(wanted)
    elif st.session_state.get("runs.grouped"):
        _groups(wanted)
    else:
        _page(wanted, total)


def _asked() -> Wanted:
    """Draw what can be asked; return it."""
    view = asked_view()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Filter", key="runs.filter", persist_state="session",
            placeholder="status = completed AND params.temperature IN 0.2..0.8",
            help="AND, OR, NOT, IN (a, b), IN low..high, CONTAINS, IS EMPTY; fields such as "
            "status, variant, score, created, params.NAME, metrics.NAME, tags.NAME.",
        )  # fmt: skip
        orders = {**FIRST, **{f"By {name}": name for name in _metric_orders()}}
        way = st.selectbox("Order", list(orders), key="runs.order", width=180)
        up = st.checkbox("Smallest first", key="runs.up", disabled=orders[way] == "newest")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        grouped = st.toggle("Group by variant", key="runs.grouped")
        deleted = st.toggle("Bin", key="runs.bin", help="Runs that were deleted.")
        if not grouped:
            _choose_columns()
        views_menu(view)
    return Wanted(
        text=text or "", order=orders[way], descending=not up, limit=PAGE, deleted=deleted
    )


def _metric_orders() -> list[str]:
    names = services().store.runs.names(None, None)
    return [name for name in names if name.startswith("metrics.")]


def _nothing(wanted: Wanted) -> None:
    if wanted.deleted:
        st.info("The bin is empty.", icon=":material/delete:")
    elif wanted.text.strip():
        st.info("No run matches. Loosen the filter.", icon=":material/search_off:")
    else:
        st.info(
            "Everything that is executed is listed here: runs of experiments, saved analyses, "
            "evaluations. Make a project and an experiment under Projects, or start one from a "
            "script with `experimentos experiment run`.",
            title="No run yet",
            icon=":material/play_circle:",
        )


def _page(wanted: Wanted, total: int) -> None:
    store = services().store
    place = pages(wanted)
    found = list_runs(store, wanted, place.cursor)
    rows = found.rows
    columns = _columns()
    picked = st.dataframe(
        {_title(c): _cells(rows, c) for c in columns},
        hide_index=True,
        key=f"{TABLE}.{place.number}",
        on_select="rerun",
        selection_mode=("multi-row", "single-cell"),
        column_config=_config(columns, rows),
        placeholder=NONE,
        height="auto",
        alt=f"{len(rows)} runs, page {place.number} of {total:,} runs in all",
    )
    _opened(picked, rows, place)
    with st.container(horizontal=True, vertical_alignment="center"):
        first = (place.number - 1) * PAGE + 1
        st.caption(
            f"{first:,} to {first + len(rows) - 1:,} of {total:,}. Press a cell to open a run."
        )
        place.buttons(found.next)
        diff_button([rows[i] for i in picked["selection"]["rows"] if i < len(rows)])


def _opened(picked: Any, rows: tuple[Run, ...], place: Pages) -> None:
    """Open the run whose cell was pressed, once for each press."""
    cells = picked["selection"]["cells"]
    pressed = (place.number, tuple(map(tuple, cells)))
    if cells and st.session_state.get("runs.pressed") != pressed and cells[0][0] < len(rows):
        open_run(rows[cells[0][0]].run_id)
    st.session_state["runs.pressed"] = pressed


def _choose_columns() -> None:
    inner = services().store.runs.names(None, None)
    usual = [*PLAIN, *[name for name in inner if name.startswith("metrics.")][:4]]
    more = [*PLAIN, "run_id", "title", "project", "cost_usd", "sample_count", "error_kind", *inner]
    # A column of a saved view may be one that no run has any more.
    known = [name for name in st.session_state.get("runs.columns", usual) if name in more]
    st.session_state["runs.columns"] = known
    with st.popover("Columns", icon=":material/view_column:"):
        st.multiselect(
            "Columns", more, key="runs.columns", format_func=_title, persist_state="session",
            label_visibility="collapsed",
        )  # fmt: skip


def _columns() -> list[str]:
    return list(st.session_state.get("runs.columns") or PLAIN)


def _title(column: str) -> str:
    return TITLES.get(column, column if "." in column else fmt.words(column))


def _cell(run: Run, column: str) -> object:
    found = place_in(run, column)
    if found == "":
        return None
    if column == "created_at":
        return f"{run.created_at:%Y-%m-%d %H:%M}"
    if isinstance(found, bool | dict | list):
        return value(found)
    return found


def _cells(rows: Sequence[Run], column: str) -> list[object]:
    """Return a column; one with a number that is not finite is shown as text."""
    cells = [_cell(run, column) for run in rows]
    if column.startswith("metrics.") and any(isinstance(cell, str) for cell in cells):
        return [None if cell is None else value(cell) for cell in cells]
    return cells


def _config(columns: list[str], rows: Sequence[Run]) -> dict[str, Any]:
    measured = [c for c in columns if c == "primary_value" or c.startswith("metrics.")]
    return {_title(name): _measured(name, rows) for name in measured}


def _measured(column: str, rows: Sequence[Run]) -> Any:
    """Return how a metric is shown; pressing on its title says why some runs have none."""
    why = why_missing(column, rows)
    if any(isinstance(place_in(run, column), str) for run in rows):
        return st.column_config.TextColumn(help=why)
    return st.column_config.NumberColumn(format="%.4g", help=why)


def _groups(wanted: Wanted) -> None:
    rows = group_runs(services().store, replace(wanted, limit=PAGE))
    small_table(
        [
            {
                "Variant": fmt.plain(row.group.variant or "none"),
                "Runs": f"{row.group.runs:,}",
                "n": f"{row.group.n:,}",
                "Mean": fmt.plain(short(row.group.mean)),
                "sd": fmt.plain(short(row.group.sd)),
                "95% interval": fmt.plain(interval(row.interval)),
                "Range": fmt.plain(f"{short(row.group.low)} to {short(row.group.high)}"),
            }
            for row in rows
        ],
        "Runs by variant",
    )
    st.caption(
        "Over every run that matches, not only those of a page. n counts the runs that have the "
        "metric as a finite number; the interval is Student's t, none for a single run."
    )
