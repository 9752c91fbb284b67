"""Extractor for what is measured."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, zip_longest

from experimentos.design.parse.clauses import clauses, subject_start
from experimentos.design.parse.heads import known
from experimentos.design.parse.lexicon import lexicon, pattern
from experimentos.design.parse.measured import (
    CHANGES,
    Measured,
    measured_phrase,
)
from experimentos.design.parse.outcomes import outcomes
from experimentos.design.parse.text import Text, singular
from experimentos.design.parse.unknown import (
    NOT_MEASURED,
    examined_for,
    plain_object,
    unknown,
    weight_of,
)
from experimentos.design.parse.unspoken import FRAGMENT, fragment, mentioned, with_units

LABEL = pattern("responses_label")
IS_RESPONSE = pattern("responses_is_response")
ACTIVE = pattern("responses_active")
PASSIVE = pattern("responses_passive")
SECOND = re.compile(r"\b(?:second|guardrail|safety|other|also)")
SCALES = frozenset({"scale", "order", "position", "point"})
ALSO = re.compile(r"\balso\b")
NOTES = re.compile(r"\b(?:record|note|noted|taken|written|logged)\b|\brecorded")
CHECKED = re.compile(r"\b(?:checked|followed|monitored|inspected|observed)")
SURE_VERBS = re.compile(r"\b(?:counted|scored|rated|timed)")
BARE = pattern("responses_bare")
GOAL = pattern("responses_goal")
DISMISSED = pattern("responses_dismissed")
DECIDED = re.compile(
    r"\b(?:decided|drawn|tossing|coin|chosen|by lot|asked at the|fill in|on file|database|known)\b"
)
COUNT_OF = re.compile(
    r"(?:^|, |\band )(?:the |a )?(?:total |mean |average )?"
    r"(?:number|count|proportion|percentage|fraction|share)s? of (?!the variance)"
)
AUXILIARY = re.compile(r"\b(?:is|are|was|were|be|been|being|will|we|they)\b")
HOW = frozenset({"many", "much", "long", "often", "far", "fast", "quickly"})
WONDERING = frozenset(
    {"know", "see", "test", "ask", "find", "out", "learn", "examine", "determine", "question",
     "investigate", "wonder", "study", "decide", "establish", "check", "is"}
)  # fmt: skip
COVARIATE = pattern("responses_covariate")
RECORDED = pattern("responses_recorded")
BEFOREHAND = lexicon().cues["covariate"]
AND_NOTE = re.compile(r"\band (?:record|note|log|weigh)")
PREPOSITIONS = frozenset({"at", "on", "for", "by"})
RELATIVES = frozenset({"that", "which", "who", "where", "when", "so", "because"})
UNIT_JOINTS = frozenset({"/", ",", "and", "per", "^"})
CLAUSE_END = frozenset({";", ":", "=", "-"})
JOINTS = frozenset({",", "and", "or", "&", "+"})
LABELLED, STATED, SECONDARY, MEASURED = 0.9, 0.85, 0.75, 0.6
RESULT_VERBS = pattern("responses_result_verbs")
MOST_VERBS, MOST_JOINED, MOST_SKIPPED = 6, 8, 9
"""Verbs of one clause that are read, outcomes that each can speak of, words between those."""

CLAUSE_STARTS = frozenset({";", ":", "while", "then", "that", "which"})
LOOKED_AT = 0.44
NOTED, AIM = 0.28, 0.27


def responses(text: Text) -> Iterator[Measured]:
    """Yield the responses that the text names."""
    for first, end in text.sentences:
        found: list[Measured] = []
        for a, b in clauses(text, first, end - 1):
            told = list(_of_clause(text, a, b))
            if max((m.confidence for m in told), default=0.0) <= FRAGMENT:
                told.extend(fragment(text, a, b))
            found.extend(told)
        yield from found
        if not found:
            yield from islice(mentioned(text, first, end - 1), 1)


def _of_clause(text: Text, first: int, last: int) -> Iterator[Measured]:
    words = text.words(first, last).lower()
    labels = list(LABEL.finditer(words))
    if labels:
        yield from _of_labels(text, first, last, labels)
        return
    passing = DISMISSED.search(words) is not None
    for measured in _of_verbs(text, first, last, words):
        yield replace(measured, confidence=min(measured.confidence, NOTED)) if passing else measured


def _of_labels(
    text: Text, first: int, last: int, labels: list[re.Match[str]]
) -> Iterator[Measured]:
    """Yield what stands after "Outcome:" or "the primary endpoint is"."""
    start = text.tokens[first].start
    for label, following in zip_longest(labels, labels[1:]):
        end = text.token_from(start + following.start()) - 1 if following else last
        rank = SECONDARY if SECOND.search(label.group()) else LABELLED
        for said in _objects(text, text.token_from(start + label.end()), end, rank):
            event = "success" in label.group() and said.family in {"normal", "negative_binomial"}
            yield replace(said, family="bernoulli") if event else said


def _of_verbs(text: Text, first: int, last: int, words: str) -> Iterator[Measured]:
    """Yield what the verbs of a clause say is measured."""
    start = text.tokens[first].start
    stated = list(IS_RESPONSE.finditer(words))
    for said in stated:
        end = text.token_from(start + said.start()) - 1
        rank = SECONDARY if SECOND.search(said.group()) else STATED
        yield from _subject(text, first, end, rank, sure=True)
        first = text.token_from(start + said.end())
    if not stated:
        yield from _of_passive(text, first, last, words)
    if not (DECIDED.search(words) or COVARIATE.search(words)):
        yield from _of_questions(text, first, last)
    yield from examined_for(text, first, last, words, MEASURED)
    yield from _of_active(text, first, last, words, start)
    if not (COVARIATE.search(words) or BEFOREHAND.search(words)):
        spoken = PASSIVE.search(words) is not None or ACTIVE.search(words) is not None
        yield from with_units(text, first, last, MEASURED if spoken else FRAGMENT)
    if aim := GOAL.search(words):
        yield from known(text, text.token_from(start + aim.end()), last, AIM)


def _of_questions(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield what "whether it germinates" or "how long it takes" asks of each unit."""
    for i in range(first, last):
        asks = text.at(i) == "whether" and text.at(i - 1) not in WONDERING
        how = text.at(i) == "how" and text.at(i + 1) in HOW and text.at(i + 2) != "of"
        if asks or (how and text.at(i + 2) not in {"there", "is"}) or _how_many_of(text, i):
            named = measured_phrase(text, i, last, sure=False)
            if named is not None:
                yield Measured(*named, MEASURED)


