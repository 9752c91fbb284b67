"""Extractors for lists that say a word again: "in quiet, in babble", "the old and the new form"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.design.parse.alternatives import RECEIVE
from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.choices import NOT_SET
from experimentos.design.parse.lexicon import group_kind, lexicon, words
from experimentos.design.parse.lists import is_outcome
from experimentos.design.parse.mentions import TIMES, count_at
from experimentos.design.parse.phrases import Phrase, phrase_before, quantity_at
from experimentos.design.parse.text import Text

PLACES = frozenset({"in", "on", "at", "by", "with", "under", "from", "as", "over", "behind", "to"})
COMPARED_IN = frozenset({"in", "with", "from", "at", "under"})
ARTICLES = frozenset({"a", "an", "the"})
JOINTS = frozenset({"and", "or"})
ENDS = frozenset({"", ".", ",", ";", ":", ")", "for", "and", "or", "(", "in", "at", "with", "of"})
NOT_PLACES = words("repeated_not_places")
BE = frozenset({"are", "were", "is", "was"})
NOT_MADE = frozenset({"level", "measure", "value", "content", "number", "sum", "total", "sample"})
LONGEST, MOST = 3, 8
SURE, UNSURE = 0.6, 0.5
COMPARED = re.compile(
    r"\b(?P<list>[A-Za-z-]{2,20}(?:, [A-Za-z-]{2,20}){0,5},? and [a-z-]{2,20}) "
    r"(?P<noun>[a-z-]{3,20}) (?:are|were|is|was|will be) (?:being )?"
    r"(?:compared|contrasted|tested against)\b"
)
JOINED = re.compile(r",? and |, ")
UNDONE = re.compile(
    r"\b(?:some|half|one half|one|one group|the first half)\b[^.;,]{0,40}? (?:is|are|was|were) "
    r"(?:first )?(?P<done>[a-z-]{3,16}(?:ed|wn|en))\b[^.;]{0,40}?[,;]?(?: and| while| but)? "
    r"(?:the )?(?:others?|rest|remainder|remaining|other half)(?: [a-z]{3,12})? "
    r"(?:is|are|was|were) (?:not|left un(?P=done))\b"
)


@dataclass(frozen=True, slots=True)
class Place:
    """An item with the preposition before it: tokens, both included, the preposition left out."""

    preposition: str
    first: int
    last: int


def placed_items(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "in caves, in cellars or in cold rooms": a preposition before each."""
    i = 0
    while i < len(text.tokens) - 4:
        items = _places(text, i)
        if len(items) < 2 or not _may_be_set(text, items):
            i += 1
            continue
        bare, last = _bare_before(text, i), items[-1].last
        levels = (*bare, *(text.words(item.first, item.last) for item in items))
        if len({level.lower() for level in levels}) == len(levels):
            yield Candidate(
                _placed_name(text, i, items), "treatment", i - 2 * len(bare), last, "placed",
                UNSURE, levels, None, len(levels),
            )  # fmt: skip
        i = items[-1].last + 1


def _may_be_set(text: Text, items: list[Place]) -> bool:
    """Return whether the places are compared, and not where a thing is noted."""
    pair = len(items) == 2 and "and" in {text.at(i) for i in range(items[0].last, items[1].first)}
    told = not pair or items[0].preposition in COMPARED_IN
    told = told or (items[0].preposition == "on" and "order" in text.lower.split())
    return told and not text.says(NOT_SET, items[0].first)


def _bare_before(text: Text, first: int) -> tuple[str, ...]:
    """Return the "singly" of "lived singly, in pairs or in fours", () for nothing."""
    i = first - 2
    if text.at(first - 1) != "," or i < 1 or not _belongs(text, i):
        return ()
    verb = text.at(i - 1).endswith("ed") or text.at(i - 1) in RECEIVE
    return (text.tokens[i].text,) if verb or text.at(i).endswith("ly") else ()


def _places(text: Text, first: int) -> list[Place]:
    """Return the items of the list that starts with the preposition here."""
    found: list[Place] = []
    i, joint = first, ""
    while len(found) < MOST and (place := _place(text, i)) is not None:
        found.append(place)
        joint = _joint_before(text, i) if len(found) > 1 else ""
        i = place.last + 1
        if text.at(i) == "," and (text.at(i + 1) in PLACES or text.at(i + 1) in JOINTS):
            i += 1
        if text.at(i) in JOINTS:
            i += 1 + (text.at(i + 1) in {"left", "kept", "put", "just"})
        elif text.at(i - 1) != ",":
            break
    led = {place.preposition for place in found}
    if joint not in JOINTS or (len(led) > 1 and (joint != "or" or len(found) > len(led) + 1)):
        return []
    return found


