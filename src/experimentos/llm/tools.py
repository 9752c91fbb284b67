"""What a model may do to a design: each tool becomes a typed patch that a person accepts."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from experimentos.design.document import ExperimentDescription, explain
from experimentos.design.edits import (
    AddAllotment,
    AddFactor,
    AddInteraction,
    AddResponse,
    AddUnit,
    Collection,
    Edit,
    Patch,
    Remove,
    SetLevels,
    Update,
)
from experimentos.design.names import slug
from experimentos.design.parts import (
    Allotment,
    Factor,
    FactorKind,
    Family,
    Interaction,
    Level,
    Response,
    Rule,
    UnitLevel,
)
from experimentos.design.rules.finding import Finding
from experimentos.errors import DesignError


class Tool(BaseModel, ABC):
    """A change that a model asks for; every field is required, as strict schemas want it."""

    model_config = ConfigDict(extra="forbid")
    tool: ClassVar[str] = ""

    quote: str
    why: str

    @abstractmethod
    def patch(self, document: ExperimentDescription, findings: Sequence[Finding]) -> Patch:
        """Return the patch for a document.

        Raises
        ------
        DesignError
            If the change makes no part that a design can hold.
        """


class EditTool(Tool):
    """A change that is a list of edits with a title."""

    @abstractmethod
    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:
        """Return the edits of a document."""

    @abstractmethod
    def title(self, document: ExperimentDescription) -> str:
        """Return what the button says."""

    def patch(
        self,
        document: ExperimentDescription,
        findings: Sequence[Finding],  # noqa: ARG002 - for tools that read them
    ) -> Patch:
        """Return the edits under their title; see `Tool.patch`."""
        try:
            edits = tuple(self.edits(document))
            return Patch.model_validate({"title": self.title(document), "edits": edits})
        except ValidationError as exc:
            raise DesignError(
                f"The change is not valid: {explain(exc)}.", hint="Correct what is named."
            ) from exc


class AddFactorTool(EditTool):
    """Add a factor to the design. Levels as short labels without their unit."""

    tool = "add_factor"
    name: str
    kind: FactorKind
    levels: list[str]
    unit: str | None
    control: str | None

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:
        """Return the addition."""
        id_ = slug(self.name, [f.id for f in document.factors])
        levels = _levels(self.levels, self.control)
        numeric = bool(levels) and all(level.value is not None for level in levels)
        factor = Factor(
            id=id_, name=self.name, kind=self.kind, levels=levels, unit=self.unit or None,
            scale="numeric" if numeric or self.kind == "covariate" else "nominal",
        )  # fmt: skip
        return (AddFactor(factor=factor),)

    def title(self, document: ExperimentDescription) -> str:  # noqa: ARG002 - the tools' form
        """Return "Add dose"."""
        return f"Add {self.name}"


class UpdateFactorTool(EditTool):
    """Change fields of a factor that is in the design; null leaves a field as it is."""

    tool = "update_factor"
    factor_id: str
    name: str | None
    kind: FactorKind | None
    unit: str | None
    change: Literal["easy", "hard", "very_hard"] | None
    measured: Literal["before", "at", "after"] | None
    handling: Literal["blocked", "randomised", "measured", "constant"] | None

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:  # noqa: ARG002
        """Return the update."""
        return (_update("factors", self.factor_id, self, ("factor_id",)),)

    def title(self, document: ExperimentDescription) -> str:
        """Return "Change dose"."""
        return f"Change {_name(document.factors, self.factor_id)}"


class SetLevelsTool(EditTool):
    """Replace the levels of a factor that is in the design."""

    tool = "set_levels"
    factor_id: str
    levels: list[str]
    control: str | None

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:  # noqa: ARG002
        """Return the replacement."""
        levels = _levels(self.levels, self.control)
        return (SetLevels(factor_id=self.factor_id, levels=levels),)

    def title(self, document: ExperimentDescription) -> str:
        """Return "Set the levels of dose"."""
        return f"Set the levels of {_name(document.factors, self.factor_id)}"


class RemovePartTool(EditTool):
    """Remove a factor, unit or response with what cannot exist without it."""

    tool = "remove_part"
    part: Literal["factors", "units", "responses"]
    part_id: str

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:  # noqa: ARG002
        """Return the removal."""
        return (Remove(part=self.part, id=self.part_id),)

    def title(self, document: ExperimentDescription) -> str:
        """Return "Remove dose"."""
        return f"Remove {_name(getattr(document, self.part), self.part_id)}"


class SetUnitTool(EditTool):
    """Add a unit level (unit_id null) or change one: its name, its number in each parent."""

    tool = "set_unit"
    unit_id: str | None
    name: str
    count: int | None
    parent_id: str | None

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:
        """Return the addition or the update."""
        if self.unit_id is None:
            id_ = slug(self.name, [u.id for u in document.units])
            unit = UnitLevel(id=id_, name=self.name, count=self.count, parent=self.parent_id)
            return (AddUnit(unit=unit),)
        fields: dict[str, Any] = {"name": self.name}
        if self.count is not None:
            fields["count"] = self.count
        if self.parent_id is not None:
            fields["parent"] = self.parent_id
        return (Update(part="units", id=self.unit_id, fields=fields),)

    def title(self, document: ExperimentDescription) -> str:  # noqa: ARG002 - the tools' form
        """Return "Add the unit plot" or "Change the unit plot"."""
        return f"{'Add' if self.unit_id is None else 'Change'} the unit {self.name}"


class SetAllotmentTool(EditTool):
    """Say to which unit a factor is applied, and by which random rule."""

    tool = "set_allotment"
    factor_id: str
    unit_id: str
    rule: Rule
    within: list[str]

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:
        """Return the new allotment in the place of the old one."""
        old = document.allotment(self.factor_id)
        taken = [a.id for a in document.allotments if a is not old]
        id_ = old.id if old else slug(f"{self.factor_id} on {self.unit_id}", taken)
        new = Allotment(
            id=id_, factor_id=self.factor_id, unit_id=self.unit_id, rule=self.rule,
            within=tuple(self.within),
        )  # fmt: skip
        gone = (Remove(part="allotments", id=old.id),) if old else ()
        return (*gone, AddAllotment(allotment=new))

    def title(self, document: ExperimentDescription) -> str:
        """Return "Apply dose to plot"."""
        unit = _name(document.units, self.unit_id)
        return f"Apply {_name(document.factors, self.factor_id)} to {unit}"


class AddResponseTool(EditTool):
    """Add what is measured."""

    tool = "add_response"
    name: str
    unit: str | None
    family: Family
    measured_on: str | None

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:
        """Return the addition; the first response is the primary one."""
        response = Response(
            id=slug(self.name, [r.id for r in document.responses]), name=self.name,
            unit=self.unit or None, family=self.family, measured_on=self.measured_on,
            primary=not document.responses,
        )  # fmt: skip
        return (AddResponse(response=response),)

    def title(self, document: ExperimentDescription) -> str:  # noqa: ARG002 - the tools' form
        """Return "Add the response yield"."""
        return f"Add the response {self.name}"


class UpdateResponseTool(EditTool):
    """Change a response; null leaves a field as it is. The range holds 90 % of single values."""

    tool = "update_response"
    response_id: str
    unit: str | None
    family: Family | None
    expected_low: float | None
    expected_high: float | None
    smallest_effect: float | None

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:  # noqa: ARG002
        """Return the update."""
        apart = ("response_id", "expected_low", "expected_high")
        update = _update("responses", self.response_id, self, apart)
        if self.expected_low is not None and self.expected_high is not None:
            update.fields["expected_range"] = [self.expected_low, self.expected_high]
        return (update,)

    def title(self, document: ExperimentDescription) -> str:
        """Return "Change yield"."""
        return f"Change {_name(document.responses, self.response_id)}"


class AddInteractionTool(EditTool):
    """Say that the effect of one factor may depend on another."""

    tool = "add_interaction"
    factor_ids: list[str]

    def edits(self, document: ExperimentDescription) -> Sequence[Edit]:
        """Return the addition."""
        taken = [i.id for i in document.interactions]
        made = Interaction(id=slug(" ".join(self.factor_ids), taken), factor_ids=self.factor_ids)
        return (AddInteraction(interaction=made),)

    def title(self, document: ExperimentDescription) -> str:
        """Return "Add the interaction of a and b"."""
        names = " and ".join(_name(document.factors, i) for i in self.factor_ids)
        return f"Add the interaction of {names}"


class ApplyFixTool(Tool):
    """Propose the fix that a rule offers for its finding, by rule (R07) and place from 0."""

    tool = "apply_fix"
    rule: str
    place: int

    def patch(self, document: ExperimentDescription, findings: Sequence[Finding]) -> Patch:  # noqa: ARG002
        """Return the rule's own patch."""
        fixes = [patch for f in findings if f.rule == self.rule for patch in f.fixes]
        if not 0 <= self.place < len(fixes):
            raise DesignError(
                f"{self.rule} offers {len(fixes)} fixes.", hint="Name one that is listed."
            )
        return fixes[self.place]


