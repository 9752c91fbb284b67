"""One typed edit: card edits, rule fixes, assistant proposals, undo and restore are all patches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from experimentos.design.document import COLLECTIONS, PARTS, ExperimentDescription, explain
from experimentos.design.edits import (
    AddAllotment as AddAllotment,
)
from experimentos.design.edits import (
    AddConstraint as AddConstraint,
)
from experimentos.design.edits import (
    AddContrast as AddContrast,
)
from experimentos.design.edits import (
    AddFactor as AddFactor,
)
from experimentos.design.edits import (
    AddInteraction as AddInteraction,
)
from experimentos.design.edits import (
    AddNote as AddNote,
)
from experimentos.design.edits import (
    AddResponse as AddResponse,
)
from experimentos.design.edits import (
    AddUnit as AddUnit,
)
from experimentos.design.edits import (
    Collection,
    Edit,
    plain,
)
from experimentos.design.edits import (
    Patch as Patch,
)
from experimentos.design.edits import (
    Remove as Remove,
)
from experimentos.design.edits import (
    Rename as Rename,
)
from experimentos.design.edits import (
    Reorder as Reorder,
)
from experimentos.design.edits import (
    SetDocument as SetDocument,
)
from experimentos.design.edits import (
    SetLevels as SetLevels,
)
from experimentos.design.edits import (
    Update as Update,
)
from experimentos.design.parts import Identified, Part, UnitLevel
from experimentos.errors import DesignError

SINGLE = ("title", "aim", "hypothesis", "purpose", "layout", "matrix", "conduct")
DEPENDANTS_FIRST = (
    "acknowledged", "open_questions", "assumptions", "constraints", "contrasts", "interactions",
    "allotments", "responses", "units", "factors",
)  # fmt: skip


def apply(document: ExperimentDescription, patch: Patch) -> ExperimentDescription:
    """Return the document after a patch; the document given is unchanged.

    Raises
    ------
    DesignError
        If a part is missing or exists already, or the result is not a valid document.
    """
    state = {name: list(getattr(document, name)) for name in COLLECTIONS}
    single = {name: getattr(document, name) for name in SINGLE}
    for edit in patch.edits:
        if isinstance(edit, SetDocument):
            single |= _known(edit.fields, SINGLE, "document")
        else:
            _edit(state, edit)
    return _document(single | {name: tuple(parts) for name, parts in state.items()})


def inverse(document: ExperimentDescription, patch: Patch) -> Patch:
    """Return the patch that undoes another, given the document before it."""
    undo = between(apply(document, patch), document)
    return undo.model_copy(update={"title": f"Undo: {patch.title}" if patch.title else "Undo"})


def between(old: ExperimentDescription, new: ExperimentDescription) -> Patch:
    """Return the edits that turn one document into another, part by part, by id."""
    edits = [*_additions(old, new), *_updates(old, new), *_removals(old, new)]
    changed = {n: plain(getattr(new, n)) for n in SINGLE if getattr(old, n) != getattr(new, n)}
    if changed:
        edits.append(SetDocument(fields=changed))
    return Patch.model_validate({"edits": (*edits, *_orders(old, new))})


def _additions(old: ExperimentDescription, new: ExperimentDescription) -> Iterator[Edit]:
    for name in reversed(DEPENDANTS_FIRST):
        before = {p.id for p in getattr(old, name)}
        for place, part in enumerate(getattr(new, name)):
            if part.id not in before:
                yield _addition(name, part, place)


def _updates(old: ExperimentDescription, new: ExperimentDescription) -> Iterator[Edit]:
    for name in COLLECTIONS:
        before = {p.id: p for p in getattr(old, name)}
        for part in getattr(new, name):
            if part.id in before and before[part.id] != part:
                yield _change(name, before[part.id], part)


def _removals(old: ExperimentDescription, new: ExperimentDescription) -> Iterator[Edit]:
    for name in DEPENDANTS_FIRST:
        after = {p.id for p in getattr(new, name)}
        for part in getattr(old, name):
            if part.id not in after:
                yield Remove(part=_collection(name), id=part.id)


def _orders(old: ExperimentDescription, new: ExperimentDescription) -> list[Edit]:
    found: list[Edit] = []
    for name in COLLECTIONS:
        before = [p.id for p in getattr(old, name)]
        after = [p.id for p in getattr(new, name)]
        kept = [i for i in before if i in set(after)]
        if kept + [i for i in after if i not in set(before)] != after:
            found.append(Reorder(part=_collection(name), ids=tuple(after)))
    return found


def _change(name: str, old: Identified, new: Identified) -> Edit:
    fields = {
        field: plain(getattr(new, field))
        for field in type(new).model_fields
        if getattr(old, field) != getattr(new, field)
    }
    return Update(part=_collection(name), id=new.id, fields=fields)


def _collection(name: str) -> Collection:
    return name  # type: ignore[return-value] # COLLECTIONS are the names that the literal lists


ADDITIONS: Mapping[str, tuple[type[Edit], str]] = {
    "factors": (AddFactor, "factor"),
    "units": (AddUnit, "unit"),
    "responses": (AddResponse, "response"),
    "allotments": (AddAllotment, "allotment"),
    "interactions": (AddInteraction, "interaction"),
    "contrasts": (AddContrast, "contrast"),
    "constraints": (AddConstraint, "constraint"),
    "assumptions": (AddNote, "note"),
    "open_questions": (AddNote, "note"),
    "acknowledged": (AddNote, "note"),
}


def _addition(name: str, part: Identified, place: int) -> Edit:
    kind, field = ADDITIONS[name]
    return kind.model_validate({field: part, "at": place})


def _edit(state: dict[str, list[Any]], edit: Edit) -> None:
    match edit:
        case Remove():
            _remove(state, edit.part, edit.id)
        case Update():
            _update(state, edit.part, edit.id, edit.fields)
        case Rename():
            _update(state, edit.part, edit.id, {"name": edit.name})
        case SetLevels():
            _update(state, "factors", edit.factor_id, {"levels": edit.levels})
        case Reorder():
            place = {id_: k for k, id_ in enumerate(edit.ids)}
            state[edit.part].sort(key=lambda p: place.get(p.id, len(place)))
        case _:
            _add(state, edit)


def _add(state: dict[str, list[Any]], edit: Edit) -> None:
    part = next(v for v in (getattr(edit, f) for f in type(edit).model_fields)
                if isinstance(v, Identified))  # fmt: skip
    name = next(n for n, kind in PARTS.items() if type(part) is kind)
    if any(p.id == part.id for p in state[name]):
        raise DesignError(
            f"{name} already hold the id {part.id!r}.", hint="Use another id, or update that part."
        )
    at = getattr(edit, "at", None)
    state[name].insert(len(state[name]) if at is None else at, part)


def _find(state: dict[str, list[Any]], name: str, id_: str) -> int:
    for place, part in enumerate(state[name]):
        if part.id == id_:
            return place
    raise DesignError(
        f"{name} hold no {id_!r}.",
        hint="It was removed or renamed since; look at the design again.",
    )


def _update(state: dict[str, list[Any]], name: str, id_: str, fields: Mapping[str, Any]) -> None:
    place = _find(state, name, id_)
    part = state[name][place]
    changed = _known(fields, [f for f in PARTS[name].model_fields if f != "id"], name)
    state[name][place] = _validated(PARTS[name], part.model_dump() | _dumped(changed))


def _remove(state: dict[str, list[Any]], name: str, id_: str) -> None:
    del state[name][_find(state, name, id_)]
    for other, is_gone in _needs(name, id_):
        state[other] = [p for p in state[other] if not is_gone(p)]
    if name == "factors":
        state["units"] = [_without(u, factor_id=id_) for u in state["units"]]
    if name == "units":
        state["responses"] = [
            _without(r, measured_on=id_, analysed_on=id_) for r in state["responses"]
        ]
        state["units"] = [_unhooked(u, id_) for u in state["units"]]


def _without(part: Identified, **fields: str) -> Identified:
    gone = {f: None for f, id_ in fields.items() if getattr(part, f) == id_}
    return part.model_copy(update=gone) if gone else part


def _unhooked(unit: UnitLevel, gone: str) -> UnitLevel:
    kept = tuple(i for i in unit.crossed_with if i != gone)
    parent = None if unit.parent == gone else unit.parent
    return unit.model_copy(update={"crossed_with": kept, "parent": parent})


def _needs(name: str, gone: str) -> Sequence[tuple[str, Callable[[Any], bool]]]:
    """Return which parts of which collections cannot exist without a factor or a unit."""
    match name:
        case "factors":
            return (
                ("allotments", lambda p: p.factor_id == gone),
                ("interactions", lambda p: gone in p.factor_ids),
                ("contrasts", lambda p: p.factor_id == gone),
                ("constraints", lambda p: gone in p.factor_ids),
            )
        case "units":
            return (
                ("allotments", lambda p: gone in {p.unit_id, *p.within}),
                ("constraints", lambda p: p.unit_id == gone),
            )
        case _:
            return ()


def _known(fields: Mapping[str, Any], allowed: Sequence[str], where: str) -> dict[str, Any]:
    unknown = sorted(set(fields) - set(allowed))
    if unknown:
        raise DesignError(
            f"{where} have no field {unknown[0]!r}.", hint=f"Fields: {', '.join(allowed)}."
        )
    return dict(fields)


def _dumped(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in fields.items()}


def _validated[P: Part](kind: type[P], fields: Mapping[str, Any]) -> P:
    try:
        return kind.model_validate(fields)
    except ValidationError as exc:
        raise DesignError(
            f"The change is not valid: {explain(exc)}.", hint="Correct the value that is named."
        ) from exc


def _document(fields: Mapping[str, Any]) -> ExperimentDescription:
    return _validated(ExperimentDescription, fields)
