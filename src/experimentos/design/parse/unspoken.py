"""What is measured although no verb says so: "Yield in t/ha", "firmness (N)", a mention."""

import re
from collections.abc import Iterator
from dataclasses import replace

from experimentos.design.parse.analyte import analyte
from experimentos.design.parse.asked import asked_at
from experimentos.design.parse.clauses import FINITE, PRONOUNS, TIMES
from experimentos.design.parse.heads import heads
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.measured import (
    END,
    LEAD,
    MEASURES,
    Measured,
    measured_at,
    measured_phrase,
)
from experimentos.design.parse.outcomes import Outcome, outcomes
from experimentos.design.parse.phrases import is_verbal, phrase_before
from experimentos.design.parse.stated import MEASURED, SECONDARY, names_nothing, objects
from experimentos.design.parse.text import Text

DESCRIBED = words("responses_described")
MONEY = pattern("responses_money")
DISMISSED = pattern("responses_dismissed")
PLURAL_PER = re.compile(
    r"(?:[a-z-]{2,16} ){0,2}[a-z-]{2,16}[^su \d]s (?:found |seen |caught )?per "
)
ODD_UNIT = pattern("responses_odd_unit")
LAST_UNIT = pattern("responses_last_unit", ignore_case=True)
UNIT_TOLD = pattern("responses_unit_told")
SCALE_TOLD = re.compile(r"\bscale\b|\b\d ?(?:-|to) ?(?:5|7|9|10|100)\b|\(yes/no\)|-point\b")
IN_UNIT = pattern("responses_in_unit")
COVARIATE = pattern("responses_covariate")
BEFOREHAND = lexicon().cues["covariate"]
ATTRIBUTES = lexicon().attributes
NOT_RESPONSES = (BEFOREHAND, MONEY, DISMISSED, COVARIATE)
JOINTS = frozenset({",", "and", "or", "&", "+", "plus"})
RESULTS = frozenset({"result", "reading", "value", "measurement", "response", "outcome"})
COUNTING = frozenset(
    {"number", "proportion", "percentage", "percent", "share", "fraction", "count"}
)
FRAGMENT, TAILED, TOLD, ANYWHERE = 0.44, 0.45, 0.6, 0.1
TAIL = frozenset({"after", "at", "per", "on", "by", "over", "within", "from"})
MOST = 5
"""Outcomes of one verbless sentence that are read."""


def with_units(text: Text, first: int, last: int, confidence: float) -> Iterator[Measured]:
    """Yield what is told with its unit, "startle amplitude (mV)", and no value."""
    for i in range(first + 1, last):
        if text.at(i) not in {"(", "["} or UNIT_TOLD.match(text.words(i, min(i + 7, last))) is None:
            continue
        named = phrase_before(text, i)
        if named is None or named.last != i - 1 or named.first < first:
            continue
        if text.at(named.last) in lexicon().units or _is_inside(text, named.first):
            continue
        told = [o for o in outcomes(text, named.first, named.last) if o.last == named.last]
        said = told[-1] if told else None
        if said is not None:
            yield measured_at(text, said, named.first, last, confidence)
        elif text.lemmas[named.last] not in lexicon().groups:
            found = measured_phrase(text, named.first, last, sure=True)
            if found is not None and found[3] >= named.last:
                yield Measured(*found, confidence)


def _is_inside(text: Text, i: int) -> bool:
    """Return whether the phrase here is part of another: "volume per flower (uL)"."""
    before = text.at(i - 2) if text.at(i - 1) in {"the", "each"} else text.at(i - 1)
    return before in {"per", "to", "after", "from", "by", "with", "a", "an"}


