"""The answer that an assistant is writing: in a thread for a model, at once for the rules."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Finding
from experimentos.flows.assistant import (
    Answer,
    asks_model,
    begin,
    follow,
    question,
    spent,
    with_answer,
    with_request,
)
from experimentos.flows.assistant_usage import allowance, record_usage
from experimentos.llm.choice import NOBODY
from experimentos.llm.port import Assistant, Task
from experimentos.store.port import Store
from experimentos.ui.background import Board, Job, Progress
from experimentos.ui.design_state import keep, tab
from experimentos.ui.services import assistant, chosen, services

AT_ONCE = 8


@dataclass(slots=True)
class Talk:
    """One answer under way, found again by whoever has the same design open."""

    answer: Answer
    job: Job


@dataclass(slots=True)
class Talks:
    """The answers under way in this process, by the id of their design."""

    board: Board = field(default_factory=lambda: Board(places=threading.BoundedSemaphore(AT_ONCE)))
    answers: dict[str, Answer] = field(default_factory=dict)


@st.cache_resource(show_spinner=False)
def talks() -> Talks:
    """Return the answers of this process."""
    return Talks()


def running() -> Talk | None:
    """Return the answer that is being written about this tab's design, None when there is none."""
    name = tab().session.id
    answer, job = talks().answers.get(name), talks().board.find(name)
    return Talk(answer, job) if answer is not None and job is not None else None


def ask(document: ExperimentDescription, findings: tuple[Finding, ...], request: str) -> None:
    """Put a question to whoever answers for this design; the question is kept at once."""
    session, whom = tab().session, chosen()
    uses_model = asks_model(session, whom)
    left = (
        allowance(services().store, whom, spent(session), datetime.now(UTC)) if uses_model else None
    )
    task = question(
        session, document, findings, request=request, focus=tab().selected, allowance=left
    )
    keep(with_request(session, request))
    helper = assistant(whom if uses_model else NOBODY)
    answer = begin(helper, task)
    if not uses_model:
        for _ in follow(helper, task, answer):
            pass
        keep(with_answer(tab().session, answer))
        return
    name = tab().session.id
    talks().answers[name] = answer
    talks().board.start(name, partial(_write, helper, task, answer, services().store))


def take_answer() -> bool:
    """Keep the answer when it is complete; True when there was one."""
    talk = running()
    if talk is None or not talk.job.is_over:
        return False
    if talk.job.failure:
        talk.answer.notices.append(talk.job.failure)
    _finish(talk.answer)
    return True


def stop() -> None:
    """Keep what was written so far and let go of the rest."""
    talk = running()
    if talk is None:
        return
    talk.answer.is_stopped = True
    talk.job.cancel()
    _finish(talk.answer)


def _finish(answer: Answer) -> None:
    name = tab().session.id
    # Two tabs may look at the same answer: the first one takes it.
    if talks().answers.pop(name, None) is not None:
        talks().board.jobs.pop(name, None)
        keep(with_answer(tab().session, answer))


def _write(helper: Assistant, task: Task, answer: Answer, store: Store, report: Progress) -> Answer:
    try:
        for _ in follow(helper, task, answer):
            if not report(0, 0):
                answer.is_stopped = True
    finally:
        record_usage(store, answer.spent, datetime.now(UTC))
    return answer
