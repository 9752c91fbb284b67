"""What stands under the menu on every page: the work in progress."""

import streamlit as st

from experimentos.ui import format as fmt
from experimentos.ui import navigation
from experimentos.ui.state import session, start


def draw_sidebar() -> None:
    """Draw what is being worked on and the way to something new."""
    draft = session().draft
    if not draft.revision:
        return
    with st.sidebar, st.container(gap="xsmall"):
        name = draft.charter.title or draft.file_name or "Untitled"
        st.caption("Working on")
        st.markdown(f"**{fmt.plain(name)}**")
        st.caption(":material/cloud_done: Saved as you go")
        if st.button("New experiment", key="sidebar.new", icon=":material/add:", width="stretch"):
            start()
            navigation.go("health_check")