class AskQuestion(BaseModel):
    """Ask the person one question, with up to four quick answers."""

    model_config = ConfigDict(extra="forbid")
    tool: ClassVar[str] = "ask_question"
    text: str
    answers: list[str]


TOOLS: Mapping[str, type[Tool]] = {
    kind.tool: kind
    for kind in (
        AddFactorTool, UpdateFactorTool, SetLevelsTool, RemovePartTool, SetUnitTool,
        SetAllotmentTool, AddResponseTool, UpdateResponseTool, AddInteractionTool, ApplyFixTool,
    )
}  # fmt: skip


def declared() -> list[dict[str, Any]]:
    """Return the tools as the chat protocol declares them, strict."""
    asking = _declared(AskQuestion.tool, AskQuestion)
    return [*(_declared(name, kind) for name, kind in TOOLS.items()), asking]


def _declared(name: str, kind: type[BaseModel]) -> dict[str, Any]:
    function = {
        "name": name,
        "description": " ".join((kind.__doc__ or "").split()),
        "parameters": kind.model_json_schema(),
        "strict": True,
    }
    return {"type": "function", "function": function}


def _levels(labels: Sequence[str], control: str | None) -> tuple[Level, ...]:
    distinct = dict.fromkeys(label.strip() for label in labels if label.strip())
    return tuple(Level(label=x, value=_number(x), is_control=x == control) for x in distinct)


def _number(label: str) -> float | None:
    try:
        value = float(label)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _update(part: Collection, id_: str, tool: Tool, apart: tuple[str, ...]) -> Update:
    given = tool.model_dump(exclude_none=True, exclude={"quote", "why", *apart})
    return Update(part=part, id=id_, fields=given)


def _name(parts: Sequence[Any], id_: str) -> str:
    return next((str(p.name) for p in parts if p.id == id_), id_)
