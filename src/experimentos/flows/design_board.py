"""The cards of a design, and what a person does with them, without a screen."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from experimentos.design.derive import level_count, replicates, unit_total
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Collection, Patch, Remove, Rename, Reorder
from experimentos.design.names import family_words
from experimentos.design.parts import Factor, Response, Rule, UnitLevel
from experimentos.design.rules.finding import Finding, Severity
from experimentos.errors import DesignError
from experimentos.flows.design_copy import duplicate_part

MOST_LABELS = 12
PARTS: tuple[Collection, ...] = ("factors", "units", "responses")
KINDS = ("treatment", "blocking", "nuisance", "covariate", "unit", "response")
HEADINGS = {
    "treatment": "Treatments",
    "blocking": "Blocking factors",
    "nuisance": "Nuisance factors",
    "covariate": "Covariates",
    "unit": "Units, outermost first",
    "response": "Responses",
    "factor": "Factors",
}
ROLES = {
    "treatment": "Set on purpose and compared",
    "blocking": "Keeps like units together",
    "nuisance": "May disturb the comparison",
    "covariate": "Recorded on each unit",
}
RULES = {
    "complete": "at random",
    "within_block": "at random within each block",
    "latin": "as a Latin square",
    "systematic": "in a fixed order",
    "observed": "as it occurs",
    "none": "without a draw",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One part of a design as its card shows it.

    Attributes
    ----------
    key : str
        Collection and id: "factors.dose".
    kind : str
        One of `KINDS`.
    name : str
    lines : tuple[str, ...]
        Levels with their unit, role, where it is applied; plain text.
    errors, warnings : int
        Findings whose first subject it is.
    is_primary : bool
    """

    key: str
    kind: str
    name: str
    lines: tuple[str, ...]
    errors: int = 0
    warnings: int = 0
    is_primary: bool = False

    def has_words(self, text: str) -> bool:
        """Return whether every word of a text occurs on the card, whatever its case."""
        whole = " ".join((self.name, self.kind, *self.lines)).casefold()
        return all(word in whole for word in text.casefold().split())


@dataclass(frozen=True, slots=True)
class Group:
    """Cards under one heading; the cards of a movable group can change places."""

    kind: str
    cards: tuple[Card, ...]

    @property
    def title(self) -> str:
        """Return the heading."""
        return HEADINGS[self.kind]

    @property
    def is_movable(self) -> bool:
        """Return whether order is only for the eye here: units are ordered by nesting."""
        return self.kind != "unit"


def cards(document: ExperimentDescription, found: Sequence[Finding]) -> tuple[Card, ...]:
    """Return every part of a design as a card: factors by kind, units, responses."""
    marks: dict[str, list[Severity]] = defaultdict(list)
    for finding in found:
        if finding.subjects:
            marks[finding.subjects[0]].append(finding.severity)
    made = [
        *(_factor(document, f, marks[f.id]) for f in document.factors),
        *(_unit(document, u, marks[u.id]) for u in document.units),
        *(_response(document, r, marks[r.id]) for r in document.responses),
    ]
    return tuple(made)


def grouped(
    known: Sequence[Card], *, by_kind: bool = True, text: str = "", kinds: Sequence[str] = ()
) -> tuple[Group, ...]:
    """Return the cards that hold all words of a text, under headings.

    Parameters
    ----------
    by_kind
        False keeps all factors under one heading, in the order of the design.
    kinds
        Only these; empty for all.
    """
    groups: dict[str, list[Card]] = defaultdict(list)
    for card in known:
        if card.has_words(text) and (not kinds or card.kind in kinds):
            is_factor = card.kind in ROLES
            groups["factor" if is_factor and not by_kind else card.kind].append(card)
    order = ("factor", *KINDS)
    return tuple(Group(k, tuple(groups[k])) for k in order if groups[k])


def board_patch(document: ExperimentDescription, event: Mapping[str, object]) -> Patch | None:
    """Return the patch that an event of the board asks for, None for one that changes nothing.

    Parameters
    ----------
    event
        `type` is "rename" (with `name`), "duplicate", "delete" or "order" (with `keys`, the cards
        of a group in their new order); `key` names the card.

    Raises
    ------
    DesignError
        If the card is not there any more, or a name is empty.
    """
    part, id_ = part_of(str(event.get("key", "")))
    name = name_of(document, part, id_)
    match event.get("type"):
        case "rename":
            wanted = str(event.get("name", "")).strip()[:200]
            if not wanted:
                raise DesignError("A name is needed.", hint="Type what it is called.")
            edit = Rename.model_validate({"part": part, "id": id_, "name": wanted})
            return Patch(title=f"Rename {name} to {wanted}", edits=(edit,))
        case "duplicate":
            return duplicate_part(document, part, id_)
        case "delete":
            return Patch(title=f"Delete {name}", edits=(Remove(part=part, id=id_),))
        case "order":
            return _order(document, part, name, event.get("keys"))
        case _:
            return None


def part_of(key: str) -> tuple[Collection, str]:
    """Return the collection and the id of a card's key.

    Raises
    ------
    DesignError
        If it is no key of a card.
    """
    collection, _, id_ = key.partition(".")
    for part in PARTS:
        if part == collection and id_:
            return part, id_
    raise DesignError("This is no card of the design.", hint="Look at the design again.")


