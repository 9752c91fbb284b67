"""What is measured, named: the noun phrase of an outcome and the family that it asks for."""

from dataclasses import dataclass

from experimentos.design.parse.lexicon import lexicon, unit_at, words
from experimentos.design.parse.outcomes import Outcome, family_of, outcomes
from experimentos.design.parse.phrases import is_verbal
from experimentos.design.parse.text import Text, singular

LEAD = words("responses_lead")
END = words("responses_end")
MEASURES = words("responses_measures")
COUNTS = frozenset({"number", "amount", "count"})
CHANGES = frozenset({"drop", "loss", "change", "decrease", "increase", "gain", "reduction"})
OTHER = frozenset({"new", "other", "different", "further", "additional"})
TIME_NOUNS = frozenset({"time", "second", "minute", "hour", "day", "week", "month"})
VERB_NOUNS = {
    "visited": "visit", "bought": "purchase", "spent": "spend", "clicked": "click",
    "converted": "conversion", "signed": "sign-up", "survived": "survival", "died": "mortality",
    "recovered": "recovery", "returned": "return", "germinated": "germination", "opened": "open",
    "subscribed": "subscription", "relapsed": "relapse", "healed": "healing",
    "infected": "infection", "ordered": "order", "renewed": "renewal", "complied": "compliance",
}  # fmt: skip


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


def measured_at(text: Text, outcome: Outcome, first: int, last: int, confidence: float) -> Measured:
    """Return the outcome at its place with the words before and after that belong to its name."""
    start = outcome.first
    while start > first and outcome.first - start < 3 and _extends(text, start - 1):
        start -= 1
    name, end = _with_complement(text, start, outcome.last, last)
    family = family_of(outcome.family, name, text.clause_words(start), _piece(text, start, end))
    family = _family_by_name(text, end, family)
    return Measured(_as_noun(name), family or "normal", start, end, confidence)


def _piece(text: Text, first: int, last: int) -> str:
    """Return the words around a name that no "and" parts from it."""
    start, end = text.sentence_of(first)
    while first > start and text.at(first - 1) not in {"and", ";", "while", "plus"}:
        first -= 1
    while last + 1 < end and text.at(last + 1) not in {"and", ";", "while", "plus"}:
        last += 1
    return text.words(first, last).lower()


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
    while i <= end and (text.at(i) in LEAD or text.at(i) in OTHER):
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


def measured_phrase(
    text: Text, first: int, last: int, *, sure: bool
) -> tuple[str, str, int, int] | None:
    """Return the name, family and tokens of the noun phrase that starts here."""
    asked = _asked_whether(text, first, last)
    if asked is not None:
        return asked
    i, j = _bounds(text, first, last)
    if j == i:
        return None
    found = [o for o in outcomes(text, i, min(j + 3, last)) if o.first < j]
    around = text.clause_words(i)
    head = found[-1] if found else None
    alone = j == i + 1 or text.at(i + 1) in lexicon().stop
    if head is None and alone and is_verbal(text.at(i)) and text.at(i) not in VERB_NOUNS:
        return None
    name, end = _with_complement(text, i, head.last if head else j - 1, last)
    family = family_of(head.family if head else None, name, around, _piece(text, i, end))
    family = _family_by_name(text, end, family)
    if family is None and not sure:
        return None
    return _as_noun(name), family or "normal", i, end


def _bounds(text: Text, first: int, last: int) -> tuple[int, int]:
    """Return where a noun phrase starts past "the 20 g of", and the first token after it."""
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
    return i, j


def _asked_whether(text: Text, first: int, last: int) -> tuple[str, str, int, int] | None:
    """Return "solved" for "whether a problem is solved": the verb names a yes or no."""
    if text.at(first) != "whether":
        return None
    for i in range(first + 2, min(first + 7, last)):
        if text.at(i) in {"had", "has", "have", "gets", "got", "completes", "shows"} and (
            text.at(i + 1) in {"a", "an", "any", "the"}
        ):
            end = i + 2
            while end <= last and _extends(text, end) and end - i < 5:
                end += 1
            if end > i + 2:
                return text.words(i + 2, end - 1), "bernoulli", first, end - 1
        if text.at(i) in {"is", "was", "are", "were", "has", "have"} and is_verbal(text.at(i + 1)):
            verb = text.at(i + 1)
            return VERB_NOUNS.get(verb, verb), "bernoulli", first, i + 1
    return None


def _family_by_name(text: Text, last: int, family: str | None) -> str | None:
    """Return the family that the words after a name ask for: "visits per hour", "hours until"."""
    following, noun = text.at(last + 1), text.lemmas[last]
    is_plural = noun != text.at(last)
    if following == "per" and is_plural and family in {None, "bernoulli", "normal"}:
        return "negative_binomial"
    waits = noun in TIME_NOUNS and following in {"until", "till", "to", "before"}
    return "lognormal" if waits and family in {None, "normal"} else family


def _as_noun(name: str) -> str:
    for word in name.lower().split():
        if word in VERB_NOUNS:
            return VERB_NOUNS[word]
    return name
