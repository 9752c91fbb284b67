"""Which parts of one design are those of another: by id, then by name, then by their words."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experimentos.design.document import COLLECTIONS, ExperimentDescription
from experimentos.design.names import is_same_name, several
from experimentos.design.parts import Factor, Response, UnitLevel

type Ids = Mapping[str, Mapping[str, str]]

FACTOR_FIELDS = ("factor_id", "factor_ids")
UNIT_FIELDS = (
    "unit_id", "within", "parent", "crossed_with", "measured_on", "analysed_on", "units_id",
)  # fmt: skip
MOSTLY = 0.5
UNNAMED = "unit"


@dataclass(frozen=True, slots=True)
class Known:
    """What a part is recognised by.

    Attributes
    ----------
    id : str
        "" for what has none.
    names : tuple[str, ...]
        Its name and other names of it.
    labels : frozenset[str]
        Of its levels, folded.
    span : tuple[int, int] | None
        Where its words stand; None when they are not of the same text as those of the other.
    """

    id: str
    names: tuple[str, ...]
    labels: frozenset[str] = frozenset()
    span: tuple[int, int] | None = None


def labels_of(labels: Iterable[str]) -> frozenset[str]:
    """Return labels of levels without what a spelling may change."""
    return frozenset(" ".join(label.casefold().split()) for label in labels if label.strip())


def pairs(one: Sequence[Known], other: Sequence[Known]) -> dict[int, int]:
    """Return which place of the first list is which of the second; none is used twice.

    What has the same id comes first, then the same name, then a name that holds the other
    ("variety", "wheat variety") unless no level is the same, then levels that are mostly the same
    under a name that shares a word, from the same words of the text or all of the other's, then the
    same words of the text without any levels.
    """
    found: dict[int, int] = {}
    for is_same in (_has_id, _has_name, _holds_name, _has_levels, _has_words):
        for k, first in enumerate(one):
            if k in found:
                continue
            free = (j for j in range(len(other)) if j not in found.values())
            match = next((j for j in free if is_same(first, other[j])), None)
            if match is not None:
                found[k] = match
    return found


def matched(
    one: ExperimentDescription, other: ExperimentDescription, *, is_one_text: bool = False
) -> dict[str, dict[str, str]]:
    """Return for each collection the ids of one design's parts in the other.

    Units are also known by the factor whose levels they are or that is applied to them, one that
    has no name yet is the lowest that is left; allotments are known by their factor, other parts
    by id.

    Parameters
    ----------
    is_one_text
        Both were read from the same description, so words at the same place are the same words.
    """
    found: dict[str, dict[str, str]] = {}
    for name in ("factors", "responses"):
        mine, theirs = (
            [known_part(part, with_span=is_one_text) for part in getattr(document, name)]
            for document in (one, other)
        )
        found[name] = {mine[k].id: theirs[j].id for k, j in pairs(mine, theirs).items()}
    found["units"] = _units(one, other, found["factors"])
    found["allotments"] = _allotments(one, other, found["factors"])
    for name in COLLECTIONS:
        if name not in found:
            ids = {part.id for part in getattr(other, name)}
            found[name] = {p.id: p.id for p in getattr(one, name) if p.id in ids}
    return found


def known_part(part: Factor | Response | UnitLevel, *, with_span: bool) -> Known:
    """Return what a factor, a response or a unit is recognised by."""
    names = (part.name, *part.aliases) if isinstance(part, Factor) else (part.name,)
    levels = (level.label for level in part.levels) if isinstance(part, Factor) else ()
    span = None if isinstance(part, UnitLevel) or not with_span else part.source_span
    return Known(part.id, names, labels_of(levels), span)


def with_ids(document: ExperimentDescription, ids: Ids) -> ExperimentDescription:
    """Return a design with other ids of its parts, wherever they are named.

    Parameters
    ----------
    ids
        For each collection, new ids by the old ones; what is not there keeps its own.
    """
    body = document.model_dump()
    factors, units = ids.get("factors", {}), ids.get("units", {})
    for name in COLLECTIONS:
        own = ids.get(name, {})
        body[name] = [
            _renamed(part, factors, units) | {"id": own.get(part["id"], part["id"])}
            for part in body[name]
        ]
    for name in ("layout", "matrix"):
        if body[name] is not None:
            body[name] = _renamed(body[name], factors, units)
    return ExperimentDescription.model_validate(body)


def _renamed(
    part: Mapping[str, object], factors: Mapping[str, str], units: Mapping[str, str]
) -> dict[str, object]:
    fields = dict(part)
    for names, new in ((FACTOR_FIELDS, factors), (UNIT_FIELDS, units)):
        for name in names:
            value = fields.get(name)
            if isinstance(value, str):
                fields[name] = new.get(value, value)
            elif isinstance(value, tuple):
                fields[name] = tuple(new.get(i, i) for i in value)
    return fields


def _units(
    one: ExperimentDescription, other: ExperimentDescription, factors: Mapping[str, str]
) -> dict[str, str]:
    mine, theirs = (
        [known_part(unit, with_span=False) for unit in document.units] for document in (one, other)
    )
    found = {mine[k].id: theirs[j].id for k, j in pairs(mine, theirs).items()}

    def also(match: Mapping[str, str]) -> None:
        for id_, theirs_id in match.items():
            if id_ not in found and theirs_id not in found.values():
                found[id_] = theirs_id

    linked = {u.factor_id: u.id for u in other.units if u.factor_id}
    theirs_of = {u.id: factors.get(u.factor_id or "") for u in one.units}
    also({id_: linked[factor] for id_, factor in theirs_of.items() if factor in linked})
    drawn = {a.factor_id: a.unit_id for a in reversed(other.allotments)}
    carried = {a.unit_id: factors.get(a.factor_id) for a in reversed(one.allotments)}
    also({id_: drawn[factor] for id_, factor in carried.items() if factor in drawn})
    left = [u.id for u in one.units if u.id not in found]
    theirs_left = [u.id for u in other.units if u.id not in found.values()]
    if UNNAMED in left and theirs_left:
        also({UNNAMED: theirs_left[-1]})
    elif UNNAMED in theirs_left and left:
        also({left[-1]: UNNAMED})
    return found


def _allotments(
    one: ExperimentDescription, other: ExperimentDescription, factors: Mapping[str, str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for allotment in one.allotments:
        theirs = (
            a.id
            for a in other.allotments
            if a.factor_id == factors.get(allotment.factor_id) and a.id not in found.values()
        )
        if (match := next(theirs, None)) is not None:
            found[allotment.id] = match
    return found


def _has_id(one: Known, other: Known) -> bool:
    return bool(one.id) and one.id == other.id


def _has_name(one: Known, other: Known) -> bool:
    return any(is_same_name(a, b) for a in one.names for b in other.names)


def _holds_name(one: Known, other: Known) -> bool:
    mine, theirs = _words(one.names[:1]), _words(other.names[:1])
    is_other = one.labels and other.labels and not one.labels & other.labels
    return bool(mine and theirs) and not is_other and (mine <= theirs or theirs <= mine)


def _has_levels(one: Known, other: Known) -> bool:
    smaller = min(len(one.labels), len(other.labels))
    if not smaller or len(one.labels & other.labels) <= MOSTLY * smaller:
        return False
    if one.labels <= other.labels or other.labels <= one.labels:
        return smaller > 1
    return bool(_words(one.names) & _words(other.names)) or _overlap(one, other)


def _has_words(one: Known, other: Known) -> bool:
    return not one.labels and not other.labels and _overlap(one, other)


def _overlap(one: Known, other: Known) -> bool:
    if one.span is None or other.span is None:
        return False
    return one.span[0] < other.span[1] and other.span[0] < one.span[1]


def _words(names: Sequence[str]) -> frozenset[str]:
    """Return the words of names, each in its plural, so that number does not matter."""
    found = (word for name in names for word in re.findall(r"[^\W_]+", name.casefold()))
    return frozenset(_plural(word) for word in found)


def _plural(word: str) -> str:
    return word if word.endswith("s") and not word.endswith("ss") else several(word)
