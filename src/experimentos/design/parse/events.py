"""A yes or no that is asked of a unit: the noun that "whether it germinated" names."""

import re
from dataclasses import dataclass

from experimentos.design.parse.lexicon import group_kind, nouns_of_verbs, words
from experimentos.design.parse.phrases import is_verbal
from experimentos.design.parse.text import Text

LIGHT = words("responses_light_verbs")
IS_THERE = words("responses_is_there")
ADVERBS = words("responses_adverbs")
END = words("responses_end")
DETERMINERS = frozenset(
    {"the", "a", "an", "each", "every", "any", "all", "his", "her", "their", "its", "some"}
)
RELATIVES = frozenset({"that", "who", "which"})
BE = frozenset({"is", "was", "are", "were", "be"})
HAVE = frozenset({"has", "have", "had"})
DO = frozenset({"did", "does", "do", "can", "could", "will", "would"})
REACH = 8
"""Words from "whether" to its verb."""

ENDING = re.compile(r"(?:ies|es|ed|ing|s|d)$")


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that a question names: its name, its family, its tokens (both included)."""

    name: str
    family: str | None
    first: int
    last: int


def noun_of(word: str) -> str | None:
    """Return the noun of a verb in any form: "purchase" for "bought", or None."""
    nouns = nouns_of_verbs()
    stem = ENDING.sub("", word)
    single = stem[:-1] if stem[-2:-1] == stem[-1:] else stem
    forms = (word, stem, stem + "e", stem + "y", single)
    return next((nouns[form] for form in forms if form in nouns and len(form) > 2), None)


def whether(text: Text, i: int, last: int) -> Answer | None:
    """Return what "whether the visitor completes registration" asks."""
    if text.at(i + 1).startswith("it'"):
        return None
    start = i + (3 if text.at(i + 1) in DETERMINERS else 2)
    for j in range(start, min(i + REACH, last) + 1):
        word = text.at(j)
        if word in BE:
            return _state(text, i, j, last)
        if word in HAVE | DO:
            k = past_adverbs(text, j + 1, last)
            verbal = word in DO or noun_of(text.at(k)) is not None or is_verbal(text.at(k))
            return act(text, i, k, last) if verbal else thing(text, i, k, last)
        if word in LIGHT or noun_of(word) is not None or word.endswith("ed"):
            return act(text, i, j, last)
        if text.tokens[j].kind == "mark":
            break
    told = start <= last and text.tokens[start].is_word and text.at(start) not in END
    return act(text, i, start, last) if told else None


def past_adverbs(text: Text, k: int, last: int) -> int:
    """Return the first token from here that is no "still", "not" or "already"."""
    while k < last and text.at(k) in ADVERBS:
        k += 1
    return k


def act(text: Text, i: int, j: int, last: int) -> Answer | None:
    """Return what "bought", "completes registration" or "fetched the toy" names."""
    if j > last:
        return None
    word = text.at(j)
    found = thing(text, i, j + 1, last) if word in LIGHT or noun_of(word) is None else None
    if found is not None:
        name = found.name if word in LIGHT else f"{text.tokens[j].text} {found.name}"
        return Answer(name, "bernoulli", i, found.last)
    return Answer(noun_of(word) or text.tokens[j].text, "bernoulli", i, j)


def thing(text: Text, i: int, k: int, last: int) -> Answer | None:
    """Return the noun phrase that starts here as a yes or no."""
    k = past_adverbs(text, k, last)
    while k <= last and (text.at(k) in DETERMINERS or text.at(k) in {"at", "least"}):
        k += 1
    end = phrase_end(text, k, last)
    return Answer(text.words(k, end - 1), "bernoulli", i, end - 1) if end > k else None


def phrase_end(text: Text, k: int, last: int, limit: int = 4) -> int:
    """Return the first token after the noun phrase that starts here."""
    end = k
    while end <= last and end - k < limit and text.tokens[end].kind != "mark":
        if text.at(end) in END or text.at(end) in RELATIVES:
            break
        end += 1
    return end


def _state(text: Text, i: int, j: int, last: int) -> Answer | None:
    """Return what "is pregnant", "was completed" or "there is mould" names."""
    if text.at(j - 1) == "there":
        return thing(text, i, j + 1, last)
    k = past_adverbs(text, j + 1, last)
    word = text.at(k)
    if word == "able":
        return act(text, i, k + 2, last)
    if not text.tokens[min(k, last)].is_word or word in END:
        return None
    subject = text.words(i + 2 if text.at(i + 1) in DETERMINERS else i + 1, j - 1)
    is_unit = group_kind(subject) is not None or len(subject) < 3
    return Answer(_named(text, k, last, "" if is_unit else subject), "bernoulli", i, k)


def _named(text: Text, k: int, last: int, subject: str) -> str:
    """Return the name of a state, with its subject where that is no unit."""
    word, noun = text.at(k), noun_of(text.at(k))
    if subject and word in IS_THERE:
        return subject
    if noun is not None:
        return f"{subject} {noun}" if subject and noun == "completion" else noun
    if subject and is_verbal(word):
        return f"{subject} {word}"
    found = thing(text, k, k, last)
    return found.name if found is not None else word
