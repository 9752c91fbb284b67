"""Mentions of one thing under several names, and how many of it there are in all."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from experimentos.design.parse.lexicon import lexicon, pattern
from experimentos.design.parse.text import Text

OLDS = re.compile(r"(?:\d{1,2}|[a-z]{3,9})-(?:year|month|week|day)-olds?")
LEFT_OUT = pattern("mentions_left_out")
ANYBODY = frozenset({"person", "people", "adult", "man", "woman", "undergraduate", "member"})
"""Words for the same people that the text calls patients or students elsewhere."""

APART = frozenset({"block", "plot"})
"""An incomplete block is no block, and a whole plot no plot."""

HANDED = frozenset({"get", "got", "receive", "received"})

SUMMED = 7
"""Tokens between two counts of one noun that are summed."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A noun that groups observations or carries a treatment, where it stands.

    Attributes
    ----------
    noun : str
        In the singular.
    kind : str
        The noun's usual role: "blocking", "nuisance", "person", "unit", or "" for a noun that the
        lexicon does not know.
    count : int | None
    first, last : int
        Tokens, the count included.
    each : bool
        Whether it is "each plate", "per plate", "the same plate".
    parent : str
        The noun it is counted in: "three casks from every batch"; "" for none.
    per_cell : bool
        Whether it is counted per treatment: "ten animals per combination".
    joined : bool
        Whether "and" stands before its count: "12 dammed streams and 12 free streams".
    """

    noun: str
    kind: str
    count: int | None
    first: int
    last: int
    each: bool
    parent: str
    per_cell: bool
    joined: bool = False


def is_left_out(text: Text, m: Mention) -> bool:
    """Return whether the sentence counts who was excluded or withdrew."""
    return m.kind in {"person", "unit", "nuisance"} and text.says(LEFT_OUT, m.first)


def is_recipient(text: Text, m: Mention) -> bool:
    """Return whether several things are treated: "the four trays get peat, bark or coir"."""
    several = text.at(m.last) != text.lemmas[m.last] and text.at(m.first - 1) not in {"of", "some"}
    return several and text.at(m.last + 1) in HANDED


def same_things(found: Sequence[Mention]) -> dict[str, str]:
    """Return "cabinet" for "growth cabinet" where the text says both."""
    nouns = {m.noun for m in found}
    short = {"lab": "laboratory"} if {"lab", "laboratory"} <= nouns else {}
    whole = {noun for noun in nouns if " " in noun and noun not in lexicon().attributes}
    heads = {noun: noun.rsplit(" ", 1)[-1] for noun in whole}
    return short | {noun: last for noun, last in heads.items() if last in nouns - APART}


def same_people(found: Sequence[Mention]) -> dict[str, str]:
    """Return for "adult", "15-month-old" the noun that the text uses for the same people."""
    people = {m.noun for m in found if m.kind == "person"}
    anybody = {noun for noun in people if noun in ANYBODY or OLDS.fullmatch(noun)}
    named = [noun for noun in people - anybody if _is_told(found, noun)]
    if not named and "undergraduate" in people:
        named = ["undergraduate"]
    named = named or [noun for noun in people - anybody if noun != "subject"]
    return dict.fromkeys(anybody - {*named}, named[0]) if len(named) == 1 else {}


def _is_told(found: Sequence[Mention], noun: str) -> bool:
    return any(m.each or m.count is not None for m in found if m.noun == noun)


def totals(found: Iterable[Mention]) -> dict[str, int]:
    """Return for each noun the largest count that is not per cell or per parent."""
    largest: dict[str, int] = {}
    last: Mention | None = None
    for m in found:
        if m.count is not None and not m.per_cell and not m.parent:
            again = last is not None and last.noun == m.noun and m.first - last.last <= SUMMED
            added = last.count or 0 if again and last is not None and m.joined else 0
            largest[m.noun] = max(m.count + added, largest.get(m.noun, 0))
            last = m
    return largest
