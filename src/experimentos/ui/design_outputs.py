"""What leaves a design: its run sheet, its versions and the design as a file."""

from collections.abc import Callable

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.errors import DesignError
from experimentos.flows.design_session import export_session, go_back_to, version_rows
from experimentos.flows.design_sheet import run_sheet, sheet_csv, sheet_workbook
from experimentos.memo.exports import download_name
from experimentos.ui import format as fmt
from experimentos.ui.access import while_admitted
from experimentos.ui.design_state import renew, tab

TABS = (
    ":material/list_alt: Run sheet",
    ":material/history: Versions",
    ":material/download: Export",
)
SEED_LIMIT = 2**31 - 1
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_SHOWN = 2_000
VERSIONS_SHOWN = 30


def outputs(document: ExperimentDescription) -> None:
    """Draw the tabs below the canvas; only the open one is computed."""
    sheet, versions, export = st.tabs(list(TABS), key="design.tabs", on_change="rerun")
    if sheet.open:
        with sheet:
            run_sheet_tab(document)
    if versions.open:
        with versions:
            versions_tab()
    if export.open:
        with export:
            export_tab(document)


def run_sheet_tab(document: ExperimentDescription) -> None:
    """Draw the run sheet of a seed and its download."""
    seed = st.number_input(
        "Seed", 0, SEED_LIMIT, tab().seed, 1, key=tab().key("seed"), width=200,
        help="The same design and seed always give the same sheet.",
    )  # fmt: skip
    tab().seed = int(seed or 0)
    try:
        sheet = run_sheet(document, tab().seed)
    except DesignError as failure:
        st.info(
            f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}",
            title="There is no run sheet yet",
            icon=":material/list_alt:",
        )
        return
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
    seed_used = tab().seed
    with st.container(horizontal=True):
        _download("Run sheet (CSV)", lambda: sheet_csv(sheet), "csv", "text/csv")
        _download(
            "Data entry (Excel)", lambda: sheet_workbook(document, seed_used), "xlsx", XLSX_TYPE
        )


def versions_tab() -> None:
    """Draw the versions, newest first, each with a way back to it."""
    rows = version_rows(tab().session)
    for version in rows[:VERSIONS_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            with st.container(gap="xsmall"):
                st.markdown(f"**{version.number}** · {fmt.plain(version.message) or 'Edit'}")
                st.caption(
                    f"{fmt.when(version.until)} · {version.until:%Y-%m-%d %H:%M} UTC · "
                    f"{version.author} · `{version.hash[:12]}`"
                )
            if version.number == rows[0].number:
                st.markdown(":blue-badge[Current]")
            elif st.button(
                "Restore", key=tab().key(f"restore.{version.number}"), icon=":material/history:",
                help=f"Make version {version.number} the newest; nothing is lost",
            ):  # fmt: skip
                renew(go_back_to(tab().session, version.number))
                st.rerun()
    if len(rows) > VERSIONS_SHOWN:
        st.caption(f"{len(rows) - VERSIONS_SHOWN} older versions are kept and exported.")


def export_tab(document: ExperimentDescription) -> None:
    """Draw the download of the design with its description and versions."""
    session = tab().session
    st.markdown(
        "The design with its description and all versions. Bring it in again on any "
        "ExperimentOS: it has the same hash."
    )
    st.caption(f"Hash of this version: `{document.hash()}`")
    _download("Design (JSON)", lambda: export_session(session), "json", "application/json")


def _download(label: str, make: Callable[[], bytes], extension: str, mime: str) -> None:
    session = tab().session
    st.download_button(
        label, while_admitted(make), download_name(session.name, session.id, extension), mime,
        key=tab().key(f"download.{extension}"), icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return column names made different where two parts are called the same."""
    found: list[str] = []
    for name in names:
        number, wanted = 2, name
        while wanted in found:
            wanted, number = f"{name} ({number})", number + 1
        found.append(wanted)
    return tuple(found)
