"""Extractors for levels that only an "or" tells: "grown on glucose, galactose or glycerol"."""

from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.design.parse.alternatives import RECEIVE
from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, unit_at, words
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import closing, head, is_verbal, phrase_before
from experimentos.design.parse.text import Text

NOT_SET = pattern("choices_not_set")
WHOLE_LEVELS = frozenset({"both", "neither", "none", "nothing", "placebo", "control"})
LEFT = frozenset(
    {
        "left",
        "kept",
        "made",
        "stayed",
        "remained",
        "contains",
        "contain",
        "contained",
        "holds",
        "says",
        "reads",
    }
)
LEADS = frozenset({"no", "every"})
SMALL_LEVELS = frozenset({"new", "same", "half", "full", "few", "many"})
ORDINALS = frozenset({"other", "second", "third", "fourth"})
TRAILING = frozenset({"together", "overnight", "instead"})
TIMING = frozenset({"after", "before"})
ARTICLES = frozenset({"a", "an", "the"})
SIDES = frozenset({"left", "right"})
PLACES = frozenset({"in", "on", "at", "by", "with", "under", "from", "after", "before", "without"})
SPELLS = pattern("choices_spells")
SHOWN_TO = pattern("choices_shown_to")
COMPARED_JOINTS = frozenset({"with", "to", "and", "or", ",", "against", "versus", "vs"})
NOT_VERBS = frozenset({"comparable", "compartment", "compartments", "comparison", "comparisons"})
NOT_LEVELS = words("choices_not_levels")
BE = frozenset({"is", "are", "was", "were", "being"})
LONGEST, MOST = 4, 8
UNSURE, NAMED = 0.5, 0.59
"""How sure a choice is without a name, which is asked about, and with one."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list: its first and last token, articles and prepositions left out."""

    first: int
    last: int


def choices(text: Text) -> Iterator[Candidate]:
    """Yield the factor of each list whose last joint is "or"."""
    for i in range(1, len(text.tokens) - 1):
        if text.at(i) == "or" and not text.says(NOT_SET, i):
            candidate = _choice(text, i)
            if candidate is not None:
                yield candidate


