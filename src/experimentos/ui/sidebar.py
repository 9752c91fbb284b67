"""What stands under the menu on every page."""

import streamlit as st


def draw_sidebar() -> None:
    """Draw the name of the draft and the way to a new one."""
    st.sidebar.caption("ExperimentOS")
