"""What leaves a design: its run sheet, its versions and the design as a file."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Context
from experimentos.ui.design_exchange import files
from experimentos.ui.design_layout import layout_tab
from experimentos.ui.design_power import power_tab
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
    """Draw the report and the design as files, and what a file would change."""
    files(document)
    keep_box(document)
