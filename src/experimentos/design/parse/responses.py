"""Extractor for what is measured."""

import re
from collections.abc import Iterator
from itertools import islice, zip_longest

from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.measured import (
    CHANGES,
    LEAD,
    VERB_NOUNS,
    Measured,
    measured_at,
    measured_phrase,
)
from experimentos.design.parse.outcomes import Outcome, outcomes
from experimentos.design.parse.phrases import phrase_before
from experimentos.design.parse.text import Text
from experimentos.design.parse.unknown import (
    examined_for,
    how_many,
    plain_object,
    unknown,
    weight_of,
)

LABEL = pattern("responses_label")
IS_RESPONSE = pattern("responses_is_response")
ACTIVE = pattern("responses_active")
PASSIVE = pattern("responses_passive")
DESCRIBED = words("responses_described")
SECOND = re.compile(r"\b(?:second|guardrail|safety|other|also)")
NOTES = re.compile(r"\b(?:record|note|noted|taken|written|logged)\b|\brecorded")
CHECKED = re.compile(r"\bchecked")
SURE_VERBS = re.compile(r"\b(?:counted|scored|rated|timed)")
BARE = pattern("responses_bare")
GOAL = pattern("responses_goal")
MONEY = pattern("responses_money")
COVARIATE = pattern("responses_covariate")
RECORDED = pattern("responses_recorded")
BEFOREHAND = lexicon().cues["covariate"]
AND_NOTE = re.compile(r"\band (?:record|note|log|weigh)")
PREPOSITIONS = frozenset({"at", "on", "for", "by"})
ASIDE_REACH = 9
RELATIVES = frozenset({"that", "which", "who", "where", "when", "so", "because"})
ARTICLES = frozenset({"the", "a", "an"})
UNIT_JOINTS = frozenset({"/", ",", "and", "per", "^"})
CLAUSE_END = frozenset({";", ":", "=", "-"})
JOINTS = frozenset({",", "and", "or", "&", "+"})
LABELLED, STATED, SECONDARY, MEASURED = 0.9, 0.85, 0.75, 0.6
RESULT_VERBS = pattern("responses_result_verbs")
MOST_VERBS, MOST_JOINED = 6, 8
"""Verbs of one clause that are read, and outcomes that each can speak of."""

CLAUSE_STARTS = frozenset({";", ":", "while", "then", "that", "which"})
LOOKED_AT = 0.5
FRAGMENT, NOTED, AIM, ANYWHERE = 0.44, 0.28, 0.27, 0.1


def responses(text: Text) -> Iterator[Measured]:
    """Yield the responses that the text names."""
    for first, end in text.sentences:
        found = [m for a, b in _clauses(text, first, end - 1) for m in _of_clause(text, a, b)]
        yield from found
        if max((m.confidence for m in found), default=0.0) <= FRAGMENT:
            yield from _fragments(text, first, end - 1)
        if not found:
            yield from islice(_mentioned(text, first, end - 1), 1)


