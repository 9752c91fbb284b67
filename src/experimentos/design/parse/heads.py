"""Outcomes of the lexicon that head a phrase, each with the words that belong to it."""

from collections.abc import Iterator
from itertools import zip_longest

from experimentos.design.parse.measured import VERB_NOUNS, Measured, measured_at
from experimentos.design.parse.outcomes import Outcome, outcomes
from experimentos.design.parse.text import Text

ASIDE_REACH = 9
ARTICLES = frozenset({"the", "a", "an"})


def known(text: Text, first: int, last: int, confidence: float) -> Iterator[Measured]:
    """Yield the outcomes of the lexicon between two tokens, each with the words that belong."""
    for outcome in heads(text, first, last):
        yield measured_at(text, outcome, first, last, confidence)


def heads(text: Text, first: int, last: int) -> Iterator[Outcome]:
    """Yield outcomes that head their phrase, and not "score" in "score that combines number"."""
    found = [o for o in outcomes(text, first, last) if not _is_aside(text, o)]
    for outcome, following in zip_longest(found, found[1:]):
        if following is not None and following.first == outcome.last + 1:
            continue
        if outcome.first > first and _is_complement(text, outcome.first):
            continue
        yield outcome


def _is_complement(text: Text, i: int) -> bool:
    """Return whether the noun here only says more of another: "obtained from the absorbance"."""
    if text.at(i - 1) in ARTICLES | {"first", "last"}:
        return text.at(i - 2) in {"from", "by", "of", "at", "on", "as"}
    return text.at(i - 1) in {"of", "in", "per", "that", "to", "from", "at"}


def _is_aside(text: Text, outcome: Outcome) -> bool:
    return _in_parentheses(text, outcome.first) or text.at(outcome.last) in VERB_NOUNS


def _in_parentheses(text: Text, i: int) -> bool:
    """Return whether a parenthesis that opened shortly before this token is still open."""
    for j in range(i - 1, max(i - ASIDE_REACH, -1), -1):
        if text.at(j) in {"(", ")", "."}:
            return text.at(j) == "("
    return False
