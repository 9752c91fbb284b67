"""Noun phrases around a place in the text, and lists of items."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.design.parse.lexicon import group_kind, lexicon, unit_at, words
from experimentos.design.parse.text import Text, singular

SEPARATORS = words("phrases_separators")
MEASURES = words("phrases_measures")
GENERIC = words("phrases_generic")
CONNECTORS = words("phrases_connectors")
ARTICLES = words("phrases_articles")
PARTICIPLES = words("phrases_participles")
SLASHED = re.compile(r"[A-Z]{2,}/[a-z]|[A-Z]+\d+[A-Z]*/\d[A-Za-z]?")
OWNER_REACH = 12
"""Words back from a list to the noun that names it."""

AWAY = frozenset({"at", "with", "under", "for", "after"})
VERBAL = re.compile(r"(?:ed|ing|ly|ise|ize|ised|ized)$")
NOUNS_IN_ING = words("phrases_nouns_in_ing")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: its words in the singular, and its tokens (both included)."""

    name: str
    first: int
    last: int


def is_verbal(word: str) -> bool:
    """Return whether a word looks like a verb or adverb rather than a noun."""
    if word in PARTICIPLES:
        return True
    return bool(VERBAL.search(word)) and word not in NOUNS_IN_ING and len(word) > 4


def phrase_before(text: Text, position: int, limit: int = 4) -> Phrase | None:
    """Return the noun phrase that ends before this token, past connecting words."""
    stop, tokens = lexicon().stop, text.tokens
    sentence = tokens[min(position, len(tokens) - 1)].sentence
    j = position - 1
    while j >= 0 and tokens[j].sentence == sentence and _connects(text, j):
        j -= 1
    if _leads_away(text, j, position):
        return None
    last = j
    while j >= 0 and last - j < limit and tokens[j].sentence == sentence:
        token = tokens[j]
        if not token.is_word or token.lower in SEPARATORS:
            break
        if token.lower in stop and not (j == last and text.at(j - 1) == "data"):
            break
        j -= 1
    first = j + 1
    while first < last and is_verbal(tokens[first].lower) and not _is_counted(text, first):
        first += 1
    if first > last or (tokens[last].lower in stop and text.at(last - 1) != "data"):
        return None
    return _with_measure(text, Phrase(_singular_name(text, first, last), first, last))


def _is_counted(text: Text, first: int) -> bool:
    """Return whether "warning" in "three warning types" belongs to the name."""
    return text.at(first).endswith("ing") and first > 0 and text.tokens[first - 1].value is not None


def _leads_away(text: Text, j: int, position: int) -> bool:
    """Return whether a comma and then a preposition part the phrase from "..., at 18 or 24 C"."""
    return text.at(j + 1) == "," and text.at(j + 2) in AWAY and j + 3 == position


def _connects(text: Text, j: int) -> bool:
    token = text.tokens[j]
    return token.lower in CONNECTORS or (token.kind == "number" and token.lower not in {"one"})


def _singular_name(text: Text, first: int, last: int) -> str:
    words = [token.text for token in text.tokens[first : last + 1]]
    return " ".join([*words[:-1], singular(words[-1])]).strip("'")


def _with_measure(text: Text, phrase: Phrase) -> Phrase:
    """Turn "rates of nitrogen" into "nitrogen rate"."""
    i = phrase.first - 1
    while i > 0 and text.tokens[i].lower in {"the", "a"}:
        i -= 1
    if i < 1 or text.tokens[i].lower != "of":
        return phrase
    measure = singular(text.tokens[i - 1].lower)
    if measure not in MEASURES:
        return phrase
    name = phrase.name if measure in {"level", "value", "setting"} else f"{phrase.name} {measure}"
    return Phrase(name, i - 1, phrase.last)


