"""What is measured, named: the noun phrase of an outcome and the family that it asks for."""

import re
from dataclasses import dataclass
from functools import lru_cache

from experimentos.design.parse.asked import asked_at
from experimentos.design.parse.clauses import clause_around
from experimentos.design.parse.events import Answer
from experimentos.design.parse.lexicon import lexicon, unit_at, words
from experimentos.design.parse.outcomes import Asked, Outcome, family_of, outcomes
from experimentos.design.parse.phrases import is_verbal
from experimentos.design.parse.text import Text, singular

LEAD = words("responses_lead")
END = words("responses_end")
MEASURES = words("responses_measures")
COUNTS = frozenset({"number", "amount", "count"})
CHANGES = frozenset({"drop", "loss", "change", "decrease", "increase", "gain", "reduction"})
OTHER = frozenset({"new", "other", "different", "further", "additional"})
BEFORE_ASKED = frozenset({"the", "a", "mean", "median", "average", "total"})
SHARES = frozenset({"proportion", "percentage", "fraction", "share"})
FOUND_AGAIN = words("measured_found_again")
"""What happens to some of so many: then a count has an upper end."""

TIME_NOUNS = frozenset({"time", "second", "minute", "hour", "day", "week", "month", "cycle"})
PARTED = frozenset({",", "and", "or", ";", "while", "plus"})
APPOSED = frozenset(
    {
        "in",
        "yes",
        "on",
        "scored",
        "rated",
        "graded",
        "from",
        "dead",
        "out",
        "0",
        "as",
        "i.e",
        "number",
    }
)
ASIDE = re.compile(r"[(\[][^()\[\]]{0,80}[)\]]")
OWN_REACH = 30
"""Tokens after a name in which its unit or scale may stand."""

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
    usual = _usual(text, outcome, last)
    family = family_of(usual, name, _asked(text, start, end))
    family = _family_by_name(text, name, end, family)
    return Measured(_as_noun(name), family or "normal", start, end, confidence)


def _usual(text: Text, outcome: Outcome, last: int) -> str | None:
    """Return the usual family of an outcome; "area" rules in "lesion area"."""
    if outcome.last >= last or text.lemma(outcome.last + 1) not in MEASURES:
        return outcome.family
    if outcome.family in {"bernoulli", "binomial"} or text.lemma(outcome.last + 1) in SHARES:
        return outcome.family
    measures = list(outcomes(text, outcome.last + 1, outcome.last + 1))
    return measures[0].family if measures else None


def _asked(text: Text, first: int, last: int) -> Asked:
    """Return what the words around the name between two tokens ask of its family."""
    start, end = text.sentence_of(first)
    while first > start and text.at(first - 1) in {"the", "of", "new", *COUNTS}:
        first -= 1
    j, depth = last + 1, 0
    while j < end and j - last < OWN_REACH:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text.at(j), 0)
        if depth < 0 or (depth == 0 and text.at(j) in PARTED and not _adds(text, j)):
            break
        j += 1
    return Asked(text.words(first, j - 1).lower(), _without_asides(clause_around(text, last)))


def _adds(text: Text, j: int) -> bool:
    """Return whether the joint here leads to "in percent", "yes or no" or "on a scale"."""
    if text.at(j) == ",":
        return text.at(j + 1) in APPOSED
    return text.at(j) == "or" and text.at(j + 1) in {"no", "not", "absent", "alive", "fail"}


@lru_cache(maxsize=64)
def _without_asides(clause: str) -> str:
    return ASIDE.sub(" ", clause)


def _extends(text: Text, i: int) -> bool:
    """Return whether this word belongs to the noun phrase after it."""
    token = text.tokens[i]
    if not token.is_word or token.lower.endswith("'s") or token.lower in END or token.lower in LEAD:
        return False
    after_number = i and text.tokens[i - 1].kind == "number"
    if after_number and unit_at(text.clean, text.tokens[i - 1].end) is not None:
        return False
    return token.lower not in lexicon().stop


def _with_complement(text: Text, first: int, last: int, end: int) -> tuple[str, int]:
    """Return "odontoblast length" for "length of the odontoblasts", and where it ends."""
    while last < end and text.lemma(last + 1) in MEASURES:
        last += 1
    waits = _waits(text, last, end) if last == first or not is_verbal(text.at(last - 1)) else None
    if waits is not None:
        return f"{text.words(first, last - 1)} {waits.name}".strip(), waits.last
    measure = text.lemma(last)
    if text.at(last + 1) == "%" and text.at(last + 2) == "of":
        last += 1
    name = text.words(first, last)
    if first == text.sentence_of(first)[0] and text.at(first) in MEASURES:
        name = name[0].lower() + name[1:]
    joint = text.at(last + 1)
    counts = joint == "of" and measure in MEASURES | COUNTS
    if counts or (joint == "in" and measure in CHANGES):
        return _of_what(text, name, measure, last, end)
    return name, last


def _waits(text: Text, i: int, end: int) -> Answer | None:
    """Return "cycles to failure" where a noun of time stands here."""
    return asked_at(text, i, end) if text.lemma(i) in TIME_NOUNS else None


