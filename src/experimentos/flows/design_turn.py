"""One message of the conversation about a design."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


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
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    who: Literal["person", "assistant"]
    text: Annotated[str, Field(max_length=20_000)]
    source: Annotated[str, Field(max_length=200)] = ""
    patch_title: Annotated[str, Field(max_length=4_000)] = ""
