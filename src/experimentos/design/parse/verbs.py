"""What the verbs of a clause say is measured: "is counted", "we weigh", "whether it leaks"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from experimentos.design.parse.clauses import subject_start
from experimentos.design.parse.events import noun_of
from experimentos.design.parse.heads import known
from experimentos.design.parse.lexicon import lexicon, pattern
from experimentos.design.parse.measured import Measured, measured_phrase
from experimentos.design.parse.outcomes import outcomes
from experimentos.design.parse.stated import (
    ALSO,
    DECIDED,
    MEASURED,
    SECONDARY,
    STATED,
    objects,
    subject,
)
from experimentos.design.parse.text import Text
from experimentos.design.parse.unknown import TIME, WEIGHT, weight_of
from experimentos.design.parse.unspoken import FRAGMENT, with_units

IS_RESPONSE = pattern("responses_is_response")
ACTIVE = pattern("responses_active")
PASSIVE = pattern("responses_passive")
SECOND = re.compile(r"\b(?:second|guardrail|safety|other|also)")
MARKED = pattern("responses_marked")
GIVING = re.compile(r"\b(?:giving|yielding|which gives?|which gave|to obtain|from which we get) ")
BESIDE = re.compile(r",? (?:together with|along with|as well as|plus|as (?:is|are|was|were)) ")
RATING = re.compile(
    r"\b(?:scor|rat|grad|judg|assess|evaluat|test|analy|check|examin|inspect|screen)"
)
SOUGHT = re.compile(
    r"[^,.;:()]{1,40}? for (?:the |any |signs of )?"
    r"(?!\d|(?:a|an|one|two|three|four|five|six|ten|each|every|all)\b)"
)
NOTES = re.compile(r"\b(?:record|note|noted|taken|written|logged)\b|\brecorded")
CHECKED = re.compile(r"\b(?:checked|followed|monitored|inspected|observed)")
SURE_VERBS = re.compile(r"\b(?:counted|scored|rated|timed)")
OF_VERBS = {"weighed": WEIGHT, "timed": TIME}
EXAMINED_FOR = pattern("responses_examined_for")
ASKED_BY = (
    ("scor", "ordered"), ("rat", "ordered"), ("grad", "ordered"), ("judg", "ordered"),
    ("analy", "lognormal"), ("assayed", "lognormal"),
)  # fmt: skip
"""The family that "scored for" or "analysed for" asks of what the lexicon does not know."""

ENVIRONMENT = re.compile(
    r"^(?:the )?(?:canopy|litter|soil|water|air|ambient|room|wind|snow|vegetation|humidity|rain)"
)
BARE = pattern("responses_bare")
GOAL = pattern("responses_goal")
AUXILIARY = re.compile(r"\b(?:is|are|was|were|be|been|being|will|we|they)\b")
HOW = frozenset({"many", "much", "long", "often", "far", "fast", "quickly"})
WONDERING = frozenset(
    {"know", "see", "test", "ask", "find", "out", "learn", "examine", "determine", "question",
     "investigate", "wonder", "study", "decide", "establish", "check", "is"}
)  # fmt: skip
COVARIATE = pattern("responses_covariate")
RECORDED = pattern("responses_recorded")
BEFOREHAND = lexicon().cues["covariate"]
PASSIVE_BEFORE = re.compile(r"\b(?:is|are|was|were|be|been)(?: then| also| all)? \w?$")
AND_NOTE = re.compile(r"\band (?:record|note|log|weigh)")
MOST_VERBS = 6
"""Verbs of one clause that are read."""

LOOKED_AT, NOTED, AIM = 0.44, 0.28, 0.27


def of_verbs(text: Text, first: int, last: int, words: str) -> Iterator[Measured]:
    """Yield what the verbs of a clause say is measured."""
    start = text.tokens[first].start
    stated = list(IS_RESPONSE.finditer(words))
    for said in stated:
        end = text.token_from(start + said.start()) - 1
        rank = SECONDARY if SECOND.search(said.group()) else STATED
        yield from subject(text, first, end, rank, sure=True)
        first = text.token_from(start + said.end())
    yield from _marked(text, first, words)
    yield from _examined_for(text, first, last, words)
    if not stated:
        yield from _of_passive(text, first, last, words)
    if not (DECIDED.search(words) or COVARIATE.search(words)):
        yield from _of_questions(text, first, last)
    yield from _of_active(text, first, last, words, start)
    if not (COVARIATE.search(words) or BEFOREHAND.search(words)):
        spoken = PASSIVE.search(words) is not None or ACTIVE.search(words) is not None
        yield from with_units(text, first, last, MEASURED if spoken else FRAGMENT)
    if aim := GOAL.search(words):
        yield from known(text, text.token_from(start + aim.end()), last, AIM)


def _marked(text: Text, first: int, words: str) -> Iterator[Measured]:
    """Yield the yes or no that "is marked correct or not" speaks of."""
    said = MARKED.search(words)
    if said is not None:
        start = text.tokens[first].start
        a = text.token_from(start + said.start("state"))
        b = text.token_from(start + said.end("state")) - 1
        name = noun_of(said.group("state")) or said.group("state")
        yield Measured(name, "bernoulli", a, b, MEASURED)


def _examined_for(text: Text, first: int, last: int, words: str) -> Iterator[Measured]:
    """Yield what units are "examined for", each in the family that the verb asks."""
    said = EXAMINED_FOR.search(words)
    i = text.token_from(text.tokens[first].start + said.end()) if said else last + 1
    if said is None or i > last or text.at(i) in lexicon().stop:
        return
    usual = next((kind for cue, kind in ASKED_BY if cue in said.group()), "bernoulli")
    for found in objects(text, i, last, SECONDARY):
        family = found.family if found.family != "normal" else usual
        yield replace(found, family=family, confidence=MEASURED)


def _of_questions(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield what "whether it germinates" or "how long it takes" asks of each unit."""
    for i in range(first, last):
        asks = text.at(i) == "whether" and (
            text.at(i - 1) not in WONDERING or text.at(i + 1) in {"they", "he", "she"}
        )
        asks = asks or (text.at(i) == "what" and text.at(i + 1) in {"they", "he", "she"})
        how = text.at(i) == "how" and text.at(i + 1) in HOW and text.at(i + 2) != "of"
        if asks or (how and text.at(i + 2) not in {"there", "is"}) or _how_many_of(text, i):
            named = measured_phrase(text, i, last, sure=False)
            if named is not None:
                yield Measured(*named, MEASURED)


