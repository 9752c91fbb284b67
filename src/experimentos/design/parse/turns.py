"""Whether each person gets the treatments in turn: "20 drivers drove with all three types"."""

import re
from collections.abc import Iterator
from itertools import islice

from experimentos.design.parse.lexicon import group_kind, lexicon, words
from experimentos.design.parse.text import Text

CONDITIONS = words("mentions_conditions")
TIMES = words("mentions_times")
ALLOTTED = words("allotment_random") - {"random", "randomly", "lot", "drawn"}
PANEL = frozenset({"judge", "taster", "panellist", "panelist", "assessor", "rater"})
EVERYBODY = frozenset({"everyone", "everybody"})
OPENERS = frozenset(
    {"", ".", ",", ";", ":", "and", "so", "that", "which", "where", "then", "but", "our"}
)
LEADS = frozenset({"the", "they", "one", "these", "our", "of", "each", "every", "all", "a", "same"})
COUNTED_TIMES = frozenset(
    {"visit", "occasion", "session", "evening", "morning", "afternoon", "night", "lap", "trip"}
)
GROUPS = frozenset({"group", "arm", "cell", "sequence", "side", "team", "class", "centre", "site"})
TESTS = frozenset(
    {"exam", "test", "questionnaire", "question", "survey", "form", "dose", "assessment", "scale"}
)
ENDS = frozenset({".", ";", ":"})
BE = frozenset({"is", "are", "was", "were", "be", "been"})
NOT_VERBS = BE | {"in", "per", "at", "of", "from", "to", "on", "each", "and", "or", "by", ",", "("}
ORDERS = frozenset({"order", "sequence"})
SHUFFLED = frozenset(
    {"random", "randomised", "randomized", "counterbalanced", "balanced", "shuffled", "different"}
)
WHOLE = frozenset({"all", "both", "each", "every"})
AGENT = re.compile(r"[a-z]{2,12}(?:er|ist|ian|eer|woman|sman)")
DEVICES = words("turns_devices")
ADJECTIVES, VERB_REACH, NOUN_REACH, ORDER_REACH = 4, 24, 4, 8
MOST_CELLS = 40
MOST_PERSONS = 80
"""More than the longest description names."""


def is_in_turn(text: Text) -> bool:
    """Return whether the text says that each person meets several of the conditions."""
    subjects = islice(_persons(text), MOST_PERSONS)
    return any(
        _has_own_order(text, i) or (_is_subject(text, i) and _meets_several(text, i))
        for i in subjects
    )


def _persons(text: Text) -> Iterator[int]:
    groups = lexicon().groups
    for i, lemma in enumerate(text.lemmas):
        told = groups.get(lemma) == "person" or lemma in PANEL or text.at(i) in EVERYBODY
        if told or is_agent(lemma) or _is_pronoun(text, i):
            yield i


def is_agent(noun: str) -> bool:
    """Return whether an unknown noun is somebody who does something: "every dancer"."""
    known = noun in lexicon().nouns or noun in lexicon().stop or noun in lexicon().units
    return not known and AGENT.fullmatch(noun) is not None and noun not in DEVICES


def is_person(noun: str) -> bool:
    """Return whether the noun, in the singular, is one for people or animals."""
    return group_kind(noun) == "person" or is_agent(noun)


def _is_pronoun(text: Text, i: int) -> bool:
    """Return whether this is the end of "all of them" or "they all"."""
    if text.at(i) == "them":
        return text.at(i - 1) == "of" and text.at(i - 2) in {"all", "each"}
    return text.at(i) in {"all", "each"} and text.at(i - 1) == "they"


def _is_subject(text: Text, i: int) -> bool:
    """Return whether "each of 16 drivers", "20 healthy drivers" opens a clause here."""
    plural = text.at(i) != text.lemmas[i] or _is_pronoun(text, i)
    told = text.at(i) in EVERYBODY
    j = i - 1
    while j > i - 2 - ADJECTIVES and j >= 0:
        word = text.at(j)
        if word in {"each", "every"} or (text.tokens[j].value or 0) > 1:
            told = True
        elif word in OPENERS:
            break
        elif word in lexicon().stop and word not in LEADS:
            return False
        j -= 1
    return (told or plural) and text.at(j) in OPENERS


def _meets_several(text: Text, i: int) -> bool:
    """Return whether the verb after a person has "all six drives" or "in random order"."""
    verb = _verb(text, i)
    each = text.at(i - 1) in {"each", "every"}
    passive = text.at(verb) in BE
    end = i if text.at(verb) in NOT_VERBS - BE else verb + VERB_REACH
    for j in range(verb, min(end, len(text.tokens))):
        word = text.at(j)
        if word in ENDS or (word in ALLOTTED and text.at(j + 1) not in ORDERS):
            break
        listed = each and word == "the" and _is_all_conditions(text, j)
        ordered = word in ORDERS and text.at(j - 1) in SHUFFLED and not passive
        whole = word in WHOLE and _is_all_conditions(text, j)
        if listed or ordered or whole or _is_on_visits(text, j):
            return True
    return False


def _verb(text: Text, i: int) -> int:
    """Return where the verb of a person stands, past "each" and past an apposition."""
    if text.at(i + 1) == "each":
        return i + 2
    if text.at(i + 1) == ",":
        _, end = text.sentence_of(i)
        near = range(i + 2, min(end, i + VERB_REACH))
        return next((j + 2 for j in near if text.at(j) == "," and text.at(j + 1) == "each"), i + 1)
    return i + 1


def _is_on_visits(text: Text, j: int) -> bool:
    """Return whether the number of "on three visits" stands here."""
    counted = (text.tokens[j].value or 0) > 1 and text.at(j - 1) in {"on", "over", "in"}
    return counted and _names(text, j + 1, COUNTED_TIMES)


def _is_all_conditions(text: Text, j: int) -> bool:
    """Return whether "all six drives", "both phones" or "each of four displays" starts here."""
    word = text.at(j)
    k = j + 1
    while text.at(k) in {"of", "the", "these", "its"}:
        k += 1
    count = text.tokens[k].value if k < len(text.tokens) else None
    if count is not None and not 1 < count <= MOST_CELLS:
        return False
    if word == "the":
        return count is not None and _names(text, k + 1, CONDITIONS - GROUPS)
    if (count is None and word != "both") or (word == "each" and k == j + 1):
        return _names(text, k, CONDITIONS - GROUPS) and word != "each"
    noun = text.lemma(k + 1 if count is not None else k)
    if noun in TIMES | GROUPS | TESTS or noun.endswith("plot") or not noun.isalpha():
        return count is not None and not noun.isalpha()
    return lexicon().groups.get(noun) not in {"person", "nuisance"}


def _names(text: Text, first: int, nouns: frozenset[str]) -> bool:
    """Return whether one of the nouns stands within a few words from here."""
    for i in range(first, first + NOUN_REACH):
        if text.lemma(i) in nouns:
            return True
        if not text.at(i).isalpha() or text.at(i) in lexicon().stop:
            return False
    return False


def _has_own_order(text: Text, i: int) -> bool:
    """Return whether "the order is drawn for each driver" ends at this person."""
    everybody = text.at(i) in EVERYBODY and text.at(i - 1) == "for"
    if not everybody and text.at(i - 1) not in {
        "each",
        "every",
        "per",
        "across",
        "between",
        "over",
    }:
        return False
    first, _ = text.sentence_of(i)
    near = range(max(first, i - ORDER_REACH), i)
    return any(text.at(j) in ORDERS for j in near)