def _how_many_of(text: Text, i: int) -> bool:
    return text.at(i) == "how" and text.at(i + 1) == "many" and text.at(i + 2) == "of"


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


def _of_passive(text: Text, first: int, last: int, words: str) -> Iterator[Measured]:
    """Yield what "is measured" or, without "is", what "the beetles counted" speaks of."""
    start = text.tokens[first].start
    match = PASSIVE.search(words)
    if match is not None and not _is_covariate(words, match.group()):
        verb, end = match.group(), text.token_from(start + match.start()) - 1
        weak = NOTES.search(verb) is not None
        sure = SURE_VERBS.search(verb) is not None
        if verb.endswith("weighed") and not list(known(text, first, end, MEASURED)):
            yield from weight_of(text, subject_start(text, first, end), end, MEASURED)
            return
        rank = NOTED if weak else LOOKED_AT if CHECKED.search(verb) else MEASURED
        rank = MEASURED if weak and ALSO.search(verb) else rank
        announced = text.token_from(start + match.end())
        while announced <= last and announced - first < 40 and text.at(announced) != ":":
            announced += 1
        listed = []
        if text.at(announced) == ":" and announced < last:
            listed = list(_objects(text, announced + 1, last, rank))
        yield from listed or _subject(text, first, end, rank, sure=sure)
    bare = BARE.search(words, match.end() if match else 0)
    spoken = bare is None or AUXILIARY.search(bare.group("name")) is not None
    if bare is not None and not spoken and not _is_covariate(words, bare.group()):
        named, end = text.token_from(start + bare.start("name")), start + bare.end("name")
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
        unit = text.tokens[i].text in lexicon().units and text.at(i + 1) in UNIT_JOINTS
        if unit or text.at(i) in {"yes", "no"}:
            i = _after_joint(text, i + 1, last)
            continue
        named = measured_phrase(text, i, last, sure=confidence >= SECONDARY)
        if named is None and confidence == MEASURED:
            named = plain_object(text, i, last)
        if named is None or _names_nothing(named[0], named[1]):
            return
        name, family, a, b = named
        yield Measured(name, family, a, b, rank)
        i = _after_joint(text, b + 1, last)
        if rank == confidence:
            rank = max(min(rank, STATED) - 0.05, min(rank, SECONDARY))


def _names_nothing(name: str, family: str) -> bool:
    """Return whether "afterwards" or "a scale" stands where a response is looked for."""
    word = name.split()[-1].lower()
    empty = {word, singular(word)} & (SCALES if " " in name else NOT_MEASURED)
    return family != "bernoulli" and bool(empty)


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
    while (
        i <= last and skipped < MOST_SKIPPED and text.at(i) not in JOINTS | CLAUSE_END | RELATIVES
    ):
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
    start = subject_start(text, _clause_start(text, first, last), last)
    counted = COUNT_OF.search(text.words(start, last).lower())
    if counted is not None:
        start = text.token_from(text.tokens[start].start + counted.start())
        named = list(_objects(text, start, last, max(confidence, MEASURED)))
        if named:
            yield from named
            return
    found = list(known(text, start, last, confidence))
    told = sure or RESULT_VERBS.search(text.words(last + 1, last + 4).lower()) is not None
    named = list(unknown(text, start, last, found, confidence)) if told else []
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
