"""Comparisons within a person or a pair: "lotion A on one forearm and lotion B on the other"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import lexicon, words
from experimentos.design.parse.mention import Mention, totals
from experimentos.design.parse.text import Text

CONDITIONS = words("mentions_conditions")
TIMES = words("mentions_times")
SIDES = frozenset({"left", "right"})
PARTS = words("sides_parts")
CLOSERS = frozenset({",", ";", ".", "kind", "type", "sort"})
PLACED = frozenset({"on", "in", "to", "of"})
ACTED = frozenset(
    {"is", "are", "was", "were", "gets", "got", "receives", "received", "has", "had", "wears"}
)
WHICH = frozenset({"group", "side of", "drug", "time", "occasion", "week", "order", "way"})
MEMBERS = frozenset({"member", "one", "partner", "animal"})
OTHERS = lexicon().nouns | CONDITIONS | TIMES
REACH = 26
HOLDER_REACH = 4
LEADS = frozenset({"in", "of", "from", "within", "per", "on"})


@dataclass(frozen=True, slots=True)
class Sides:
    """The part that is treated, what holds two of them, how many of those there are, and where."""

    unit: str
    holder: str
    count: int | None
    first: int
    last: int


def sides(text: Text, found: Sequence[Mention]) -> Sides | None:
    """Return "forearm" in "volunteer" for "on one forearm ... on the other", None for none."""
    for i in range(len(text.tokens) - 3):
        part = _left(text, i) or _one_of_each(text, i)
        if not part and (text.at(i) != "one" or not _has_other(text, i)):
            continue
        holder = _holder(text, found, i)
        unit = (part or _unit(text, i, holder)) if holder else ""
        if holder and unit and unit != holder.noun:
            count = totals(found).get(holder.noun)
            return Sides(unit, holder.noun, count, holder.first, holder.last)
    return None


def side_blocks(text: Text, found: Sequence[Mention]) -> Iterator[Candidate]:
    """Yield the volunteer of whom each forearm gets another lotion, as a block."""
    told = sides(text, found)
    if told is not None:
        yield Candidate(
            told.holder, "blocking", told.first, told.last, "sides", 0.8, (), None, told.count
        )


def _one_of_each(text: Text, i: int) -> str:
    """Return the "shoe" of "each boy wears one shoe of each; ..."."""
    of_each = text.words(i + 2, i + 3).lower() == "of each" and text.at(i + 4) in CLOSERS
    return text.lemma(i + 1) if text.at(i) == "one" and of_each else ""


def _left(text: Text, i: int) -> str:
    """Return the "leg" of "the left leg with heavy and the right leg with light loads"."""
    if text.at(i) not in SIDES:
        return ""
    (opposite,) = SIDES - {text.at(i)}
    alone = text.at(i + 1) in {"or", "and"}
    _, end = text.sentence_of(i)
    for j in range(i + 2, min(end, i + (5 if alone else REACH))):
        if text.at(j) == opposite and (alone or text.at(j + 1) == text.at(i + 1)):
            words = [text.at(j + 1)]
            if text.at(j + 2) == "half":
                words.append("half")
            return " ".join(words) if words[0] in lexicon().nouns | PARTS else ""
    return ""


def _has_other(text: Text, i: int) -> bool:
    """Return whether "the other" of what "one" begins follows in the sentence."""
    _, end = text.sentence_of(i)
    for j in range(i + 2, min(end, i + REACH)):
        if text.at(j) == "the" and text.at(j + 1) == "other":
            same = text.lemma(j + 2) in {text.lemma(i + 1), text.lemma(i + 2)}
            return same or text.lemma(j + 2) not in OTHERS
    return False


def _unit(text: Text, i: int, holder: Mention) -> str:
    """Return the "forearm" of "one forearm", the sheep of "one of each pair" of sheep."""
    noun = text.lemma(i + 1)
    if noun == "of" or noun in MEMBERS:
        if holder.noun.rsplit(" ", 1)[-1] == "pair":
            return _member(text)
        k = next((k for k in range(i + 2, i + 4) if text.at(k) == "two"), None)
        near = range(k + 1, k + 4) if k else range(0)
        return next((text.lemma(j) for j in near if text.lemmas[j : j + 1] != (text.at(j),)), "")
    if noun in CONDITIONS | TIMES | WHICH or not noun.isalpha():
        return ""
    placed = text.at(i - 1) in PLACED or text.at(i + 2) in ACTED | LEADS
    return noun if placed else ""


def _member(text: Text) -> str:
    """Return the "sheep" of "twenty pairs of twin sheep"."""
    for i, lemma in enumerate(text.lemmas):
        if lemma == "pair" and text.at(i + 1) == "of":
            for j in range(i + 2, i + 5):
                if text.lemma(j) in lexicon().groups and text.lemma(j + 1) not in lexicon().groups:
                    return text.lemma(j)
    return ""


def _holder(text: Text, found: Sequence[Mention], i: int) -> Mention | None:
    """Return the volunteers of whom each has two: the nearest "of each", "in 15 rabbits"."""
    first, _ = text.sentence_of(i)
    after = [
        m for m in found
        if i < m.first <= i + HOLDER_REACH and m.each and text.at(m.first - 2) in LEADS
    ]  # fmt: skip
    before = [m for m in found if first <= m.first < i and (m.each or (m.count or 0) > 1)]
    for m in (*after, *before):
        inside = text.at(m.first - 1) in LEADS or text.at(m.first - 2) in LEADS
        if (m.kind == "person" or inside or m in after) and m.noun not in TIMES:
            return m
    return None
