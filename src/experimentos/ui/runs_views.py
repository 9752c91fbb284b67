"""Saved views of the list of runs: a filter, an order and columns under a name."""

import streamlit as st

from experimentos.flows.run_views import RunView, forget_view, list_views, save_view
from experimentos.ui import format as fmt
from experimentos.ui.services import services

ASKED = "runs.asked_view"


def asked_view() -> str:
    """Take over the view that was chosen, before the inputs that it fills are drawn."""
    name: str = st.session_state.pop(ASKED, "")
    view = next((v for v in list_views(services().store) if v.name == name), None) if name else None
    if view is not None:
        st.session_state["runs.filter"] = view.text
        st.session_state["runs.grouped"] = view.is_grouped
        if view.columns:
            st.session_state["runs.columns"] = list(view.columns)
    return name


def views_menu(shown: str) -> None:
    """Draw the saved views and the way to save this one."""
    with st.popover("Views", icon=":material/bookmark:"):
        store = services().store
        known = list_views(store)
        for view in known:
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button(fmt.plain(view.name), key=f"view.{view.name}", type="tertiary"):
                    st.session_state[ASKED] = view.name
                    st.rerun()
                if st.button(
                    "Delete", key=f"view.forget.{view.name}", icon=":material/delete:",
                    type="tertiary",
                ):  # fmt: skip
                    forget_view(store, view.name)
                    st.rerun()
        if not known:
            st.caption("None yet. Save the filter, grouping and columns that you see.")
        name = st.text_input("Name", shown, key="view.name", max_chars=60)
        if st.button("Save this view", key="view.save", disabled=not name.strip()):
            save_view(store, _present(name.strip()))
            st.rerun()


def _present(name: str) -> RunView:
    state = st.session_state
    return RunView(
        name=name,
        text=str(state.get("runs.filter") or ""),
        columns=tuple(state.get("runs.columns") or ()),
        is_grouped=bool(state.get("runs.grouped")),
    )
