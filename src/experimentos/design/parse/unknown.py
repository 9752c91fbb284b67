"""What is measured although the lexicon does not know it: the grammar alone says so."""

from collections.abc import Iterator

from experimentos.design.parse.lexicon import group_kind, lexicon, words
from experimentos.design.parse.measured import END, LEAD, Measured, measured_phrase
from experimentos.design.parse.phrases import is_verbal, split_items
from experimentos.design.parse.text import Text

ARTICLES = frozenset({"the", "a", "an"})
PREPOSITIONS = frozenset({"at", "on", "for", "by", "in", "after"})
COUNTED = words("unknown_counted")
OBJECT_ENDS = words("unknown_object_ends") | {""}
PRONOUNS = frozenset({"it", "they", "everything", "nothing", "this", "that", "these", "both"})
NOT_MEASURED = words("responses_not_measured")
SET_HERE = frozenset(
    {"temperature", "humidity", "dose", "dosage", "treatment", "condition", "group", "arm",
     "setting", "photoperiod", "irrigation", "fertiliser", "fertilizer", "diet", "variety"}
)  # fmt: skip
LONGEST_PHRASE, MOST = 5, 6


WEIGHT, TIME = ("weight", "normal"), ("time", "lognormal")


def weight_of(
    text: Text, first: int, last: int, confidence: float, measure: tuple[str, str] = WEIGHT
) -> Iterator[Measured]:
    """Yield the weight of "the fetuses were weighed", or the time of "runners were timed"."""
    a, b = _noun_phrase(text, first, last)
    if a <= b < len(text.tokens) and text.tokens[b].is_word:
        said, family = measure
        is_unit = text.at(b) in PRONOUNS or text.at(a - 1) in {"each", "every"}
        owner = "" if is_unit else f"{text.lemmas[b]} "
        yield Measured(f"{owner}{said}", family, a, b, confidence)


def plain_object(text: Text, first: int, last: int) -> tuple[str, str, int, int] | None:
    """Return what "we report" when no outcome of the lexicon stands there."""
    a, b = _noun_phrase(text, first, last)
    ends = text.at(b + 1) in OBJECT_ENDS
    if b < a or not ends or not _can_be_measured(text, a, b):
        return None
    return measured_phrase(text, a, b, sure=True)


def unknown(
    text: Text, first: int, last: int, found: list[Measured], confidence: float
) -> Iterator[Measured]:
    """Yield the phrases before "were determined" that hold no outcome of the lexicon."""
    for item in split_items(text, first, last)[-MOST:]:
        if any(m.first <= item.last and item.first <= m.last for m in found):
            continue
        a, b = _noun_phrase(text, item.first, item.last)
        counts = b >= a and text.at(b) in COUNTED and text.at(b + 1) == "of"
        if b < a or not (counts or _can_be_measured(text, a, b)):
            continue
        named = measured_phrase(text, a, item.last if counts else b, sure=True)
        if named is not None:
            yield Measured(*named, confidence)


def _noun_phrase(text: Text, first: int, last: int) -> tuple[int, int]:
    """Return the noun phrase of an item: past "at harvest the", before "of each plot"."""
    starts = [i for i in range(first, last) if text.at(i) in ARTICLES]
    i = starts[0] + 1 if starts and text.at(first) in PREPOSITIONS else first
    while i < last and (text.at(i) in LEAD or text.at(i) in {"%", "log", "logarithm"}):
        if text.at(i) in {"log", "logarithm"} and text.at(i + 1) != "of":
            break
        i += 1
    j = i
    while j < last and text.tokens[j + 1].is_word and text.at(j + 1) not in END:
        j += 1
    return i, j


def _can_be_measured(text: Text, first: int, last: int) -> bool:
    """Return whether a noun phrase may name a measurement: no group, nothing that is set."""
    word, name = text.lemmas[last], text.words(first, last)
    alone = first == last and is_verbal(text.at(last))
    is_noun = text.tokens[last].is_word and len(word) > 1 and not alone
    if not is_noun or last - first >= LONGEST_PHRASE or not _is_phrase(text, first, last):
        return False
    if word in NOT_MEASURED or name.lower() in lexicon().covariates or group_kind(name):
        return False
    if word in SET_HERE or (first == last and text.at(last + 1) != "("):
        return word not in lexicon().attributes
    return True


def _is_phrase(text: Text, first: int, last: int) -> bool:
    """Return whether no small word parts these tokens, and the last is no unit."""
    words = [text.at(i) for i in range(first, last + 1)]
    ends = [words[-1], *(words[-2:-1] if words[0] != "must" else [])]
    small = PRONOUNS.intersection(words) or lexicon().stop.intersection(ends)
    return not small and words[-1] not in lexicon().units and text.at(last - 1) not in {"in", "by"}
