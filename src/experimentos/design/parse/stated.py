"""Names where a response is looked for: after a verb or a label, and before a verb."""

import re
from collections.abc import Iterator
from dataclasses import replace

from experimentos.design.parse.asked import asked_at
from experimentos.design.parse.clauses import DETERMINERS, clause_around, subject_start
from experimentos.design.parse.heads import known
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern
from experimentos.design.parse.measured import CHANGES, Measured, measured_phrase
from experimentos.design.parse.text import Text, singular
from experimentos.design.parse.unknown import NOT_MEASURED, plain_object, unknown

SCALES = frozenset({"scale", "line", "order", "position", "point"})
ALSO = re.compile(r"\balso\b")
DECIDED = re.compile(
    r"\b(?:decided|drawn|tossing|coin|chosen|by lot|asked at the|fill in|on file|database|known)\b"
)
COUNT_OF = re.compile(
    r"(?:^|, |\band )(?:the |a )?(?:total |mean |average )?"
    r"(?:number|count|proportion|percentage|fraction|share)s? of (?!the variance)"
)
RESULT_VERBS = pattern("responses_result_verbs")
PREPOSITIONS = frozenset({"at", "on", "for", "by"})
RELATIVES = frozenset({"that", "which", "who", "where", "when", "so", "because"})
UNIT_JOINTS = frozenset({"/", ",", "and", "per", "^"})
CLAUSE_END = frozenset({";", ":", "=", "-"})
JOINTS = frozenset({",", "and", "&", "+", "plus"})
CLAUSE_STARTS = frozenset({";", ":", "while", "then", "that", "which"})
AIMED = 0.3
"""Below this a response is only noted, and stands where nothing else does."""

LABELLED, STATED, SECONDARY, MEASURED = 0.9, 0.85, 0.75, 0.6
ASIDE, MOST_JOINED, MOST_SKIPPED = 40, 8, 9
"""Tokens of an aside that is passed, outcomes of one verb, and words between those."""


def objects(text: Text, first: int, last: int, confidence: float) -> Iterator[Measured]:
    """Yield what stands after a verb or a label, and what is joined to it."""
    i, rank = first, confidence
    for _ in range(MOST_JOINED):
        if i > last:
            return
        i = _past_preposition(text, i, last) if i > first else i
        unit = text.tokens[i].text in lexicon().units and text.at(i + 1) in UNIT_JOINTS
        if unit or text.at(i) in {"yes", "no"}:
            i = _after_joint(text, i + 1, last)
            continue
        named = measured_phrase(text, i, last, sure=confidence >= SECONDARY)
        if named is None and confidence == MEASURED:
            named = plain_object(text, i, last)
        if named is None or names_nothing(named[0], named[1]):
            return
        name, family, a, b = named
        yield Measured(name, family, a, b, rank)
        i = _after_joint(text, b + 1, last)
        if rank == confidence:
            rank = max(min(rank, STATED) - 0.05, min(rank, SECONDARY))


def _past_preposition(text: Text, i: int, last: int) -> int:
    """Return the first token past "at" or, before a unit, "in"."""
    while i < last and text.at(i) in PREPOSITIONS:
        i += 1
    in_unit = text.at(i) == "in" and i < last and text.at(i + 1) in lexicon().units
    return i + 1 if in_unit else i


def names_nothing(name: str, family: str) -> bool:
    """Return whether "afterwards" or "a scale" stands where a response is looked for."""
    word = name.split()[-1].lower() if name.strip() else ""
    empty = {word, singular(word)} & (SCALES if " " in name else NOT_MEASURED)
    unit = family == "normal" and group_kind(name) is not None
    return not word or unit or (family != "bernoulli" and bool(empty))


def _after_joint(text: Text, i: int, last: int) -> int:
    """Return where the next joined item starts, past an aside, or past the end for none."""
    if text.at(i) == "per":
        i += 2
        while text.at(i) in {"and", "or"} and text.lemma(i + 1) in lexicon().groups:
            i += 2
    skipped = depth = 0
    while i <= last and skipped < MOST_SKIPPED + ASIDE * (depth > 0):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text.at(i), 0)
        if depth <= 0 and text.at(i) in {"which", "that", "who"}:
            return _after_relative(text, i, last)
        if depth <= 0 and text.at(i) in JOINTS | CLAUSE_END | RELATIVES:
            break
        i, skipped = i + 1, skipped + (depth == 0)
    if text.at(i) not in JOINTS:
        return last + 1
    while text.at(i) in JOINTS:
        i += 1
    return i


def _after_relative(text: Text, i: int, last: int) -> int:
    """Return what follows ", and" after a relative clause, or past the end."""
    for j in range(i + 1, last):
        if text.at(j) == "," and text.at(j + 1) == "and":
            return j + 2
    return last + 1


def subject(
    text: Text, first: int, last: int, confidence: float, *, sure: bool
) -> Iterator[Measured]:
    """Yield what is said to be measured: the last outcomes before the verb, or the whole phrase."""
    start = subject_start(text, _clause_start(text, first, last), last)
    asked = _asked(text, start, last)
    if asked is not None:
        yield replace(asked, confidence=max(confidence, MEASURED))
        return
    counted = COUNT_OF.search(text.words(start, last).lower())
    if counted is not None:
        start = text.token_from(text.tokens[start].start + counted.start())
        named = list(objects(text, start, last, max(confidence, MEASURED)))
        if named:
            yield from named
            return
    found = list(known(text, start, last, confidence))
    after = text.words(last + 1, last + 4).lower()
    told = sure or confidence < AIMED or ALSO.search(after) or RESULT_VERBS.search(after)
    named = list(unknown(text, start, last, found, confidence)) if told else []
    yield from found[:3]
    yield from named
    changes = text.at(start) in CHANGES or text.at(start + 1) in CHANGES
    if not found and not named and (sure or changes):
        whole = measured_phrase(text, start, last, sure=True)
        if whole is not None:
            yield Measured(*whole, confidence)


def _asked(text: Text, first: int, last: int) -> Measured | None:
    """Return what "whether it leaks" or "the time until it leaks" asks, as a subject."""
    while first < last and text.at(first) in DETERMINERS:
        first += 1
    if DECIDED.search(clause_around(text, first)) or asked_at(text, first, last) is None:
        return None
    named = measured_phrase(text, first, last, sure=True)
    return Measured(*named, MEASURED) if named is not None else None


def _clause_start(text: Text, first: int, last: int) -> int:
    depth = 0
    for i in range(last, first - 1, -1):
        depth += {")": 1, "(": -1}.get(text.at(i), 0)
        by_then = text.at(i) == "then" and text.at(i - 1) in {"by", "until", "since"}
        if depth == 0 and text.at(i) in CLAUSE_STARTS and not by_then:
            return i + 1
    return first
