"""A description as somebody read it, and the words that each part of the reading came from."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from experimentos.design.document import ExperimentDescription
from experimentos.design.matching import matched, with_ids
from experimentos.design.names import several, slug
from experimentos.design.parse.draft import Draft, DraftFactor, DraftResponse, Evidence
from experimentos.flows.design_reading import answered, taken_over

type Span = tuple[int, int]

SENTENCES = 2
MOST_COMPARED = 1_000_000
_WORD = re.compile(r"\w+(?:[-'\u2019]\w+|[.,]\d+)*|[^\w\s]")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]?")


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a description that something was read from.

    Attributes
    ----------
    text : str
        As typed.
    changed : tuple[Span, ...]
        Places in `text` of the words that are new, or gone.
    confidence : float | None
        In [0, 1], of what was read; None when nothing was read from these words as such.
    is_derived : bool
        Nothing was read from them as such; what they changed was worked out.
    is_gone : bool
        They stood in the description before; what is marked stands there no more.
    """

    text: str
    changed: tuple[Span, ...]
    confidence: float | None = None
    is_derived: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Described:
    """A description as somebody read it, with what its author answered.

    Attributes
    ----------
    text : str
    document : ExperimentDescription
    sources : dict[str, Draft part]
        What each factor and response was read from, by collection and id ("factors.diet").
    """

    text: str
    document: ExperimentDescription
    sources: Mapping[str, DraftFactor | DraftResponse]


def described(text: str, draft: Draft, answers: Mapping[str, str]) -> Described:
    """Return a description as it was read, with what its author answered."""
    document = taken_over(draft, answers, title="", text=text)
    whole = answered(draft, answers)
    if not (whole.factors or whole.responses or whole.randomisation_unit):
        # The unit that a design begins with was not read from any word.
        document = document.model_copy(update={"units": ()})
    sources: dict[str, DraftFactor | DraftResponse] = {}
    for factor, said in zip(document.factors, whole.factors, strict=True):
        sources[f"factors.{factor.id}"] = said
    for response, heard in zip(document.responses, whole.responses, strict=True):
        sources[f"responses.{response.id}"] = heard
    return Described(text, document, sources)


def aligned(
    current: ExperimentDescription, before: Described, now: Described
) -> tuple[Described, Described]:
    """Return two readings that call each part as the design does, where it has that part."""
    known = matched(before.document, current, is_one_text=True)
    same = matched(now.document, before.document)
    added = matched(now.document, current)
    ids: dict[str, dict[str, str]] = {}
    for name, partners in same.items():
        own = known.get(name, {})
        ids[name] = {id_: own.get(partner, partner) for id_, partner in partners.items()}
        taken = {*ids[name].values()}
        for part in getattr(now.document, name):
            if part.id in ids[name]:
                continue
            mine = added[name].get(part.id, "")
            if not mine or mine in taken:
                others = {p.id for p in getattr(current, name)} | {*own.values()}
                mine = slug(part.id, [*taken, *others])
            ids[name][part.id] = mine
            taken.add(mine)
    return _with(before, known), _with(now, ids)


def words_of(
    before: Described, now: Described, places: Sequence[tuple[str, str]]
) -> Iterator[Words]:
    """Yield the words that parts were read from; the changed sentences when they have none.

    Parameters
    ----------
    places
        Collection and id of each part.
    """
    new, gone = _differences(before.text, now.text)
    found: dict[tuple[Span, bool], Words] = {}
    for place in dict.fromkeys(_source(now.document, place) for place in places):
        if (source := now.sources.get(place)) and source.evidence.end:
            words = _words(now.text, source.evidence, new, source.confidence)
        elif (was := before.sources.get(place)) and was.evidence.end:
            words = replace(_words(before.text, was.evidence, gone, None), is_gone=True)
            source = was
        else:
            continue
        found.setdefault(((source.evidence.start, source.evidence.end), words.is_gone), words)
    if any(words.changed or words.is_gone for words in found.values()):
        yield from found.values()
        return
    called = _names(before.document, places) | _names(now.document, places)
    changed = _sentences(now.text, new, called)
    if not changed:
        changed = [replace(w, is_gone=True) for w in _sentences(before.text, gone, called)]
    yield from changed[:SENTENCES] or found.values()


def _with(read: Described, ids: Mapping[str, Mapping[str, str]]) -> Described:
    sources = {}
    for place, source in read.sources.items():
        name, _, id_ = place.partition(".")
        sources[f"{name}.{ids.get(name, {}).get(id_, id_)}"] = source
    return Described(read.text, with_ids(read.document, ids), sources)


def _source(document: ExperimentDescription, place: tuple[str, str]) -> str:
    """Return what has the words of a part: a unit has those of its factor, so has an allotment."""
    collection, id_ = place
    part = next((p for p in getattr(document, collection, ()) if p.id == id_), None)
    factor = getattr(part, "factor_id", None)
    return f"factors.{factor}" if factor else f"{collection}.{id_}"


def _differences(before: str, now: str) -> tuple[list[Span], list[Span]]:
    """Return the words that only the new text has, and those that only the old one had."""
    old, new = _without_same_ends(list(_WORD.finditer(before)), list(_WORD.finditer(now)))
    added: list[Span] = []
    gone: list[Span] = []
    for i, j, k, m in _changes([w[0] for w in old], [w[0] for w in new]):
        added += _spans(new[k:m])
        gone += _spans(old[i:j])
    return added, gone


def _spans(words: Sequence[re.Match[str]]) -> Iterator[Span]:
    """Yield the place of words beside one another, from the first to the last that is no mark."""
    said = [word for word in words if word[0][:1].isalnum()] or list(words)
    if said:
        yield said[0].start(), said[-1].end()


def _without_same_ends[W: re.Match[str]](old: list[W], new: list[W]) -> tuple[list[W], list[W]]:
    head = 0
    while head < min(len(old), len(new)) and old[head][0] == new[head][0]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail][0] == new[-1 - tail][0]:
        tail += 1
    return old[head : len(old) - tail], new[head : len(new) - tail]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    # Texts with little in common are not worth the quadratic time: they are other words whole.
    if len(old) * len(new) > MOST_COMPARED:
        yield 0, len(old), 0, len(new)
        return
    for kind, *places in SequenceMatcher(None, old, new).get_opcodes():
        if kind != "equal":
            yield places[0], places[1], places[2], places[3]


def _words(
    text: str, evidence: Evidence, changed: Sequence[Span], confidence: float | None
) -> Words:
    start, end = evidence.start, evidence.end
    marks = [
        (max(a, start) - start, min(b, end) - start) for a, b in changed if a < end and start < b
    ]
    return Words(text[start:end], tuple(marks), confidence)


def _sentences(text: str, changed: Sequence[Span], called: Collection[str]) -> list[Words]:
    """Return the sentences that hold a changed word; those that name a part, if any does."""
    found: list[Words] = []
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip()), sentence.end()
        if any(a < end and start < b for a, b in changed):
            words = _words(text, Evidence(start, end, text[start:end]), changed, None)
            found.append(replace(words, is_derived=True))
    named = [w for w in found if any(name in w.text.casefold() for name in called)]
    return named or found


def _names(document: ExperimentDescription, places: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return how a text may call units, in singular and plural."""
    wanted = {id_ for collection, id_ in places if collection == "units"}
    units = [unit for unit in document.units if unit.id in wanted]
    return frozenset(
        name.casefold() for u in units for name in (u.name, u.plural or several(u.name))
    )
