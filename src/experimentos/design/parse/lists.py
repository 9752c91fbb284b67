"""Extractors for factors whose levels are listed by name."""

import re
from collections.abc import Iterator
from itertools import pairwise

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import lexicon, pairs, pattern, words
from experimentos.design.parse.mentions import TIMES
from experimentos.design.parse.outcomes import outcomes
from experimentos.design.parse.phrases import (
    OWNER_REACH,
    SEPARATORS,
    Phrase,
    head,
    is_verbal,
    list_owner,
    parentheses,
    phrase_after,
    phrase_before,
    quantity_at,
    split_items,
)
from experimentos.design.parse.text import Text, singular

SUMS = pattern("joint_sums")
CODE = pattern("lists_code")
FACTOR_NOUNS = words("joint_factor_nouns")
MEASURED_NOUNS = words("lists_measured_nouns")
AS_COVARIATES = re.compile(r"\bcovariates?\b")
ASIDE = re.compile(r"\s?\([^)]*\)")
PAIR = re.compile(
    r"(?:each|both|all) (?:applied|present|at|on|with|either|low|varied|set|tested)\b"
)
BEFORE_COUNT = frozenset({"or", "and", "one", "of", "the", "plus"})
CONTROLS = frozenset({"control", "vehicle", "placebo", "blank", "untreated"})
CONTROL_REACH = 6
LISTED_WORDS = 6
"""A level of more words than this is a clause, not a level."""


