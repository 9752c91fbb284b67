"""Extractors for levels that are labels: "varieties Ladak, Cossack and Ranger", "K1-K4"."""

import re
from collections.abc import Iterator
from itertools import takewhile

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern
from experimentos.design.parse.mentions import TIMES, count_at
from experimentos.design.parse.phrases import (
    PARTICIPLES,
    SEPARATORS,
    Phrase,
    parentheses,
    phrase_before,
    split_items,
)
from experimentos.design.parse.text import Text

CODE_RANGE = re.compile(r"([A-Za-z]{0,4})(\d{1,2}) ?(?:-|to) ?([A-Za-z]{0,4})(\d{1,2})")
LABEL = re.compile(r"[A-Z][A-Za-z0-9.-]*|[a-z]*\d[A-Za-z0-9.-]*|[a-z]{1,2}[A-Z][A-Za-z0-9-]*")
PREPOSITIONS = frozenset({"in", "with", "by", "on", "under", "as", "at", "from"})
LETTER_RANGE = re.compile(r"\b([A-H]) ?(?:-|to|through) ?([B-L])\b")
MOST_LABELS = 30
LETTERS = frozenset("ABCDEFGH")
COUNTED_REACH, SCATTERED_REACH = 3, 40
QUOTED = re.compile(r"""(?<!\w)(?P<mark>['"])(?P<words>\w[^"\n]{1,60}?)(?P=mark)(?!\w)""")
SPECIES = re.compile(r"\b[A-Z]\. [a-z]{4,}")
LIST_ENDS = frozenset({"", ".", ";", ":", ")", "as", "were", "are", "is", "at", "on", "in", "for"})
FREQUENCIES = pattern("labels_frequencies")
FREQUENCY_JOINT = re.compile(r",? or |,? and |, ")
LONGEST_REST, MOST_QUOTES, NAME_REACH = 8, 8, 12


def named_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors whose name stands right before their labels, without a colon."""
    for i, token in enumerate(text.tokens):
        lettered = text.tokens[i + 1].text in LETTERS if i + 1 < len(text.tokens) else False
        plural = lettered and text.lemmas[i] != text.at(i)
        if not token.is_word or not (_can_be_set(text, i) or _is_counted(text, i) or plural):
            continue
        first = i + 2 if text.at(i + 1) == "," else i + 1
        labels = _labels(text, first)
        if len(labels) < 2 or text.at(labels[-1] + 1) == "(" or text.at(labels[0] + 1) == "/":
            continue
        phrase = phrase_before(text, i + 1)
        if phrase is None:
            continue
        count = count_at(text, phrase.first - 1)
        if count not in {None, len(labels)} or (first > i + 1 and count is None):
            continue
        levels = tuple(_label(text, j) for j in labels)
        yield Candidate(
            phrase.name, "treatment", phrase.first, labels[-1], "named", 0.8, levels, None,
            len(levels),
        )  # fmt: skip


def _can_be_set(text: Text, i: int) -> bool:
    return text.lemmas[i] in lexicon().attributes


def _is_counted(text: Text, i: int) -> bool:
    """Return whether this is the plural of "two wools"."""
    plural = text.lemmas[i] != text.at(i) and text.at(i) not in lexicon().stop
    return plural and count_at(text, i - 1) is not None


def _labels(text: Text, first: int) -> list[int]:
    """Return the tokens of labels joined by commas, "and" and "or"."""
    found: list[int] = []
    i, joined = first, False
    while i < len(text.tokens) and len(found) < MOST_LABELS:
        start = i
        while text.at(i) in {"-", '"', "'"}:
            i += 1
        if i >= len(text.tokens) or LABEL.fullmatch(text.tokens[i].text) is None:
            break
        if text.tokens[i].kind != "word" or text.tokens[i].sentence != text.tokens[first].sentence:
            break
        found.append(i)
        i += 1
        while text.at(i) in {'"', "'"}:
            i += 1
        ended = text.at(i) not in SEPARATORS or start == i
        while text.at(i) in SEPARATORS:
            joined = joined or text.at(i) in {"and", "or", "vs", "versus", "/", "&"}
            i += 1
        if ended:
            break
    return found if joined else []


def _label(text: Text, i: int) -> str:
    signed = text.at(i - 1) == "-" and text.tokens[i - 1].end == text.tokens[i].start
    return f"-{text.tokens[i].text}" if signed else text.tokens[i].text


def placed_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors from "curing in water or in air": one preposition before each level."""
    for i in range(1, len(text.tokens) - 4):
        preposition = text.at(i)
        if preposition not in PREPOSITIONS or text.lemmas[i - 1] not in lexicon().attributes:
            continue
        joint = next((j for j in (i + 2, i + 3) if text.at(j) in {"or", "versus", "vs"}), None)
        if joint is None or text.at(joint + 1) != preposition or joint + 2 >= len(text.tokens):
            continue
        phrase = phrase_before(text, i)
        if phrase is not None and text.tokens[joint + 2].is_word:
            levels = (text.words(i + 1, joint - 1), text.tokens[joint + 2].text)
            yield Candidate(
                phrase.name, "treatment", phrase.first, joint + 2, "named", 0.7, levels, None, 2
            )