def _joint_before(text: Text, i: int) -> str:
    """Return the word that joins the item here to the one before, past "left" and "kept"."""
    return text.at(i - 1) if text.at(i - 1) in JOINTS else text.at(i - 2)


def _place(text: Text, i: int) -> Place | None:
    """Return the item "in cold rooms" that starts here, if it ends where an item can."""
    if text.at(i) not in PLACES or i + 1 >= len(text.tokens):
        return None
    start = i + 1 + (text.at(i + 1) in ARTICLES)
    last = start - 1
    while last + 1 < len(text.tokens) and last - start + 1 < LONGEST and _belongs(text, last + 1):
        last += 1
    said = {text.lemma(j) for j in range(start, last + 1)}
    ends = text.at(last + 1) in ENDS or text.at(last + 1) in PLACES
    if last < start or not ends or said & (NOT_PLACES | TIMES):
        return None
    return Place(text.at(i), start, last)


def _belongs(text: Text, i: int) -> bool:
    told = text.at(i) not in lexicon().stop or text.tokens[i].text in {"new", "May", "full", "half"}
    return text.tokens[i].is_word and told


def _placed_name(text: Text, first: int, items: list[Place]) -> str:
    """Return what stands right before the list where it can be set, else "treatment"."""
    heads = {text.lemmas[item.last] for item in items}
    if len(heads) == 1 and all(item.last > item.first for item in items):
        return heads.pop()
    phrase = phrase_before(text, first)
    if phrase is not None and text.at(phrase.first - 1) in JOINTS:
        return "treatment"
    near = phrase is not None and phrase.last == first - 1
    if phrase is None or not near or text.lemmas[phrase.last] not in lexicon().attributes:
        return "treatment"
    return phrase.name


