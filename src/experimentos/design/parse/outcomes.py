"""Outcome words, and the family of distributions that an outcome asks for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from experimentos.design.parse.lexicon import lexicon, pattern
from experimentos.design.parse.text import Text, singular

ORDERED = pattern("outcomes_ordered")
CONTINUOUS = pattern("outcomes_continuous")
BINARY = pattern("outcomes_binary")
COUNTED = pattern("outcomes_counted")
MEASURED = pattern("outcomes_measured")
OUT_OF = pattern("outcomes_out_of")
LOGARITHM = pattern("outcomes_logarithm")
MONEY = pattern("outcomes_money")
DURATION = pattern("outcomes_duration")
PER_VOLUME = pattern("outcomes_per_volume")
PERCENT = pattern("outcomes_percent")
BOUNDED = pattern("outcomes_bounded")
STATES = pattern("outcomes_states")
POSITIVE = pattern("outcomes_positive")
LEARNING = pattern("outcomes_learning")
MANY_TOGETHER = pattern("outcomes_many_together")
AS_LOGARITHM = pattern("outcomes_as_logarithm")
COUNTING = pattern("outcomes_counting")
OF_SO_MANY = pattern("outcomes_of_so_many")
LEARNED = pattern("outcomes_learned")
PARTICLE = re.compile(
    r"^[a-z]+-(?:to-[a-z]+|in|out|up|off|through|over)s?(?: rate)?$|-outs?$|-ins?$|-ups?$"
)
SHORT_SCALE = re.compile(r"\(\d ?(?:-|to) ?(?:[2-9]|10)\)")
RATES = re.compile(r"\b(?:scores|scored|rates|rated|rate|grades|graded|judge[sd]?|marks)\b")
CHANGE = re.compile(r"(?:increase|change|difference|gain) (?:in|from|of) ")
COUNT = re.compile(r"\bcounts?$")
SCALE = re.compile(r"\b(?:score|scale|grade|rating|point|scored|graded|rated)")
YES_OR_NO = re.compile(r"yes/no|\byes or no\b|\bor not\b")
RATED = re.compile(r"\b(?:score|scored|rating|rated|grade|index|judged)")
SCORED = frozenset({None, "normal", "ordered"})
COUNTS = frozenset({"negative_binomial", "poisson", "binomial"})
LONGEST = 4
"""Words of the longest outcome phrase."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome phrase of the lexicon in a text: its tokens (both included) and its family."""

    first: int
    last: int
    family: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the words around a name ask of its family.

    Attributes
    ----------
    own : str
        The name and what follows it, up to the next outcome.
    clause : str
        The whole clause, what stands in parentheses left out.
    """

    own: str
    clause: str


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


@lru_cache(maxsize=256)
def family_of(family: str | None, name: str, asked: Asked) -> str | None:
    """Return the family that the words around a response ask for, else its usual one."""
    lower, own, clause = name.lower(), asked.own, asked.clause
    is_rated = family == "ordered" or (RATED.search(lower) and not ORDERED.search(clause))
    plain = family in {None, "normal"} and MEASURED.search(lower) is None
    counted = COUNTED.match(own) is not None or COUNT.search(lower) is not None
    counting = plain and (counted or COUNTING.search(clause) is not None)
    tallied = counting or counted or family in COUNTS
    scored = family in SCORED
    answers = (
        ("normal", family in {None, "lognormal"} and CHANGE.match(lower)),
        ("normal", LOGARITHM.search(lower) or AS_LOGARITHM.search(own)),
        ("bernoulli", BINARY.search(own) and not counted),
        ("normal", scored and CONTINUOUS.search(clause if is_rated else own)),
        ("ordered", (scored or SCALE.search(own)) and ORDERED.search(own)),
        ("ordered", scored and RATED.search(lower) and SHORT_SCALE.search(own)),
        ("ordered", family == "ordered" and ORDERED.search(clause)),
        ("ordered", family is None and RATED.search(clause) and ORDERED.search(clause)),
        ("ordered", plain and RATES.search(clause) and ORDERED.search(clause)),
        ("binomial", OUT_OF.search(own) or (tallied and OF_SO_MANY.search(own))),
        ("binomial", tallied and OUT_OF.search(clause)),
        ("beta", LEARNED.search(lower) and LEARNING.search(clause)),
        ("binomial", STATES.search(lower) and _many(family, lower, clause, counted=counted)),
        ("beta", plain and PERCENT.search(own) and BOUNDED.search(lower)),
        ("gamma", family in {None, "bernoulli"} and MONEY.search(own)),
        ("negative_binomial", counting or (counted and family not in {"lognormal", "gamma"})),
        ("bernoulli", family is None and PARTICLE.search(lower)),
        ("lognormal", family is None and (DURATION.search(own) or PER_VOLUME.search(own))),
        ("lognormal", family is None and POSITIVE.search(lower)),
        ("bernoulli", family is None and YES_OR_NO.search(clause)),
    )
    return next((said for said, holds in answers if holds), family)


def _many(family: str | None, name: str, clause: str, *, counted: bool) -> bool:
    """Return whether a yes or no, such as survival, is told of many that live together."""
    if name.split()[-1] in {"time", "day", "hour", "probability", "days", "count", "counts"}:
        return False
    if family == "bernoulli":
        return MANY_TOGETHER.search(clause) is not None or "rate" in name.split()
    tallied = counted or PERCENT.search(name) is not None
    return tallied or family in {None, "binomial", "beta", "negative_binomial"}
