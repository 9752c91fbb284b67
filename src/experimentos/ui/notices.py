"""What stands above every page when there is something to say."""

import streamlit as st

from experimentos.ui import format as fmt
from experimentos.ui.services import services
from experimentos.ui.state import keep_as_copy, reload_draft, session


def draw_notices() -> None:
    """Draw a read-only history, a conflict with another tab, and messages shown once."""
    reason = services().store.state().reason
    if reason:
        st.error(
            fmt.plain(reason),
            title="The history is read-only: nothing new is saved",
            icon=":material/lock:",
        )
    if session().is_stale:
        _conflict()
    for notice in session().notices:
        st.info(notice, icon=":material/info:")
    session().notices = []


def _conflict() -> None:
    st.warning(
        "Another tab or person saved a newer version of this work. Nothing was overwritten, and "
        "what you see here is not saved until you choose.",
        title="Changed elsewhere",
        icon=":material/sync_problem:",
    )
    with st.container(horizontal=True):
        if st.button("Show the newer version", key="conflict.reload", icon=":material/sync:"):
            reload_draft()
            st.rerun()
        if st.button("Keep mine as a copy", key="conflict.copy", icon=":material/content_copy:"):
            keep_as_copy()
            st.rerun()
