"""What changed between two designs, by id and in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from experimentos.design.document import COLLECTIONS, ExperimentDescription
from experimentos.design.parts import Factor, Identified, Part
from experimentos.design.patch import SINGLE

LONGEST_VALUE = 80
WORDS = {
    "factors": "factor",
    "units": "unit",
    "allotments": "allotment",
    "responses": "response",
    "interactions": "interaction",
    "contrasts": "contrast",
    "constraints": "constraint",
    "assumptions": "assumption",
    "open_questions": "question",
    "acknowledged": "accepted warning",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes
    ----------
    kind : str
        "added", "removed", "renamed", "changed" or "moved".
    part : str
        Collection, or "document".
    id : str
    field : str
        Of the part; empty when the whole part is meant.
    sentence : str
    """

    kind: Literal["added", "removed", "renamed", "changed", "moved"]
    part: str
    id: str
    field: str
    sentence: str


def changes(old: ExperimentDescription, new: ExperimentDescription) -> tuple[Change, ...]:
    """Return what changed from one design to another; parts are matched by id.

    A part with another name is renamed, not removed and added; places count only among the parts
    that both designs have.
    """
    found: list[Change] = []
    names = _names(old) | _names(new)
    for field in SINGLE:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            found += _field_changes("document", field, before, after)
    for collection in COLLECTIONS:
        found += _collection_changes(collection, old, new, names)
    return tuple(found)


def _names(document: ExperimentDescription) -> dict[str, str]:
    return {
        part.id: str(getattr(part, "name", "")) or part.id
        for collection in COLLECTIONS
        for part in getattr(document, collection)
    }


def _collection_changes(
    collection: str,
    old: ExperimentDescription,
    new: ExperimentDescription,
    names: Mapping[str, str],
) -> Iterator[Change]:
    before = {p.id: p for p in getattr(old, collection)}
    after = {p.id: p for p in getattr(new, collection)}
    word = WORDS[collection]
    for id_, part in before.items():
        if id_ not in after:
            text = f"Removed the {word} {_called(part, names)}."
            yield Change("removed", collection, id_, "", text)
    for id_, part in after.items():
        if id_ not in before:
            text = f"Added the {word} {_called(part, names)}{_detail(part)}."
            yield Change("added", collection, id_, "", text)
        elif before[id_] != part:
            yield from _part_changes(collection, before[id_], part, names)
    kept_before = [i for i in before if i in after]
    kept_after = [i for i in after if i in before]
    if kept_before != kept_after:
        order = ", ".join(names.get(i, i) for i in kept_after)
        plural = f"{word}s"
        yield Change(
            "moved", collection, collection, "", f"The {plural} are now in order: {order}."
        )


def _called(part: Identified, names: Mapping[str, str]) -> str:
    """Return how a reader knows a part: by its name, or by the factors it joins."""
    if name := getattr(part, "name", ""):
        return str(name)
    joined = getattr(part, "factor_ids", None) or (getattr(part, "factor_id", None),)
    known = [names.get(i, i) for i in joined if i]
    return "of " + " x ".join(known) if known else part.id


def _detail(part: Identified) -> str:
    if not isinstance(part, Factor):
        return ""
    levels = ", ".join(level.label for level in part.levels)
    return f" ({part.kind}{': ' + levels if levels else ''})"


def _part_changes(
    collection: str, old: Identified, new: Identified, names: Mapping[str, str]
) -> Iterator[Change]:
    called = _called(new, names)
    if not getattr(new, "name", ""):
        called = f"{WORDS[collection]} {called}"
    for field in type(new).model_fields:
        before, after = getattr(old, field), getattr(new, field)
        if before == after:
            continue
        if field == "name":
            text = f"The {WORDS[collection]} {before} is now called {after}."
            yield Change("renamed", collection, new.id, field, text)
        elif field == "levels":
            yield Change("changed", collection, new.id, field, _levels(called, before, after))
        else:
            text = _ended(f"{_start(called)}: {_spoken(field)} {_from_to(before, after)}")
            yield Change("changed", collection, new.id, field, text)


def _levels(called: str, before: Any, after: Any) -> str:
    old, new = [x.label for x in before], [x.label for x in after]
    added = [x for x in new if x not in old]
    removed = [x for x in old if x not in new]
    said = [
        *([f"{_labelled(added)} added"] if added else []),
        *([f"{_labelled(removed)} removed"] if removed else []),
    ]
    if not said and old != new:
        said = [f"levels now in order {', '.join(new)}"]
    was, is_now = _references(before), _references(after)
    if was != is_now:
        said.append(f"{', '.join(is_now)} is the reference" if is_now else "no reference any more")
    return f"{_start(called)}: {'; '.join(said) or 'details of levels changed'}."


def _labelled(labels: list[str]) -> str:
    *others, last = labels
    return f"levels {', '.join(others)} and {last}" if others else f"level {last}"


def _references(levels: Any) -> list[str]:
    return [level.label for level in levels if level.is_control]


def _field_changes(part: str, field: str, before: object, after: object) -> Iterator[Change]:
    if isinstance(before, Part) and isinstance(after, Part) and type(before) is type(after):
        for inner in type(after).model_fields:
            old, new = getattr(before, inner), getattr(after, inner)
            if old != new:
                name = f"{field}.{inner}"
                text = _ended(f"{_start(field)}: {_spoken(inner)} {_from_to(old, new)}")
                yield Change("changed", part, "document", name, text)
        return
    kind: Literal["added", "removed", "changed"] = (
        "added" if before in (None, "") else "removed" if after in (None, "") else "changed"
    )
    if isinstance(before, Part) or isinstance(after, Part):
        yield Change(kind, part, "document", field, f"The {field} was {kind}.")
    else:
        text = _ended(f"{_start(field)} {_from_to(before, after)}")
        yield Change(kind, part, "document", field, text)


def _start(words: str) -> str:
    return words[:1].upper() + words[1:]


def _ended(sentence: str) -> str:
    """Return a sentence with one full stop: a value that is a sentence has its own."""
    return sentence if sentence.endswith((".", "?", "!", "…")) else f"{sentence}."


def _spoken(field: str) -> str:
    return field.replace("_id", "").replace("_", " ")


def _from_to(before: object, after: object) -> str:
    if before in (None, "", ()):
        return f"set to {_value(after)}"
    if after in (None, "", ()):
        return f"removed (it was {_value(before)})"
    if any(isinstance(text, str) and len(text) > LONGEST_VALUE for text in (before, after)):
        return "rewritten"
    return f"changed from {_value(before)} to {_value(after)}"


def _value(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case tuple():
            return " to ".join(map(_value, value)) if len(value) == 2 else ", ".join(
                map(_value, value))  # fmt: skip
        case Part():
            return ", ".join(f"{k} {v}" for k, v in value.model_dump().items() if v is not None)
        case _:
            is_word = re.fullmatch(r"[a-z]+(?:_[a-z]+)+", str(value))
            text = str(value).replace("_", " ") if is_word else str(value)
            return text if len(text) <= LONGEST_VALUE else text[:79].rstrip() + "…"
