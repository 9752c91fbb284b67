"""The assistant beside a design: who answers, what was said, what is proposed."""

from collections.abc import Sequence

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Finding
from experimentos.errors import DesignError
from experimentos.flows.assistant import (
    asks_model,
    cost_words,
    decided,
    difference,
    must_agree,
    open_proposals,
    spent,
)
from experimentos.flows.design_described import Words
from experimentos.flows.design_turn import Turn, TurnProposal
from experimentos.llm.choice import Choice
from experimentos.llm.port import RULES
from experimentos.llm.rules import QUICK_QUESTIONS
from experimentos.ui import access
from experimentos.ui import format as fmt
from experimentos.ui.background import TICK_SECONDS
from experimentos.ui.design_proposal import decision, draw_changes, draw_title, draw_words
from experimentos.ui.design_state import edit, keep, keep_fields, tab
from experimentos.ui.design_talk import ask, running, stop, take_answer
from experimentos.ui.services import chosen

TURNS_SHOWN = 4
LONGEST_REQUEST = 2_000


def assistant_panel(document: ExperimentDescription, found: Sequence[Finding]) -> None:
    """Draw the conversation about the selected card or the whole design, and the field to ask."""
    whom = chosen()
    if take_answer():
        st.rerun()
    _who(whom)
    _turns()
    talk = running()
    if talk is not None:
        st.fragment(_writing, run_every=TICK_SECONDS)()
        return
    _proposals(document)
    request = _request(whom)
    if request:
        ask(document, tuple(found), request)
        st.rerun()


def _who(whom: Choice) -> None:
    session = tab().session
    if whom.fault:
        st.caption(f":material/warning: No model is asked: {fmt.plain(whom.fault)}")
    if must_agree(session, whom):
        agreement(whom)
    is_model = asks_model(session, whom)
    name = fmt.plain(whom.destination) if is_model else "the rules; nothing leaves this machine"
    so_far = cost_words(spent(session), whom.prices)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"Answers: {name}{f' · {fmt.plain(so_far)} so far' if so_far else ''}", width="stretch"
        )
        if is_model and st.button(
            "Use the rules", key="assistant.rules", type="tertiary",
            help="Send nothing more about this design",
        ):  # fmt: skip
            keep_fields(sent_to=RULES)
            st.rerun()
        if whom.has_model and session.sent_to == RULES and st.button(
            "Use the model", key="assistant.model", type="tertiary",
            help="You are asked before anything is sent",
        ):  # fmt: skip
            keep_fields(sent_to="")
            st.rerun()


def agreement(whom: Choice, place: str = "assistant") -> None:
    """Draw where texts would go, and the choice to send them there or not.

    Parameters
    ----------
    place
        Where on the page, as two places may ask at once.
    """
    st.info(
        f"Descriptions can be read, and questions answered, by {fmt.plain(whom.destination)}. "
        "The description is sent there, and with each question the design, its checks and this "
        "conversation; data files, results and notes never are. Nothing has been sent yet.",
        title="Before anything leaves this machine",
        icon=":material/outgoing_mail:",
    )
    with st.container(horizontal=True):
        if st.button("Agree", key=f"{place}.agree", type="primary", icon=":material/check:"):
            keep_fields(sent_to=whom.destination)
            st.rerun()
        if st.button("Stay with the rules", key=f"{place}.decline"):
            keep_fields(sent_to=RULES)
            st.rerun()


def _turns() -> None:
    turns = tab().session.conversation
    for turn in turns[-TURNS_SHOWN:]:
        _turn(turn)
    if len(turns) > TURNS_SHOWN:
        st.caption(f"{len(turns) - TURNS_SHOWN} earlier messages are under Conversation.")


