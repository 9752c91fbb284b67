"""The description of a design that exists: what other words would change is proposed, not done."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.flows.design_redescribe import Redescribed, all_of, read, redescribed
from experimentos.flows.design_session import TEXT_LIMIT
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, keep_fields, tab


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
    found = redescribed(
        document,
        read(session.in_line_with, session.answers),
        read(session.text, session.answers),
    )
    with st.container(border=True, key="design.redescribed"):
        st.markdown(":material/edit_note: **The description changed**")
        if found.proposals:
            st.caption("Each line is what the new words would change. Nothing is changed unseen.")
        elif not found.unmatched:
            st.caption("Nothing in the new words changes the design any further.")
        for place, proposal in enumerate(found.proposals):
            _row(place, proposal)
        if found.unmatched:
            said = "\n".join(f"- {fmt.plain(sentence)}" for sentence in found.unmatched)
            st.warning(
                f"The design was edited meanwhile; make these by hand:\n{said}",
                title="Does not fit the design as it is now",
                icon=":material/link_off:",
            )
        _foot(found.proposals)


def _row(place: int, proposal: Redescribed) -> None:
    icon = ":material/remove_circle:" if proposal.is_removal else ":material/add_circle:"
    with st.container(horizontal=True, vertical_alignment="center"):
        said = " ".join(proposal.sentences)
        st.markdown(f"{icon} {fmt.plain(said)}", width="stretch")
        if st.button("Accept", key=tab().key(f"redescribed.{place}"), icon=":material/check:"):
            edit(proposal.patch, f"From the description: {proposal.sentences[0]}")
            st.rerun()


def _foot(proposals: tuple[Redescribed, ...]) -> None:
    changes = [proposal for proposal in proposals if not proposal.is_removal]
    with st.container(horizontal=True):
        if len(changes) > 1 and st.button(
            "Accept all additions and changes", key=tab().key("redescribed.all"),
            icon=":material/done_all:",
        ):  # fmt: skip
            edit(all_of(proposals), "From the description: all additions and changes")
            st.rerun()
        if st.button(
            "Leave the rest as it is" if proposals else "Close",
            key=tab().key("redescribed.close"), icon=":material/close:", type="tertiary",
        ):  # fmt: skip
            keep_fields(read_text=tab().session.text)
            st.rerun()
