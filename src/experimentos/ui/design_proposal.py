"""How a proposed change is drawn, whoever proposes it: what it changes, from which words."""

from collections.abc import Iterable, Sequence
from typing import Literal

import streamlit as st

from experimentos.flows.design_described import Words
from experimentos.ui import format as fmt

SURE, LIKELY = 0.85, 0.6
SENTENCES_SHOWN = 6
LONGEST_QUOTE = 240
LEAD = 60


def draw_title(title: str) -> None:
    """Draw what a proposal is called."""
    st.markdown(f":material/difference: **{fmt.plain(title) or 'Change'}**")


def draw_words(found: Sequence[Words]) -> None:
    """Draw the words that a proposal rests on, what is new in them marked, and how surely."""
    for words in found:
        start = "From your words"
        if words.is_gone:
            start = "No longer said" if words.changed else "It was read from"
        st.caption(f"{start}: “{_marked(words)}”")
        if words.confidence is not None:
            draw_confidence(words.confidence)
    if any(words.is_derived for words in found):
        st.caption(":material/calculate: worked out from what is marked")
    if not found:
        st.caption("A suggestion: nothing you wrote says so.")


def draw_confidence(confidence: float) -> None:
    """Draw how sure a reading is, as icon, word and share."""
    icon, word = ":material/help:", "unsure"
    if confidence >= LIKELY:
        icon, word = ":material/check:", "likely"
    if confidence >= SURE:
        icon, word = ":material/done_all:", "quite sure"
    st.caption(f"{icon} {word}, {confidence:.0%}")


def draw_changes(sentences: Sequence[str]) -> None:
    """Draw what a proposal would change, the first sentences of it."""
    st.caption("If you accept:")
    for sentence in sentences[:SENTENCES_SHOWN]:
        st.markdown(f":green[:material/edit:] {fmt.plain(sentence)}")
    if len(sentences) > SENTENCES_SHOWN:
        st.caption(f"and {fmt.plural(len(sentences) - SENTENCES_SHOWN, 'further change')}")


def decision(place: str, id_: str, *, fits: bool = True) -> Literal["accepted", "rejected", ""]:
    """Draw the two buttons of a proposal; return which was pressed, "" for neither.

    Parameters
    ----------
    place, id_
        The list of proposals, and the proposal within it.
    fits
        False when it can only be rejected.
    """
    with st.container(horizontal=True):
        if fits and st.button("Accept", key=f"{place}.accept.{id_}", icon=":material/check:"):
            return "accepted"
        if st.button(
            "Reject", key=f"{place}.reject.{id_}", icon=":material/close:", type="tertiary"
        ):
            return "rejected"
    return ""


def on_colours(pieces: Iterable[tuple[str, str]]) -> str:
    """Return text in pieces as Markdown that shows it as typed, each on its colour or on none."""
    found: list[str] = []
    for text, colour in pieces:
        words = fmt.plain(text)
        if colour and words:
            words = f":{colour}-background[{words}]"
        before = " " if text[:1].isspace() else ""
        after = " " if text[-1:].isspace() and words else ""
        found.append(f"{before}{words}{after}")
    return "".join(found).strip()


def _marked(words: Words) -> str:
    """Return words as Markdown, those that changed on a colour, and no more than fit a card."""
    colour = "gray" if words.is_gone else "orange"
    first = words.changed[0][0] if words.changed else 0
    begin = 0 if len(words.text) <= LONGEST_QUOTE else max(0, first - LEAD)
    end = begin + LONGEST_QUOTE
    pieces: list[tuple[str, str]] = [("… ", "")] if begin else []
    at = begin
    for start, stop in words.changed:
        if start >= end:
            break
        pieces += [(words.text[at:start], ""), (words.text[start : min(stop, end)], colour)]
        at = min(stop, end)
    pieces.append((words.text[at:end], ""))
    if end < len(words.text):
        pieces.append((" …", ""))
    return on_colours(pieces)