def _turn(turn: Turn) -> None:
    is_person = turn.who == "person"
    with st.chat_message("user" if is_person else "assistant"):
        _text(turn.text)
        for notice in turn.notices:
            st.caption(f":material/info: {fmt.plain(notice)}")
        if turn.is_stopped:
            st.caption(":material/stop_circle: Stopped by you.")
        for proposal in turn.proposals:
            if proposal.state != "open":
                icon = "check" if proposal.state == "accepted" else "close"
                title = fmt.plain(proposal.patch.title)
                st.caption(f":material/{icon}: {title} ({proposal.state})")
        if not is_person:
            st.caption(fmt.plain(turn.source))


def _text(text: str) -> None:
    """Draw words of a person or a model as plain text, paragraph by paragraph."""
    for paragraph in text.split("\n"):
        if paragraph.strip():
            st.markdown(fmt.plain(paragraph))


def _writing() -> None:
    access.admit()
    talk = running()
    if talk is None or talk.job.is_over:
        st.rerun()
        return
    with st.chat_message("assistant"):
        _text(talk.answer.text)
        st.caption(":material/more_horiz: writing" if talk.answer.text else "thinking")
    if st.button("Stop", key="assistant.stop", icon=":material/stop_circle:"):
        stop()
        st.rerun()


def _proposals(document: ExperimentDescription) -> None:
    """Draw what waits for a decision: of the last answer openly, of earlier ones folded."""
    waiting = list(open_proposals(tab().session))
    last = len(tab().session.conversation) - 1
    earlier = [w for w in waiting if w[0] < last]
    if earlier:
        count = fmt.plural(len(earlier), "earlier proposal")
        with st.expander(f"{count} to decide", icon=":material/difference:"):
            _boxes(document, earlier)
    _boxes(document, [w for w in waiting if w[0] == last])


def _boxes(
    document: ExperimentDescription, waiting: Sequence[tuple[int, int, TurnProposal]]
) -> None:
    for turn, place, proposal in waiting:
        with st.container(border=True, gap="xsmall", key=f"proposal.{turn}.{place}"):
            _proposal(document, turn, place, proposal)


def _proposal(
    document: ExperimentDescription, turn: int, place: int, proposal: TurnProposal
) -> None:
    draw_title(proposal.patch.title)
    if proposal.why:
        st.caption(fmt.plain(proposal.why))
    draw_words([Words(proposal.quote, ())] if proposal.quote else [])
    fits = _difference(document, proposal)
    made = decision("assistant", f"{turn}.{place}", fits=fits)
    if made:
        keep(decided(tab().session, turn, place, accepted=made == "accepted"))
    if made == "accepted":
        edit(proposal.patch, author="assistant")
    if made:
        st.rerun()


def _difference(document: ExperimentDescription, proposal: TurnProposal) -> bool:
    """Draw what a proposal would change; False when it no longer fits the design."""
    try:
        sentences = difference(document, proposal.patch)
    except DesignError as failure:
        st.caption(f":material/block: It no longer fits: {fmt.plain(failure.message)}")
        return False
    draw_changes(sentences)
    return True


def _request(whom: Choice) -> str:
    """Draw what can be asked with one click, and the field; return what was asked, "" for none."""
    turns = tab().session.conversation
    quick = turns[-1].answers if turns and turns[-1].who == "assistant" else ()
    asked = ""
    if quick:
        with st.container(horizontal=True, gap="xsmall"):
            for place, answer in enumerate(quick):
                if st.button(fmt.plain(answer), key=tab().lasting(f"answer.{len(turns)}.{place}")):
                    asked = answer
    with st.container(horizontal=True, gap="xsmall"):
        for place, offered in enumerate(QUICK_QUESTIONS):
            if st.button(offered, key=f"assistant.quick.{place}", type="tertiary"):
                asked = offered
    about = "this card" if tab().selected else "this design"
    waits = must_agree(tab().session, whom)
    typed = st.chat_input(
        "Choose above who answers" if waits else f"Ask about {about}",
        key="assistant.ask", max_chars=LONGEST_REQUEST, disabled=waits,
    )  # fmt: skip
    return (typed or asked).strip()
