"""Extractors for factors told as alternatives: either/or, versus, one half and the other."""

import re
from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import (
    Phrase,
    head,
    is_verbal,
    phrase_after,
    phrase_before,
    quantity_at,
    split_items,
)
from experimentos.design.parse.text import Text

DETERMINERS = frozenset(
    {"a", "an", "the", "our", "their", "some", "as", "to", "of", "by", "with", "either"}
)
SWITCH = pattern("alternatives_switch")
RECEIVE = words("alternatives_receive")
LONGEST_LISTED = 3
CUT = words("alternatives_cut")


CODE = pattern("alternatives_code")


def either_or(text: Text) -> Iterator[Candidate]:
    """Yield factors from "either X or Y"."""
    tokens = text.tokens
    for i, token in enumerate(tokens):
        if token.lower != "either":
            continue
        joint = _find(text, i + 1, "or", 14)
        if joint is None or joint + 1 >= len(tokens):
            continue
        last = _item_end(text, joint + 1)
        levels = _named_levels(text, i + 1, joint, last)
        if len(levels) < 2:
            continue
        yield Candidate(
            _owner(text, i), "treatment", max(i - 1, 0), last, "either_or", 0.75, levels, None,
            len(levels),
        )  # fmt: skip


def _find(text: Text, first: int, word: str, limit: int) -> int | None:
    for j in range(first, min(first + limit, len(text.tokens))):
        if text.tokens[j].text in {".", ";"}:
            return None
        if text.tokens[j].lower == word:
            return j
    return None


def _item_end(text: Text, first: int) -> int:
    j = first
    while j + 1 < len(text.tokens) and j - first < 6:
        token = text.tokens[j + 1]
        if token.text in {".", ";", ",", ":", ")"} or token.lower in CUT:
            break
        if token.text == "(":
            break
        j += 1
    return j


def _named_levels(text: Text, first: int, joint: int, last: int) -> tuple[str, ...]:
    """Return the two alternatives; a code in parentheses names its level: "orange juice (OJ)"."""
    listed = split_items(text, first, joint - 1)
    if len(listed) > 1 and all(item.last - item.first < LONGEST_LISTED for item in listed):
        levels = [*listed, *split_items(text, joint + 1, last)[:1]]
        return tuple(without_articles(item.name) for item in levels)
    sides = []
    for a, b in ((first, joint - 1), (joint + 1, last)):
        inside = CODE.search(text.words(a, b) + _aside(text, b))
        items = split_items(text, a, b)
        if inside:
            sides.append(inside.group(1))
        elif items:
            sides.append(items[0].name if len(items) == 1 else items[-1].name)
    return tuple(without_articles(side) for side in sides)


def _aside(text: Text, last: int) -> str:
    """Return the code in parentheses that follows this token, "" for none."""
    end = text.tokens[last].end
    match = CODE.match(text.clean[end : end + 14].strip())
    return match.group() if match else ""


def without_articles(words: str) -> str:
    """Return the words without the articles before them."""
    parts = words.split()
    while len(parts) > 1 and parts[0].lower() in DETERMINERS:
        parts = parts[1:]
    return " ".join(parts)


def _owner(text: Text, i: int) -> str:
    """Return the name of the thing that is either this or that."""
    previous = text.tokens[i - 1].lower if i else ""
    phrase = phrase_before(text, i)
    if (
        phrase is not None
        and phrase.last > phrase.first
        and text.at(phrase.last) in RECEIVE - {"gargle"}
    ):
        return "treatment"
    if previous in RECEIVE or (previous == "as" and phrase is not None):
        return previous if previous == "gargle" else (phrase.name if phrase else "treatment")
    if phrase is None or is_verbal(head(phrase.name)) or group_kind(phrase.name):
        return "treatment"
    return phrase.name


VERSUS = frozenset({"vs", "versus", "against"})


def versus(text: Text) -> Iterator[Candidate]:
    """Yield factors from "X versus Y" outside parentheses."""
    tokens = text.tokens
    depth = 0
    for i, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth or token.lower not in VERSUS or not 0 < i < len(tokens) - 1:
            continue
        left, right = _left_item(text, i), _right_item(text, i)
        if left is None or right is None:
            continue
        if token.lower == "against" and head(left.name) != head(right.name):
            continue
        shared = _shared_name(left, right)
        if _shares_noun(left, right):
            right = Phrase(text.words(right.first, right.last - 1), right.first, right.last - 1)
        count = count_at(text, left.first) or 0
        if count > 1 and left.last > left.first:
            yield Candidate(
                head(left.name), "treatment", left.first, right.last, "counted_factor", 0.6, (),
                None, count + 1,
            )  # fmt: skip
            continue
        yield Candidate(
            shared or _before_list(text, left), "treatment", left.first, right.last, "versus", 0.6,
            (left.name, right.name), None, 2,
        )  # fmt: skip


def _shared_name(left: Phrase, right: Phrase) -> str:
    """Return what both sides are of: "rule" of "the old versus the new rule", "" for unknown."""
    noun = head(right.name)
    if noun in lexicon().attributes:
        return noun
    if _shares_noun(left, right):
        return f"{noun} type"
    if left.name == "before":
        return "time"
    return left.name if right.name == f"no {left.name}" else ""


def _shares_noun(left: Phrase, right: Phrase) -> bool:
    """Return whether "new versus returning visitor" has its noun on the right only."""
    one = left.first == left.last and right.last == right.first + 1
    noun = head(right.name)
    return one and (group_kind(noun) is not None or noun in lexicon().attributes)