def _of_what(text: Text, name: str, measure: str, last: int, end: int) -> tuple[str, int]:
    """Return a measure with the noun that follows its "of", and where that ends."""
    i = last + 2
    while i <= end and (text.at(i) in LEAD or text.at(i) in OTHER):
        i += 1
    j = i
    while j <= end and j - i < 3 and _extends(text, j) and not text.at(j).endswith("ing"):
        j += 1
    if j == i:
        return name, last
    waits = _waits(text, j - 1, end) if measure in COUNTS else None
    if waits is not None:
        return waits.name, waits.last
    noun = " ".join([*(t.text for t in text.tokens[i : j - 1]), singular(text.tokens[j - 1].text)])
    if measure in CHANGES:
        return f"{name} in {noun}", j - 1
    if measure in SHARES:
        return f"{name} of {text.words(i, j - 1)}", j - 1
    return (noun if measure in COUNTS else f"{noun} {name}"), j - 1


def measured_phrase(
    text: Text, first: int, last: int, *, sure: bool
) -> tuple[str, str, int, int] | None:
    """Return the name, family and tokens of the noun phrase that starts here."""
    start = first
    while start < last and text.at(start) in BEFORE_ASKED:
        start += 1
    asked = asked_at(text, start, last)
    if asked is not None:
        return _answer(text, asked)
    i, j = _bounds(text, first, last)
    if j == i:
        return None
    found = [o for o in outcomes(text, i, min(j + 3, last)) if o.first < j]
    head = found[-1] if found else None
    alone = j == i + 1 or text.at(i + 1) in lexicon().stop
    named = _is_noun_in_ing(text, i, last)
    if head is None and alone and is_verbal(text.at(i)) and not named:
        return None
    name, end = _with_complement(text, i, head.last if head else j - 1, last)
    family = family_of(_usual(text, head, last) if head else None, name, _asked(text, i, end))
    family = _family_by_name(text, name, end, family)
    if family is None and not sure and text.at(i) != "%":
        return None
    return _as_noun(name), family or "normal", i, end


def _is_noun_in_ing(text: Text, j: int, last: int) -> bool:
    """Return whether "bleeding" ends a noun phrase here, or this is a known outcome."""
    if text.at(j) in VERB_NOUNS:
        return True
    ends = j == last or text.tokens[j + 1].kind == "mark" or text.at(j + 1) in END
    return text.at(j).endswith("ing") and ends


def _is_of_so_many(text: Text, name: str) -> bool:
    """Return whether "words recalled" were so many before: "they memorise 40 words"."""
    noun, *state = name.lower().split() or [""]
    if noun in COUNTS and FOUND_AGAIN & set(state):
        return True
    if not FOUND_AGAIN & set(state):
        return False
    again = re.compile(rf"\b\d{{1,4}} (?:[a-z-]{{2,14}} )?{re.escape(singular(noun))}")
    return again.search(text.lower) is not None


def _answer(text: Text, asked: Answer) -> tuple[str, str, int, int]:
    """Return a response that is asked for with the family that the words around it ask."""
    known = [o for o in outcomes(text, asked.first, asked.last) if o.last == asked.last]
    family = asked.family
    if family not in {"bernoulli", "binomial", "gamma"}:
        whole = [o.family for o in known if o.first == asked.first]
        usual = known[-1].family if family is None and known else family
        usual = whole[0] if whole else usual
        family = family_of(usual, asked.name, _asked(text, asked.first, asked.last))
    return asked.name, family or "normal", asked.first, asked.last


def _bounds(text: Text, first: int, last: int) -> tuple[int, int]:
    """Return where a noun phrase starts past "the 20 g of", and the first token after it."""
    i = first
    while i <= last and (text.at(i) in LEAD or text.tokens[i].kind == "number"):
        measured = unit_at(text.clean, text.tokens[i].end) if text.at(i) not in LEAD else None
        i += 1
        while measured is not None and i <= last and text.tokens[i].start < measured.end:
            i += 1
    j = i + 1 if text.at(i) == "%" and i < last and text.tokens[i + 1].is_word else i
    start = j
    while j <= last and j - i < 5 and text.tokens[j].is_word and text.at(j) not in END:
        if j > start and is_verbal(text.at(j)) and not _is_noun_in_ing(text, j, last):
            break
        j += 1
    if text.at(j - 1) in COUNTS and j <= last and text.tokens[j].is_word and text.at(j) not in END:
        j += 2 if text.at(j + 1).endswith("ly") and j < last else 1
    return i, j


def _family_by_name(text: Text, name: str, last: int, family: str | None) -> str | None:
    """Return the family that the words after a name ask for: "visits per hour", "hours until"."""
    tallied = family == "negative_binomial" or name.lower().startswith("number ")
    if tallied and _is_of_so_many(text, name):
        return "binomial"
    following, noun = text.at(last + 1), text.lemmas[last]
    is_plural = noun != text.at(last)
    if following == "per" and is_plural and family in {None, "bernoulli", "normal"}:
        return "negative_binomial"
    waits = noun in TIME_NOUNS and following in {"until", "till", "to", "before"}
    return "lognormal" if waits and family in {None, "normal"} else family


def _as_noun(name: str) -> str:
    owner, _, owned = name.partition(" ")
    name = owned if owned and owner.endswith("'s") else name
    if owner in COUNTS:
        return name
    for word in name.lower().split():
        if word in VERB_NOUNS:
            return VERB_NOUNS[word]
    return name