def mentioned(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield outcomes that a sentence only mentions: better than nothing, and to be asked about."""
    words = text.words(first, last).lower()
    if BEFOREHAND.search(words) or MONEY.search(words):
        return
    for outcome in heads(text, first, last):
        set_here = outcome.first == outcome.last and text.lemmas[outcome.last] in ATTRIBUTES
        if not set_here and not _sets_levels(text, outcome.last + 1, last):
            yield measured_at(text, outcome, first, last, ANYWHERE)


def fragment(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield the outcomes that a verbless clause begins with: "Yield in t/ha, October"."""
    spoken = text.at(first) in PRONOUNS
    while first <= last and text.at(first) != "%" and _leads(text, first):
        first += 1
    words = text.words(first, last).lower()
    if spoken or first > last or any(p.search(words) for p in NOT_RESPONSES):
        return
    found = list(heads(text, first, last))
    if not found or found[0].first > first + 3 or _is_count(text, first):
        yield from _unknown_fragment(text, first, last, words)
    elif not (
        _tells_of_people(text, first, found[0].first) or _sets_levels(text, found[0].last + 1, last)
    ):
        yield from _known_fragment(text, first, last, found[:MOST])


def _leads(text: Text, i: int) -> bool:
    return text.at(i) in LEAD or not text.tokens[i].is_word


def _known_fragment(text: Text, first: int, last: int, found: list[Outcome]) -> Iterator[Measured]:
    """Yield the outcomes of the lexicon that are joined to the first of a verbless clause."""
    rank = max(_rank(text, outcome.last, last) for outcome in found)
    if any(text.at(i) in FINITE for i in range(first, last + 1)):
        rank = FRAGMENT
    counted = text.tokens[max(first - 1, 0)].value is not None
    if rank > FRAGMENT or (text.tokens[first].sentence > 0 and not counted):
        yield from (replace(m, confidence=rank) for m in objects(text, first, last, MEASURED))
    for outcome in found:
        if _modifies(text, outcome.last):
            continue
        named = measured_at(text, outcome, first, last, rank)
        if names_nothing(named.name, named.family):
            continue
        joined = outcome is found[0] or _is_joined(text, named.first)
        set_here = text.lemma(outcome.last) in ATTRIBUTES
        if joined and (not set_here or outcome.last > outcome.first or rank > FRAGMENT):
            yield named


def _is_joined(text: Text, i: int) -> bool:
    """Return whether "and", or "and its", stands before this token."""
    before = i - 2 if text.at(i - 1) in {"its", "the", "their"} else i - 1
    return text.at(before) in JOINTS


def _rank(text: Text, i: int, last: int) -> float:
    """Return how sure a verbless outcome is: a unit or a scale makes it sure, a title does not."""
    after = text.words(i, min(i + 7, last)).lower()
    own = text.words(i, min(i + 14, last))
    if (
        IN_UNIT.match(after)
        or SCALE_TOLD.search(after)
        or UNIT_TOLD.search(own)
        or LAST_UNIT.search(own)
    ):
        return TOLD
    is_title = text.tokens[i].sentence == 0
    return FRAGMENT if is_title or text.at(i + 1) not in TAIL else TAILED


def _unknown_fragment(text: Text, first: int, last: int, words: str) -> Iterator[Measured]:
    """Yield what the lexicon does not know in "Drag in newtons" or "Number of bridges"."""
    counts = _is_count(text, first)
    asked = text.at(first) != "if" and asked_at(text, first, last) is not None
    in_unit = IN_UNIT.match(words) if not (asked or counts) else None
    told = ODD_UNIT.match(text.words(first, last)) is not None and text.tokens[first].sentence > 0
    united = told or UNIT_TOLD.search(text.words(first, last)) is not None
    per = PLURAL_PER.match(words) is not None and _is_counted(text, first)
    if in_unit is not None:
        end = text.token_from(text.tokens[first].start + in_unit.end("name")) - 1
        yield from _in_unit(text, first, last, end)
    elif united and not counts and text.at(first) not in lexicon().stop:
        yield from _named(text, first, last, None, FRAGMENT if told else TAILED)
    elif per or counts or asked or text.at(first) == "%":
        rank = TOLD if counts and text.tokens[first].sentence > 0 else FRAGMENT
        listed = objects(text, first, last, SECONDARY)
        unset = (m for m in listed if not _sets_levels(text, m.last + 1, last))
        yield from (replace(m, confidence=rank) for m in unset)


def _is_count(text: Text, i: int) -> bool:
    return text.at(i) in COUNTING and text.at(i + 1) == "of"


def _in_unit(text: Text, first: int, last: int, end: int) -> Iterator[Measured]:
    """Yield "drag" of "drag in newtons", and "lead" of "result in ug/L" where lead is sought."""
    if text.lemmas[end] in RESULTS:
        yield from analyte(text, first, last, TOLD)
    else:
        yield from _named(text, first, last, end, TOLD)


def _named(
    text: Text, first: int, last: int, end: int | None, confidence: float
) -> Iterator[Measured]:
    """Yield the phrase that starts here, unless people or a small word stand in it."""
    named = measured_phrase(text, first, last, sure=True)
    if named is not None and not _tells_of_people(text, first, (end or named[3]) + 1):
        yield Measured(*named, confidence)


def _is_counted(text: Text, first: int) -> bool:
    """Return whether "stem borers per stalk" may be counts, and is no allotment or title."""
    per = next(i for i in range(first, len(text.tokens)) if text.at(i) == "per")
    allotted = group_kind(text.at(per - 1)) is not None or text.tokens[max(first - 1, 0)].value
    return not allotted and text.tokens[first].sentence > 0


def _tells_of_people(text: Text, first: int, end: int) -> bool:
    """Return whether a small word or "assessors" stands between, so that this is a clause."""
    inner = {text.at(i) for i in range(first, end)}
    plural = (text.at(i) for i in range(first, end) if text.at(i) != text.lemmas[i])
    return bool(inner & lexicon().stop) or any(group_kind(noun) is not None for noun in plural)


def _modifies(text: Text, i: int) -> bool:
    """Return whether an outcome only describes the noun after it, as in "scratch assay"."""
    if i + 1 >= len(text.tokens) or not text.tokens[i + 1].is_word:
        return False
    following, lemma = text.at(i + 1), text.lemma(i + 1)
    if following in DESCRIBED or lemma in lexicon().groups:
        return True
    small = following in END or following in lexicon().stop or following in lexicon().units
    return not (small or lemma in MEASURES or is_verbal(following))


def _sets_levels(text: Text, i: int, last: int) -> bool:
    """Return whether levels follow, so that the phrase names a treatment."""
    if text.at(i) in {":", "-", "=", "was", "is", "fixed", "held", "/"}:
        return True
    if text.at(i) in TAIL and any(text.lemma(j) in TIMES for j in range(i, min(i + 10, last))):
        return False
    if ":" in (text.at(j) for j in range(i, min(i + 4, last))):
        return True
    for j in range(i, min(i + 6, last)):
        told = text.at(j) == "yes" or text.tokens[j].text in lexicon().units
        listed = text.at(j - 1) == "(" and not told
        first = text.tokens[j].kind == "number" or listed
        if first and text.at(j + 1) in {",", "/", "or", "and"}:
            return True
    return False
