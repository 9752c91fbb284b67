"""What leaves a design: its run sheet, its versions and the design as a file."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Context
from experimentos.flows.design_session import export_session
from experimentos.ui.design_download import download
from experimentos.ui.design_layout import layout_tab
from experimentos.ui.design_power import power_tab
from experimentos.ui.design_state import tab
from experimentos.ui.design_templates import keep_box
from experimentos.ui.design_versions import versions_tab

TABS = (
    ":material/grid_on: Layout",
    ":material/bolt: Power",
    ":material/history: Versions",
    ":material/download: Export",
)


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


def export_tab(document: ExperimentDescription) -> None:
    """Draw the download of the design with its description and versions."""
    session = tab().session
    st.markdown(
        "The design with its description and all versions. Bring it in again on any "
        "ExperimentOS: it has the same hash."
    )
    st.caption(f"Hash of this version: `{document.hash()}`")
    download("Design (JSON)", lambda: export_session(session), "json", "application/json")
    keep_box(document)
