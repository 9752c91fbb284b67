"""Saved designs: open, duplicate, put away and take back; and one brought in from a file."""

import streamlit as st

from experimentos.design.templates import templates
from experimentos.errors import DesignError
from experimentos.flows.design_session import (
    DESIGN,
    duplicate,
    import_session,
    list_sessions,
    load_session,
    take_over,
)
from experimentos.store.port import Record
from experimentos.ui import format as fmt
from experimentos.ui.design_state import keep, tab, work_on
from experimentos.ui.services import services

SHOWN = 24
IMPORT_LIMIT_MB = 20


def designs_list() -> None:
    """Draw the saved designs, newest first."""
    _undo_bar()
    records = list_sessions(services().store, limit=SHOWN)
    if not records:
        return
    st.subheader("Saved designs", anchor=False)
    with st.grid(min_column_width=300, gap="small"):
        for record in records:
            _card(record)


def import_box() -> None:
    """Draw the way in for a design that was exported, as a design of its own."""
    with st.expander("Bring in a design from a file", icon=":material/upload_file:"):
        file = st.file_uploader(
            "A design as JSON", "json", key=f"design.import.{tab().imports}",
            max_upload_size=IMPORT_LIMIT_MB,
        )  # fmt: skip
        if file is None:
            return
        try:
            session = import_session(file.getvalue())
        except DesignError as failure:
            st.error(
                f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}",
                title="The file was not brought in",
                icon=":material/error:",
            )
            return
        tab().imports += 1
        work_on()
        keep(session.model_copy(update={"id": tab().session.id}))
        st.rerun()


def template_box() -> None:
    """Draw the designs that come with the program; one of them begins a design of its own."""
    with st.expander("Begin with a template", icon=":material/dashboard:"):
        known = templates()
        chosen = st.selectbox(
            "Template", known, key="design.template",
            format_func=lambda t: f"{t.category}: {t.design.title}",
        )  # fmt: skip
        if chosen is None:
            return
        st.markdown(fmt.plain(chosen.about))
        if st.button("Use this template", key="design.template.use", icon=":material/check:"):
            work_on()
            empty = tab().session.model_copy(update={"title": chosen.design.title})
            message = f"From the template {chosen.design.title}"
            keep(take_over(empty, chosen.design, message=message))
            st.rerun()


def _undo_bar() -> None:
    undo = tab().undo
    if undo is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/delete: **{fmt.plain(undo[1])}** is in the bin.")
        if st.button("Take it back", key="design.list.undo", icon=":material/undo:"):
            services().store.restore(DESIGN, undo[0])
            tab().undo = None
            st.rerun()


def _card(record: Record) -> None:
    with st.container(border=True, height="stretch", key=f"design.card.{record.id}", gap="xsmall"):
        here = " :blue-badge[Open in this tab]" if record.id == tab().session.id else ""
        st.markdown(f"**{fmt.plain(record.title)}**{here}")
        stage = "designed" if record.facets.get("stage") == DESIGN else "described only"
        st.caption(f"{stage} · {fmt.when(record.updated_at)}")
        with st.container(horizontal=True, gap="xsmall"):
            _actions(record)


def _actions(record: Record) -> None:
    store = services().store
    is_here = record.id == tab().session.id
    if not is_here and st.button(
        "Open", key=f"design.open.{record.id}", icon=":material/open_in_new:"
    ):
        work_on(load_session(store, record.id))
        st.rerun()
    if st.button("Duplicate", key=f"design.copy.{record.id}", type="tertiary"):
        work_on(duplicate(store, record.id))
        st.rerun()
    if st.button("Delete design", key=f"design.delete.{record.id}", type="tertiary"):
        store.remove(DESIGN, record.id)
        if record.id == tab().session.id:
            work_on()
        tab().undo = (record.id, record.title)
        st.rerun()
