"""The description of a design that exists: what other words would change is proposed, not done."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.flows.design_redescribe import Redescribed, Redescription, all_of, redescribed
from experimentos.flows.design_rereading import (
    Rereading,
    in_line,
    is_from_model,
    reread,
    unread,
    with_reading,
)
from experimentos.flows.design_session import TEXT_LIMIT
from experimentos.flows.second_reading import is_of
from experimentos.llm.port import RULES
from experimentos.ui import format as fmt
from experimentos.ui.design_proposal import decision, draw_changes, draw_title, draw_words
from experimentos.ui.design_second_reading import offer_reading
from experimentos.ui.design_state import edit, keep, keep_fields, tab
from experimentos.ui.services import chosen

CARD_WIDTH = 280
FROM = "From the description"


def description_editor() -> None:
    """Draw the description; it is kept as it is typed, and read again when it changed."""
    session = tab().session
    typed = st.text_area(
        "The description", session.text, height=200, max_chars=TEXT_LIMIT,
        key=tab().lasting(f"description.{tab().reloads}"), persist_state="session",
        label_visibility="collapsed",
        placeholder="What do you change, on what, how many of them, and what do you measure?",
    )  # fmt: skip
    st.caption("Change the words: what they would change in the design is proposed to you.")
    if (typed or "") != session.text:
        keep_fields(text=typed or "", read_text=session.in_line_with)


def redescription(document: ExperimentDescription) -> None:
    """Draw what the changed description would change; nothing while it did not change."""
    session = tab().session
    if session.text == session.in_line_with:
        return
    both = reread(session)
    found = redescribed(document, both.before, both.now, session.decided)
    if not (found.proposals or found.unmatched or _may_read_more(both)):
        keep(in_line(session))
        more = " any further" if session.decided else ""
        st.toast(f"Nothing in the new words changes the design{more}.", icon=":material/edit_note:")
        return
    with st.container(border=True, key="design.redescribed"):
        st.markdown(":material/edit_note: **The description changed**")
        _who(both)
        if found.proposals:
            st.caption("Each card is what the new words would change. Nothing is changed unseen.")
            if found.is_aim_along:
                st.caption("The aim repeats the description: it follows with the first you accept.")
        elif not found.unmatched:
            st.caption("Nothing that the rules read in the new words changes the design.")
        with st.grid(min_column_width=CARD_WIDTH, gap="small"):
            for proposal in found.proposals:
                _card(proposal)
        if found.unmatched:
            said = "\n".join(f"- {fmt.plain(sentence)}" for sentence in found.unmatched)
            st.warning(
                "These words are about parts that this design does not have; make by hand "
                f"what you want of them:\n{said}",
                title="Does not fit the design as it is now",
                icon=":material/link_off:",
            )
        _foot(document, found)


def _may_read_more(both: Rereading) -> bool:
    """Return whether a model that read the design could still be asked about the new words."""
    session = tab().session
    may_ask = chosen().has_model and session.sent_to != RULES
    return both.source == RULES and is_from_model(session) and may_ask


def _who(both: Rereading) -> None:
    """Draw who read the two wordings, and the offer of a model's reading where one was used."""
    session = tab().session
    if not is_from_model(session) or session.second_reading is None:
        return
    if both.source != RULES:
        also = " and the rules" if both.reader == "both" else ""
        st.caption(f"Both wordings were read by {fmt.plain(both.source)}{also}.")
        return
    was = fmt.plain(session.second_reading.source)
    st.caption(f"The design was read by {was}; what is shown here is what the rules read.")
    failed = session.new_reading
    if failed is not None and is_of(failed, session.text):
        for notice in failed.notices:
            st.caption(f":material/info: {fmt.plain(notice)}")
    whom = chosen()
    if whom.has_model:
        texts = unread(session)
        what = "the new words" if len(texts) == 1 else "both wordings"
        offer_reading(
            whom, texts, f"Read {what} with {fmt.plain(whom.name)}",
            lambda reading: keep(with_reading(tab().session, reading)),
        )  # fmt: skip


def _card(proposal: Redescribed) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        draw_title(proposal.patch.title)
        draw_words(proposal.words)
        if proposal.is_by_hand:
            st.caption(":material/front_hand: It would replace what was edited by hand.")
        draw_changes(proposal.sentences)
        made = decision(tab().key("redescribed"), proposal.id)
    if made:
        keep_fields(decided={**tab().session.decided, proposal.id: made})
    if made == "accepted":
        edit(proposal.patch, f"{FROM}: {proposal.sentences[0]}")
    if made:
        st.rerun()


def _foot(document: ExperimentDescription, found: Redescription) -> None:
    safe = [proposal for proposal in found.proposals if proposal.is_safe]
    with st.container(horizontal=True):
        if len(safe) > 1 and st.button(
            "Accept all additions and changes", key=tab().key("redescribed.all"),
            icon=":material/done_all:",
            help="Removals, what would replace an edit by hand and what was read unsurely stay "
            "for you to decide",
        ):  # fmt: skip
            accepted = dict.fromkeys((proposal.id for proposal in safe), "accepted")
            keep_fields(decided={**tab().session.decided, **accepted})
            edit(all_of(document, found.proposals), f"{FROM}: all additions and changes")
            st.rerun()
        if st.button(
            "Reject the rest" if found.proposals else "Close",
            key=tab().key("redescribed.close"), icon=":material/close:", type="tertiary",
        ):  # fmt: skip
            keep(in_line(tab().session))
            st.rerun()