def _left_item(text: Text, i: int) -> Phrase | None:
    last = i - 1 if text.tokens[i - 1].text != "." else i - 2
    first = last
    while first > 0 and last - first < 2 and text.tokens[first - 1].is_word:
        if text.tokens[first - 1].lower in lexicon().stop:
            break
        first -= 1
    if text.tokens[last].kind == "number" and first == last:
        return None
    if text.at(last) == "before" and text.at(i + 1) == "after":
        return Phrase("before", last, last)
    small = text.at(last) in lexicon().stop and text.at(last) != "new"
    if small or text.tokens[last].kind == "mark":
        return None
    return Phrase(text.words(first, last), first, last)


def _right_item(text: Text, i: int) -> Phrase | None:
    j = i + 1
    if text.tokens[j].text == "." and j + 1 < len(text.tokens):
        j += 1
    if text.at(j) == "no" and j + 1 < len(text.tokens) and text.tokens[j + 1].is_word:
        return Phrase(text.words(j, j + 1), j, j + 1)
    if text.at(j) == "after" and text.at(i - 1) == "before":
        return Phrase("after", j, j)
    phrase = phrase_after(text, j, 3)
    if phrase is not None and text.tokens[phrase.last].end < len(text.clean):
        numbered = phrase.last + 1 < len(text.tokens) and text.tokens[phrase.last + 1]
        if numbered and numbered.kind == "number":
            return Phrase(text.words(phrase.first, phrase.last + 1), j, phrase.last + 1)
    return phrase


def _before_list(text: Text, left: Phrase) -> str:
    phrase = phrase_before(text, left.first)
    names = lexicon().attributes
    return phrase.name if phrase is not None and head(phrase.name) in names else ""


def between(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "split between the green button and an orange one"."""
    tokens = text.tokens
    for i, token in enumerate(tokens):
        if token.lower != "between" or i + 1 >= len(tokens) or tokens[i + 1].kind == "number":
            continue
        joint = _outside(text, i + 1, "and")
        if joint is None:
            continue
        left = split_items(text, i + 1, joint - 1)
        right = phrase_after(text, joint + 1, 4)
        if len(left) != 1 or right is None or group_kind(left[0].name):
            continue
        first = plain(left[0].name)
        second = plain(text.words(right.first, right.last))
        elliptic = right.last + 1 < len(tokens) and tokens[right.last + 1].lower == "one"
        if not elliptic and head(first) != head(second):
            continue
        yield Candidate(
            head(first), "treatment", i, right.last, "between", 0.7, (first, second), None, 2
        )


SKIPPED = frozenset(
    {
        "and",
        "once",
        "one",
        "the",
        "other",
        "half",
        "then",
        "rest",
        "also",
    }
)
WITHOUT_ENDS = frozenset({"", ".", ",", ";", ")", "it", "them", "in", "on", "at"})
ASIDE = re.compile(r"\s?\([^)]*\)")
PLAIN_LEAD = pattern("alternatives_plain_lead")


def _outside(text: Text, first: int, word: str) -> int | None:
    depth = 0
    for j in range(first, min(first + 14, len(text.tokens))):
        depth += {"(": 1, ")": -1}.get(text.tokens[j].text, 0)
        if depth == 0 and text.tokens[j].lower == word:
            return j
        if text.tokens[j].text in {".", ";"}:
            return None
    return None


def plain(words: str) -> str:
    """Return the words without an aside and without "the current"."""
    return PLAIN_LEAD.sub("", ASIDE.sub("", words)).strip()


def with_or_without(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "with and without a cage"."""
    for i in range(len(text.tokens) - 3):
        if text.at(i) != "with" or text.at(i + 2) != "without":
            continue
        quantity = quantity_at(text, i + 3)
        phrase = phrase_after(text, quantity.after if quantity else i + 3, 3)
        if phrase is not None and text.at(i + 1) in {"and", "or", "/", "vs", "versus"}:
            yield Candidate(
                phrase.name, "treatment", i, phrase.last, "named", 0.75, ("with", "without"),
                None, 2,
            )  # fmt: skip


def once_without(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "once with earplugs and once without"."""
    for i in range(len(text.tokens) - 3):
        if text.at(i) != "with" or text.at(i + 1) == "and":
            continue
        phrase = _until_joint(text, i + 1)
        if phrase is None or text.at(phrase.last + 1) not in {"and", "or", ",", "versus", "vs"}:
            continue
        j = phrase.last + 2
        again = {text.at(k) for k in range(i - 3, i)} - {""}
        while text.at(j) in again | SKIPPED:
            j += 1
        ends = text.at(j + 1) in WITHOUT_ENDS or text.lemma(j + 1) == text.lemma(phrase.last)
        if text.at(j) == "without" and ends:
            yield Candidate(
                phrase.name, "treatment", i, j, "named", 0.7, ("with", "without"), None, 2
            )


def _until_joint(text: Text, first: int) -> Phrase | None:
    """Return the words between "with the" and the next "and", "or", "versus" or comma."""
    first += text.at(first) in {"the", "a", "an"}
    last = first
    while last + 1 < len(text.tokens) and last - first < 3 and text.tokens[last + 1].is_word:
        if text.at(last + 1) in {"and", "or", "versus", "vs"}:
            break
        last += 1
    if first >= len(text.tokens) or not text.tokens[first].is_word:
        return None
    return Phrase(text.words(first, last), first, last)


def switched(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "start with routine cleaning and switch to the bundle"."""
    for match in SWITCH.finditer(text.lower):
        first = text.token_from(match.start())
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        levels = (without_articles(match.group("a")), without_articles(match.group("b")))
        yield Candidate("treatment", "treatment", first, last, "versus", 0.65, levels, None, 2)
