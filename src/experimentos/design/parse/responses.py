"""Extractor for what is measured, and the family of distributions that fits it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from experimentos.design.parse.lexicon import lexicon, pattern
from experimentos.design.parse.phrases import is_verbal, split_items
from experimentos.design.parse.text import Text, singular


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


EQUALS = pattern("responses_equals")
IS_RESPONSE = pattern("responses_is_response")
VERBS = pattern("responses_verbs")
PASSIVE = pattern("responses_passive")
GOAL = pattern("responses_goal")
ORDERED = pattern("responses_ordered")
BINARY = pattern("responses_binary")
COUNTED = pattern("responses_counted")
LEAD = pattern("responses_lead", ignore_case=True)
CUT = pattern("responses_cut")
MEASURE_OF = pattern("responses_measure_of", ignore_case=True)
WHERE = pattern("responses_where")
DROP = pattern("responses_drop", ignore_case=True)
ASIDE = re.compile(r"\([^)]*\)")
CLAUSE = re.compile(r"[;:,]\s")
JOINT = re.compile(r"\b(?:and|then|while)\s")


def family_of(name: str, context: str = "") -> str | None:
    """Return the family that a response of this name, in these words, asks for."""
    lower, around = name.lower(), context.lower()
    if ORDERED.search(around):
        return "ordered"
    for phrase, family in lexicon().outcomes:
        if _has(lower, phrase):
            if family == "normal" and COUNTED.search(around) and not _measured_amount(lower):
                return "negative_binomial"
            return family
    if BINARY.search(around):
        return "bernoulli"
    return "negative_binomial" if COUNTED.search(around) else None


def _measured_amount(name: str) -> bool:
    return bool(re.search(r"yield|weight|length|height|strength|time|score|rate|level", name))


def _has(text: str, phrase: str) -> bool:
    return _word(phrase).search(text) is not None


@cache
def _word(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z]){re.escape(phrase)}(?:s|es)?(?![a-z])")


RULES = (
    (EQUALS, "after", 0.9), (IS_RESPONSE, "before", 0.9), (PASSIVE, "before", 0.6),
    (VERBS, "after", 0.6), (GOAL, "after", 0.35),
)  # fmt: skip


def responses(text: Text) -> Iterator[Measured]:
    """Yield the responses that the text names, the surest first within a sentence."""
    for first, end in text.sentences:
        yield from _of_sentence(text, first, end - 1)


def _of_sentence(text: Text, first: int, last: int) -> Iterator[Measured]:
    sentence = text.words(first, last)
    offset, lower, found = text.tokens[first].start, sentence.lower(), False
    for cue, side, confidence in RULES:
        match = None if found and confidence < 0.9 else cue.search(lower)
        if match is None:
            continue
        a, b = (match.end(), len(sentence)) if side == "after" else (0, match.start())
        named = list(_named(text, (first, last), (offset + a, offset + b), sentence, confidence))
        yield from named
        found = found or bool(named)
        if found and side == "before":
            return


def _named(
    text: Text, sentence: tuple[int, int], span: tuple[int, int], words: str, confidence: float
) -> Iterator[Measured]:
    tokens = [
        j
        for j in range(sentence[0], sentence[1] + 1)
        if span[0] <= text.tokens[j].start and text.tokens[j].end <= span[1]
    ]
    if not tokens:
        return
    after = span[1] - span[0] and span[0] > text.tokens[sentence[0]].start
    items = split_items(text, tokens[0], tokens[-1]) if after else [None]
    if not after:
        name = _cut_before(text.words(tokens[0], tokens[-1]))
        family = family_of(name, words)
        if name and (family is not None or confidence > 0.8):
            yield Measured(name, family or "normal", tokens[0], tokens[-1], confidence)
        return
    for position, item in enumerate(items):
        if item is None:
            continue
        name = _cut_after(item.name)
        family = family_of(name, words)
        sure = confidence > 0.8 and position == 0
        if (
            name
            and (sure or family is not None)
            and not (position and is_verbal(name.split()[-1]) and family is None)
        ):
            yield Measured(
                _as_noun(name),
                family or "normal",
                item.first,
                item.last,
                confidence if position == 0 else confidence - 0.1,
            )


VERB_NOUNS = {
    "visited": "visit",
    "bought": "purchase",
    "spent": "spend",
    "clicked": "click",
    "converted": "conversion",
    "signed": "sign-up",
    "survived": "survival",
    "died": "mortality",
    "recovered": "recovery",
    "returned": "return",
    "germinated": "germination",
    "opened": "open",
    "subscribed": "subscription",
    "relapsed": "relapse",
    "healed": "healing",
    "infected": "infection",
}


def _as_noun(name: str) -> str:
    for word in name.lower().split():
        if word in VERB_NOUNS:
            return VERB_NOUNS[word]
    return name


CHANGES = frozenset({"drop", "loss", "change"})
AMOUNTS = frozenset({"number", "amount"})


def _cut_after(words: str) -> str:
    words = LEAD.sub("", words.strip())
    of = MEASURE_OF.match(words)
    if of is None:
        return _stop(words)
    measure, noun = of.group(1).lower(), _stop(of.group(2))
    if measure in CHANGES:
        return f"{measure} in {noun}"
    return singular(noun) if measure in AMOUNTS else f"{singular(noun)} {measure}"


def _stop(words: str) -> str:
    cut = CUT.split(words, maxsplit=1)[0]
    return " ".join(cut.split()[:5]).strip(" .,'\"%")


def _cut_before(words: str) -> str:
    part = ASIDE.sub("", CLAUSE.split(words)[-1]).strip()
    part = WHERE.sub("", part + " ").strip()
    drop = DROP.match(part)
    if drop:
        return f"{drop.group(1).lower()} in {drop.group(2)}"
    return _cut_after(JOINT.split(part)[-1])
