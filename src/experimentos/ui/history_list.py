"""Saved analyses as cards: search, filter, open, run again, copy, put away."""

from typing import Any

import streamlit as st

from experimentos.decision.decision import Verdict
from experimentos.flows import history
from experimentos.flows.drafts import Draft
from experimentos.store.port import Record
from experimentos.ui import format as fmt
from experimentos.ui import navigation
from experimentos.ui.decision_view import TONES, verdict_badge, without_verdict
from experimentos.ui.raw_state import reached
from experimentos.ui.services import services
from experimentos.ui.state import session, start

HEALTH_TONES = {"healthy": "green", "warning": "orange", "blocked": "red", "unreadable": "red"}
BIN = "Bin"
PAGE = 12
RERUN, DUPLICATE, DELETE = "Run again", "Duplicate", "Delete"
MENU_ICONS = {
    RERUN: ":material/replay:",
    DUPLICATE: ":material/content_copy:",
    DELETE: ":material/delete:",
}


def history_list() -> None:
    """Draw the saved analyses, newest first."""
    _undo_bar()
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            "Search", key="history.search", type="search", live=True,
            placeholder="Search title, owner, file or verdict", persist_state="session",
            label_visibility="collapsed",
        )  # fmt: skip
        options = ["All", *(v.value for v in Verdict), BIN]
        shown = st.segmented_control(
            "Verdict", options, default="All", required=True, key="history.verdict",
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
    records = _found(text or "", shown or "All")
    if not records:
        _nothing(text or "", shown or "All")
        return
    with st.grid(min_column_width=300, gap="small"):
        for record in records[: _wanted()]:
            _card(record, is_binned=shown == BIN)
    if len(records) > _wanted() and st.button("Show more", key="history.more"):
        session().shown += PAGE
        st.rerun()


def _wanted() -> int:
    return session().shown


def _found(text: str, shown: str) -> list[Record]:
    return history.list_analyses(
        services().store,
        text,
        shown if shown in TONES else None,
        deleted=shown == BIN,
        limit=min(500, _wanted() + 1),
    )


def _nothing(text: str, shown: str) -> None:
    if text or shown in TONES:
        st.info(
            "No saved analysis matches. Clear the search or choose All.",
            icon=":material/search_off:",
        )
    elif shown == BIN:
        st.info("The bin is empty.", icon=":material/delete:")
    else:
        st.info(
            "Saved analyses will be listed here: with their verdict, their memo and everything "
            "that is needed to run them again. Open an example above, look at its results and "
            "save the memo to see the first one.",
            title="Nothing saved yet",
            icon=":material/inventory_2:",
        )


def _undo_bar() -> None:
    undo = session().undo
    if undo is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f":material/delete: **{fmt.plain(undo[1])}** is in the bin.")
        if st.button("Undo", key="history.undo", icon=":material/undo:"):
            history.restore(services().store, undo[0])
            session().undo = None
            st.rerun()


def _card(record: Record, *, is_binned: bool) -> None:
    with st.container(border=True, height="stretch", key=f"card.{record.id}", gap="xsmall"):
        decision: Any = record.body.get("decision") or {}
        verdict, health = record.facets["verdict"], record.facets["health"]
        sentence = without_verdict(
            str(decision.get("sentence", "")), verdict, str(decision.get("arm", ""))
        )
        owner, file = record.facets.get("owner", ""), record.facets.get("file", "")
        with st.container(height="stretch", gap="xsmall"):
            st.markdown(
                f"{verdict_badge(verdict)} :{HEALTH_TONES[health]}-badge[{fmt.words(health)}]"
            )
            st.markdown(f"**{fmt.plain(record.title)}**")
            st.markdown(fmt.plain(fmt.shortened(sentence, 150)))
            parts = [fmt.when(record.updated_at), fmt.shortened(owner, 40), fmt.shortened(file, 60)]
            st.caption(" · ".join(fmt.plain(part) for part in parts if part))
            _finding(record.id)
        with st.container(horizontal=True, vertical_alignment="center"):
            _actions(record, is_binned=is_binned)


def _finding(id: str) -> None:  # noqa: A002 - the field's name
    finding = session().findings.get(id)
    if finding is None:
        return
    differences = finding
    source = session().sources.get(id, "")
    if not differences:
        st.success("Run again: bit-identical to what was saved.", icon=":material/verified:")
    if source:
        st.caption(fmt.plain(source))
    if not differences:
        return
    lines = "\n".join(f"- {fmt.plain(line)}" for line in differences[:8])
    st.warning(lines, title="Run again: not the same", icon=":material/difference:")


def _actions(record: Record, *, is_binned: bool) -> None:
    if is_binned:
        if st.button("Restore", key=f"restore.{record.id}", icon=":material/restore_from_trash:"):
            history.restore(services().store, record.id)
            session().undo = None
            st.rerun()
        return
    if st.button("Open", key=f"open.{record.id}", icon=":material/open_in_new:"):
        open_saved(record.id)
        navigation.go("results")
    chosen = st.menu_button(
        "More", list(MENU_ICONS), key=f"menu.{record.id}", type="tertiary",
        format_func=lambda name: f"{MENU_ICONS[name]} {name}",
    )  # fmt: skip
    if chosen:
        _do(chosen, record)
        st.rerun()


def _do(action: str, record: Record) -> None:
    store = services().store
    if action == RERUN:
        done = history.rerun(store, record.id, reached())
        changed = () if done.identical else (*done.differences, *done.versions)
        session().findings[record.id] = changed
        session().sources[record.id] = done.source
    elif action == DUPLICATE:
        history.duplicate(store, record.id)
    elif action == DELETE:
        history.remove(store, record.id)
        session().undo = (record.id, record.title)


def open_saved(id: str) -> None:  # noqa: A002 - the field's name
    """Begin a draft with a saved analysis: its input, mapping and charter."""
    saved = history.open_analysis(services().store, id)
    draft = Draft(
        title=saved.record.title,
        file_name=saved.name,
        mapping=dict(saved.mapping),
        charter=saved.charter,
        analysis_id=saved.record.id,
    )
    start(draft, saved.content)
