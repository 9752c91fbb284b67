"""The canvas of a design: its cards, the way to find, add and open one."""

from collections.abc import Mapping, Sequence

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Context, Finding
from experimentos.errors import DesignError
from experimentos.flows import design_board, design_edits
from experimentos.flows.design_board import KINDS, Card, Group
from experimentos.flows.design_session import undo
from experimentos.ui import format as fmt
from experimentos.ui.components.board import board
from experimentos.ui.design_badges import TONES, icon_name
from experimentos.ui.design_details import card_details
from experimentos.ui.design_graph import relations
from experimentos.ui.design_state import ask_about, edit, renew, tab

CARDS, RELATIONS = ":material/dashboard: Cards", ":material/hub: Relations"
VIEWS = (CARDS, RELATIONS)
NONE = ""
SEARCH_FROM = 5
EMPTY = "Nothing here yet. Add your first factor below."
NO_MATCH = "No card matches. Clear the search to see all."


def canvas(document: ExperimentDescription, given: Context, found: Sequence[Finding]) -> None:
    """Draw the parts of a design as cards or as a graph, and the open one with all its details."""
    _taken_away()
    known = design_board.cards(document, found)
    view = st.segmented_control(
        "Show the design as", VIEWS, default=CARDS, key=tab().lasting("view"), required=True
    )
    if view == CARDS:
        _board(document, known)
        _add(document)
    else:
        relations(document, given)
    _open_card(document, known)


def _board(document: ExperimentDescription, known: Sequence[Card]) -> None:
    groups = _chosen(known)
    happened = board(
        [_group(group) for group in groups],
        selected=tab().selected,
        empty=NO_MATCH if known else EMPTY,
        key=f"design.{tab().session.id}.board",
    )
    if happened is not None:
        _take(document, happened)


def _taken_away() -> None:
    """Draw the way back to what was deleted last."""
    if not tab().taken_away:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        name = fmt.plain(tab().taken_away)
        st.markdown(f":material/delete: **{name}** was deleted.", width="stretch")
        if st.button("Take it back", key="design.take_back", icon=":material/undo:"):
            renew(undo(tab().session))
            st.rerun()


def _chosen(known: Sequence[Card]) -> tuple[Group, ...]:
    """Draw search and filter, and return the groups they leave."""
    if len(known) < SEARCH_FROM:
        return design_board.grouped(known)
    kinds = [kind for kind in KINDS if any(card.kind == kind for card in known)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find a card", key=tab().lasting("find"), width=220, max_chars=200,
            placeholder="name, level or unit",
        )  # fmt: skip
        wanted = st.pills(
            "Show only", kinds, selection_mode="multi", format_func=fmt.words,
            key=tab().lasting("kinds"), width="content",
        )  # fmt: skip
        by_kind = st.toggle("By kind", value=True, key=tab().lasting("by_kind"))
    return design_board.grouped(known, by_kind=by_kind, text=text or "", kinds=wanted)


def _group(group: Group) -> dict[str, object]:
    cards = [_card(card) for card in group.cards]
    return {"title": group.title, "movable": group.is_movable, "cards": cards}


def _card(card: Card) -> dict[str, object]:
    mark, sign, status = _status(card)
    return {
        "key": card.key,
        "kind": fmt.words(card.kind),
        "icon": icon_name(card.kind),
        "tone": TONES[card.kind][0],
        "name": card.name,
        "lines": card.lines,
        "extra": ["Primary"] if card.is_primary else [],
        "mark": mark,
        "markIcon": sign,
        "status": status,
        "isCopyable": True,
    }


def _status(card: Card) -> tuple[str, str, str]:
    if card.errors:
        return "error", "error", fmt.plural(card.errors, "error")
    if card.warnings:
        return "warning", "warning", fmt.plural(card.warnings, "warning")
    return "ok", "check_circle", "Valid"


def _take(document: ExperimentDescription, event: Mapping[str, object]) -> None:
    """Do what was asked for on the board."""
    key = str(event.get("key", ""))
    if event.get("type") in {"select", "edit"}:
        tab().select("" if key == tab().selected else key)
        st.rerun()
    if event.get("type") == "ask":
        ask_about(key)
        st.rerun()
    try:
        patch = design_board.board_patch(document, event)
    except DesignError as failure:
        tab().notices.append(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        st.rerun()
    if patch is not None:
        edit(patch, is_autosave=event.get("type") == "rename")
        if event.get("type") == "delete":
            tab().taken_away = patch.title.removeprefix("Delete ")
        st.rerun()


def _open_card(document: ExperimentDescription, known: Sequence[Card]) -> None:
    """Draw the way to a card without a mouse, and the card that is open."""
    names = {card.key: f"{fmt.words(card.kind)}: {card.name}" for card in known}
    if not names:
        return
    options = [NONE, *names]
    present = tab().selected if tab().selected in names else NONE
    chosen = st.selectbox(
        "Open a card", options, options.index(present), key=tab().key(f"open.{tab().opened}"),
        format_func=lambda key: names.get(key, "Choose a card to see all its details"),
    )  # fmt: skip
    if chosen != present:
        tab().select(str(chosen or NONE))
        st.rerun()
    if present:
        card_details(document, present)


def _add(document: ExperimentDescription) -> None:
    form = st.form(tab().key("add"), border=False)
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Add a", KINDS, format_func=fmt.words, key=tab().key("add.kind"), width=170
        )
        name = st.text_input(
            "Called", key=tab().key("add.name"), max_chars=200, placeholder="irrigation"
        )
        is_sent = st.form_submit_button("Add", icon=":material/add:")
    if not is_sent:
        return
    wanted = (name or "").strip()
    if not wanted:
        st.warning("Type what it is called.", icon=":material/edit:")
        return
    edit(design_edits.add(document, str(kind), wanted))
    st.rerun()
