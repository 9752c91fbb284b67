"""What leaves a design: its run sheet, its versions and the design as a file."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Context
from experimentos.flows.design_session import export_session, go_back_to, version_rows
from experimentos.ui import format as fmt
from experimentos.ui.design_download import download
from experimentos.ui.design_layout import layout_tab
from experimentos.ui.design_power import power_tab
from experimentos.ui.design_state import renew, tab

TABS = (
    ":material/grid_on: Layout",
    ":material/bolt: Power",
    ":material/history: Versions",
    ":material/download: Export",
)
VERSIONS_SHOWN = 30


def outputs(document: ExperimentDescription, given: Context) -> None:
    """Draw the tabs below the canvas; only the open one is computed."""
    layout, power, versions, export = st.tabs(list(TABS), key="design.tabs", on_change="rerun")
    if layout.open:
        with layout:
            layout_tab(document)
    if power.open:
        with power:
            power_tab(document, given)
    if versions.open:
        with versions:
            versions_tab()
    if export.open:
        with export:
            export_tab(document)


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
    download("Design (JSON)", lambda: export_session(session), "json", "application/json")
