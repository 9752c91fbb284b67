"""Extractor for what is measured."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

from experimentos.design.parse.lexicon import lexicon, pattern, unit_at, words
from experimentos.design.parse.outcomes import Outcome, family_of, outcomes
from experimentos.design.parse.phrases import is_verbal
from experimentos.design.parse.text import Text, singular

LABEL = pattern("responses_label")
IS_RESPONSE = pattern("responses_is_response")
ACTIVE = pattern("responses_active")
PASSIVE = pattern("responses_passive")
NOTES = re.compile(r"\b(?:record|note|noted|taken|written)")
SURE_VERBS = re.compile(r"\b(?:counted|scored|rated|timed)")
BARE = pattern("responses_bare")
GOAL = pattern("responses_goal")
MONEY = pattern("responses_money")
COVARIATE = pattern("responses_covariate")
RECORDED = pattern("responses_recorded")
BEFOREHAND = lexicon().cues["covariate"]
AND_NOTE = re.compile(r"\band (?:record|note|log|weigh)")
LEAD = words("responses_lead")
END = words("responses_end")
COUNTS = frozenset({"number", "amount", "count"})
MEASURES = words("responses_measures")
CHANGES = frozenset({"drop", "loss", "change", "decrease", "increase", "gain", "reduction"})
CLAUSE_END = frozenset({";", ":", "=", "-"})
JOINTS = frozenset({",", "and", "or", "&", "+"})
VERB_NOUNS = {
    "visited": "visit", "bought": "purchase", "spent": "spend", "clicked": "click",
    "converted": "conversion", "signed": "sign-up", "survived": "survival", "died": "mortality",
    "recovered": "recovery", "returned": "return", "germinated": "germination", "opened": "open",
    "subscribed": "subscription", "relapsed": "relapse", "healed": "healing",
    "infected": "infection", "ordered": "order", "renewed": "renewal", "complied": "compliance",
}  # fmt: skip
LABELLED, STATED, MEASURED = 0.9, 0.85, 0.6
FRAGMENT, NOTED, AIM, ANYWHERE = 0.44, 0.28, 0.27, 0.1


@dataclass(frozen=True, slots=True)
class Measured:
    """A guess at a response.

    Attributes
    ----------
    name, family : str
    first, last : int
        Tokens of the evidence, both included.
    confidence : float in [0, 1]
    """

    name: str
    family: str
    first: int
    last: int
    confidence: float


def responses(text: Text) -> Iterator[Measured]:
    """Yield the responses that the text names."""
    for first, end in text.sentences:
        found = list(_of_sentence(text, first, end - 1))
        yield from found
        if not found:
            yield from _fragments(text, first, end - 1)
            yield from islice(_mentioned(text, first, end - 1), 1)


def _of_sentence(text: Text, first: int, last: int) -> Iterator[Measured]:
    words = text.words(first, last).lower()
    start = text.tokens[first].start
    labels = list(LABEL.finditer(words))
    for label, following in zip_longest(labels, labels[1:]):
        end = text.token_from(start + following.start()) - 1 if following else last
        yield from _objects(text, text.token_from(start + label.end()), end, LABELLED)
    if labels:
        return
    stated = list(IS_RESPONSE.finditer(words))
    for said in stated:
        end = text.token_from(start + said.start()) - 1
        yield from _subject(text, first, end, STATED, sure=True)
        first = text.token_from(start + said.end())
    if not stated:
        yield from _of_passive(text, first, words)
    for match in ACTIVE.finditer(words):
        after = text.token_from(start + match.end())
        begin, end = _own_clause(words, match)
        if after > first and not _is_covariate(words[begin:end], match.group()):
            weak = NOTES.search(match.group()) is not None
            until = last if end == len(words) else text.token_from(start + end) - 1
            yield from _objects(text, after, until, NOTED if weak else MEASURED)
            yield from _weighed(text, after - 1, match.group())
    if aim := GOAL.search(words):
        yield from _known(text, text.token_from(start + aim.end()), last, AIM)


def _own_clause(words: str, verb: re.Match[str]) -> tuple[int, int]:
    """Return the clause of a verb: "and record ..." starts one of its own."""
    following = AND_NOTE.search(words, verb.end())
    before = [joint.start() for joint in AND_NOTE.finditer(words, 0, verb.end())]
    return (before[-1] if before else 0), (following.start() if following else len(words))


def _of_passive(text: Text, first: int, words: str) -> Iterator[Measured]:
    """Yield what "is measured" or, without "is", what "the beetles counted" speaks of."""
    start = text.tokens[first].start
    if match := PASSIVE.search(words):
        if not _is_covariate(words, match.group()):
            verb, end = match.group(), text.token_from(start + match.start()) - 1
            weak = NOTES.search(verb) is not None
            sure = SURE_VERBS.search(verb) is not None
            yield from _subject(text, first, end, NOTED if weak else MEASURED, sure=sure)
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
    while i <= last:
        named = _phrase(text, i, last, sure=rank >= LABELLED)
        if named is None:
            return
        name, family, a, b = named
        yield Measured(name, family, a, b, rank)
        i = _after_joint(text, b + 1, last)
        rank = min(rank, STATED) - 0.05 if rank == confidence else rank


def _after_joint(text: Text, i: int, last: int) -> int:
    """Return where the next joined item starts, past an aside, or past the end for none."""
    if text.at(i) == "(":
        while i <= last and text.at(i) != ")":
            i += 1
        i += 1
    skipped = 0
    while i <= last and skipped < 4 and text.at(i) not in JOINTS | CLAUSE_END:
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
    if found:
        yield from found[:3]
    elif sure:
        named = _phrase(text, start, last, sure=True)
        if named is not None:
            yield Measured(*named, confidence)


def _clause_start(text: Text, first: int, last: int) -> int:
    depth = 0
    for i in range(last, first - 1, -1):
        depth += {")": 1, "(": -1}.get(text.at(i), 0)
        if depth == 0 and text.at(i) in {";", ":", "while", "then", "that", "which"}:
            return i + 1
    return first


def _known(text: Text, first: int, last: int, confidence: float) -> Iterator[Measured]:
    """Yield the outcomes of the lexicon between two tokens, each with the words that belong."""
    for outcome in _heads(text, first, last):
        yield _measured(text, outcome, first, last, confidence)


def _heads(text: Text, first: int, last: int) -> Iterator[Outcome]:
    """Yield outcomes that head their phrase, and not "score" in "score that combines number"."""
    found = [o for o in outcomes(text, first, last) if not _is_aside(text, o)]
    for outcome, following in zip_longest(found, found[1:]):
        if following is not None and following.first == outcome.last + 1:
            continue
        if (
            text.at(outcome.first - 1) in {"of", "in", "per", "that", "to"}
            and outcome.first > first
        ):
            continue
        yield outcome


def _is_aside(text: Text, outcome: Outcome) -> bool:
    return text.at(outcome.first - 1) == "(" or text.at(outcome.last) in VERB_NOUNS


def _measured(text: Text, outcome: Outcome, first: int, last: int, confidence: float) -> Measured:
    start = outcome.first
    while start > first and outcome.first - start < 3 and _extends(text, start - 1):
        start -= 1
    name, end = _with_complement(text, start, outcome.last, last)
    family = family_of(outcome.family, name, text.sentence_words(start))
    return Measured(_as_noun(name), family or "normal", start, end, confidence)


def _extends(text: Text, i: int) -> bool:
    """Return whether this word belongs to the noun phrase after it."""
    token = text.tokens[i]
    if not token.is_word or token.lower in END or token.lower in LEAD:
        return False
    after_number = i and text.tokens[i - 1].kind == "number"
    if after_number and unit_at(text.clean, text.tokens[i - 1].end) is not None:
        return False
    return token.lower not in lexicon().stop


def _with_complement(text: Text, first: int, last: int, end: int) -> tuple[str, int]:
    """Return "odontoblast length" for "length of the odontoblasts", and where it ends."""
    while last < end and text.lemma(last + 1) in MEASURES:
        last += 1
    measure = text.lemma(last)
    name = " ".join(t.text for t in text.tokens[first : last + 1])
    joint = text.at(last + 1)
    if not (
        (joint == "of" and measure in MEASURES | COUNTS) or (joint == "in" and measure in CHANGES)
    ):
        return name, last
    i = last + 2
    while i <= end and text.at(i) in LEAD:
        i += 1
    j = i
    while j <= end and j - i < 3 and _extends(text, j) and not text.at(j).endswith("ing"):
        j += 1
    if j == i:
        return name, last
    noun = " ".join([*(t.text for t in text.tokens[i : j - 1]), singular(text.tokens[j - 1].text)])
    if measure in CHANGES:
        return f"{name} in {noun}", j - 1
    return (noun if measure in COUNTS else f"{noun} {name}"), j - 1


def _phrase(text: Text, first: int, last: int, *, sure: bool) -> tuple[str, str, int, int] | None:
    """Return the name, family and tokens of the noun phrase that starts here."""
    i = first
    while i <= last and (text.at(i) in LEAD or text.tokens[i].kind == "number"):
        measured = unit_at(text.clean, text.tokens[i].end) if text.at(i) not in LEAD else None
        i += 1
        while measured is not None and i <= last and text.tokens[i].start < measured.end:
            i += 1
    j = i
    while j <= last and j - i < 5 and text.tokens[j].is_word and text.at(j) not in END:
        if j > i and is_verbal(text.at(j)) and text.at(j) not in VERB_NOUNS:
            break
        j += 1
    if j == i:
        return None
    found = [o for o in outcomes(text, i, min(j + 3, last)) if o.first < j]
    around = text.sentence_words(i)
    head = found[-1] if found else None
    name, end = _with_complement(text, i, head.last if head else j - 1, last)
    family = family_of(head.family if head else None, name, around)
    if family is None and not sure:
        return None
    return _as_noun(name), family or "normal", i, end


def _as_noun(name: str) -> str:
    for word in name.lower().split():
        if word in VERB_NOUNS:
            return VERB_NOUNS[word]
    return name


def _mentioned(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield outcomes that a sentence only mentions: better than nothing, and to be asked about."""
    words = text.words(first, last).lower()
    if BEFOREHAND.search(words) or MONEY.search(words):
        return
    for outcome in _heads(text, first, last):
        set_here = text.lemma(outcome.last) in lexicon().attributes
        if not set_here and not _sets_levels(text, outcome.last + 1, last):
            yield _measured(text, outcome, first, last, ANYWHERE)


def _fragments(text: Text, first: int, last: int) -> Iterator[Measured]:
    """Yield the outcome that a verbless sentence begins with: "Yield in t/ha, October"."""
    start = first
    for i in range(first, last + 2):
        if i > last or text.at(i) == ";":
            yield from _fragment(text, start, i - 1)
            start = i + 1


def _fragment(text: Text, first: int, last: int) -> Iterator[Measured]:
    while first <= last and (text.at(first) in LEAD or not text.tokens[first].is_word):
        first += 1
    found, words = list(_heads(text, first, last)), text.words(first, last).lower()
    if not found or found[0].first > first + 3:
        return
    if BEFOREHAND.search(words) or MONEY.search(words):
        return
    inner = {text.at(i) for i in range(first, found[0].first)}
    if inner & lexicon().stop or _sets_levels(text, found[0].last + 1, last):
        return
    for outcome in found[:2]:
        named = _measured(text, outcome, first, last, FRAGMENT)
        joined = outcome is found[0] or text.at(named.first - 1) in JOINTS
        set_here = text.lemma(outcome.last) in lexicon().attributes
        if joined and (not set_here or outcome.last > outcome.first):
            yield named


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