def _how_many_of(text: Text, i: int) -> bool:
    return text.at(i) == "how" and text.at(i + 1) == "many" and text.at(i + 2) == "of"


def _of_passive(text: Text, first: int, last: int, words: str) -> Iterator[Measured]:
    """Yield what "is measured" or, without "is", what "the beetles counted" speaks of."""
    start = text.tokens[first].start
    match = PASSIVE.search(words)
    if match is not None and not _is_covariate(words, match.group()):
        yield from _passive_at(text, first, last, match, words)
    bare = BARE.search(words, match.end() if match else 0)
    spoken = bare is None or AUXILIARY.search(bare.group("name")) is not None
    if bare is not None and not spoken and not _is_covariate(words, bare.group()):
        named, end = text.token_from(start + bare.start("name")), start + bare.end("name")
        yield from subject(text, named, text.token_from(end) - 1, MEASURED, sure=True)


def _passive_at(
    text: Text, first: int, last: int, match: re.Match[str], words: str
) -> Iterator[Measured]:
    """Yield what this "is measured" speaks of: what follows its colon, else its subject."""
    start, verb = text.tokens[first].start, match.group()
    if words.startswith(" for ", match.end()) and EXAMINED_FOR.search(words):
        return
    end, begin = text.token_from(start + match.start()) - 1, subject_start(text, first, last)
    rank = _rank(verb)
    giving = GIVING.search(words, match.end())
    if giving is not None:
        yield from objects(text, text.token_from(start + giving.end()), last, rank)
        return
    measure = next((kind for said, kind in OF_VERBS.items() if verb.endswith(said)), None)
    asked = text.at(begin) in {"whether", "how"}
    if measure and not asked and not list(known(text, first, end, MEASURED)):
        yield from weight_of(text, subject_start(text, first, end), end, MEASURED, measure)
        return
    colon = words.find(":", match.end())
    listed = (
        list(objects(text, text.token_from(start + colon + 1), last, rank)) if colon > 0 else []
    )
    sure = SURE_VERBS.search(verb) is not None
    if ENVIRONMENT.search(text.words(begin, end).lower()):
        rank = min(rank, LOOKED_AT)
    yield from listed or subject(text, first, end, rank, sure=sure)
    beside = BESIDE.search(words, match.end())
    if beside is not None:
        yield from objects(text, text.token_from(start + beside.end()), last, rank)


def _rank(verb: str) -> float:
    """Return how sure a verb is: what is only noted may be no response."""
    if NOTES.search(verb):
        return MEASURED if ALSO.search(verb) else NOTED
    return LOOKED_AT if CHECKED.search(verb) else MEASURED


def _of_active(text: Text, first: int, last: int, words: str, start: int) -> Iterator[Measured]:
    """Yield what "we measure", each verb in its own clause."""
    for match in islice(ACTIVE.finditer(words), MOST_VERBS):
        begin, end = _own_clause(words, match)
        sought = SOUGHT.match(words, match.end()) if RATING.search(match.group()) else None
        after = text.token_from(start + (sought.end() if sought else match.end()))
        if PASSIVE_BEFORE.search(words, 0, match.start() + 1) and not sought:
            continue
        if after <= first or _is_covariate(words[begin:end], match.group()):
            continue
        rank = NOTED if NOTES.search(match.group()) else MEASURED
        until = last if end == len(words) else text.token_from(start + end) - 1
        if "weigh" in match.group() and next(outcomes(text, after, until), None) is None:
            yield from weight_of(text, after, until, MEASURED)
        else:
            yield from objects(text, after, until, rank)


def _own_clause(words: str, verb: re.Match[str]) -> tuple[int, int]:
    """Return the clause of a verb: "and record ..." starts one of its own."""
    following = AND_NOTE.search(words, verb.end())
    before = [joint.start() for joint in AND_NOTE.finditer(words, 0, verb.end())]
    return (before[-1] if before else 0), (following.start() if following else len(words))


def _is_covariate(words: str, verb: str) -> bool:
    """Return whether the clause speaks of what is known before the treatments act."""
    cue = BEFOREHAND if RECORDED.search(verb) else COVARIATE
    return cue.search(words.replace(verb, " ")) is not None
