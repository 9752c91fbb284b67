"""Extractors for levels that are labels: "varieties Ladak, Cossack and Ranger", "K1-K4"."""

import re
from collections.abc import Iterator

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.phrases import SEPARATORS, phrase_before
from experimentos.design.parse.text import Text

CODE_RANGE = re.compile(r"([A-Za-z]{0,4})(\d{1,2}) ?(?:-|to) ?([A-Za-z]{0,4})(\d{1,2})")
LABEL = re.compile(r"[A-Z][A-Za-z0-9.-]*|[a-z]*\d[A-Za-z0-9.-]*|[a-z]{1,2}[A-Z][A-Za-z0-9-]*")
PREPOSITIONS = frozenset({"in", "with", "by", "on", "under", "as", "at", "from"})
MOST_LABELS = 30


def named_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors whose name stands right before their labels, without a colon."""
    for i, token in enumerate(text.tokens):
        if not token.is_word or not (_can_be_set(text, i) or _is_counted(text, i)):
            continue
        first = i + 2 if text.at(i + 1) == "," else i + 1
        labels = _labels(text, first)
        if len(labels) < 2 or text.at(labels[-1] + 1) == "(":
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