def parenthesised_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors from "three varieties (A, B and C)" and "temperature (low/high)"."""
    for opening, end in parentheses(text):
        inside = text.words(opening, end)
        if "=" in inside and "/" not in inside and " or " not in inside:
            letters = _letters(text, opening, end)
            if letters is None:
                continue
            yield letters
            continue
        candidate = _letters(text, opening, end) or _parenthesised(text, opening, end)
        if candidate is not None:
            yield candidate


def _parenthesised(text: Text, opening: int, end: int) -> Candidate | None:
    first, phrase = _inner_name(text, opening, end)
    items = split_items(text, first, end - 1)
    if len(items) < 2 or phrase is None or _is_remark(text, items) or _is_unit(text, items):
        return None
    quantities = [quantity_at(text, item.first) for item in items]
    if all(
        q is not None and (q.unit or q.after > item.last)
        for q, item in zip(quantities, items, strict=True)
    ):
        return None  # number_lists reads it
    levels = tuple(item.name for item in items)
    if levels == ("yes", "no") and not is_named_factor(text, phrase):
        return None
    if text.at(end + 1) == "or" and text.at(end + 2) in {"no", "none"}:
        none = phrase_after(text, end + 3, 2)
        levels = (*levels, f"no {none.name}" if none else "none")
    count = _count_before(text, phrase.first)
    if count in {len(items), None}:
        levels = (*_control_before(text, phrase.first), *levels)
    confidence = 0.9 if count == len(items) else 0.75
    return Candidate(
        phrase.name, "treatment", phrase.first, end, "parenthesised", confidence, levels, None,
        len(levels),
    )  # fmt: skip


def _control_before(text: Text, first: int) -> tuple[str, ...]:
    """Return the "water" of "a control (water) or one of three extracts (garlic, neem)"."""
    i = first - 1
    while i > first - CONTROL_REACH and (text.at(i) in BEFORE_COUNT or _count_before(text, i + 1)):
        i -= 1
    if i == first - 1 or i < 2:
        return ()
    if text.at(i) == ")":
        opening = next((j for j in range(i - 1, max(i - 6, 0), -1) if text.at(j) == "("), 0)
        named = opening > 0 and text.at(opening - 1) in CONTROLS
        return (text.words(opening + 1, i - 1),) if named else ()
    return (text.tokens[i].text,) if text.at(i) in CONTROLS else ()


def is_named_factor(text: Text, phrase: Phrase) -> bool:
    """Return whether "(yes/no)" tells levels of what is set, and not an answer or outcome."""
    named = text.lemmas[phrase.last] in lexicon().attributes and text.at(phrase.first - 1) != "that"
    return named or "factor" in text.sentence_words(phrase.first)


def _inner_name(text: Text, opening: int, end: int) -> tuple[int, Phrase | None]:
    """Return where the items start and their name, which may stand inside: "(prime: a, b)"."""
    for i in range(opening + 2, min(opening + 5, end)):
        if text.at(i) == ":":
            return i + 1, phrase_before(text, i)
    phrase = phrase_before(text, opening)
    if phrase is not None and is_outcome(text, phrase):
        return opening + 1, None
    return opening + 1, phrase


def is_outcome(text: Text, phrase: Phrase) -> bool:
    """Return whether the phrase is something measured and nothing that can be set."""
    last = phrase.last
    if text.lemmas[last] in lexicon().attributes:
        return False
    return any(outcome.last == last for outcome in outcomes(text, phrase.first, last))


def _is_unit(text: Text, items: list[Phrase]) -> bool:
    """Return whether "(umol/m2 s)" is a unit and not two levels."""
    return text.tokens[items[0].last + 1].text == "/" and (
        any(character.isdigit() for character in items[-1].name)
        or any(item.name in lexicon().units for item in items)
    )


def _is_share(words: list[str]) -> bool:
    """Return whether an item says how many of each, as "two of each pure blend"."""
    return "each" in words or words[0].lower() in {"same", "one", "two", "three"}


def _counts_factors(words: list[str]) -> bool:
    """Return whether an item only says how many factors follow, as "four variables"."""
    return singular(words[-1].lower()) in FACTOR_NOUNS and len(words) == 2


def _is_number_of(words: list[str]) -> bool:
    """Return whether an item only counts, as "160 in total", "28 per room" and "50 weeks"."""
    if not words[0][0].isdigit() or len(words) == 1:
        return False
    rest = {singular(word.lower()) for word in words[1:]}
    return bool(rest & {"total", "per", "all", "altogether", "each", "of"}) or bool(rest & TIMES)


def _is_remark(text: Text, items: list[Phrase]) -> bool:
    """Return whether the parenthesis is an aside and not a list of levels."""
    for item in items:
        words = item.name.split()
        if (
            len(words) > LISTED_WORDS
            or _is_share(words)
            or _is_number_of(words)
            or _counts_factors(words)
        ):
            return True
        if words[0].lower() in {
            "about",
            "approximately",
            "see",
            "because",
            "since",
            "e.g",
            "i.e",
            "which",
            "so",
            "but",
            "we",
            "it",
            "not",
        }:
            return True
    wordy = sum(is_verbal(text.tokens[item.first].lower) for item in items)
    return wordy == len(items) and len(items) == 2 and len(items[0].name.split()) > 2


def _count_before(text: Text, i: int) -> int | None:
    for j in range(i - 1, max(i - 4, -1), -1):
        value = text.tokens[j].value
        if value is not None and value == int(value):
            return int(value)
        if not text.tokens[j].is_word:
            return None
    return None


def _letters(text: Text, opening: int, end: int) -> Candidate | None:
    """Read "(A to F)" and "(A strongest down to G, with H = none)" as letters."""
    capitals = [t.text for t in text.tokens[opening:end] if re.fullmatch("[A-Z]", t.text)]
    phrase = phrase_before(text, opening)
    if len(capitals) < 2 or phrase is None:
        return None
    span = [chr(c) for c in range(ord(capitals[0]), ord(capitals[-1]) + 1)]
    count = _count_before(text, phrase.first)
    ranged = " to " in text.words(opening, end) or "-" in text.words(opening, end)
    if not span or (count is not None and count != len(span)) or not (ranged or count):
        return None
    return Candidate(
        phrase.name, "treatment", phrase.first, end, "letters", 0.85, tuple(span), None, len(span)
    )


def colon_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors from "the Stroop task: congruent, incongruent and neutral trials"."""
    for i in range(len(text.tokens)):
        if not _opens_list(text, i) or i + 1 >= len(text.tokens):
            continue
        last = _clause_end(text, i + 1)
        items = split_items(text, i + 1, last)
        phrase = None if _announces(text, i) else list_owner(text, i)
        if phrase is None or not 2 <= len(items) <= 12 or _is_remark(text, items):
            continue
        if _names_factors(text, i, last, items):
            continue
        count = _count_before(text, phrase.first)
        named = [ASIDE.sub("", item.name) for item in items]
        if count != len(items) and any(len(name.split()) > 4 for name in named):
            continue
        levels = _shared_tail(tuple(ASIDE.sub("", item.name).strip() for item in items))
        yield Candidate(
            phrase.name, "treatment", phrase.first, last, "colon",
            0.85 if count == len(items) else 0.6, levels, None, len(levels),
        )  # fmt: skip


