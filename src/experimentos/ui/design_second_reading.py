"""A model's reading of the description, offered beside that of the rules."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from experimentos.design.parse.describe import parse_design
from experimentos.design.parse.draft import Draft
from experimentos.flows.assistant import asks_model, must_agree, spent
from experimentos.flows.assistant_usage import allowance, record_usage
from experimentos.flows.second_reading import (
    Reader,
    SecondReading,
    draft_of,
    is_of,
    kept,
    tokens_after,
)
from experimentos.llm.choice import Choice
from experimentos.llm.port import RULES, Assistant, Reading
from experimentos.store.port import Store
from experimentos.ui import access
from experimentos.ui import format as fmt
from experimentos.ui.background import TICK_SECONDS, Progress
from experimentos.ui.design_assistant import agreement
from experimentos.ui.design_state import keep_fields, tab
from experimentos.ui.design_talk import talks
from experimentos.ui.services import assistant, chosen, services

READERS: tuple[Reader, ...] = ("both", "rules", "model")


def read_draft() -> Draft:
    """Draw who may read the description, and return what was read by whom was chosen."""
    session, whom = tab().session, chosen()
    if whom.has_model:
        _offer(whom)
    second = session.second_reading
    if not is_of(second, session.text) or second is None:
        return draft_of(session.text, None, "rules")
    for notice in second.notices:
        st.caption(f":material/info: {fmt.plain(notice)}")
    if second.source == RULES:
        return draft_of(session.text, None, "rules")
    words = {"both": "Both together", "rules": "The rules", "model": second.source}
    reader = st.segmented_control(
        "Read by", READERS, default=session.reader, format_func=lambda r: fmt.plain(words[r]),
        key=tab().lasting("reader"), required=True,
    )  # fmt: skip
    if reader != session.reader:
        tab().version += 1
        keep_fields(reader=reader)
        st.rerun()
    if reader == "both":
        st.caption("What both read is surer; where they differ you are asked.")
    return draft_of(session.text, second, session.reader)


def _offer(whom: Choice) -> None:
    session = tab().session
    texts = () if is_of(session.second_reading, session.text) else (session.text,)
    offer_reading(whom, texts, f"Read it with {fmt.plain(whom.name)} as well", _keep)


def _keep(reading: SecondReading) -> None:
    tab().version += 1
    keep_fields(second_reading=reading, reader="both")


def offer_reading(
    whom: Choice,
    texts: Sequence[str],
    label: str,
    take: Callable[[SecondReading], None],
) -> None:
    """Draw the button that has a model read texts, after the person agreed, and the wait for it.

    Parameters
    ----------
    texts
        What is not read yet; nothing is offered when there is none.
    take
        Keeps each reading that is complete.
    """
    session = tab().session
    name = f"read.{session.id}"
    job = talks().board.find(name)
    if job is not None and not job.is_over:
        st.fragment(_waiting, run_every=TICK_SECONDS)(name, whom.name)
        return
    if job is not None:
        _take(name, take)
        st.rerun()
    if not texts or session.sent_to == RULES:
        return
    if must_agree(session, whom):
        agreement(whom, "design.read")
    if asks_model(session, whom) and st.button(
        label, key="design.read.model", icon=":material/compare_arrows:"
    ):
        store = services().store
        left = allowance(store, whom, spent(session), datetime.now(UTC))
        work = partial(_read, assistant(whom), tuple(texts), left, store)
        talks().board.start(name, work)
        st.rerun()


def _waiting(name: str, who: str) -> None:
    access.admit()
    job = talks().board.find(name)
    if job is None or job.is_over:
        st.rerun()
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/hourglass_top: {fmt.plain(who)} is reading the description")
        if st.button("Cancel", key="design.read.cancel", type="tertiary"):
            # The call ends by itself; nobody waits for it any more.
            talks().board.jobs.pop(name, None)
            st.rerun()


def _take(name: str, take: Callable[[SecondReading], None]) -> None:
    """Keep the readings that are complete."""
    job = talks().board.jobs.pop(name, None)
    if job is None or job.is_cancelled or not isinstance(job.answer, tuple):
        return
    for reading, text in job.answer:
        tokens = tokens_after(tab().session.reading_tokens, reading)
        keep_fields(reading_tokens=tokens)
        take(kept(reading, text))


def _read(
    helper: Assistant, texts: Sequence[str], left: int, store: Store, _report: Progress
) -> tuple[tuple[Reading, str], ...]:
    found = []
    for text in texts:
        reading = helper.read(text, parse_design(text), left)
        record_usage(store, reading.usage, datetime.now(UTC))
        left = max(0, left - reading.usage.tokens)
        found.append((reading, text))
    return tuple(found)
