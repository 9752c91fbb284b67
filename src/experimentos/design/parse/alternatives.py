"""Extractors for factors told as alternatives: either/or, versus, one half and the other."""

import re
from collections.abc import Iterator
from itertools import takewhile

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import (
    PARTICIPLES,
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
CLAUSE_VERBS = frozenset(
    {"is", "are", "was", "were", "has", "have", "we", "they", "receive", "receives", "gets"}
)
SWITCH = pattern("alternatives_switch")
RECEIVE = words("alternatives_receive")
DISTRIBUTIVE = frozenset({"each", "every", "all"})
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
    sides = []
    for a, b in ((first, joint - 1), (joint + 1, last)):
        inside = CODE.search(text.words(a, b) + _aside(text, b))
        items = split_items(text, a, b)
        if inside:
            sides.append(inside.group(1))
        elif items:
            sides.append(items[0].name if len(items) == 1 else items[-1].name)
    return tuple(_without_articles(side) for side in sides)


def _aside(text: Text, last: int) -> str:
    """Return the code in parentheses that follows this token, "" for none."""
    end = text.tokens[last].end
    match = CODE.match(text.clean[end : end + 14].strip())
    return match.group() if match else ""


def _without_articles(words: str) -> str:
    parts = words.split()
    while len(parts) > 1 and parts[0].lower() in DETERMINERS:
        parts = parts[1:]
    return " ".join(parts)


def _owner(text: Text, i: int) -> str:
    """Return the name of the thing that is either this or that."""
    previous = text.tokens[i - 1].lower if i else ""
    phrase = phrase_before(text, i)
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
        first = _plain(left[0].name)
        second = _plain(text.words(right.first, right.last))
        elliptic = right.last + 1 < len(tokens) and tokens[right.last + 1].lower == "one"
        if not elliptic and head(first) != head(second):
            continue
        yield Candidate(
            head(first), "treatment", i, right.last, "between", 0.7, (first, second), None, 2
        )


REWARD = pattern("alternatives_reward")
BY = words("treated_by")
LIST_ENDS = words("treated_ends")
PREPOSITIONS = frozenset({"with", "to", "of", "using"})
JOINTS = frozenset({"or", "and", "%"})
WITHOUT_ENDS = frozenset({"", ".", ",", ";", ")", "it", "them", "in", "on", "at"})
PARTING = frozenset({"at", "in", "for", "on", "under", "each"})
SHARE = re.compile(r"\(\d{1,3} ?%\)")
JOINED = re.compile(r"\bor\b|,[^,]{1,60}\band\b")
MOST_TREATMENTS, LONGEST_TREATMENT, LONGEST_LIST = 10, 6, 40
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


def _plain(words: str) -> str:
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
        phrase = phrase_after(text, i + 1, 3)
        if phrase is None or text.at(phrase.last + 1) not in {"and", "or", ","}:
            continue
        j = phrase.last + 2
        while text.at(j) in {"and", "once", "one", "the", "other", "half", "then", "rest", "also"}:
            j += 1
        ends = text.at(j + 1) in WITHOUT_ENDS or text.lemma(j + 1) == text.lemma(phrase.last)
        if text.at(j) == "without" and ends:
            yield Candidate(
                phrase.name, "treatment", i, j, "named", 0.7, ("with", "without"), None, 2
            )


def switched(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "start with routine cleaning and switch to the bundle"."""
    for match in SWITCH.finditer(text.lower):
        first = text.token_from(match.start())
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        levels = (_without_articles(match.group("a")), _without_articles(match.group("b")))
        yield Candidate("treatment", "treatment", first, last, "versus", 0.65, levels, None, 2)


def treated_with(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "treat them with PBS, LPS 10 ng/ml or LPS 100 ng/ml"."""
    joint = 0
    for i in range(len(text.tokens) - 3):
        while joint < len(text.tokens) and (joint <= i or text.at(joint) not in JOINTS):
            joint += 1
        if joint - i > LONGEST_LIST:
            continue
        if text.at(i) not in BY or (text.at(i) in PREPOSITIONS and not _verb_before(text, i)):
            continue
        if text.at(i + 1) == "part":
            continue
        last = _list_end(text, i + 1)
        levels = _treatments(text, i + 1, last)
        if 2 <= len(levels) <= MOST_TREATMENTS:
            yield Candidate(
                "treatment", "treatment", i, last, "treated_with", 0.6, levels, None, len(levels)
            )


def _treatments(text: Text, first: int, last: int) -> tuple[str, ...]:
    """Return the items of a list that are treatments, () when one of them cannot be."""
    listed = text.words(first, last).lower()
    shares = len(SHARE.findall(listed)) > 1
    if not (JOINED.search(listed) or shares) or "either" in listed or REWARD.search(listed):
        return ()
    split = split_items(text, first, last)
    items = list(takewhile(lambda item: not _ends_list(text, item), split))
    names = [_without_articles(_plain(item.name)) for item in items]
    numbers = all(text.tokens[item.first].kind == "number" for item in items)
    if numbers or any(_is_clause(text, item) for item in items):
        return ()
    fitting = all(name and len(name.split()) <= LONGEST_TREATMENT for name in names)
    return tuple(names) if fitting else ()


def _ends_list(text: Text, item: Phrase) -> bool:
    """Return whether an item is no level: "16 per arm", "drawn by lot"."""
    return _is_count(text, item) or text.at(item.first) in PARTICIPLES


def _is_clause(text: Text, item: Phrase) -> bool:
    """Return whether an item is no treatment: a clause, "every food", "heads"."""
    inside = {text.at(i) for i in range(item.first, item.last + 1)}
    led = text.at(item.first) in DISTRIBUTIVE or _is_counted(text, item)
    return led or bool(inside & (CLAUSE_VERBS | {"heads", "tails"}))


def _is_counted(text: Text, item: Phrase) -> bool:
    """Return whether an item starts a clause of its own: "three dogs randomly put on"."""
    counted = text.tokens[item.first].kind == "word" and count_at(text, item.first) is not None
    return counted and group_kind(text.lemma(item.first + 1)) is not None


def _is_count(text: Text, item: Phrase) -> bool:
    """Return whether an item says how many there are: "four sections each", "16 per arm"."""
    counted = count_at(text, item.first) is not None
    words = {text.at(i) for i in range(item.first, item.last + 1)}
    return counted and (
        bool(words & {"each", "per", "apiece"}) or group_kind(item.name) is not None
    )


def _verb_before(text: Text, i: int) -> bool:
    reach = {"of": 5, "to": 14 if text.at(i - 1) in {",", ")"} else 7}.get(text.at(i), 3)
    if any(token.lower in RECEIVE for token in text.tokens[max(i - reach, 0) : i]):
        return True
    made = text.at(i - 1).endswith("ed") and text.at(i - 1) not in {"crossed", "combined"}
    return text.at(i) in {"with", "using"} and made


def _list_end(text: Text, first: int) -> int:
    _, end = text.sentence_of(first)
    end = min(end, first + LONGEST_LIST)
    depth = 0
    joined = text.at(first - 1) != "to"
    for i in range(first, end - 1):
        depth += {"(": 1, ")": -1}.get(text.at(i), 0)
        joined = joined or text.at(i) in {"or", "and"}
        following = text.at(i + 1)
        parted = following == "," and text.at(i + 2) in PARTING
        ends = following in {".", ";", ":", ")"} or (joined and (parted or following in LIST_ENDS))
        if depth == 0 and ends:
            return i
    return end - 1
