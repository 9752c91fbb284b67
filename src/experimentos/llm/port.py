"""What an assistant is asked, and what it may answer: words, questions and proposed patches."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.parse.draft import Draft
from experimentos.design.rules.finding import Finding

RULES = "rules"


@dataclass(frozen=True, slots=True)
class Said:
    """What was said before in the same conversation."""

    is_person: bool
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """One question to an assistant.

    Attributes
    ----------
    request : str
        What the person asks, in their words.
    document : ExperimentDescription
        The design as it stands.
    findings : tuple[Finding, ...]
        What the rules found in it; an assistant explains findings and never makes them.
    focus : str
        The card that is selected, as "factors.dose"; "" for the whole design.
    description : str
        What the person wrote at the beginning.
    history : tuple[Said, ...]
        Oldest first.
    allowance : int | None
        Tokens that may still be spent; None for no limit.
    """

    request: str
    document: ExperimentDescription
    findings: tuple[Finding, ...] = ()
    focus: str = ""
    description: str = ""
    history: tuple[Said, ...] = ()
    allowance: int | None = None

    @property
    def own_words(self) -> tuple[str, ...]:
        """Return all that the person said: what a quote must stand in."""
        said = (s.text for s in self.history if s.is_person)
        return (self.description, *said, self.request)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one or more calls.

    Attributes
    ----------
    calls : int
    prompt : int
        Tokens sent, cached ones included.
    cached : int
        Of `prompt`, those that the server had already.
    completion : int
        Tokens that came back.
    is_estimate : bool
        The server did not count, so characters were.
    """

    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    is_estimate: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
            self.is_estimate or other.is_estimate,
        )

    @property
    def tokens(self) -> int:
        """Return all tokens, sent and received."""
        return self.prompt + self.completion


@dataclass(frozen=True, slots=True)
class Piece:
    """The next words of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change that the person may accept or reject; it is never applied by itself.

    Attributes
    ----------
    patch : Patch
        Applies to the task's document, possibly after the proposals before it.
    why : str
    quote : str
        The person's words that it rests on; "" for a suggestion of the assistant's own.
    is_quoted : bool
        The quote stands in what the person said.
    """

    patch: Patch
    why: str
    quote: str = ""
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A question back, with quick answers."""

    text: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """What the person must know of how the answer came about: a fault, a limit, a refusal."""

    text: str


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens of a call that is over, and who answered it."""

    usage: Usage
    source: str


type Event = Piece | Proposed | Asked | Notice | Spent


@dataclass(frozen=True, slots=True)
class Reading:
    """A description as one reader understood it.

    Attributes
    ----------
    draft : Draft
    source : str
        "rules" or the model's name.
    usage : Usage
    notices : tuple[str, ...]
        What was refused or went wrong, in sentences.
    """

    draft: Draft
    source: str
    usage: Usage = Usage()
    notices: tuple[str, ...] = ()


class Assistant(Protocol):
    """Somebody who helps with a design: rules, or a language model."""

    @property
    def name(self) -> str:
        """Who answers: "rules", or the model's name."""
        ...

    def chat(self, task: Task) -> Iterator[Event]:
        """Answer one request, piece by piece; closing the iterator stops the answer."""
        ...

    def read(self, text: str, candidates: Draft, allowance: int | None = None) -> Reading:
        """Read a description; `candidates` is what the rule parser made of it."""
        ...
