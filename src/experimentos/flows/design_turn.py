"""One message of the conversation about a design."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from experimentos.design.edits import Patch

MOST_OF_A_TURN = 12

type Line = Annotated[str, Field(max_length=2_000)]
type Decision = Literal["accepted", "rejected"]
type Tokens = Annotated[int, Field(ge=0)]


class TurnProposal(BaseModel):
    """A change that was proposed with a message, and what became of it.

    Attributes
    ----------
    quote : str
        The person's words that it rests on; "" when nobody said so.
    state : str
        "open" until a person accepted or rejected it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    patch: Patch
    why: Annotated[str, Field(max_length=4_000)] = ""
    quote: Annotated[str, Field(max_length=4_000)] = ""
    state: Literal["open", "accepted", "rejected"] = "open"


class TurnTokens(BaseModel):
    """What a message cost: tokens sent, of these cached, and received; and in how many calls.

    Attributes
    ----------
    is_estimate : bool
        The server did not count, or the answer was stopped before it did.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    calls: Tokens = 0
    prompt: Tokens = 0
    cached: Tokens = 0
    completion: Tokens = 0
    is_estimate: bool = False


class Turn(BaseModel):
    """What a person or the assistant said; plain text, never shown as markup.

    Attributes
    ----------
    at : datetime
        With a time zone.
    who : "person" or "assistant"
    text : str
    source : str
        Who answered: "rules", or the name of the model; "" for a person.
    patch_title : str
        The change that was proposed with it, "" for none.
    proposals : tuple[TurnProposal, ...]
    answers : tuple[str, ...]
        Quick answers to the question that it ends with.
    notices : tuple[str, ...]
        What went wrong while it was answered.
    tokens : TurnTokens
    is_stopped : bool
        A person stopped the answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    who: Literal["person", "assistant"]
    text: Annotated[str, Field(max_length=20_000)]
    source: Annotated[str, Field(max_length=200)] = ""
    patch_title: Annotated[str, Field(max_length=4_000)] = ""
    proposals: Annotated[tuple[TurnProposal, ...], Field(max_length=MOST_OF_A_TURN)] = ()
    answers: Annotated[tuple[Line, ...], Field(max_length=MOST_OF_A_TURN)] = ()
    notices: Annotated[tuple[Line, ...], Field(max_length=MOST_OF_A_TURN)] = ()
    tokens: TurnTokens = TurnTokens()
    is_stopped: bool = False
