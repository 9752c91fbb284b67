"""What a changed description would change in a design that was edited meanwhile, as proposals.

The description as it was taken over and the description as it is now are both read by the same
reader; what differs between the two readings, and nothing else, is offered for the design. So an
edit made by hand is never taken back by reading again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experimentos.design.diff import changes
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import AddFactor, AddUnit, Edit, plain
from experimentos.design.matching import FACTOR_FIELDS, UNIT_FIELDS
from experimentos.design.parse.questions import SURE
from experimentos.design.parts import Part
from experimentos.design.patch import Patch, Remove, Reorder, SetDocument, Update, apply, between
from experimentos.errors import DesignError
from experimentos.flows.design_described import Described, Words, aligned, words_of
from experimentos.flows.design_turn import Decision
from experimentos.ids import canonical_json, content_hash

# What a reading says of itself, not of the experiment.
OF_THE_READING = frozenset({"assumptions", "open_questions", "acknowledged"})
PLACES = frozenset({"source_span"})
HEADINGS = frozenset({"title", "aim", "hypothesis"})
NOTHING = (None, "", ())
NESTING = "units of units"
FILLED = ("levels", "unit", "count")
WORDS = {"factors": "factor", "units": "unit", "responses": "response"}


@dataclass(frozen=True, slots=True)
class Redescribed:
    """One change that the new words ask for.

    Attributes
    ----------
    id : str
        The same for the same change, whatever was decided or edited meanwhile.
    patch : Patch
        Titled by what it does; an aim that is the description goes along.
    sentences : tuple[str, ...]
        What it changes, in words.
    words : tuple[Words, ...]
        Those that it comes from.
    is_removal : bool
        It takes away a part, or what is known of one: never part of "all additions and changes".
    is_by_hand : bool
        It would replace what was edited by hand: never part of "all" either.
    """

    id: str
    patch: Patch
    sentences: tuple[str, ...]
    words: tuple[Words, ...]
    is_removal: bool
    is_by_hand: bool

    @property
    def is_safe(self) -> bool:
        """Return whether it was read surely and only adds, or changes what no hand edited."""
        is_sure = all(w.confidence is None or w.confidence >= SURE for w in self.words)
        return is_sure and not self.is_removal and not self.is_by_hand


@dataclass(frozen=True, slots=True)
class Redescription:
    """What other words would change in a design.

    Attributes
    ----------
    proposals : tuple[Redescribed, ...]
        Additions and changes first.
    unmatched : tuple[str, ...]
        Changes in words that do not fit the design as it is now, for a person to make by hand.
    is_aim_along : bool
        The aim of the design is its description, and goes along with the first change accepted.
    """

    proposals: tuple[Redescribed, ...]
    unmatched: tuple[str, ...]
    is_aim_along: bool


def redescribed(
    current: ExperimentDescription,
    before: Described,
    now: Described,
    decided: Mapping[str, Decision] | None = None,
) -> Redescription:
    """Return what the new reading changes in the design, one proposal for each part it is about.

    Parameters
    ----------
    current
        The design as it is, with what was edited by hand.
    before
        The reading of the description that the design was last brought in line with.
    now
        The reading of the description as it is, by the same reader.
    decided
        What was accepted or rejected already, by id; rejected changes are left out, and accepted
        ones that were edited by hand since.
    """
    before, now = aligned(current, before, now)
    wanted = [
        edit
        for edit in map(_of_the_design, between(before.document, now.document).edits)
        if edit is not None
    ]
    aim = tuple(_aim(current, before, now))
    proposals: list[Redescribed] = []
    unmatched: list[str] = []
    for edits in _grouped(wanted, before.document):
        id_ = content_hash(
            canonical_json([_said_by(edit.model_dump(mode="json")) for edit in edits])
        )
        decision = (decided or {}).get(id_, "")
        merged = [m for edit in edits if (m := _merged(current, before.document, edit))]
        is_by_hand = any(m.is_by_hand for m in merged)
        if not merged or decision == "rejected" or (decision == "accepted" and is_by_hand):
            continue
        open_ = _in_order(current, now.document, _placed(current, [m.edit for m in merged]))
        if not _applies(current, open_):
            unmatched += _said(before.document, edits) or ("A change to parts that are not there.",)
        elif said := _said(current, open_):
            title = _title(current, now.document, open_, said)
            patch = Patch.model_validate({"title": title, "edits": (*open_, *aim)})
            is_removal = any(m.is_removal for m in merged)
            words = tuple(words_of(before, now, [_place(edit) for edit in edits]))
            proposals.append(Redescribed(id_, patch, said, words, is_removal, is_by_hand))
    ordered = sorted(proposals, key=lambda proposal: proposal.is_removal)
    return Redescription(tuple(ordered), tuple(unmatched), bool(aim and ordered))


def all_of(current: ExperimentDescription, proposals: Sequence[Redescribed]) -> Patch:
    """Return as one patch all that is safe; removals and doubts stay proposals."""
    edits = _placed(current, [edit for p in proposals if p.is_safe for edit in p.patch.edits])
    return Patch.model_validate({"title": "Follow the description", "edits": tuple(edits)})


def _placed(current: ExperimentDescription, edits: Sequence[Edit]) -> list[Edit]:
    """Return edits whose new units follow those that they lie in or cross, wherever these are."""
    order = [unit.id for unit in current.units]
    found: list[Edit] = []
    for edit in edits:
        if isinstance(edit, AddUnit):
            above = {edit.unit.parent, *edit.unit.crossed_with}
            at = max((k + 1 for k, id_ in enumerate(order) if id_ in above), default=0)
            order.insert(at, edit.unit.id)
            edit = edit.model_copy(update={"at": at})
        found.append(edit)
    return found


def _said_by(value: Any) -> Any:
    """Return what an edit says, whatever stands before its words or before its part."""
    if isinstance(value, dict):
        return {k: _said_by(v) for k, v in value.items() if k not in PLACES | {"at"}}
    return [_said_by(item) for item in value] if isinstance(value, list) else value


def _aim(current: ExperimentDescription, before: Described, now: Described) -> Iterator[Edit]:
    """Yield the new aim where it is the description, as it was read, and not a hand's."""
    if current.aim == before.document.aim != now.document.aim:
        yield SetDocument(fields={"aim": now.document.aim})


