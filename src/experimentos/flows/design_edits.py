"""What the forms and buttons of a design ask for, as patches."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from experimentos.design.derive import containers
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import (
    AddAllotment,
    AddFactor,
    AddInteraction,
    AddNote,
    AddResponse,
    AddUnit,
    Collection,
    Edit,
    Patch,
    Remove,
    SetDocument,
    Update,
)
from experimentos.design.names import slug
from experimentos.design.parts import (
    Acknowledgement,
    Allotment,
    Factor,
    Interaction,
    Level,
    Purpose,
    Response,
    UnitLevel,
)
from experimentos.errors import DesignError

type Status = Literal["expected", "negligible", "to_test"]
PURPOSES: tuple[Purpose, ...] = (
    "compare", "screen", "optimise", "variance_components", "decide",
)  # fmt: skip
STATUSES: tuple[Status, ...] = ("to_test", "expected", "negligible")
FAMILIES = (
    "normal", "studentt", "lognormal", "gamma", "poisson", "negative_binomial",
    "bernoulli", "binomial", "beta", "ordered",
)  # fmt: skip


def edit_factor(
    document: ExperimentDescription,
    factor: Factor,
    fields: Mapping[str, Any],
    *,
    labels: Sequence[str],
    control: str = "",
    applied: tuple[str, str] | None = None,
) -> Patch:
    """Return the patch of a factor's form; a level that keeps its label keeps what it holds.

    Parameters
    ----------
    fields
        Any of name, kind, unit, change, measured, handling, note.
    labels, control
        The levels, and which of them is the reference ("" for none).
    applied
        Id of the unit and rule of the allotment; an empty id for none, None leaves it as it is.
    """
    wanted = {
        **fields,
        "name": _named(fields.get("name", factor.name)),
        "levels": _levels(factor.levels, labels, control),
    }
    own = _update("factors", factor, wanted, f"Edit {wanted['name']}")
    moved = () if applied is None else _applied(document, factor, *applied)
    return Patch.model_validate({"title": own.title, "edits": (*own.edits, *moved)})


def edit_response(
    document: ExperimentDescription, response: Response, fields: Mapping[str, Any]
) -> Patch:
    """Return the patch of a response's form; a new primary response takes the place of the old.

    Parameters
    ----------
    fields
        Any of name, unit, family, primary, expected_range, smallest_effect.
    """
    wanted = {**fields, "name": _named(fields.get("name", response.name))}
    own = _update("responses", response, wanted, f"Edit {wanted['name']}")
    others = [
        Update(part="responses", id=r.id, fields={"primary": False})
        for r in document.responses
        if wanted.get("primary") and r.primary and r.id != response.id
    ]
    return Patch.model_validate({"title": own.title, "edits": (*others, *own.edits)})


def edit_unit(
    unit: UnitLevel,
    *,
    name: str,
    count: int | None,
    is_ordered: bool | None = None,
    parent: str | None = None,
    crossed: UnitLevel | None = None,
) -> Patch:
    """Return the patch of a unit's form; counts that differ by parent stay unless one is given.

    Parameters
    ----------
    parent
        Id of the unit it lies in, "" for none; None leaves it and what it crosses as they are.
    crossed
        The unit that each of its units meets (rows and columns); it then lies where that one lies.
    """
    fields: dict[str, Any] = {"name": _named(name)}
    if parent is not None:
        fields["parent"] = crossed.parent if crossed else parent or None
        met = (crossed.id,) if crossed else ()
        if met != unit.crossed_with[:1]:
            fields["crossed_with"] = met
    if is_ordered is not None:
        fields["is_ordered"] = is_ordered
    if count is not None:
        fields["count"] = count
    return _update("units", unit, fields, f"Edit {name.strip()}")


def answer_count(document: ExperimentDescription, question_id: str, count: int) -> Patch:
    """Return the patch that answers how many units there are and closes the question."""
    asked = next((q for q in document.open_questions if q.id == question_id), None)
    unit = document.unit(asked.about) if asked else None
    if asked is None or unit is None:
        raise DesignError("This question is closed.", hint="Look at the design again.")
    edits = (
        Update(part="units", id=unit.id, fields={"count": count}),
        Remove(part="open_questions", id=asked.id),
    )
    return Patch(title=f"{count:,} of {unit.plural or unit.name}", edits=edits)


def settle(question_id: str) -> Patch:
    """Return the patch that closes an open question."""
    return Patch(title="Question settled", edits=(Remove(part="open_questions", id=question_id),))


def accept(
    document: ExperimentDescription, rule: str, subjects: Sequence[str], reason: str
) -> Patch:
    """Return the patch that accepts a warning, with the reason that is kept."""
    if not reason.strip():
        raise DesignError("A warning is accepted with a reason.", hint="Say why it is all right.")
    id_ = slug(f"{rule} {' '.join(subjects)}", [a.id for a in document.acknowledged])
    note = Acknowledgement(id=id_, rule=rule, subjects=tuple(subjects), reason=reason.strip())
    return Patch(title=f"Accept {rule}", edits=(AddNote(note=note),))


def add(document: ExperimentDescription, kind: str, name: str) -> Patch:
    """Return the patch that adds a unit, a response or a factor of a kind; details follow."""
    title = f"Add {_named(name)}"
    match kind:
        case "unit":
            return Patch(title=title, edits=(AddUnit(unit=_new_unit(document, name)),))
        case "response":
            added = AddResponse(response=_new_response(document, name))
            return Patch(title=title, edits=(added,))
        case _:
            return Patch(title=title, edits=(AddFactor(factor=_new_factor(document, kind, name)),))


def _applied(
    document: ExperimentDescription, factor: Factor, unit_id: str, rule: str
) -> tuple[Edit, ...]:
    """Return the edits that apply a factor to other units, or by another rule."""
    known = document.allotment(factor.id)
    if known is None:
        if not unit_id:
            return ()
        id_ = slug(f"{factor.id} to {unit_id}", [a.id for a in document.allotments])
        within = _sides(document, unit_id) if rule == "latin" else ()
        fields = {
            "id": id_, "factor_id": factor.id, "unit_id": unit_id, "rule": rule, "within": within
        }  # fmt: skip
        return (AddAllotment(allotment=Allotment.model_validate(fields)),)
    if not unit_id:
        return (Remove(part="allotments", id=known.id),)
    changed: dict[str, Any] = {}
    if rule != known.rule:
        changed["rule"] = rule
    if unit_id != known.unit_id:
        changed["unit_id"] = unit_id
    if changed:
        # What restricted another draw means nothing here.
        changed["within"] = _sides(document, unit_id) if rule == "latin" else ()
    return (Update(part="allotments", id=known.id, fields=changed),) if changed else ()


def _sides(document: ExperimentDescription, unit_id: str) -> tuple[str, ...]:
    """Return the rows and columns that a unit lies in: one above it and what that one crosses."""
    unit = document.unit(unit_id)
    chain = (*containers(document, unit), unit) if unit else ()
    return next(((above.crossed_with[0], above.id) for above in chain if above.crossed_with), ())


def _new_factor(document: ExperimentDescription, kind: str, name: str) -> Factor:
    id_ = slug(name, [f.id for f in document.factors])
    scale = "numeric" if kind == "covariate" else "nominal"
    return Factor.model_validate({"id": id_, "name": _named(name), "kind": kind, "scale": scale})


def _new_response(document: ExperimentDescription, name: str) -> Response:
    id_ = slug(name, [r.id for r in document.responses])
    lowest = document.units[-1].id if document.units else None
    is_first = not document.responses
    return Response(id=id_, name=_named(name), measured_on=lowest, primary=is_first)


def _new_unit(document: ExperimentDescription, name: str) -> UnitLevel:
    id_ = slug(name, [u.id for u in document.units])
    parent = document.units[-1].id if document.units else None
    return UnitLevel(id=id_, name=_named(name), parent=parent)


def remove(part: Collection, id: str, name: str) -> Patch:  # noqa: A002 - the field's name
    """Return the patch that removes a card."""
    return Patch(title=f"Delete {name}", edits=(Remove(part=part, id=id),))


def rename(title: str) -> Patch:
    """Return the patch that gives the design another title."""
    return Patch(title="Rename", edits=(SetDocument(fields={"title": title.strip()}),))


def state(document: ExperimentDescription, *, aim: str, hypothesis: str, purpose: Purpose) -> Patch:
    """Return the patch that says what a design is for."""
    wanted = {"aim": aim.strip()[:4_000], "hypothesis": hypothesis.strip()[:4_000]}
    fields = {**wanted, "purpose": purpose}
    changed = {name: value for name, value in fields.items() if getattr(document, name) != value}
    edits = (SetDocument(fields=changed),) if changed else ()
    return Patch(title="Aim and hypothesis", edits=edits)


def interact(document: ExperimentDescription, factor_ids: Sequence[str], status: Status) -> Patch:
    """Return the patch that states an interaction; one of the same factors is replaced.

    Raises
    ------
    DesignError
        If there are not two to four different factors of the design.
    """
    names = [f.name for i in dict.fromkeys(factor_ids) if (f := document.factor(i)) is not None]
    if not 2 <= len(names) <= 4:
        raise DesignError("An interaction has two to four factors.", hint="Choose them.")
    known = [i for i in document.interactions if set(i.factor_ids) == set(factor_ids)]
    ids = [i.id for i in document.interactions]
    made = Interaction(
        id=slug(" ".join(factor_ids), ids), factor_ids=tuple(factor_ids), status=status
    )
    removals = tuple(Remove(part="interactions", id=i.id) for i in known)
    title = f"Interaction of {' and '.join(names)}"
    return Patch(title=title, edits=(*removals, AddInteraction(interaction=made)))


def _update(part: Collection, old: Any, fields: dict[str, Any], title: str) -> Patch:
    changed = {name: value for name, value in fields.items() if getattr(old, name) != value}
    edits = (Update(part=part, id=old.id, fields=changed),) if changed else ()
    return Patch(title=title, edits=edits)


def _named(name: str) -> str:
    if not name.strip():
        raise DesignError("A name is needed.", hint="Type what it is called.")
    return name.strip()[:200]


def _levels(known: Sequence[Level], labels: Sequence[str], control: str) -> tuple[Level, ...]:
    by_label = {level.label: level for level in known}
    return tuple(
        by_label.get(label, Level(label=label, value=_number(label))).model_copy(
            update={"is_control": label == control}
        )
        for label in labels
    )


def _number(label: str) -> float | None:
    try:
        value = float(label)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
