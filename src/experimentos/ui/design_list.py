"""Saved designs: found, resumed, renamed, copied, archived, put away and taken back."""

import streamlit as st

from experimentos.flows.design_session import (
    DESIGN,
    duplicate,
    export_session,
    list_sessions,
    load_session,
    save_session,
)
from experimentos.flows.design_versions import retitle
from experimentos.memo.exports import download_name
from experimentos.store.port import Record
from experimentos.ui import format as fmt
from experimentos.ui import navigation
from experimentos.ui.access import while_admitted
from experimentos.ui.design_badges import class_words
from experimentos.ui.design_state import ADDRESS, ensure_design, keep, tab, work_on
from experimentos.ui.services import services

SHOWN = 24
RECENT = 3
PLACES = {"current": "Current", "archive": "Archive"}
STATUS = {
    "ready": ":green-badge[:material/verified: Ready]",
    "open": ":orange-badge[:material/warning: Warnings]",
    "blocked": ":red-badge[:material/error: Errors]",
    "": ":gray-badge[:material/notes: Described only]",
}
STATUS_WORDS = {"ready": "Ready", "open": "Warnings", "blocked": "Errors"}


def designs_list() -> None:
    """Draw the saved designs, the last one worked on first, with search and filter."""
    _undo_bar()
    if not list_sessions(services().store, limit=1):
        return
    st.subheader("Saved designs", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find a design", key="design.find", max_chars=200, width=260,
            placeholder="title, factor or response",
        )  # fmt: skip
        status = st.pills(
            "Status", list(STATUS_WORDS), format_func=STATUS_WORDS.__getitem__,
            key="design.status", width="content",
        )  # fmt: skip
        place = st.segmented_control(
            "Show", list(PLACES), default="current", required=True, key="design.place",
            format_func=PLACES.__getitem__,
        )  # fmt: skip
    facets = {"place": place, **({"status": status} if status else {})}
    records = list_sessions(services().store, text or "", SHOWN, facets)
    if not records:
        st.caption("No design matches." if text or status else f"{PLACES[place]}: nothing here.")
    with st.grid(min_column_width=300, gap="small"):
        for record in records:
            _card(record)


def recent_designs() -> None:
    """Draw the last designs on another page, each a click away; nothing when there is none."""
    ensure_design(is_addressed=False)
    records = list_sessions(services().store, limit=RECENT, facets={"place": "current"})
    if not records:
        return
    st.subheader("Designs", anchor=False)
    with st.grid(min_column_width=300, gap="small"):
        for record in records:
            with st.container(
                border=True, height="stretch", key=f"home.design.{record.id}", gap="xsmall"
            ):
                _about(record)
                if st.button("Resume", key=f"home.open.{record.id}", icon=":material/play_arrow:"):
                    navigation.go("design_session", {ADDRESS: record.id})


def new_design_button() -> None:
    """Draw, on another page, the way to a new design."""
    if st.button("New design session", key="home.design", icon=":material/architecture:"):
        ensure_design(is_addressed=False)
        work_on()
        navigation.go("design_session")


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


def _about(record: Record) -> None:
    facets = record.facets
    here = " :blue-badge[Open in this tab]" if record.id == tab().session.id else ""
    st.markdown(f"**{fmt.plain(record.title)}**{here}")
    kind = f"{class_words(facets['class'])} · " if facets.get("class") else ""
    st.markdown(STATUS.get(facets.get("status", ""), STATUS[""]))
    st.caption(fmt.plain(facets.get("preview", "")) or "Nothing was said yet.")
    st.caption(f"{kind}{fmt.when(record.updated_at)}")


def _card(record: Record) -> None:
    with st.container(border=True, height="stretch", key=f"design.card.{record.id}", gap="xsmall"):
        _about(record)
        with st.container(horizontal=True, gap="xsmall"):
            is_here = record.id == tab().session.id
            if not is_here and st.button(
                "Open", key=f"design.open.{record.id}", icon=":material/open_in_new:"
            ):
                work_on(load_session(services().store, record.id))
                st.rerun()
            if st.button("Duplicate", key=f"design.copy.{record.id}", type="tertiary"):
                work_on(duplicate(services().store, record.id))
                st.rerun()
            with st.popover("More", type="tertiary"):
                _more(record)


def _more(record: Record) -> None:
    store = services().store
    title = st.text_input(
        "Title", record.title, key=f"design.title.{record.id}.{record.revision}", max_chars=200
    )
    if st.button("Rename", key=f"design.rename.{record.id}", icon=":material/edit:"):
        _changed(record, title=title or "")
    is_archived = record.facets.get("place") == "archive"
    word = "Back from the archive" if is_archived else "Archive"
    if st.button(word, key=f"design.archive.{record.id}", icon=":material/archive:"):
        _changed(record, is_archived=not is_archived)
    st.download_button(
        "Download (JSON)", while_admitted(lambda: export_session(load_session(store, record.id))),
        download_name(record.title, record.id, "json"), "application/json",
        key=f"design.json.{record.id}", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    if st.button("Delete design", key=f"design.delete.{record.id}", icon=":material/delete:"):
        store.remove(DESIGN, record.id)
        if record.id == tab().session.id:
            work_on()
        tab().undo = (record.id, record.title)
        st.rerun()


def _changed(record: Record, *, title: str | None = None, is_archived: bool | None = None) -> None:
    """Change a saved design from its card; the open one is changed where it is open."""
    is_here = record.id == tab().session.id
    session = tab().session if is_here else load_session(services().store, record.id)
    if title is not None:
        session = retitle(session, title)
    if is_archived is not None:
        session = session.model_copy(update={"is_archived": is_archived})
    if is_here:
        keep(session)
    else:
        save_session(services().store, session)
    st.rerun()
