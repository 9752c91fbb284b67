"""Extractors for levels told with how many there are: "two agents, EDTA and formic acid"."""

from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, words
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import Phrase, is_verbal, quantity_at, split_items
from experimentos.design.parse.text import Text

LIST_ENDS = frozenset({",", "in", "on", "at", "per", "for", "with", "from", "are", "is", "were"})
OPENERS = frozenset({",", ":", ";", "-", "(", "namely", "i.e"})
CLOSERS = frozenset({"", ".", ";", ":", ")", "-"})
ASIDE_WORDS = words("counted_aside")
BE = frozenset({"are", "were", "is", "was"})
CLAUSE_WORDS = BE | {"has", "have", "had", "we", "i", "they", "that", "which", "who", "will"}
TOLD_AS = frozenset({"treatment", "arm", "condition", "level", "group", "variant", "option"})
LONGEST_LIST, LONGEST_LABEL, APPOSED_REACH, MOST_APPOSED = 24, 4, 9, 8
COMPARED = frozenset({"compared", "tested", "tried", "studied", "used", "examined"})
NOT_COMPARED = words("joint_factor_nouns") | words("lists_measured_nouns")
SEASONS = frozenset({"spring", "summer", "autumn", "fall", "winter"})
PLACED = frozenset({"in", "at", "on", "with", "from", "under", "below", "above", "near", "without"})
LONGEST_TRAIT, LONGEST_CLAUSE = 4, 8


