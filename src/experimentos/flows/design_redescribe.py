"""What a changed description would change in a design that was edited meanwhile, as proposals.

The description as it was taken over and the description as it is now are both read; what differs
between the two readings, and nothing else, is offered for the design. So an edit made by hand is
never taken back by reading again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experimentos.design.diff import changes
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import AddFactor, AddUnit, Edit
from experimentos.design.parse.describe import parse_design
from experimentos.design.patch import Patch, Remove, SetDocument, Update, apply, between
from experimentos.errors import DesignError
from experimentos.flows.design_reading import taken_over

# What a reading says of itself, not of the experiment.
OF_THE_READING = frozenset({"assumptions", "open_questions", "acknowledged"})
PLACES = frozenset({"source_span"})
HEADINGS = frozenset({"title", "aim", "hypothesis"})


@dataclass(frozen=True, slots=True)
class Redescribed:
    """One change that the new words ask for.

    Attributes
    ----------
    patch : Patch
        Titled by what it does.
    sentences : tuple[str, ...]
        What it changes, in words.
    is_removal : bool
        It only takes parts away: never part of "all additions and changes".
    """

    patch: Patch
    sentences: tuple[str, ...]
    is_removal: bool


def read(text: str, answers: Mapping[str, str]) -> ExperimentDescription:
    """Return what the rules read from a description, with what its author answered."""
    return taken_over(parse_design(text), answers, title="", text=text)


@dataclass(frozen=True, slots=True)
class Redescription:
    """What other words would change in a design.

    Attributes
    ----------
    proposals : tuple[Redescribed, ...]
        Additions and changes first.
    unmatched : tuple[str, ...]
        Changes in words that do not fit the design as it is now, for a person to make by hand.
    """

    proposals: tuple[Redescribed, ...]
    unmatched: tuple[str, ...]


def redescribed(
    current: ExperimentDescription,
    before: ExperimentDescription,
    now: ExperimentDescription,
) -> Redescription:
    """Return what the new reading changes in the design, one proposal for each part it is about.

    Parameters
    ----------
    current
        The design as it is, with what was edited by hand.
    before
        The reading of the description that the design was last brought in line with.
    now
        The reading of the description as it is.
    """
    wanted = [
        edit
        for edit in map(_without_places, between(before, now).edits)
        if edit is not None and _is_of_the_design(edit)
    ]
    proposals: list[Redescribed] = []
    unmatched: list[str] = []
    for edits in _grouped(wanted):
        open_ = [edit for edit in edits if not _is_settled(current, edit)]
        if open_ and not _applies(current, open_):
            unmatched += _said(before, edits) or ("A change to parts that are not there.",)
        elif open_ and (proposal := _proposal(current, open_)):
            proposals.append(proposal)
    ordered = sorted(proposals, key=lambda proposal: proposal.is_removal)
    return Redescription(tuple(ordered), tuple(unmatched))


def all_of(proposals: Sequence[Redescribed]) -> Patch:
    """Return every addition and change as one patch; removals stay proposals."""
    edits = [edit for p in proposals if not p.is_removal for edit in p.patch.edits]
    return Patch.model_validate({"title": "Follow the description", "edits": tuple(edits)})


def _without_places(edit: Edit) -> Edit | None:
    """Return an edit without where its words stand in the text, None when nothing else is left."""
    if not isinstance(edit, Update):
        return edit
    fields = {name: value for name, value in edit.fields.items() if name not in PLACES}
    return edit.model_copy(update={"fields": fields}) if fields else None


def _is_of_the_design(edit: Edit) -> bool:
    if isinstance(edit, SetDocument):
        return not HEADINGS.issuperset(edit.fields)
    return _place(edit)[0] not in OF_THE_READING | {"order"}


def _grouped(edits: Sequence[Edit]) -> list[list[Edit]]:
    """Return the edits by the part that they are about: new parts that need each other together."""
    added = {_place(edit)[1] for edit in edits if isinstance(edit, AddFactor | AddUnit)}
    joined: dict[str, str] = {}

    def root(name: str) -> str:
        while name in joined:
            name = joined[name]
        return name

    about: list[tuple[str, Edit]] = []
    for edit in edits:
        own = _place(edit)[1]
        needed = [name for name in _named(edit) if name in added]
        first = root(needed[0] if needed else own)
        for other in map(root, needed[1:]):
            if other != first:
                joined[other] = first
        about.append((first, edit))
    groups: dict[str, list[Edit]] = {}
    for name, edit in about:
        groups.setdefault(root(name), []).append(edit)
    return list(groups.values())


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


def _named(edit: Edit) -> list[str]:
    """Return the ids of other parts that an edit speaks of, in the order they stand."""
    found: list[str] = []

    def look(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            for item in value.values():
                look(item)
        elif isinstance(value, list | tuple):
            for item in value:
                look(item)

    look(edit.model_dump(exclude={"op"}))
    return found


def _proposal(current: ExperimentDescription, edits: Sequence[Edit]) -> Redescribed | None:
    """Return the proposal that these edits make; None when only an order would change."""
    said = _said(current, edits)
    if not said:
        return None
    patch = Patch.model_validate({"title": said[0], "edits": tuple(edits)})
    return Redescribed(patch, said, all(isinstance(edit, Remove) for edit in edits))


def _said(document: ExperimentDescription, edits: Sequence[Edit]) -> tuple[str, ...]:
    """Return in words what edits change in a document, nothing when they do not apply to it."""
    if not _applies(document, edits):
        return ()
    changed = apply(document, Patch.model_validate({"edits": tuple(edits)}))
    return tuple(c.sentence for c in changes(document, changed) if c.kind != "moved")


def _is_settled(current: ExperimentDescription, edit: Edit) -> bool:
    """Return whether the design says already what an edit asks for."""
    collection, id_ = _place(edit)
    if isinstance(edit, Update | SetDocument):
        patch = Patch.model_validate({"edits": (edit,)})
        return _applies(current, [edit]) and apply(current, patch) == current
    is_there = any(part.id == id_ for part in getattr(current, collection))
    return is_there is not isinstance(edit, Remove)


def _applies(current: ExperimentDescription, edits: Sequence[Edit]) -> bool:
    try:
        apply(current, Patch.model_validate({"edits": tuple(edits)}))
    except DesignError:
        return False
    return True