def repeated_nouns(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "the old version and the new version": one noun, each time told apart."""
    i = 0
    while i < len(text.tokens) - 5:
        items = _told_apart(text, i)
        if len(items) < 2:
            i += 1
            continue
        noun = items[0].last
        levels = tuple(text.words(item.first, item.last - 1) for item in items)
        phrase = Phrase(text.lemmas[noun], noun, noun)
        distinct = len({level.lower() for level in levels}) == len(levels)
        if distinct and not is_outcome(text, phrase) and group_kind(text.lemmas[noun]) is None:
            yield Candidate(
                text.lemmas[noun], "treatment", i, items[-1].last, "named", SURE, levels, None,
                len(levels),
            )  # fmt: skip
        i = items[-1].last + 1


def _told_apart(text: Text, first: int) -> list[Phrase]:
    """Return the items "a placebo patch, a low-dose patch" that start here, each with its noun."""
    found: list[Phrase] = []
    i, joined = first, False
    while len(found) < MOST and text.at(i) in ARTICLES:
        last = i
        while last + 1 < len(text.tokens) and last - i <= LONGEST and _belongs(text, last + 1):
            last += 1
        if last - i < 2 or (found and text.lemmas[last] != text.lemmas[found[0].last]):
            break
        found.append(Phrase("", i + 1, last))
        i = last + 1
        if text.at(i) in PLACES and text.at(i + 1) in {"one", "half", "some", "a"}:
            i += 3  # "the hill path on one day and the valley path on another"
        i += text.at(i) == ","
        if text.at(i) in JOINTS:
            joined, i = True, i + 1
            i += text.at(i) == "then"
    return found if joined else []


def repeated_verbs(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "pruned in May, pruned in July or not pruned": one verb each time."""
    i = 0
    while i < len(text.tokens) - 4:
        items = _done(text, i)
        if len(items) < 2:
            i += 1
            continue
        levels = tuple(text.words(first, last) for first, last in items)
        yield Candidate(
            "treatment", "treatment", i, items[-1][1], "named", SURE, levels, None, len(levels)
        )
        i = items[-1][1] + 1


def _done(text: Text, first: int) -> list[tuple[int, int]]:
    """Return the tokens of what is told of each time, the verb and its preposition left out."""
    found: list[tuple[int, int]] = []
    verb, i = text.at(first), first
    if not (verb.endswith("ed") or verb in RECEIVE):
        return []
    while len(found) < MOST:
        i += text.at(i) in {"left", "kept"}
        undone = text.at(i) == f"un{verb}" or (text.at(i) == "not" and text.at(i + 1) == verb)
        if undone:
            last = i + (text.at(i) == "not")
            found.append((i, last))
            break
        start = i + 1 + (text.at(i + 1) in PLACES)
        if text.at(i) != verb or not (start < len(text.tokens) and _belongs(text, start)):
            break
        last = start
        while last + 1 < len(text.tokens) and last - start < LONGEST and _belongs(text, last + 1):
            last += 1
        found.append((start, last))
        i = last + 1
        if text.at(i) not in JOINTS | {","}:
            break
        i += 1 + (text.at(i) == "," and text.at(i + 1) in JOINTS)
    return found


def one_noun(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "from a clean and a polluted site": two traits and one noun."""
    for i in range(1, len(text.tokens) - 5):
        again = text.at(i) in ARTICLES and text.at(i + 3) == text.at(i) and text.at(i + 2) in JOINTS
        if not again or text.at(i - 1) not in PLACES | RECEIVE | {"between", "of"}:
            continue
        noun = i + 5
        words = all(_belongs(text, k) for k in (i + 1, i + 4, noun))
        ended = text.at(noun + 1) in ENDS or text.at(noun + 1) in BE
        named = Phrase(text.lemmas[noun], noun, noun)
        if words and ended and not is_outcome(text, named):
            yield Candidate(
                text.lemmas[noun], "treatment", i, noun, "named", UNSURE,
                (text.tokens[i + 1].text, text.tokens[i + 4].text), None, 2,
            )  # fmt: skip


def set_lists(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "ran on small, medium and large machines": three traits and a noun."""
    for i in range(len(text.tokens) - 6):
        if (
            text.at(i) not in PLACES | RECEIVE | {"of", "between", "had", "have"}
            or text.at(i + 2) != ","
        ):
            continue
        traits: list[int] = []
        j = i + 1
        while len(traits) < MOST and _belongs(text, j) and text.at(j + 1) == ",":
            traits.append(j)
            j += 2
        j += text.at(j) == "and"
        if text.at(j - 1) == "," and _belongs(text, j) and text.at(j + 1) == "and":
            traits.append(j)
            j += 2
        noun = j + 1
        if len(traits) < 2 or text.at(j - 1) != "and" or noun >= len(text.tokens):
            continue
        plural = text.lemmas[noun] != text.at(noun) or text.lemmas[noun] in lexicon().attributes
        plural = plural and _belongs(text, noun) and _belongs(text, j)
        named = Phrase(text.lemmas[noun], noun, noun)
        traits.append(j)
        apart = all(text.lemmas[k] == text.at(k) and count_at(text, k) is None for k in traits)
        if plural and apart and not is_outcome(text, named) and quantity_at(text, j) is None:
            yield Candidate(
                text.lemmas[noun], "treatment", i, noun, "named", UNSURE,
                tuple(text.tokens[k].text for k in traits), None, len(traits),
            )  # fmt: skip


def compared_lists(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "drip, sprinkler and furrow irrigation are compared"."""
    for match in COMPARED.finditer(text.clean):
        first, noun = text.token_from(match.start("list")), text.token_from(match.start("noun"))
        levels = tuple(JOINED.split(match.group("list")))
        named = Phrase(text.lemma(noun), noun, noun)
        apart = len(levels) == len(set(levels)) and not is_outcome(text, named)
        if apart and not any(level.lower() in lexicon().stop for level in levels):
            yield Candidate(
                text.lemma(noun), "treatment", first, max(first, noun), "named", SURE, levels,
                None, len(levels),
            )  # fmt: skip


def made_of(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "ropes of nylon, hemp and polyester were": a list before its verb."""
    for i in range(1, len(text.tokens) - 6):
        plural = text.lemmas[i - 1] != text.at(i - 1) and text.tokens[i - 1].is_word
        if text.at(i) != "of" or not plural or text.lemmas[i - 1] in NOT_MADE:
            continue
        items: list[int] = []
        j = i + 1
        while len(items) < MOST and _belongs(text, j) and text.at(j + 1) in {",", "and"}:
            items.append(j)
            j += 2 + (text.words(j + 1, j + 2) == ", and")
        if not items or text.at(j - 1) != "and" or not _belongs(text, j):
            continue
        items.append(j)
        named = (Phrase(text.lemmas[k], k, k) for k in items)
        verb = text.at(j + 1) in BE and text.lemmas[j] == text.at(j)
        if verb and len(items) > 2 and not any(is_outcome(text, phrase) for phrase in named):
            yield Candidate(
                "treatment", "treatment", i - 1, j, "named", UNSURE,
                tuple(text.tokens[k].text for k in items), None, len(items),
            )  # fmt: skip


def left_undone(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "some panels were sanded, others were not"."""
    for match in UNDONE.finditer(text.lower):
        first = text.token_from(match.start())
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        done = match.group("done")
        yield Candidate(
            done, "treatment", first, max(first, last), "named", SURE, (done, f"not {done}"), None,
            2,
        )  # fmt: skip