def apposed(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "two agents for mouse femurs, EDTA and formic acid"."""
    for i in range(1, len(text.tokens) - 4):
        if text.lemmas[i] == text.at(i) or not text.tokens[i].is_word or _is_group(text, i):
            continue
        count, start = _count_before(text, i)
        if count is None or not 2 <= count <= MOST_APPOSED:
            continue
        opening = _opening(text, i + 1)
        if opening is None:
            continue
        opening += text.at(opening + 1) in OPENERS
        last = _apposition_end(text, opening + 1)
        items = split_items(text, opening + 1, last)
        if text.lemmas[i] not in NOT_COMPARED:
            items = _counted_items(text, items, count)
        loose = text.at(opening) == ":"
        if len(items) == count and all(_is_label(text, item, loose=loose) for item in items):
            name = " ".join([*(text.tokens[j].text for j in range(start + 1, i)), text.lemmas[i]])
            yield Candidate(
                name, "treatment", start, items[-1].last, "named", 0.8,
                tuple(item.name for item in items), None, count,
            )  # fmt: skip


def _counted_items(text: Text, items: list[Phrase], count: int) -> list[Phrase]:
    """Return the counted items of a list that the sentence goes on after: "A and B, each ..."."""
    if len(items) <= count:
        return items
    last = items[count - 1]
    ends = text.at(last.last + 1) == "," and text.at(last.first - 1) in {"and", "or"}
    return items[:count] if ends else items


def _is_group(text: Text, i: int) -> bool:
    """Return whether this noun groups observations, or is a measure, and names no treatment."""
    if text.lemmas[i] in lexicon().attributes:
        return False
    return group_kind(text.lemmas[i]) is not None or text.at(i) in lexicon().units


def told_as(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "treatments are rye, hairy vetch and bare fallow"."""
    for i in range(len(text.tokens) - 4):
        noun = text.lemmas[i]
        verb = i + 1 + (text.at(i + 1) in COMPARED)
        if text.at(verb) not in BE or noun == text.at(i) or not text.tokens[i].is_word:
            continue
        many = group_kind(noun) is None and noun not in NOT_COMPARED
        count = count_at(text, i - 1) if many else None
        if noun not in lexicon().attributes and noun not in TOLD_AS and count is None:
            continue
        start = verb + 1 + (text.at(verb + 1) in {"as", "the", "either", ":"})
        items = split_items(text, start, _apposition_end(text, start))
        levels = tuple(item.name for item in items)
        joint = text.at(items[-1].first - 1) if items else ""
        joined = {joint, text.at(items[-1].first - 2)} & {"and", "or"} if items else set()
        told = noun in lexicon().attributes or noun in TOLD_AS or count == len(levels)
        loose = noun == "treatment" and not any(_is_clause(text, item) for item in items)
        if (
            len(levels) > 1
            and joined
            and told
            and all(_is_label(text, item, loose=loose) for item in items)
        ):
            yield Candidate(
                noun, "treatment", i, items[-1].last, "named", 0.8, levels, None, len(levels)
            )


def _is_clause(text: Text, item: Phrase) -> bool:
    """Return whether an item says what is done with the treatments: "randomised within blocks"."""
    first = text.at(item.first)
    return is_verbal(first) or first in PLACED or first in lexicon().stop - {"no", "none"}


def _count_before(text: Text, i: int) -> tuple[int | None, int]:
    """Return the count of "two decalcification agents", and where it stands."""
    for j in range(i - 1, max(i - 4, -1), -1):
        if (count := count_at(text, j)) is not None:
            return count, j
        if not text.tokens[j].is_word or text.at(j) in lexicon().stop:
            break
    return None, i


def _opening(text: Text, first: int) -> int | None:
    """Return the comma or dash before the names, past "for mouse femurs"."""
    for i in range(first, min(first + APPOSED_REACH, len(text.tokens) - 2)):
        if text.at(i) in OPENERS:
            return i
        if not text.tokens[i].is_word or text.at(i) in ASIDE_WORDS:
            return None
    return None


def _apposition_end(text: Text, first: int) -> int:
    _, end = text.sentence_of(first)
    i = first
    while i + 1 < end and not _closes(text, i + 1) and i - first < LONGEST_LIST:
        i += 1
    return i


def _closes(text: Text, i: int) -> bool:
    """Return whether a list ends here; the dash of "6-BA" ends none."""
    if text.at(i) == "-" and 0 < i < len(text.tokens) - 1:
        return text.tokens[i - 1].end < text.tokens[i].start
    return text.at(i) in CLOSERS


def each_of(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "ten each of Moneymaker, Micro-Tom and Ailsa Craig"."""
    for i in range(1, len(text.tokens) - 4):
        if text.at(i) != "each" or text.at(i + 1) != "of" or count_at(text, i - 1) is None:
            continue
        last = _listed_until(text, i + 2)
        items = split_items(text, i + 2, last)
        levels = tuple(item.name for item in items)
        if len(levels) > 1 and all(_is_label(text, item) for item in items):
            yield Candidate(
                _distributed(text), "treatment", i - 1, last, "named", 0.7, levels, None,
                len(levels),
            )  # fmt: skip


def _listed_until(text: Text, first: int) -> int:
    """Return the last token of a list "A, B and C" that starts here."""
    joined, i = False, first
    while i + 1 < len(text.tokens) and i - first < LONGEST_LIST:
        following = text.at(i + 1)
        joined = joined or following in {"and", "or"}
        if following in {".", ";", ":", "(", ")"} or (joined and following in LIST_ENDS):
            break
        i += 1
    return i


def _is_label(text: Text, item: Phrase, *, loose: bool = False) -> bool:
    inside = text.tokens[item.first : item.last + 1]
    if loose:
        verbs = any(t.lower in CLAUSE_WORDS for t in inside)
        return len(inside) <= LONGEST_CLAUSE and not verbs and inside[0].kind != "number"
    named = inside[1:] if inside[0].lower in {"no", "without"} else inside
    return len(inside) <= LONGEST_LABEL and not any(t.lower in lexicon().stop for t in named)


def _distributed(text: Text) -> str:
    """Return what the text counts per: "variety" in "10 per variety", or "treatment"."""
    named = (
        text.lemmas[i]
        for i in range(1, len(text.tokens))
        if text.at(i - 1) in {"per", "each"}
        and text.lemmas[i] in lexicon().attributes
        and group_kind(text.lemmas[i]) is None
    )
    return next(named, "treatment")


def counted_traits(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "three samples in spring and three in autumn"."""
    for i in range(3, len(text.tokens) - 2):
        if text.at(i) not in {"and", "versus", "vs", ","} or count_at(text, i + 1) is None:
            continue
        left = _counted_left(text, i)
        if left is None:
            continue
        first, noun, trait = left
        right, last = _trait_right(text, i + 2, text.lemmas[noun])
        if text.at(i) == "," and text.lemma(i + 2) != text.lemmas[noun]:
            continue
        if not trait or not right or trait.lower() == right.lower():
            continue
        name = "season" if {trait.lower(), right.lower()} <= SEASONS else "group"
        yield Candidate(name, "treatment", first, last, "contrasted", 0.6, (trait, right), None, 2)


def _counted_left(text: Text, joint: int) -> tuple[int, int, str] | None:
    """Return where "15 phrases sitting" starts, its noun, and its trait."""
    for j in range(joint - 2, max(joint - 3 - LONGEST_TRAIT, 0), -1):
        if text.tokens[j].kind == "mark":
            return None
        if count_at(text, j) is None or _is_measured(text, j):
            continue
        noun = next(
            (
                n
                for n in range(j + 1, joint)
                if text.lemmas[n] != text.at(n) and text.tokens[n].is_word
            ),
            None,
        )
        if noun is None or noun + 1 >= joint or noun - j > 2:
            return None
        return j, noun, _bare(text, noun + 1, joint - 1)
    return None


def _is_measured(text: Text, i: int) -> bool:
    """Return whether the number here is measured in a unit, and counts nothing."""
    quantity = quantity_at(text, i)
    return quantity is not None and quantity.unit is not None


def _trait_right(text: Text, first: int, noun: str) -> tuple[str, int]:
    """Return "standing" of "15 phrases standing", "autumn" of "three in autumn"."""
    i = first
    while i < len(text.tokens) and i - first < LONGEST_TRAIT and text.lemmas[i] != noun:
        if text.tokens[i].kind == "mark" or text.at(i) in {"and", "or"}:
            break
        i += 1
    if i < len(text.tokens) and text.lemmas[i] == noun:
        if i > first:
            return _bare(text, first, i - 1), i
        first = i + 1
    last = first
    while last + 1 < len(text.tokens) and last - first < 2 and text.tokens[last + 1].is_word:
        if text.at(last + 1) in lexicon().stop:
            break
        last += 1
    placed = text.at(first) in PLACED or first == i + 1
    return (_bare(text, first, last), last) if placed else ("", last)


def _bare(text: Text, first: int, last: int) -> str:
    """Return the words of a trait without "in" or "at", "" when they are no trait."""
    if first <= last and text.at(first) in {"in", "at", "on", "with", "from", "under"}:
        first += 1
    inside = text.tokens[first : last + 1]
    if not inside or len(inside) > LONGEST_TRAIT or any(not t.is_word for t in inside):
        return ""
    if {t.lower for t in inside} & (ASIDE_WORDS | {"per", "each", "of", "for"}):
        return ""
    return text.words(first, last)
