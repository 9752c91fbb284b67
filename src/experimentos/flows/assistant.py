"""A conversation about a design: what is asked, what comes back, what is taken over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from experimentos.design.diff import changes
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.patch import apply
from experimentos.design.rules.finding import Finding
from experimentos.errors import DesignError
from experimentos.flows.design_session import DesignSession
from experimentos.flows.design_turn import MOST_OF_A_TURN, Turn, TurnProposal, TurnTokens
from experimentos.llm.briefing import size_of
from experimentos.llm.choice import Choice
from experimentos.llm.limits import Prices
from experimentos.llm.port import (
    RULES,
    Asked,
    Assistant,
    Event,
    Notice,
    Piece,
    Proposed,
    Said,
    Spent,
    Task,
    Usage,
)

LONGEST_TEXT = 20_000
CHARACTERS_PER_TOKEN = 4


@dataclass(slots=True)
class Answer:
    """An answer as it grows; a thread fills it, a page reads it.

    Attributes
    ----------
    source : str
        Who answers.
    sent : int
        Characters that the question sends to a model.
    is_stopped : bool
        Set by a person; what comes after it is not taken.
    """

    source: str
    sent: int = 0
    pieces: list[str] = field(default_factory=list)
    proposals: list[TurnProposal] = field(default_factory=list)
    quick: tuple[str, ...] = ()
    notices: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    is_stopped: bool = False

    @property
    def text(self) -> str:
        """Return the words so far."""
        return "".join(self.pieces)[:LONGEST_TEXT].strip()

    @property
    def spent(self) -> Usage:
        """Return the tokens: as counted, or estimated when the answer ended before the count."""
        was_asked = self.source != RULES and (self.pieces or self.is_stopped)
        if self.usage.calls or not was_asked:
            return self.usage
        received = sum(map(len, self.pieces))
        parts = (self.sent // CHARACTERS_PER_TOKEN, 0, received // CHARACTERS_PER_TOKEN)
        return Usage(1, *parts, is_estimate=True)

    def take(self, event: Event) -> None:
        """Take the next part of the answer."""
        match event:
            case Piece(text):
                self.pieces.append(text)
            case Proposed():
                if len(self.proposals) < MOST_OF_A_TURN:
                    self.proposals.append(_kept(event))
            case Asked(text, answers):
                self.pieces.append(f"\n\n{text}")
                self.quick = answers[:MOST_OF_A_TURN]
            case Notice(text):
                self.notices.append(text)
                if text.endswith("The rules answer instead."):
                    self.source = RULES
            case Spent(usage, _):
                self.usage += usage


def question(
    session: DesignSession,
    document: ExperimentDescription,
    findings: Sequence[Finding],
    *,
    request: str,
    focus: str = "",
    allowance: int | None = None,
) -> Task:
    """Return the task that a request about a design amounts to, with what was said before."""
    said = tuple(
        Said(turn.who == "person", turn.text) for turn in session.conversation if turn.text
    )
    return Task(
        request=request,
        document=document,
        findings=tuple(findings),
        focus=focus,
        description=session.text,
        history=said,
        allowance=allowance,
    )


def begin(assistant: Assistant, task: Task) -> Answer:
    """Return the answer to a task before its first word."""
    sent = 0 if assistant.name == RULES else size_of(task)
    return Answer(assistant.name, sent)


def follow(assistant: Assistant, task: Task, answer: Answer) -> Iterator[Answer]:
    """Fill an answer part by part, yielding it after each; ends early once it is stopped."""
    events = assistant.chat(task)
    try:
        for event in events:
            if answer.is_stopped:
                break
            answer.take(event)
            yield answer
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()


def with_request(session: DesignSession, request: str) -> DesignSession:
    """Return the session with what a person asked."""
    turn = Turn(at=datetime.now(UTC), who="person", text=request.strip()[:LONGEST_TEXT])
    return _with(session, turn)


def with_answer(session: DesignSession, answer: Answer) -> DesignSession:
    """Return the session with an answer, complete or stopped."""
    usage = answer.spent
    turn = Turn(
        at=datetime.now(UTC),
        who="assistant",
        text=answer.text,
        source=answer.source[:200],
        patch_title="; ".join(p.patch.title for p in answer.proposals)[:4_000],
        proposals=tuple(answer.proposals),
        answers=answer.quick,
        notices=tuple(answer.notices[:MOST_OF_A_TURN]),
        tokens=TurnTokens(
            calls=usage.calls,
            prompt=usage.prompt,
            cached=usage.cached,
            completion=usage.completion,
            is_estimate=usage.is_estimate,
        ),
        is_stopped=answer.is_stopped,
    )
    return _with(session, turn)


def decided(session: DesignSession, turn: int, place: int, *, accepted: bool) -> DesignSession:
    """Return the session with one proposal of one turn accepted or rejected; once is for good."""
    said = session.conversation[turn]
    proposal = said.proposals[place]
    if proposal.state != "open":
        return session
    state = "accepted" if accepted else "rejected"
    kept = list(said.proposals)
    kept[place] = proposal.model_copy(update={"state": state})
    turns = list(session.conversation)
    turns[turn] = said.model_copy(update={"proposals": tuple(kept)})
    return session.model_copy(update={"conversation": tuple(turns)})


def difference(document: ExperimentDescription, patch: Patch) -> tuple[str, ...]:
    """Return what a patch would change, in sentences.

    Raises
    ------
    DesignError
        If it does not fit the design as it stands, or changes nothing.
    """
    found = tuple(change.sentence for change in changes(document, apply(document, patch)))
    if not found:
        raise DesignError("The design is so already.", hint="Reject the proposal.")
    return found


def open_proposals(session: DesignSession) -> Iterator[tuple[int, int, TurnProposal]]:
    """Yield what was neither accepted nor rejected: turn, place and proposal, oldest first."""
    for at, turn in enumerate(session.conversation):
        for place, proposal in enumerate(turn.proposals):
            if proposal.state == "open":
                yield at, place, proposal


def spent(session: DesignSession) -> Usage:
    """Return the tokens of all answers of a session, and of readings of its description."""
    total = _usage(session.reading_tokens)
    for turn in session.conversation:
        total += _usage(turn.tokens)
    return total


def must_agree(session: DesignSession, chosen: Choice) -> bool:
    """Return whether a person must first be told where texts go, and agree."""
    return chosen.has_model and session.sent_to not in {chosen.destination, RULES}


def asks_model(session: DesignSession, chosen: Choice) -> bool:
    """Return whether a model may be asked about this design."""
    return chosen.has_model and session.sent_to == chosen.destination


def cost_words(usage: Usage, prices: Prices | None) -> str:
    """Return "1,240 tokens, 0.0021 USD"; "" when nothing was spent."""
    if not usage.calls:
        return ""
    about = "about " if usage.is_estimate else ""
    words = f"{about}{usage.tokens:,} tokens"
    if prices is None:
        return words
    return f"{words}, {about}{prices.cost(usage):.2g} {prices.currency}".rstrip()


def _kept(event: Proposed) -> TurnProposal:
    quote = event.quote if event.is_quoted else ""
    return TurnProposal(patch=event.patch, why=event.why[:4_000], quote=quote[:4_000])


def _usage(tokens: TurnTokens) -> Usage:
    return Usage(tokens.calls, tokens.prompt, tokens.cached, tokens.completion, tokens.is_estimate)


def _with(session: DesignSession, turn: Turn) -> DesignSession:
    return session.model_copy(update={"conversation": (*session.conversation, turn)})
