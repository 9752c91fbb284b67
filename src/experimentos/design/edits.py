"""The kinds of edit, and the patch that holds them."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from experimentos.design.parts import (
    Acknowledgement,
    Allotment,
    Assumption,
    Constraint,
    Contrast,
    Factor,
    Id,
    Interaction,
    Level,
    Name,
    OpenQuestion,
    Part,
    Response,
    Text,
    UnitLevel,
)

type Collection = Literal[
    "factors", "units", "allotments", "responses", "interactions", "contrasts", "constraints",
    "assumptions", "open_questions", "acknowledged",
]  # fmt: skip


def plain(value: Any) -> Any:
    """Return a value as JSON spells it: parts as dicts, tuples as lists."""
    if isinstance(value, Part):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple | list) else value


type Fields = Annotated[dict[str, Any], AfterValidator(plain)]


class Edit(Part):
    """A change to a document."""


class AddFactor(Edit):
    """Add a factor at a place in the card order (the end when None)."""

    op: Literal["add_factor"] = "add_factor"
    factor: Factor
    at: int | None = None


class AddUnit(Edit):
    """Add a unit level at a place (outermost first)."""

    op: Literal["add_unit"] = "add_unit"
    unit: UnitLevel
    at: int | None = None


class AddResponse(Edit):
    """Add a response."""

    op: Literal["add_response"] = "add_response"
    response: Response
    at: int | None = None


class AddAllotment(Edit):
    """Apply a factor to a unit level."""

    op: Literal["add_allotment"] = "add_allotment"
    allotment: Allotment
    at: int | None = None


class AddInteraction(Edit):
    """Add an interaction."""

    op: Literal["add_interaction"] = "add_interaction"
    interaction: Interaction
    at: int | None = None


class AddContrast(Edit):
    """Add a contrast."""

    op: Literal["add_contrast"] = "add_contrast"
    contrast: Contrast
    at: int | None = None


class AddConstraint(Edit):
    """Add a constraint of the layout."""

    op: Literal["add_constraint"] = "add_constraint"
    constraint: Constraint
    at: int | None = None


class AddNote(Edit):
    """Add an assumption, an open question or the acceptance of a warning."""

    op: Literal["add_note"] = "add_note"
    note: Assumption | OpenQuestion | Acknowledgement
    at: int | None = None


class Remove(Edit):
    """Remove a part; with a factor or unit goes what cannot exist without it."""

    op: Literal["remove"] = "remove"
    part: Collection
    id: Id


class Update(Edit):
    """Replace fields of a part; the others stay."""

    op: Literal["update"] = "update"
    part: Collection
    id: Id
    fields: Fields


class Rename(Edit):
    """Give a factor, unit, response or contrast another name; its id stays."""

    op: Literal["rename"] = "rename"
    part: Literal["factors", "units", "responses", "contrasts"]
    id: Id
    name: Name


class SetLevels(Edit):
    """Replace the levels of a factor."""

    op: Literal["set_levels"] = "set_levels"
    factor_id: Id
    levels: tuple[Level, ...]


class Reorder(Edit):
    """Put the parts of a collection in another order; ids left out follow in their old order."""

    op: Literal["reorder"] = "reorder"
    part: Collection
    ids: tuple[Id, ...]


class SetDocument(Edit):
    """Replace a field of the document itself: title, aim, hypothesis, purpose, conduct."""

    op: Literal["set_document"] = "set_document"
    fields: Fields


type AnyEdit = Annotated[
    AddFactor | AddUnit | AddResponse | AddAllotment | AddInteraction | AddContrast
    | AddConstraint | AddNote | Remove | Update | Rename | SetLevels | Reorder | SetDocument,
    Field(discriminator="op"),
]  # fmt: skip


class Patch(Part):
    """Edits that belong together and are applied or refused as one.

    Attributes
    ----------
    title : str
        What it does, as a button would say it.
    edits : tuple of Edit
    """

    title: Text = ""
    edits: tuple[AnyEdit, ...]