def repeated_places(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "with the left hand and with the right hand"."""
    for i in range(2, len(text.tokens) - 2):
        if text.at(i) != "and" or text.at(i + 1) not in PLACES:
            continue
        right = _right(text, i + 1)
        left = _left(text, i - 1)
        if right is None or left is None or text.at(_before(text, left)) != text.at(i + 1):
            continue
        same = text.lemmas[left.last] == text.lemmas[right.last] and right.last > right.first
        if same and left.last > left.first and group_kind(text.lemmas[left.last]) is None:
            levels = (text.words(left.first, left.last), text.words(right.first, right.last))
            yield Candidate(
                text.lemmas[left.last], "treatment", left.first, right.last, "choice", UNSURE,
                levels, None, 2,
            )  # fmt: skip


def _choice(text: Text, joint: int) -> Candidate | None:
    items = _items(text, joint)
    if len(items) < 2 or not all(_is_level(text, item) for item in items):
        return None
    if text.at(items[-1].last + 1) == "with" and _repeats(text, items):
        items = [*items[:-1], _with_more(text, items[-1])]
    name, items = _name(text, items)
    levels = tuple(text.words(item.first, item.last) for item in items)
    if len({level.lower() for level in levels}) < len(levels) or all(_is_number(x) for x in levels):
        return None
    return Candidate(
        name or "treatment", "treatment", items[0].first, items[-1].last, "choice",
        NAMED if name else UNSURE, levels, None, len(levels),
    )  # fmt: skip


def _repeats(text: Text, items: list[Item]) -> bool:
    """Return whether the last item is another one once more: "a chatbot or a chatbot with ..."."""
    told = [text.words(item.first, item.last).lower() for item in items]
    return told[-1] in told[:-1]


def _with_more(text: Text, item: Item) -> Item:
    last = item.last + 1
    while last + 1 < len(text.tokens) and last - item.last < LONGEST and _belongs(text, last + 1):
        last += 1
    return Item(item.first, last)


def _is_number(level: str) -> bool:
    return level.replace(".", "").replace("-", "").isdigit()


def _items(text: Text, joint: int) -> list[Item]:
    """Return the items around this "or", those before it parted by commas."""
    right = _right(text, joint + 1)
    items = [right] if right is not None else []
    i = joint - 1 - (text.at(joint - 1) == ",")
    while items and len(items) <= MOST:
        item = _left(text, i)
        if item is None:
            break
        items.insert(0, item)
        i = _before(text, item)
        i -= text.at(i) in PLACES and text.at(i - 1) == "," and _is_placed(text, i - 2, text.at(i))
        if len(items) > 2 and text.at(i) == "or":
            items.pop(0)
            break
        if text.at(i) != ",":
            break
        i -= 1
    return items


def _is_placed(text: Text, last: int, preposition: str) -> bool:
    """Return whether a preposition stands before the item that ends here, as before the next."""
    item = _left(text, last)
    before = text.at(_before(text, item)) if item is not None else ""
    return before == preposition or (before in PLACES and before not in TIMING)


def _before(text: Text, item: Item) -> int:
    """Return the token before an item and its article."""
    return item.first - 1 - (text.at(item.first - 1) in ARTICLES)


def _right(text: Text, first: int) -> Item | None:
    start = first + (text.at(first) in {"left", "kept"} and text.at(first + 1) != "alone")
    if text.at(start) in PLACES or (start > first and text.at(start) == "as"):
        start += 1
    if text.at(start) in ARTICLES:
        start += 1
    if text.words(start, start + 2) == "not at all":
        return Item(start, start + 2)
    i = start + (text.at(start) in LEADS)
    i += text.at(start) == "every" and text.tokens[min(i, len(text.tokens) - 1)].value is not None
    while i < len(text.tokens) and i - start < LONGEST and _belongs(text, i):
        i += 1
    if text.at(start) in WHOLE_LEVELS:
        i = start + 1
    i += text.at(i) == "one" and 0 < i - start < LONGEST
    if text.at(first) == "after" and i > start:
        start = first
    return Item(start, i - 1) if i > start + (text.at(start) in LEADS) else None


def _left(text: Text, last: int) -> Item | None:
    """Return the item that ends here, an aside in parentheses left out."""
    if text.at(last) == ")":
        opening = last
        while opening > 0 and last - opening < 2 * LONGEST and text.at(opening) != "(":
            opening -= 1
        last = opening - 1
    i = last
    while i >= 0 and last - i < LONGEST and _belongs(text, i):
        if i < last and (_is_participle(text, i) or _is_given_to(text, i)):
            break
        if i < last and (text.at(i) in LEFT or text.at(last).endswith("ly")):
            break
        i -= 1
    if text.at(last) in WHOLE_LEVELS:
        i = last - 1
    i -= text.at(i - 1) == "every" and text.tokens[i].value is not None
    i -= text.at(i) in LEADS and last > i
    return Item(i + 1, last) if last > i else None


def _is_given_to(text: Text, i: int) -> bool:
    """Return whether the verb, or the people, before a list stand here: "offered pupils apples"."""
    people = group_kind(text.lemmas[i]) == "person" and text.lemmas[i] != text.at(i)
    return people or (text.at(i) in RECEIVE and text.at(i - 1) not in ARTICLES)


def _is_participle(text: Text, i: int) -> bool:
    """Return whether "baked" in "baked butter" is the verb before the list."""
    return text.at(i).endswith("ed") and text.at(i - 1) not in ARTICLES | {",", "or", "and"}


def _belongs(text: Text, i: int) -> bool:
    token = text.tokens[i]
    if text.at(i) in SMALL_LEVELS or (text.at(i) in ORDINALS and text.at(i - 1) == "every"):
        return True
    if token.kind in {"number", "ratio"} or token.text == "%":
        return True
    if "usual" in {text.at(i), text.at(i + 1)} and text.at(i) in {"as", "usual"}:
        return True
    return token.kind == "word" and token.lower not in lexicon().stop | TRAILING


def _is_level(text: Text, item: Item) -> bool:
    inside = {text.at(i) for i in range(item.first, item.last + 1)}
    inside -= {"not"} if text.words(item.first, item.last) == "not at all" else set()
    inside -= {"lower"} if item.last > item.first else set()
    inside -= {"two", "three", "other"} if text.at(item.first) == "every" else set()
    if inside & NOT_LEVELS or inside <= SIDES:
        return False
    last = text.tokens[item.last]
    if last.kind == "number" or last.text == "%":
        return False
    only_unit = item.last > item.first and text.tokens[item.first].kind == "number"
    unit = unit_at(text.clean, text.tokens[item.first].end) if only_unit else None
    return unit is None or unit.end < last.end


def _name(text: Text, items: list[Item]) -> tuple[str, list[Item]]:
    """Return what the list is a choice of, "" for unknown, and its items without that name."""
    first, last = items[0], items[-1]
    return (
        _shared_word(text, items)
        or _leading_noun(text, items)
        or (_as_what(text, last.last + 1) or _led_by(text, first), items)
    )


def _shared_word(text: Text, items: list[Item]) -> tuple[str, list[Item]] | None:
    """Return "tension" of "low, medium or high tension", "diet" of "a new diet or the old one"."""
    last = items[-1]
    heads = [text.lemmas[item.last] for item in items]
    sizes = [item.last - item.first for item in items]
    if text.at(last.last) == "one" and sizes[-1] == 1 and sizes[0] > 0:
        return heads[0], [*items[:-1], Item(last.first, last.last - 1)]
    one_more = all(size == sizes[-1] - 1 for size in sizes[:-1])
    if one_more and not _is_led_anew(text, items) and heads[-1] not in heads[:-1]:
        noun = f"{heads[-1]} type" if group_kind(heads[-1]) else heads[-1]
        return noun, [*items[:-1], Item(last.first, last.last - 1)]
    often = text.at(items[-1].first) == "every"
    noun = f"{heads[0]} type" if group_kind(heads[0]) else heads[0]
    noun = "frequency" if often else noun
    return (noun, items) if len(set(heads)) == 1 and min(sizes) > 0 else None


def _is_led_anew(text: Text, items: list[Item]) -> bool:
    """Return whether the last item has a word of its own before it: "yoga or a waiting list"."""
    before, first = (text.at(item.first - 1) for item in (items[-1], items[0]))
    if before in PLACES:
        return True
    return before in ARTICLES - {"the"} and first not in ARTICLES


def _leading_noun(text: Text, items: list[Item]) -> tuple[str, list[Item]] | None:
    """Return "drug" of "drug A or placebo", "base" of "base K2CO3 or Cs2CO3"."""
    first, noun = items[0], text.lemmas[items[0].first]
    sizes = [item.last - item.first for item in items]
    letter = len(text.tokens[first.last].text) == 1 and sizes[0] == 1
    if letter and text.tokens[first.first].is_word and text.tokens[first.last].is_word:
        return noun, [Item(x.first + (text.lemmas[x.first] == noun), x.last) for x in items]
    if sizes[0] > 0 and noun in lexicon().attributes and max(sizes[1:]) < sizes[0]:
        cut = first.first
        while cut + 1 < first.last and text.lemmas[cut + 1] in lexicon().attributes:
            cut += 1
        return text.words(first.first, cut), [Item(cut + 1, first.last), *items[1:]]
    return None


def _as_what(text: Text, i: int) -> str:
    """Return the filler of "lactose or mannitol as filler", "" for nothing."""
    if text.at(i) != "as":
        return ""
    i += 1 + (text.at(i + 1) in ARTICLES)
    named = bool(text.at(i)) and text.tokens[i].is_word and text.at(i) not in lexicon().stop
    return text.lemmas[i] if named else ""


def _led_by(text: Text, first: Item) -> str:
    """Return the name that stands before the list: "the subject line is", "media:"."""
    i = _before(text, first)
    says = text.at(i) in {"says", "reads"}
    phrase = phrase_before(text, i if says else i + 1)
    if phrase is None or is_verbal(head(phrase.name)):
        return ""
    known = head(phrase.name) in lexicon().attributes
    near = phrase.last >= i - 1
    told = near and (says or text.at(i) in BE) and group_kind(phrase.name) is None
    return phrase.name if (known and near) or told else ""


def compared_with(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "compare fertiliser X with fertiliser Y and an unfertilised control"."""
    for i in range(len(text.tokens) - 3):
        if not text.at(i).startswith("compar") or text.at(i) in NOT_VERBS:
            continue
        items = _compared(text, i + 1)
        if len(items) < 2 or not all(_is_level(text, item) for item in items):
            continue
        if any(_is_counted_group(text, item) for item in items):
            continue
        name, items = _name(text, items)
        levels = tuple(text.words(item.first, item.last) for item in items)
        if len({level.lower() for level in levels}) == len(levels):
            yield Candidate(
                name or "treatment", "treatment", i, items[-1].last, "choice", NAMED, levels, None,
                len(levels),
            )  # fmt: skip


def _compared(text: Text, first: int) -> list[Item]:
    """Return the items after "compare", parted by "with", "to", "and" and commas."""
    items: list[Item] = []
    i, joined = first, False
    while len(items) < MOST:
        item = _right(text, i)
        if item is None:
            break
        items.append(item)
        i = item.last + 1
        if text.at(i) == "(":
            i = (closing(text, i) or i) + 1
        if text.at(i) not in COMPARED_JOINTS or (joined and text.at(i) in {"with", "to"}):
            break
        joined = joined or text.at(i) in {"with", "to", "against", "versus", "vs", "and", "or"}
        i += 2 if text.at(i) == "," and text.at(i + 1) in {"and", "or"} else 1
    return items if joined else []


def _is_counted_group(text: Text, item: Item) -> bool:
    """Return whether an item is what is studied, as "three varieties" or "patients"."""
    counted = count_at(text, item.first) is not None and item.last > item.first
    plural = text.at(item.last) != text.lemmas[item.last]
    return counted or (plural and group_kind(text.lemmas[item.last]) is not None)


def shown_to(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "the new page is shown to half of the users, the old one to the rest"."""
    for match in SHOWN_TO.finditer(text.lower):
        a = text.token_from(match.start("a"))
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        levels = tuple(text.clean[slice(*match.span(side))].strip() for side in ("a", "b"))
        shared = levels[0].split()[-1].lower()
        name = shared if shared in lexicon().attributes else "treatment"
        if a < last:
            yield Candidate(name, "treatment", a, last, "choice", NAMED, levels, None, 2)


def spells(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "takes pramipexole for two weeks and placebo for two weeks"."""
    for match in SPELLS.finditer(text.lower):
        a = text.token_from(match.start("a"))
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        levels = tuple(text.clean[slice(*match.span(side))].strip() for side in ("a", "b"))
        if a < last and levels[0].lower() != levels[1].lower():
            yield Candidate("treatment", "treatment", a, last, "choice", NAMED, levels, None, 2)


def twice_with(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "a task with gains and a task with losses"."""
    for i in range(1, len(text.tokens) - 4):
        if text.at(i) != "with" or text.at(i + 2) not in {"and", "or", ",", "versus", "vs"}:
            continue
        for j in range(i + 4, min(i + 4 + LONGEST, len(text.tokens) - 1)):
            same = text.at(j) == "with" and text.lemmas[j - 1] == text.lemmas[i - 1]
            if same and text.tokens[j + 1].is_word and text.tokens[i + 1].is_word:
                levels = (text.tokens[i + 1].text, text.tokens[j + 1].text)
                yield Candidate(
                    text.lemmas[i - 1], "treatment", i - 1, j + 1, "choice", NAMED, levels, None, 2
                )
                break
