"""The layout of a design on screen: its form, its constraints, the map, the run sheet."""

from collections.abc import Callable

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.layout import Arrangement, violations
from experimentos.design.parts import Layout
from experimentos.errors import DesignError
from experimentos.flows import design_layout as layouts
from experimentos.flows.design_sheet import (
    RunSheet,
    arranged,
    run_sheet,
    sheet_csv,
    sheet_json,
    sheet_workbook,
)
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.design_constraints import constraints
from experimentos.ui.design_download import download
from experimentos.ui.design_matrix import combinations
from experimentos.ui.design_state import edit, tab
from experimentos.ui.table import small_table

SEED_LIMIT = 2**31 - 1
GRID_LIMIT = 1_000
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 2_000
KEYS_SHOWN = 60
EDGES = ("use", "guard")
WELL_EDGES = {"use": "are used", "guard": "stay empty"}
PLOT_EDGES = {"use": "are used", "guard": "are guards"}


def layout_tab(document: ExperimentDescription) -> None:
    """Draw the layout of the design's seed, what it must respect, and its downloads."""
    seed = _seed(document)
    combinations(document)
    with st.expander("Form and constraints", icon=":material/tune:"):
        _form(document)
        constraints(document)
    try:
        arrangement = arranged(document, seed)
        sheet = run_sheet(document, seed)
    except DesignError as failure:
        st.info(
            f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}",
            title="There is no layout yet",
            icon=":material/list_alt:",
        )
        return
    _kept(document, arrangement)
    _map(document, arrangement)
    _table(sheet)
    with st.container(horizontal=True):
        download("Run sheet (CSV)", lambda: sheet_csv(sheet), "csv", "text/csv")
        download("Data entry (Excel)", lambda: sheet_workbook(document, seed), "xlsx", XLSX_TYPE)
        download("Layout (JSON)", lambda: sheet_json(document, seed), "json", "application/json")


def _seed(document: ExperimentDescription) -> int:
    known = layouts.seed_of(document)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.number_input(
            "Seed", 0, SEED_LIMIT, known, 1, key=tab().key("seed"), width=200,
            help="Recorded in the design. The same design and seed always give the same layout.",
        )  # fmt: skip
        if st.button("Draw anew", key=tab().key("seed.next"), icon=":material/casino:"):
            typed = known + 1
    if int(typed) != known:
        edit(layouts.seed_patch(document, int(typed)), is_autosave=True)
        st.rerun()
    return known


def _form(document: ExperimentDescription) -> None:
    layout = document.layout or Layout()
    form = st.segmented_control(
        "Units lie on", layouts.FORMS, default=layout.form, required=True,
        format_func=lambda f: layouts.FORM_WORDS[f], key=tab().key("layout.form"),
    )  # fmt: skip
    if form != layout.form:
        size: dict[str, int] = {"wells": layout.wells or 96} if form == "plate" else {}
        grid = layouts.suggested_grid(document) if form == "field" and not layout.rows else None
        if grid is not None and max(grid) <= GRID_LIMIT:
            size = {"rows": grid[0], "columns": grid[1]}
        title = f"Layout: {layouts.FORM_WORDS[form]}"
        _change(lambda: layouts.layout_patch(document, title, form=form, **size))
    if layout.form == "plate":
        _plate(document, layout)
    if layout.form == "field":
        _field(document, layout)


def _plate(document: ExperimentDescription, layout: Layout) -> None:
    names = {"": "the smallest unit", **{u.id: u.name for u in document.units}}
    with st.form(tab().key("layout.plate"), border=False):
        with st.grid(min_column_width=200, gap="small"):
            sizes = layouts.SIZES
            wells = st.selectbox("Wells of a plate", sizes, sizes.index(layout.wells or 96))
            edge = st.selectbox(
                "Wells at the rim", EDGES, EDGES.index(layout.edge),
                format_func=WELL_EDGES.__getitem__,
            )  # fmt: skip
            unit = st.selectbox(
                "Each well holds one", list(names), list(names).index(layout.units_id or ""),
                format_func=names.__getitem__,
            )  # fmt: skip
            controls = st.text_input(
                "Control wells", ", ".join(layout.controls), max_chars=2_000,
                placeholder="A01, H12", help="Kept free of the design and named on every plate.",
            )  # fmt: skip
            levels = st.text_input(
                "What they hold, in turn", ", ".join(layout.control_levels), max_chars=500,
                placeholder="negative control, positive control",
            )  # fmt: skip
        with st.container(horizontal=True):
            is_set = st.form_submit_button("Set the plate", icon=":material/check:")
            is_spread = st.form_submit_button(
                "Spread four controls", help="One inner well in each quarter of the plate."
            )
    if not (is_set or is_spread):
        return
    held = tuple(dict.fromkeys(x.strip() for x in (levels or "").split(",") if x.strip()))
    wanted = layouts.spread(wells) if is_spread else layouts.listed_names((controls or "").upper())
    _change(
        lambda: layouts.layout_patch(
            document, f"Plate of {wells} wells", wells=wells, edge=edge,
            units_id=unit or None, controls=wanted, control_levels=held,
        )
    )  # fmt: skip