def _names_factors(text: Text, opening: int, last: int, items: list[Phrase]) -> bool:
    """Return whether the items are numbers, clauses or factors of their own, and no levels."""
    numbers = any(quantity_at(text, item.first) for item in items)
    shared = PAIR.match(text.words(last + 2, last + 9).lower()) is not None
    return (
        numbers
        or shared
        or text.at(opening + 1) == "one"
        or _has_levels_aside(text, opening, last)
        or _hold_opposites(text, items)
    )


def _has_levels_aside(text: Text, first: int, last: int) -> bool:
    """Return whether a parenthesis lists something, so that the items are no plain levels."""
    return any(
        SEPARATORS.intersection(text.at(i) for i in range(a, b))
        for a, b in parentheses(text, first, last + 1)
    )


def _hold_opposites(text: Text, items: list[Phrase]) -> bool:
    """Return whether an item names a factor of its own: "display on" before "off"."""
    known = pairs("opposites")
    return any(
        a.last > a.first and (text.at(a.last), text.at(b.first)) in known
        for a, b in pairwise(items)
    )


def _announces(text: Text, opening: int) -> bool:
    """Return whether factors or covariates follow, each a thing of its own and no level."""
    first, _ = text.sentence_of(opening)
    first = max(first, opening - OWNER_REACH)
    if MEASURED_NOUNS.intersection(text.lemmas[max(first, opening - 3) : opening]):
        return True
    if text.says(SUMS, opening):
        return True
    if text.at(opening) == ":" and FACTOR_NOUNS.intersection(text.lemmas[first : opening - 1]):
        return True
    return lexicon().cues["covariate"].search(text.words(first, opening - 1).lower()) is not None


def _opens_list(text: Text, i: int) -> bool:
    """Return whether a colon, or a dash between spaces, stands here."""
    if text.at(i) == "-" and 0 < i < len(text.tokens) - 1:
        spaced = text.tokens[i - 1].end < text.tokens[i].start
        return spaced and text.tokens[i].end < text.tokens[i + 1].start
    return text.at(i) == ":"


def _shared_tail(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Drop a plural noun that only the last level carries: "red, green and blue lamps"."""
    words = levels[-1].split()
    single = all(len(level.split()) == 1 for level in levels[:-1])
    if single and len(words) == 2 and singular(words[1]) != words[1]:
        return (*levels[:-1], words[0])
    return levels


def _clause_end(text: Text, first: int) -> int:
    sentence = text.tokens[first].sentence
    j = first
    while j + 1 < len(text.tokens) and text.tokens[j + 1].sentence == sentence:
        if j > first and text.at(j + 1) == "-" and _opens_list(text, j + 1):
            break
        if text.tokens[j + 1].text in {";", "."} or text.tokens[j + 1].lower in {
            "so",
            "because",
            "which",
            "mixed",
            "with",
        }:
            break
        if (
            text.tokens[j + 1].text == ","
            and j + 2 < len(text.tokens)
            and text.tokens[j + 2].lower
            in {"mixed", "each", "all", "with", "in", "so", "randomised", "assigned"}
        ):
            break
        j += 1
    return j


def code_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors whose levels are names like A549 and HCT116."""
    i = 0
    while i < len(text.tokens):
        run = _codes(text, i)
        if len(run) < 2 or text.says(AS_COVARIATES, i):
            i += max(len(run), 1)
            continue
        phrase = _code_name(text, run)
        levels = tuple(text.tokens[j].text for j in run)
        yield Candidate(
            phrase, "treatment", run[0], run[-1], "codes", 0.6, levels, None, len(levels)
        )
        i = run[-1] + 1


def _codes(text: Text, i: int) -> list[int]:
    run: list[int] = []
    while (
        i < len(text.tokens)
        and text.tokens[i].kind == "word"
        and CODE.fullmatch(text.tokens[i].text)
    ):
        run.append(i)
        if i + 2 < len(text.tokens) and text.tokens[i + 1].lower in SEPARATORS:
            i += 2 if text.tokens[i + 2].lower not in SEPARATORS else 3
        else:
            break
    return run


def _code_name(text: Text, run: list[int]) -> str:
    after = phrase_after(text, run[-1] + 1, 2)
    if after is not None and head(after.name) in lexicon().attributes | {"cell", "line"}:
        return after.name
    before = phrase_before(text, run[0])
    if before is not None and head(before.name) in lexicon().attributes:
        return before.name
    for name in ("cell line", "strain", "line", "genotype", "variety", "cultivar", "model"):
        if re.search(rf"\b{name}s?\b", text.lower):
            return "cell line" if name == "line" else name
    return ""
