"""Outcome words, and the family of distributions that an outcome asks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from experimentos.design.parse.lexicon import lexicon, pattern
from experimentos.design.parse.text import Text, singular

ORDERED = pattern("outcomes_ordered")
BINARY = pattern("outcomes_binary")
COUNTED = pattern("outcomes_counted")
CONTINUOUS = pattern("outcomes_continuous")
COUNTING = pattern("outcomes_counting")
MEASURED = pattern("outcomes_measured")
OUT_OF = pattern("outcomes_out_of")
LOGARITHM = pattern("outcomes_logarithm")
SCORED = frozenset({None, "normal", "ordered"})
LONGEST = 4
"""Words of the longest outcome phrase."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome phrase of the lexicon in a text: its tokens (both included) and its family."""

    first: int
    last: int
    family: str


@cache
def _families() -> dict[tuple[str, ...], str]:
    """Return the family by the words of a phrase; the first family that lists it wins."""
    families: dict[tuple[str, ...], str] = {}
    for phrase, family in lexicon().outcomes:
        families.setdefault(tuple(singular(word) for word in phrase.split()), family)
    return families


def outcomes(text: Text, first: int, last: int) -> Iterator[Outcome]:
    """Yield the outcome phrases between two tokens (both included), the longest at each place."""
    families, i = _families(), first
    while i <= last:
        for length in range(min(LONGEST, last - i + 1), 0, -1):
            family = families.get(text.lemmas[i : i + length])
            if family is not None:
                yield Outcome(i, i + length - 1, family)
                i += length - 1
                break
        i += 1


def _is_counted(around: str, near: str) -> bool:
    """Return whether the verb of the clause counts, or "number of" stands near."""
    return COUNTING.search(around) is not None or COUNTED.search(near) is not None


@lru_cache(maxsize=64)
def _asked(around: str) -> tuple[bool, ...]:
    """Return whether a clause speaks of a scale, of so many out of, of counts, of yes or no."""
    return tuple(p.search(around) is not None for p in (ORDERED, OUT_OF, COUNTED, BINARY))


def family_of(family: str | None, name: str, around: str, near: str) -> str | None:
    """Return the family that the words around a response ask for, else its usual one.

    `around` is its clause; `near` is what no "and" parts from it.
    """
    lower = name.lower()
    plain = family in {None, "normal"} and MEASURED.search(lower) is None
    on_scale, out_of, counted, binary = _asked(around)
    asked = (
        ("normal", family == "ordered" and CONTINUOUS.search(around) is not None),
        ("ordered", family in SCORED and on_scale),
        ("binomial", out_of),
        ("normal", LOGARITHM.search(lower)),
        ("negative_binomial", plain and counted and _is_counted(around, near)),
        ("bernoulli", family is None and binary),
    )
    return next((said for said, holds in asked if holds), family)