def _in_order(
    current: ExperimentDescription, now: ExperimentDescription, edits: list[Edit]
) -> list[Edit]:
    """Return edits with the new order of the units where they apply in that order only."""
    order = Reorder(part="units", ids=tuple(unit.id for unit in now.units))
    is_needed = not _applies(current, edits) and _applies(current, [*edits, order])
    return [*edits, order] if is_needed else edits


def _of_the_design(edit: Edit) -> Edit | None:
    """Return an edit without places in the text and headings, None when nothing else is left."""
    if _place(edit)[0] in OF_THE_READING | {"order"}:
        return None
    if not isinstance(edit, Update | SetDocument):
        return edit
    left_out = PLACES if isinstance(edit, Update) else HEADINGS
    fields = {name: value for name, value in edit.fields.items() if name not in left_out}
    return edit.model_copy(update={"fields": fields}) if fields else None


@dataclass(frozen=True, slots=True)
class _Merged:
    """What is left of an edit in the design as it is; what it replaces or takes away there."""

    edit: Edit
    is_by_hand: bool = False
    is_removal: bool = False


def _merged(
    current: ExperimentDescription, before: ExperimentDescription, edit: Edit
) -> _Merged | None:
    """Return what an edit still changes in the design, None when the design says so already."""
    collection, id_ = _place(edit)
    if isinstance(edit, SetDocument):
        return _merged_fields(current, before, edit)
    mine, theirs = _part(current, collection, id_), _part(before, collection, id_)
    if isinstance(edit, Update):
        # What was taken away by hand is told by the edit that finds nothing.
        return _Merged(edit) if mine is None else _merged_fields(mine, theirs, edit)
    if isinstance(edit, Remove):
        return _Merged(edit, is_removal=True) if mine is not None else None
    return _Merged(edit) if mine is None else _filled(mine, edit)


def _filled(mine: Any, edit: Edit) -> _Merged | None:
    """Return what a new part says of one that was added by hand and left open."""
    collection, id_ = _place(edit)
    said = next(v for f in type(edit).model_fields if getattr(v := getattr(edit, f), "id", None))
    fields = {
        name: plain(getattr(said, name))
        for name in FILLED
        if name in type(mine).model_fields
        and getattr(mine, name) in NOTHING
        and getattr(said, name) not in NOTHING
    }
    if not fields:
        return None
    return _Merged(Update.model_validate({"part": collection, "id": id_, "fields": fields}))


def _merged_fields[E: (Update, SetDocument)](mine: Any, theirs: Any, edit: E) -> _Merged | None:
    """Return the fields that differ still; levels are merged one by one."""
    fields: dict[str, Any] = {}
    is_by_hand = is_removal = False
    for name, value in edit.fields.items():
        has, had = plain(getattr(mine, name)), plain(getattr(theirs, name))
        if isinstance(mine, ExperimentDescription) and had is None and has is not None:
            # A layout or matrix that was made by hand is not drawn anew.
            continue
        if name == "levels":
            value = _levels(has, had, value)
        elif has not in (had, value):
            is_by_hand = True
        if has != value:
            fields[name] = value
            is_removal = is_removal or value in (None, "", [])
    if not fields:
        return None
    return _Merged(edit.model_copy(update={"fields": fields}), is_by_hand, is_removal)