def phrase_after(text: Text, position: int, limit: int = 4) -> Phrase | None:
    """Return the noun phrase that starts at this token, leading articles skipped."""
    stop, tokens = lexicon().stop, text.tokens
    j = position
    while j < len(tokens) and tokens[j].lower in ARTICLES:
        j += 1
    first = j
    while j < len(tokens) and j - first < limit and tokens[j].is_word:
        if tokens[j].lower in stop or tokens[j].lower in SEPARATORS:
            break
        j += 1
    if j == first:
        return None
    return Phrase(_singular_name(text, first, j - 1), first, j - 1)


def closing(text: Text, opening: int) -> int | None:
    """Return the token that closes the parenthesis opened at this token."""
    depth = 0
    for j in range(opening, min(opening + 80, len(text.tokens))):
        if text.tokens[j].text == "(":
            depth += 1
        elif text.tokens[j].text == ")":
            depth -= 1
            if depth == 0:
                return j
    return None


def split_items(text: Text, first: int, last: int) -> list[Phrase]:
    """Return the items of a list between two tokens (both included), articles stripped."""
    items: list[Phrase] = []
    start, depth = first, 0
    last = min(last, len(text.tokens) - 1)
    for j in range(first, last + 2):
        token = text.tokens[j] if j <= last else None
        if token is not None:
            depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token is None or (depth == 0 and token.lower in SEPARATORS and not _in_unit(text, j)):
            item = _item(text, start, j - 1)
            if item is not None:
                items.append(item)
            start = j + 1
    return items


def _in_unit(text: Text, j: int) -> bool:
    """Return whether this slash belongs to a unit such as mg/day, or to a name such as BALB/c."""
    if text.tokens[j].text != "/" or not 0 < j < len(text.tokens) - 1:
        return False
    units, code = lexicon().units, SLASHED.fullmatch(text.words(j - 1, j + 1))
    if code is not None:
        return True
    return text.tokens[j - 1].text in units and text.tokens[j + 1].text in units


def _item(text: Text, first: int, last: int) -> Phrase | None:
    tokens = text.tokens
    while first <= last and tokens[first].lower in ARTICLES and first < last:
        first += 1
    while first <= last and tokens[last].lower in {".", ",", ":", "'", '"'}:
        last -= 1
    while first <= last and tokens[first].text in {"'", '"', "-"}:
        first += 1
    if first > last or tokens[first].lower in SEPARATORS:
        return None
    return Phrase(text.words(first, last).strip(" '\""), first, last)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the unit that follows it and the first token after both."""

    value: str
    unit: str | None
    token: int
    after: int


def quantity_at(text: Text, i: int) -> Quantity | None:
    """Return the number at this token with its unit, if there is one."""
    token = text.tokens[i]
    if token.kind == "ratio":
        return Quantity(token.text, None, i, i + 1)
    if token.value is None or token.lower in {"one", "both"}:
        return None
    unit = unit_at(text.clean, token.end)
    after = i + 1
    if unit is not None:
        while after < len(text.tokens) and text.tokens[after].start < unit.end:
            after += 1
    return Quantity(token.text.replace(",", ""), unit.name if unit else None, i, after)


def parentheses(text: Text, first: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Yield the opening and closing tokens of each outer parenthesis from `first` to `end`."""
    j, end = first, len(text.tokens) if end is None else end
    while j < end:
        if text.tokens[j].text == "(" and (closed := closing(text, j)) is not None:
            yield j, closed
            j = closed
        j += 1


def head(name: str) -> str:
    """Return the last word of a noun phrase in the singular, lower case."""
    words = name.lower().split()
    return singular(words[-1]) if words else ""


def list_owner(text: Text, opening: int) -> Phrase | None:
    """Return the phrase that names a list: the nearest thing that can be set, else the last one."""
    nearest = phrase_before(text, opening)
    names = lexicon().attributes
    if nearest is not None and head(nearest.name) in names:
        return nearest
    first, _ = text.sentence_of(opening)
    for i in range(opening - 1, max(first, opening - OWNER_REACH), -1):
        if text.at(i) == ";":
            break
        if text.lemmas[i] in names and group_kind(text.lemmas[i]) is None:
            return phrase_before(text, i + 1)
    return nearest