def name_of(document: ExperimentDescription, part: Collection, id_: str) -> str:
    """Return how a card is called.

    Raises
    ------
    DesignError
        If there is none of this id.
    """
    for known in getattr(document, part):
        if known.id == id_:
            return str(known.name)
    raise DesignError("This card is gone.", hint="It was removed or undone; look again.")


def is_card(document: ExperimentDescription, key: str) -> bool:
    """Return whether a key names a card of this design."""
    collection, _, id_ = key.partition(".")
    return collection in PARTS and any(p.id == id_ for p in getattr(document, collection))


def _order(
    document: ExperimentDescription, part: Collection, name: str, keys: object
) -> Patch | None:
    """Return the patch that gives the named cards each other's places in a new order."""
    wanted = [str(k).partition(".")[2] for k in keys] if isinstance(keys, list | tuple) else []
    present = [p.id for p in getattr(document, part)]
    moved = [id_ for id_ in dict.fromkeys(wanted) if id_ in present]
    queue = iter(moved)
    ids = tuple(next(queue) if id_ in set(moved) else id_ for id_ in present)
    if list(ids) == present or part == "units":
        return None
    return Patch(title=f"Move {name}", edits=(Reorder(part=part, ids=ids),))


def _factor(document: ExperimentDescription, factor: Factor, marks: Sequence[Severity]) -> Card:
    return Card(
        f"factors.{factor.id}",
        factor.kind,
        factor.name,
        tuple(_factor_lines(document, factor)),
        marks.count(Severity.ERROR),
        marks.count(Severity.WARNING),
    )


def _factor_lines(document: ExperimentDescription, factor: Factor) -> Iterator[str]:
    yield _levels(document, factor)
    yield ROLES[factor.kind]
    allotment = document.allotment(factor.id)
    unit = document.unit(allotment.unit_id) if allotment else None
    if allotment is not None and unit is not None:
        each = replicates(document, factor)
        times = f", {each:g} per level" if each and factor.kind == "treatment" else ""
        yield f"Applied to each {unit.name} {_drawn(document, unit, allotment.rule)}{times}"
    reference = next((x.label for x in factor.levels if x.is_control), "")
    if reference:
        yield f"Reference: {reference}"


def _drawn(document: ExperimentDescription, unit: UnitLevel, rule: Rule) -> str:
    """Return how levels are given to units, within which unit where there is one."""
    if rule != "within_block":
        return RULES[rule]
    outer = document.unit(unit.parent) if unit.parent else None
    return f"at random within each {outer.name}" if outer else RULES["complete"]


def _levels(document: ExperimentDescription, factor: Factor) -> str:
    unit = f" {factor.unit}" if factor.unit else ""
    labels = [level.label for level in factor.levels]
    if labels:
        more = f" and {len(labels) - MOST_LABELS:,} more" if len(labels) > MOST_LABELS else ""
        return f"{', '.join(labels[:MOST_LABELS])}{more}{unit}"
    if factor.range is not None:
        return f"{factor.range[0]:g} to {factor.range[1]:g}{unit}"
    if factor.kind == "covariate":
        return f"In {factor.unit}" if factor.unit else "No unit yet"
    count = level_count(document, factor)
    return f"{count:,} of them" if count else "No levels yet"


def _unit(document: ExperimentDescription, unit: UnitLevel, marks: Sequence[Severity]) -> Card:
    parent = document.unit(unit.parent)
    where = f" in each {parent.name}" if parent else ""
    line = f"How many{where} is not known yet"
    if unit.count is not None:
        counts = "A different number" if isinstance(unit.count, tuple) else f"{unit.count:,}"
        total = unit_total(document, unit)
        line = f"{counts}{where}" + (f", {total:,} in all" if parent and total else "")
    crossed = [u.name for i in unit.crossed_with if (u := document.unit(i)) is not None]
    lines = (
        line,
        *([f"Crossed with {', '.join(crossed)}"] if crossed else []),
        *(["In order of time"] if unit.is_ordered else []),
    )
    errors, warnings = marks.count(Severity.ERROR), marks.count(Severity.WARNING)
    return Card(f"units.{unit.id}", "unit", unit.name, lines, errors, warnings)


def _response(
    document: ExperimentDescription, response: Response, marks: Sequence[Severity]
) -> Card:
    unit = f" in {response.unit}" if response.unit else ""
    measured = document.unit(response.measured_on)
    spread = response.expected_range
    lines = (
        f"Modelled as {family_words(response.family)}{unit}",
        *([f"Measured on each {measured.name}"] if measured else []),
        *([f"Most values from {spread[0]:g} to {spread[1]:g}"] if spread else []),
        *([f"{response.smallest_effect:g} matters"] if response.smallest_effect else []),
    )
    primary = document.primary
    return Card(
        f"responses.{response.id}",
        "response",
        response.name,
        lines,
        marks.count(Severity.ERROR),
        marks.count(Severity.WARNING),
        is_primary=primary is not None and primary.id == response.id,
    )
