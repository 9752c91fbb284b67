"""The design document: what the scientist says; everything else is derived from it."""

from collections.abc import Iterator, Sequence
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from experimentos.design.parts import (
    Acknowledgement,
    Allotment,
    Assumption,
    Conduct,
    Constraint,
    Contrast,
    Factor,
    FactorKind,
    Identified,
    Interaction,
    Layout,
    Matrix,
    Name,
    OpenQuestion,
    Part,
    Purpose,
    Response,
    Text,
    UnitLevel,
)
from experimentos.errors import DesignError
from experimentos.ids import canonical_json, content_hash

SCHEMA_VERSION: Literal[1] = 1
PLAIN = {"extra_forbidden": "is not a known field", "missing": "is missing"}
TYPE_NAMES = frozenset({"int", "float", "str", "bool"})


class ExperimentDescription(Part):
    """A design as its author states it; frozen, hashable by content, edited only by patches.

    Attributes
    ----------
    factors : tuple[Factor, ...]
        In the order of the cards.
    units : tuple[UnitLevel, ...]
        Outermost first; the last is the unit that is measured unless a response says otherwise.
    responses : tuple[Response, ...]
        Exactly one should be primary; a design under way may have none (rule R01).
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    title: Name = ""
    aim: Text = ""
    hypothesis: Text = ""
    purpose: Purpose = "compare"
    factors: tuple[Factor, ...] = Field(default=(), max_length=60)
    units: tuple[UnitLevel, ...] = Field(default=(), max_length=12)
    allotments: tuple[Allotment, ...] = ()
    responses: tuple[Response, ...] = Field(default=(), max_length=60)
    interactions: tuple[Interaction, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    layout: Layout | None = None
    matrix: Matrix | None = None
    conduct: Conduct = Conduct()
    assumptions: tuple[Assumption, ...] = ()
    open_questions: tuple[OpenQuestion, ...] = ()
    acknowledged: tuple[Acknowledgement, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*_repeated_ids(self), *_dangling(self), *_unit_order(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def primary(self) -> Response | None:
        """Return the primary response; the only one counts as primary."""
        marked = [r for r in self.responses if r.primary]
        if len(marked) == 1:
            return marked[0]
        return self.responses[0] if len(self.responses) == 1 else None

    @property
    def treatments(self) -> tuple[Factor, ...]:
        """Return the treatment factors in the order of the cards."""
        return self.of_kind("treatment")

    def of_kind(self, *kinds: FactorKind) -> tuple[Factor, ...]:
        """Return the factors of some kinds in the order of the cards."""
        return tuple(f for f in self.factors if f.kind in kinds)

    def factor(self, id: str) -> Factor | None:  # noqa: A002 - the field's own name
        """Return a factor by id, or None."""
        return _by_id(self.factors, id)

    def unit(self, id: str | None) -> UnitLevel | None:  # noqa: A002 - the field's own name
        """Return a unit level by id, or None."""
        return _by_id(self.units, id)

    def allotment(self, factor_id: str) -> Allotment | None:
        """Return the first allotment of a factor, or None."""
        return next((a for a in self.allotments if a.factor_id == factor_id), None)

    def canonical(self) -> bytes:
        """Return the one JSON spelling of this document: sorted keys, defaults included."""
        return canonical_json(self.model_dump(mode="json"))

    def hash(self) -> str:
        """Return the SHA-256 of the canonical JSON, 64 hex characters."""
        return content_hash(self.canonical())


def read_document(text: str | bytes) -> ExperimentDescription:
    """Return the design that a JSON text holds.

    Raises
    ------
    DesignError
        If it is not JSON, of another schema version, or breaks the rules of the document.
    """
    if not text.strip():
        raise DesignError(
            "The design document cannot be read: it is empty.", hint="Choose a design in JSON."
        )
    try:
        return ExperimentDescription.model_validate_json(text)
    except ValidationError as exc:
        raise DesignError(
            f"The design document cannot be read: {explain(exc)}.",
            hint="Export it again, or correct the field that is named.",
        ) from exc


def explain(exc: ValidationError) -> str:
    """Return up to three faults of a document in one line, each with its place."""
    found: dict[str, str] = {}
    for error in exc.errors(include_url=False, include_context=False, include_input=False):
        if error["type"] == "json_invalid":
            return f"it is not JSON ({error['msg'].partition(': ')[2] or 'no value'})"
        place = ".".join(str(step) for step in error["loc"] if _is_field(step)) or "document"
        # Of the alternatives of one field the first says enough.
        found.setdefault(
            place, PLAIN.get(error["type"], error["msg"].removeprefix("Value error, "))
        )
    return "; ".join(f"{place}: {text}" for place, text in list(found.items())[:3])


def _is_field(step: int | str) -> bool:
    """Return whether a step of a place is a field or a position, not the name of a type."""
    return isinstance(step, int) or (step.isidentifier() and step not in TYPE_NAMES)


def _by_id[P: Identified](parts: Sequence[P], wanted: str | None) -> P | None:
    return next((part for part in parts if part.id == wanted), None)


def _repeated_ids(document: ExperimentDescription) -> Iterator[str]:
    for field in COLLECTIONS:
        ids = [part.id for part in getattr(document, field)]
        for repeated in sorted({i for i in ids if ids.count(i) > 1}):
            yield f"{field} has two parts with the id {repeated!r}"


def _dangling(document: ExperimentDescription) -> Iterator[str]:
    factors = {f.id for f in document.factors}
    units = {u.id for u in document.units}
    for place, what, wanted in _references(document):
        if wanted is not None and wanted not in (units if what == "unit" else factors):
            yield f"{place} names the missing {what} {wanted!r}"


def _references(document: ExperimentDescription) -> Iterator[tuple[str, str, str | None]]:
    for allotment in document.allotments:
        yield "an allotment", "factor", allotment.factor_id
        for unit in (allotment.unit_id, *allotment.within):
            yield "an allotment", "unit", unit
    for level in document.units:
        yield f"unit {level.id!r}", "factor", level.factor_id
    for response in document.responses:
        yield f"response {response.id!r}", "unit", response.measured_on
        yield f"response {response.id!r}", "unit", response.analysed_on


def _unit_order(document: ExperimentDescription) -> Iterator[str]:
    seen: set[str] = set()
    for level in document.units:
        for other in (level.parent, *level.crossed_with):
            if other is not None and other not in seen:
                yield f"unit {level.id!r} refers to {other!r}, which is not above it"
        seen.add(level.id)


PARTS: dict[str, type[Identified]] = {
    "factors": Factor,
    "units": UnitLevel,
    "allotments": Allotment,
    "responses": Response,
    "interactions": Interaction,
    "contrasts": Contrast,
    "constraints": Constraint,
    "assumptions": Assumption,
    "open_questions": OpenQuestion,
    "acknowledged": Acknowledgement,
}
COLLECTIONS = tuple(PARTS)