def code_ranges(text: Text) -> Iterator[Candidate]:
    """Yield factors from "four cultures (K1-K4)" and "7 bars, coded 1 to 7"."""
    for match in CODE_RANGE.finditer(text.clean):
        prefix, low, again, high = match.groups()
        i = text.token_from(match.start())
        if again not in {"", prefix} or i >= len(text.tokens) or not int(low) < int(high):
            continue
        phrase = phrase_before(text, i)
        size = int(high) - int(low) + 1
        if phrase is None or size > MOST_LABELS or count_at(text, phrase.first - 1) != size:
            continue
        if group_kind(phrase.name) == "person" or (not prefix and text.at(i - 1) != "coded"):
            continue
        levels = tuple(f"{prefix}{n}" for n in range(int(low), int(high) + 1))
        last = max(text.token_ending_after(match.end() - 1), i)
        yield Candidate(
            phrase.name, "treatment", phrase.first, min(last, len(text.tokens) - 1), "letters",
            0.85, levels, None, size,
        )  # fmt: skip


def letter_ranges(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "four diets A-D"."""
    for match in LETTER_RANGE.finditer(text.clean):
        i = text.token_from(match.start())
        phrase = phrase_before(text, i) if i < len(text.tokens) else None
        levels = tuple(chr(c) for c in range(ord(match.group(1)), ord(match.group(2)) + 1))
        if phrase is None or not _may_be_lettered(text, phrase, len(levels)):
            continue
        last = max(min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1), i)
        yield Candidate(
            phrase.name, "treatment", phrase.first, last, "letters", 0.85, levels, None, len(levels)
        )


def _may_be_lettered(text: Text, phrase: Phrase, size: int) -> bool:
    """Return whether so many are counted before the letters, or a plural stands right there."""
    count = count_at(text, phrase.first - 1)
    plural = text.at(phrase.last) != text.lemmas[phrase.last]
    return count == size or (count is None and plural and group_kind(phrase.name) is None)


def lettered(text: Text) -> Iterator[Candidate]:
    """Yield factors from "Product A, product B and 60 % ethanol": one noun before each label."""
    i = 0
    while i < len(text.tokens) - 4:
        labels = _lettered_from(text, i)
        if len(labels) < 2:
            i += 1
            continue
        noun, last = text.lemmas[i], labels[-1]
        levels = [text.tokens[j].text for j in labels]
        if text.at(last + 1) in SEPARATORS:
            rest, last = _rest_of_list(text, last + 1)
            levels.extend(rest)
        yield Candidate(noun, "treatment", i, last, "named", 0.7, tuple(levels), None, len(levels))
        i = last + 1


def scattered(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "two varnishes ... varnish A goes left and varnish B right"."""
    labels: dict[str, dict[str, int]] = {}
    for i in range(len(text.tokens) - 1):
        if text.tokens[i + 1].text in LETTERS and text.tokens[i].is_word:
            labels.setdefault(text.lemmas[i], {}).setdefault(text.tokens[i + 1].text, i)
    counted = {
        (text.lemmas[i], count_at(text, j))
        for i in range(1, len(text.tokens))
        if text.lemmas[i] in labels
        for j in range(max(i - COUNTED_REACH, 0), i)
    }
    for noun, found in labels.items():
        told = noun in lexicon().attributes or (noun, len(found)) in counted
        if len(found) < 2 or not (told or (_is_row(found) and group_kind(noun) is None)):
            continue
        first, last = min(found.values()), max(found.values()) + 1
        yield Candidate(
            noun, "treatment", first, last, "letters", 0.6, tuple(sorted(found)), None, len(found)
        )


def _is_row(found: dict[str, int]) -> bool:
    """Return whether the letters are A, B and so on, and stand near each other."""
    near = max(found.values()) - min(found.values()) <= SCATTERED_REACH
    return near and sorted(found) == [chr(ord("A") + n) for n in range(len(found))]


def _lettered_from(text: Text, first: int) -> list[int]:
    """Return the labels of a list whose noun stands before each of them."""
    found: list[int] = []
    noun, i = text.lemmas[first], first
    if (
        noun in TIMES
        or group_kind(noun) == "unit"
        or not text.tokens[first].is_word
        or noun in lexicon().stop
    ):
        return []
    while i + 1 < len(text.tokens) and text.lemmas[i] == noun and len(found) < MOST_LABELS:
        label = text.tokens[i + 1].text
        if LABEL.fullmatch(label) is None and text.tokens[i + 1].kind != "number":
            break
        found.append(i + 1)
        i += 2
        while text.at(i) in SEPARATORS:
            i += 1
    return found


def _rest_of_list(text: Text, first: int) -> tuple[list[str], int]:
    """Return the items after the labels of a list, and its last token."""
    last = first
    while text.at(last + 1) not in LIST_ENDS and last - first < LONGEST_REST:
        last += 1
    items = split_items(text, first, last)
    named = list(takewhile(lambda item: _is_named(text, item), items))
    return [item.name for item in named], named[-1].last if named else first - 1


def _is_named(text: Text, item: Phrase) -> bool:
    """Return whether an item is a level, and not "drawn by lot" or "20 per arm"."""
    inside = {text.at(i) for i in range(item.first, item.last + 1)}
    return text.at(item.first) not in PARTICIPLES and not inside & {"per", "each"}


def quoted(text: Text) -> Iterator[Candidate]:
    """Yield the factor whose levels are quoted: "A 'Your digest', B 'Five things you missed'"."""
    said: dict[int, list[tuple[int, str]]] = {}
    for match in QUOTED.finditer(text.clean):
        i = text.token_from(match.start())
        if i < len(text.tokens):
            said.setdefault(text.tokens[i].sentence, []).append((i, match.group("words")))
    for quotes in said.values():
        levels = tuple(dict.fromkeys(words for _, words in quotes))
        if 2 <= len(levels) <= MOST_QUOTES:
            first, last = quotes[0][0], quotes[-1][0]
            yield Candidate(
                _name_before(text, first), "treatment", first, last, "named", 0.65, levels, None,
                len(levels),
            )  # fmt: skip


def _name_before(text: Text, i: int) -> str:
    """Return the nearest noun before this token that names what is set, or "treatment"."""
    first, _ = text.sentence_of(i)
    reach = range(i - 1, max(first, i - NAME_REACH) - 1, -1)
    named = (text.lemmas[j] for j in reach if text.lemmas[j] in lexicon().attributes)
    return next(named, "treatment")


def species(text: Text) -> Iterator[Candidate]:
    """Yield the species of "S. aureus, E. coli and P. aeruginosa"."""
    found: list[tuple[int, str]] = []
    for match in SPECIES.finditer(text.clean):
        i = text.token_from(match.start())
        if found and not _continues(text, found[-1][0], i):
            yield from _as_species(found)
            found = []
        found.append((i, match.group()))
    yield from _as_species(found)


def _continues(text: Text, last: int, i: int) -> bool:
    """Return whether only a separator stands between two species."""
    between = [text.at(j) for j in range(last + 3, i)]
    return len(between) in {1, 2} and all(word in SEPARATORS for word in between)


def _as_species(found: list[tuple[int, str]]) -> Iterator[Candidate]:
    levels = tuple(dict.fromkeys(name for _, name in found))
    if len(levels) > 1:
        yield Candidate(
            "species", "treatment", found[0][0], found[-1][0] + 2, "named", 0.65, levels, None,
            len(levels),
        )  # fmt: skip


def bracketed(text: Text) -> Iterator[Candidate]:
    """Yield the factor of "more than 200 (low anchor) or 2,000 (high anchor)"."""
    for first, end in text.sentences:
        inside = [
            (a, b) for a, b in parentheses(text, first, end)
            if 2 <= b - a - 1 <= LONGEST_REST // 2 and _is_plain(text, a + 1, b - 1)
        ]  # fmt: skip
        heads = {text.lemmas[b - 1] for _, b in inside}
        levels = tuple(dict.fromkeys(text.words(a + 1, b - 2) for a, b in inside))
        if len(heads) == 1 and len(levels) > 1:
            yield Candidate(
                heads.pop(), "treatment", inside[0][0], inside[-1][1], "named", 0.65, levels,
                None, len(levels),
            )  # fmt: skip


def _is_plain(text: Text, first: int, last: int) -> bool:
    inside = text.tokens[first : last + 1]
    return all(token.is_word and token.lower not in lexicon().stop for token in inside)


def times_a_day(text: Text) -> Iterator[Candidate]:
    """Yield the frequency of "two or three times a day"."""
    for i in range(len(text.tokens) - 4):
        low, high = count_at(text, i), count_at(text, i + 2)
        told = text.at(i + 1) in {"or", "versus", "vs"} and text.at(i + 3) == "times"
        if told and low is not None and high is not None and low < high:
            levels = (text.tokens[i].text, text.tokens[i + 2].text)
            yield Candidate("frequency", "treatment", i, i + 3, "named", 0.65, levels, None, 2)


def frequencies(text: Text) -> Iterator[Candidate]:
    """Yield the frequency of "once, twice or four times a day"."""
    for match in FREQUENCIES.finditer(text.lower):
        first = text.token_from(match.start())
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        levels = tuple(level.strip() for level in FREQUENCY_JOINT.split(match.group("levels")))
        yield Candidate(
            "frequency", "treatment", first, last, "named", 0.65, levels, None, len(levels)
        )