def _clauses(text: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Yield what stands between semicolons."""
    start = first
    for i in range(first, last + 2):
        if i > last or text.at(i) == ";":
            if i > start:
                yield start, i - 1
            start = i + 1


def _of_clause(text: Text, first: int, last: int) -> Iterator[Measured]:
    words = text.words(first, last).lower()
    start = text.tokens[first].start
    labels = list(LABEL.finditer(words))
    for label, following in zip_longest(labels, labels[1:]):
        end = text.token_from(start + following.start()) - 1 if following else last
        rank = SECONDARY if SECOND.search(label.group()) else LABELLED
        yield from _objects(text, text.token_from(start + label.end()), end, rank)
    if labels:
        return
    stated = list(IS_RESPONSE.finditer(words))
    for said in stated:
        end = text.token_from(start + said.start()) - 1
        rank = SECONDARY if SECOND.search(said.group()) else STATED
        yield from _subject(text, first, end, rank, sure=True)
        first = text.token_from(start + said.end())
    if not stated:
        yield from _of_passive(text, first, words)
    yield from how_many(text, first, words, MEASURED)
    yield from examined_for(text, first, last, words, MEASURED)
    yield from _of_active(text, first, last, words, start)
    if not (COVARIATE.search(words) or BEFOREHAND.search(words)):
        yield from _with_units(text, first, last)
    if aim := GOAL.search(words):
        yield from _known(text, text.token_from(start + aim.end()), last, AIM)


def _of_active(text: Text, first: int, last: int, words: str, start: int) -> Iterator[Measured]:
    """Yield what "we measure", each verb in its own clause."""
    for match in islice(ACTIVE.finditer(words), MOST_VERBS):
        after = text.token_from(start + match.end())
        begin, end = _own_clause(words, match)
        if after > first and not _is_covariate(words[begin:end], match.group()):
            weak = NOTES.search(match.group()) is not None
            until = last if end == len(words) else text.token_from(start + end) - 1
            yield from _objects(text, after, until, NOTED if weak else MEASURED)
            yield from _weighed(text, after - 1, match.group())


def _own_clause(words: str, verb: re.Match[str]) -> tuple[int, int]:
    """Return the clause of a verb: "and record ..." starts one of its own."""
    following = AND_NOTE.search(words, verb.end())
    before = [joint.start() for joint in AND_NOTE.finditer(words, 0, verb.end())]
    return (before[-1] if before else 0), (following.start() if following else len(words))


def _with_units(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield what is told with its unit, "startle amplitude (mV)", and no value."""
    words = text.words(first, last).lower()
    spoken = PASSIVE.search(words) is not None or ACTIVE.search(words) is not None
    confidence = MEASURED if spoken else FRAGMENT
    for i in range(first + 1, last):
        unit = text.tokens[i + 1].text.rstrip("23")
        if text.at(i) != "(" or (unit not in lexicon().units and unit not in {"%", "score"}):
            continue
        if ")" not in (text.at(i + 2), text.at(i + 4), text.at(i + 6)):
            continue
        named = phrase_before(text, i)
        if named is None or named.last != i - 1 or named.first < first:
            continue
        outcome = Outcome(named.last, named.last, "normal")
        known = [o for o in outcomes(text, named.first, named.last) if o.last == named.last]
        said = known[-1] if known else outcome
        yield measured_at(text, said, named.first, last, confidence)


def _of_passive(text: Text, first: int, words: str) -> Iterator[Measured]:
    """Yield what "is measured" or, without "is", what "the beetles counted" speaks of."""
    start = text.tokens[first].start
    if match := PASSIVE.search(words):
        if not _is_covariate(words, match.group()):
            verb, end = match.group(), text.token_from(start + match.start()) - 1
            weak = NOTES.search(verb) is not None
            sure = SURE_VERBS.search(verb) is not None
            if verb.endswith("weighed") and not list(_known(text, first, end, MEASURED)):
                yield from weight_of(text, first, end, MEASURED)
                return
            rank = NOTED if weak else LOOKED_AT if CHECKED.search(verb) else MEASURED
            yield from _subject(text, first, end, rank, sure=sure)
    elif match := BARE.search(words):
        named, end = text.token_from(start + match.start("name")), start + match.end("name")
        yield from _subject(text, named, text.token_from(end) - 1, MEASURED, sure=True)


def _is_covariate(words: str, verb: str) -> bool:
    """Return whether the clause speaks of what is known before the treatments act."""
    cue = BEFOREHAND if RECORDED.search(verb) else COVARIATE
    return cue.search(words.replace(verb, " ")) is not None


def _weighed(text: Text, verb: int, words: str) -> Iterator[Measured]:
    """Yield the weight that "we weigh every chick" speaks of."""
    if "weigh" in words and next(outcomes(text, *_rest(text, verb)), None) is None:
        yield Measured("weight", "normal", verb, verb, MEASURED)


def _rest(text: Text, i: int) -> tuple[int, int]:
    return i, text.sentence_of(i)[1] - 1


def _objects(text: Text, first: int, last: int, confidence: float) -> Iterator[Measured]:
    """Yield what stands after a verb or a label, and what is joined to it."""
    i, rank = first, confidence
    for _ in range(MOST_JOINED):
        if i > last:
            return
        while i < last and i > first and text.at(i) in PREPOSITIONS:
            i += 1
        if text.tokens[i].text in lexicon().units and text.at(i + 1) in UNIT_JOINTS:
            i = _after_joint(text, i + 1, last)
            continue
        named = measured_phrase(text, i, last, sure=confidence >= SECONDARY)
        if named is None and confidence == MEASURED:
            named = plain_object(text, i, last)
        if named is None or named[0].split()[-1].lower() in {"order", "position"}:
            return
        name, family, a, b = named
        yield Measured(name, family, a, b, rank)
        i = _after_joint(text, b + 1, last)
        if rank == confidence:
            rank = max(min(rank, STATED) - 0.05, min(rank, SECONDARY))


def _after_joint(text: Text, i: int, last: int) -> int:
    """Return where the next joined item starts, past an aside, or past the end for none."""
    if text.at(i) == "(":
        while i <= last and text.at(i) != ")":
            i += 1
        i += 1
    if text.at(i) == "per":
        i += 2
        while text.at(i) in {"and", "or"} and text.lemma(i + 1) in lexicon().groups:
            i += 2
    skipped = 0
    while i <= last and skipped < 4 and text.at(i) not in JOINTS | CLAUSE_END | RELATIVES:
        i, skipped = i + 1, skipped + 1
    if text.at(i) not in JOINTS:
        return last + 1
    while text.at(i) in JOINTS:
        i += 1
    return i


def _subject(
    text: Text, first: int, last: int, confidence: float, *, sure: bool
) -> Iterator[Measured]:
    """Yield what is said to be measured: the last outcomes before the verb, or the whole phrase."""
    start = _clause_start(text, first, last)
    found = list(_known(text, start, last, confidence))
    counted = sure or RESULT_VERBS.search(text.words(last + 1, last + 4).lower()) is not None
    named = list(unknown(text, start, last, found, confidence)) if counted else []
    yield from found[:3]
    yield from named
    changes = text.at(start) in CHANGES or text.at(start + 1) in CHANGES
    if not found and not named and (sure or changes):
        whole = measured_phrase(text, start, last, sure=True)
        if whole is not None:
            yield Measured(*whole, confidence)


def _clause_start(text: Text, first: int, last: int) -> int:
    depth = 0
    for i in range(last, first - 1, -1):
        depth += {")": 1, "(": -1}.get(text.at(i), 0)
        by_then = text.at(i) == "then" and text.at(i - 1) in {"by", "until", "since"}
        if depth == 0 and text.at(i) in CLAUSE_STARTS and not by_then:
            return i + 1
    return first


def _known(text: Text, first: int, last: int, confidence: float) -> Iterator[Measured]:
    """Yield the outcomes of the lexicon between two tokens, each with the words that belong."""
    for outcome in _heads(text, first, last):
        yield measured_at(text, outcome, first, last, confidence)


def _heads(text: Text, first: int, last: int) -> Iterator[Outcome]:
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
        return text.at(i - 2) in {"from", "by", "of", "at", "on"}
    return text.at(i - 1) in {"of", "in", "per", "that", "to", "from", "at"}


def _is_aside(text: Text, outcome: Outcome) -> bool:
    return _in_parentheses(text, outcome.first) or text.at(outcome.last) in VERB_NOUNS


def _in_parentheses(text: Text, i: int) -> bool:
    """Return whether a parenthesis that opened shortly before this token is still open."""
    for j in range(i - 1, max(i - ASIDE_REACH, -1), -1):
        if text.at(j) in {"(", ")", "."}:
            return text.at(j) == "("
    return False


def _mentioned(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield outcomes that a sentence only mentions: better than nothing, and to be asked about."""
    words = text.words(first, last).lower()
    if BEFOREHAND.search(words) or MONEY.search(words):
        return
    for outcome in _heads(text, first, last):
        set_here = text.lemma(outcome.last) in lexicon().attributes
        if not set_here and not _sets_levels(text, outcome.last + 1, last):
            yield measured_at(text, outcome, first, last, ANYWHERE)


def _fragments(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield the outcome that a verbless sentence begins with: "Yield in t/ha, October"."""
    for a, b in _clauses(text, first, last):
        yield from _fragment(text, a, b)


def _fragment(text: Text, first: int, last: int) -> Iterator[Measured]:
    while first <= last and (text.at(first) in LEAD or not text.tokens[first].is_word):
        first += 1
    found, words = list(_heads(text, first, last)), text.words(first, last).lower()
    if not found or found[0].first > first + 3:
        return
    if BEFOREHAND.search(words) or MONEY.search(words):
        return
    if _tells_of_people(text, first, found[0].first) or _sets_levels(text, found[0].last + 1, last):
        return
    for outcome in found[:2]:
        if _modifies(text, outcome.last):
            continue
        named = measured_at(text, outcome, first, last, FRAGMENT)
        joined = outcome is found[0] or text.at(named.first - 1) in JOINTS
        set_here = text.lemma(outcome.last) in lexicon().attributes
        if joined and (not set_here or outcome.last > outcome.first):
            yield named


def _tells_of_people(text: Text, first: int, end: int) -> bool:
    """Return whether a small word or "assessors" stands between, so that this is a clause."""
    inner = {text.at(i) for i in range(first, end)}
    plural = (text.at(i) for i in range(first, end) if text.at(i) != text.lemmas[i])
    return bool(inner & lexicon().stop) or any(group_kind(noun) == "person" for noun in plural)


def _modifies(text: Text, i: int) -> bool:
    """Return whether an outcome only describes the noun after it, as in "scratch assay"."""
    if i + 1 >= len(text.tokens) or not text.tokens[i + 1].is_word:
        return False
    following = text.at(i + 1)
    return following in DESCRIBED or text.lemma(i + 1) in lexicon().groups


def _sets_levels(text: Text, i: int, last: int) -> bool:
    """Return whether levels follow, so that the phrase names a treatment."""
    if text.at(i) in {"at", ":", "-", "=", "was", "is", "fixed", "held", "/"}:
        return True
    if ":" in (text.at(j) for j in range(i, min(i + 4, last))):
        return True
    for j in range(i, min(i + 6, last)):
        first = text.tokens[j].kind == "number" or text.at(j - 1) == "("
        if first and text.at(j + 1) in {",", "/", "or", "and"}:
            return True
    return False