def _levels(has: list[Any], had: list[Any], wanted: list[Any]) -> list[Any]:
    """Return the levels of the design with what the words changed: those of a hand stay."""
    before = {level["label"]: level for level in had}
    now = {level["label"]: level for level in wanted}
    mine = {level["label"]: level for level in has}
    kept = []
    for label, level in mine.items():
        if label in before and label not in now:
            continue
        follows = label in now and level == before.get(label)
        kept.append(now[label] if follows else level)
    added = [level for label, level in now.items() if label not in before and label not in mine]
    if [*mine] == [*before]:
        order = {label: k for k, label in enumerate(now)}
        return sorted([*kept, *added], key=lambda level: order.get(level["label"], len(order)))
    return [*kept, *added]


def _part(document: ExperimentDescription, collection: str, id_: str) -> Any:
    return next((part for part in getattr(document, collection) if part.id == id_), None)


def _grouped(edits: Sequence[Edit], before: ExperimentDescription) -> list[list[Edit]]:
    """Return the edits by the part that they are about: what needs one another together."""
    hubs = {NESTING} | {_key(edit) for edit in edits if isinstance(edit, AddFactor | AddUnit)}
    hubs |= {_key(e) for e in edits if isinstance(e, Remove) and e.part in {"factors", "units"}}
    joined: dict[str, str] = {}

    def root(name: str) -> str:
        while name in joined:
            name = joined[name]
        return name

    about: list[tuple[str, Edit]] = []
    for edit in edits:
        needed = [name for name in _named(edit, before) if name in hubs]
        first = root(needed[0] if needed else _key(edit))
        for other in map(root, needed[1:]):
            if other != first:
                joined[other] = first
        about.append((first, edit))
    groups: dict[str, list[Edit]] = {}
    for name, edit in about:
        groups.setdefault(root(name), []).append(edit)
    return list(groups.values())


def _key(edit: Edit) -> str:
    return ".".join(_place(edit))


def _place(edit: Edit) -> tuple[str, str]:
    """Return the collection and the id that an edit is about."""
    if isinstance(edit, Remove | Update):
        return edit.part, edit.id
    fields = edit.model_dump()
    for name in ("factor", "unit", "response", "allotment", "interaction", "contrast"):
        if isinstance(fields.get(name), dict):
            return f"{name}s", str(fields[name]["id"])
    if "constraint" in fields:
        return "constraints", str(fields["constraint"]["id"])
    if "note" in fields:
        return "assumptions", ""
    return ("document", "document") if isinstance(edit, SetDocument) else ("order", "")


def _named(edit: Edit, before: ExperimentDescription) -> list[str]:
    """Return the part that an edit is about, and the factors and units that it speaks of."""
    collection, id_ = _place(edit)
    said: Part | None = edit
    if isinstance(edit, Remove):
        said = _part(before, collection, id_)
    found = [_key(edit), *_references(said.model_dump() if said else None)]
    if isinstance(edit, Update) and {"parent", "crossed_with"} & set(edit.fields):
        # Units change their places among one another together.
        found.append(NESTING)
    return found


def _references(value: object) -> Iterator[str]:
    """Yield the factors and units that the fields of a part name, as "units.plot"."""
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        named = "factors" if name in FACTOR_FIELDS else "units" if name in UNIT_FIELDS else ""
        if named:
            ids = [item] if isinstance(item, str) else item or ()
            yield from (f"{named}.{id_}" for id_ in ids)
        else:
            yield from _references(item)


def _title(
    current: ExperimentDescription,
    now: ExperimentDescription,
    edits: Sequence[Edit],
    said: Sequence[str],
) -> str:
    """Return what a proposal does to the first factor, response or unit that it is about."""
    for collection, word in WORDS.items():
        for edit in edits:
            if _place(edit)[0] != collection:
                continue
            verb = {Remove: "Remove", Update: "Change"}.get(type(edit), "Add")
            part = _part(current if verb != "Add" else now, collection, _place(edit)[1])
            return f"{verb} the {word} {part.name}"[:200]
    return said[0].rstrip(".")[:200]


def _said(document: ExperimentDescription, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return in words what edits change in a document, nothing when they do not apply to it."""
    if not _applies(document, edits):
        return ()
    changed = apply(document, Patch.model_validate({"edits": tuple(edits)}))
    return tuple(c.sentence for c in changes(document, changed) if c.kind != "moved")


def _applies(current: ExperimentDescription, edits: Sequence[Edit]) -> bool:
    try:
        apply(current, Patch.model_validate({"edits": tuple(edits)}))
    except DesignError:
        return False
    return True
