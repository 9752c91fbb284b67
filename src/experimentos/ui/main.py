"""The router: page settings, state, menu, then the page that was asked for."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import streamlit as st

from experimentos.ui import access, guard, navigation
from experimentos.ui.sidebar import draw_sidebar
from experimentos.ui.state import write_address
from experimentos.ui.theme import draw_logo


def route() -> None:
    """Write the address, draw the menu and the page."""
    page = st.navigation(navigation.menu(), expanded=True)
    write_address()
    draw_logo()
    draw_sidebar()
    access.draw_account()
    with st.container(width=navigation.width_of(page.url_path)):
        page.run()


st.set_page_config(page_title="ExperimentOS", page_icon="\N{TEST TUBE}", layout="wide")
guard.run(route)
