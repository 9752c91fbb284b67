"""Extractors for several factors told at once: "A, B and C, each at two levels"."""

import re
from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import lexicon, pattern, words
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import Phrase, split_items
from experimentos.design.parse.text import Text

FACTOR_NOUNS = words("joint_factor_nouns")
OPENERS = frozenset({":", "are", "is", "-", "were", "("})
STOPPERS = frozenset({".", ";", ":", "(", ")"})
EACH = frozenset({"each", "all", "both"})
VARYING = words("joint_varying")
LIST_TAILS = words("joint_list_tails")
COMBINED = pattern("joint_combined")
CHANGED = pattern("joint_changed")
ARE_FACTORS = pattern("joint_are_factors")
SUMS = pattern("joint_sums")
SHARED_PAIR = pattern("joint_shared_pair")
PAIR = pattern("joint_pair")
LEVELS = re.compile(r"\bat (two|three|four|2|3|4) levels")
COUNTS = {"two": 2, "three": 3, "four": 4}
REACH, MOST_FACTORS, LONGEST_NAME = 40, 15, 4


def joint_factors(text: Text) -> Iterator[Candidate]:
    """Yield each factor of a list that the text calls factors, or gives common levels."""
    for first, end in text.sentences:
        words = text.words(first, end - 1).lower()
        yield from _called_factors(text, first, end - 1, words)
        yield from _with_common_levels(text, first, end - 1)
        yield from _varied(text, first, end - 1, words)
        yield from _are_factors(text, first, words)
        yield from _changed_between(text, first, words)


def _called_factors(text: Text, first: int, last: int, words: str) -> Iterator[Candidate]:
    """Yield the items of "six factors at two levels: temperature, pressure ..."."""
    start = next((i for i in range(first, last) if text.lemmas[i] in FACTOR_NOUNS), None)
    if start is None and SUMS.search(words):
        start = next((i - 1 for i in range(first + 1, last) if text.at(i) == ":"), None)
    if start is None:
        return
    opening = next((i for i in range(start, min(start + 8, last)) if text.at(i) in OPENERS), None)
    if opening is None:
        return
    end = _list_end(text, opening + 1, last)
    items = _names(text, opening + 1, end)
    counted = next((n for i in range(start, first - 1, -1) if (n := count_at(text, i))), None)
    if counted is not None and counted != len(items):
        return
    size = LEVELS.search(words)
    count = COUNTS.get(size.group(1)) or int(size.group(1)) if size else None
    yield from _candidates(items, (), count)


def _with_common_levels(text: Text, first: int, last: int) -> Iterator[Candidate]:
    """Yield the items of "nitrogen, phosphate and potash, each applied or not applied"."""
    for i in range(first + 3, last):
        if text.at(i) not in EACH or text.at(i - 1) not in {",", "(", "-"}:
            continue
        pair = PAIR.match(text.words(i + 1, min(i + 9, last)).lower())
        if pair is None:
            continue
        start = _list_start(text, i - 2, first)
        items = _names(text, start, i - 2)
        levels = tuple(side.strip() for side in pair.groups() if side)
        yield from _candidates(items, levels, len(levels) or 2)


def _varied(text: Text, first: int, last: int, words: str) -> Iterator[Candidate]:
    """Yield the items of "we toggle supervision, augmentation and the boundary loss"."""
    verb = next((i for i in range(first, last) if text.at(i) in VARYING), None)
    if verb is None or COMBINED.search(words) is None:
        return
    end = verb + 1
    while end < last and end - verb < REACH and not _ends_varied(text, end + 1):
        end += 1
    pair = SHARED_PAIR.search(words)
    levels = tuple(pair.groups()) if pair else ()
    yield from _candidates(_names(text, verb + 1, end), levels, len(levels) or None)


def _changed_between(text: Text, first: int, words: str) -> Iterator[Candidate]:
    """Yield the items of "salt, heat and pH are changed between a low and a high setting"."""
    said = CHANGED.search(words)
    if said is None:
        return
    last = text.token_from(text.tokens[first].start + said.start()) - 1
    items = _names(text, _list_start(text, last, first), last)
    levels = tuple(side for side in said.groups() if side)
    yield from _candidates(items, levels, len(levels) or 2)


def _are_factors(text: Text, first: int, words: str) -> Iterator[Candidate]:
    """Yield the items of "lime, pozzolan and sand are the components"."""
    said = ARE_FACTORS.search(words)
    if said is not None:
        last = text.token_from(text.tokens[first].start + said.start()) - 1
        yield from _candidates(_names(text, _list_start(text, last, first), last), (), None)


def _ends_varied(text: Text, i: int) -> bool:
    """Return whether the list of what is varied ends before this token."""
    if text.at(i) == ",":
        return text.at(i + 1) in LIST_TAILS
    return text.at(i) in STOPPERS or text.at(i) in LIST_TAILS - {"the"}


def _candidates(
    items: list[Phrase], levels: tuple[str, ...], count: int | None
) -> Iterator[Candidate]:
    if 2 <= len(items) <= MOST_FACTORS:
        for item in items:
            yield Candidate(
                item.name, "treatment", item.first, item.last, "joint", 0.75, levels, None, count
            )


def _list_end(text: Text, first: int, last: int) -> int:
    i = first
    while i < last and text.at(i + 1) not in STOPPERS and i - first < REACH:
        if text.at(i + 1) == "," and text.at(i + 2) in {"which", "whose", "all", "each", "that"}:
            break
        i += 1
    return i


def _list_start(text: Text, last: int, first: int) -> int:
    i = last
    while i > first and text.at(i - 1) not in STOPPERS | {"of", "factors", "are", "vary", "varied"}:
        i -= 1
    return i


def _names(text: Text, first: int, last: int) -> list[Phrase]:
    """Return the items of a list when all of them are plain names."""
    items = split_items(text, first, last)
    for item in items:
        inside = text.tokens[item.first : item.last + 1]
        plain = all(t.is_word for t in inside) and len(inside) <= LONGEST_NAME
        if not plain or any(t.lower in lexicon().stop for t in inside):
            return []
    return items