def _field(document: ExperimentDescription, layout: Layout) -> None:
    form = st.form(tab().key("layout.field"), border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        rows = st.number_input("Rows", 1, GRID_LIMIT, layout.rows, 1, width=140)
        columns = st.number_input("Columns", 1, GRID_LIMIT, layout.columns, 1, width=140)
        edge = st.selectbox(
                "Places at the rim", EDGES, EDGES.index(layout.edge),
                format_func=PLOT_EDGES.__getitem__, width=200,
            )  # fmt: skip
        is_set = st.form_submit_button("Set the grid", icon=":material/check:")
    if is_set:
        title = "Field of rows and columns"
        _change(
            lambda: layouts.layout_patch(document, title, rows=rows, columns=columns, edge=edge)
        )


def _change(make: Callable[[], Patch]) -> None:
    try:
        patch = make()
    except DesignError as failure:
        st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        return
    edit(patch)
    st.rerun()


def _kept(document: ExperimentDescription, arrangement: Arrangement) -> None:
    broken = violations(document, arrangement)
    if broken:
        told = fmt.listed(fmt.plain(b) for b in broken)
        st.error(f"This layout breaks a constraint: {told}.", icon=":material/error:")
    elif document.constraints:
        number = fmt.plural(len(document.constraints), "constraint")
        st.caption(f":material/verified: The layout keeps {number}.")


def _map(document: ExperimentDescription, arrangement: Arrangement) -> None:
    if arrangement.grid is None:
        if arrangement.form == "field":
            st.info("Give rows and columns above to see the map.", icon=":material/grid_on:")
        return
    options = layouts.colourings(document, arrangement)
    plates = layouts.plates_of(arrangement)
    with st.container(horizontal=True):
        by = st.selectbox(
            "Show",
            list(options),
            key=tab().lasting("map.by"),
            format_func=options.__getitem__,
            width=260,
        )
        plate = 1
        if plates > 1:
            plate = st.selectbox(
                "Plate", range(1, plates + 1), key=tab().lasting("map.plate"), width=120
            )
    drawn = layouts.layout_map(document, arrangement, str(by), plate)
    if drawn is None:
        return
    draw_chart(drawn.chart, key=tab().lasting("map"))
    small_table(
        [
            {"Code": key.code, "Holds": fmt.plain(key.label), "Places": f"{key.count:,}"}
            for key in drawn.keys[:KEYS_SHOWN]
        ],
        "What the codes of the map mean",
    )


def _table(sheet: RunSheet) -> None:
    columns = _distinct(sheet.header)
    shown = sheet.rows[:ROWS_SHOWN]
    st.dataframe(
        {name: [row[k] for row in shown] for k, name in enumerate(columns)},
        hide_index=True, key=tab().key("sheet"), alt="Run sheet in the order of the work",
    )  # fmt: skip
    st.caption(
        f"{fmt.plural(len(sheet.rows), 'row')} in random order; blocks and whole plots stay "
        f"together. Seed {sheet.seed}."
        + (f" The first {ROWS_SHOWN:,} are shown." if len(sheet.rows) > ROWS_SHOWN else "")
    )


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return column names made different where two parts are called the same."""
    found: list[str] = []
    for name in names:
        number, wanted = 2, name
        while wanted in found:
            wanted, number = f"{name} ({number})", number + 1
        found.append(wanted)
    return tuple(found)
