"""Extractors for factors whose levels are listed."""

import re
from collections.abc import Iterator
from dataclasses import replace

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.outcomes import outcomes
from experimentos.design.parse.phrases import (
    GENERIC,
    SEPARATORS,
    Phrase,
    Quantity,
    head,
    is_verbal,
    parentheses,
    phrase_after,
    phrase_before,
    quantity_at,
    split_items,
)
from experimentos.design.parse.text import Text, singular

UNIT_NAMES = {
    "degC": "temperature", "degF": "temperature", "K": "temperature", "h": "time", "min": "time",
    "s": "time", "ms": "time", "day": "time", "week": "time", "month": "time", "rpm": "speed",
    "psi": "pressure", "bar": "pressure", "kPa": "pressure", "MPa": "pressure", "V": "voltage",
    "mM": "concentration", "uM": "concentration", "nM": "concentration", "equiv": "equivalents",
    "W": "power", "lux": "light", "Hz": "frequency",
}  # fmt: skip
DURATIONS = frozenset({"time", "duration", "interval", "delay", "period", "exposure"})
TIME_UNITS = frozenset({"s", "min", "h", "day", "week", "month", "year"})
SCALE = pattern("lists_scale")
CODE = pattern("lists_code")
FACTOR_NOUNS = words("joint_factor_nouns")
OCCASIONS = frozenset({"next", "following", "end", "discharge", "morning", "day", "follow-up"})
CLAUSE_ENDS = frozenset({"", ".", ",", ";", ":", "(", ")", "and", "or"})
OWNER_REACH = 12
LISTED_WORDS = 6
"""A level of more words than this is a clause, not a level."""


def number_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors from "NAME at 16, 25 or 37 C" and from time points."""
    i = 0
    while i < len(text.tokens):
        items = _quantities(text, i)
        if len(items) < 2:
            i = items[0].after if items else i + 1
            continue
        candidate = _from_quantities(text, items)
        if candidate is not None:
            yield candidate
        i = items[-1].after


def _quantities(text: Text, i: int) -> list[Quantity]:
    items: list[Quantity] = []
    while i < len(text.tokens) and (item := quantity_at(text, i)) is not None:
        if items and text.tokens[i].kind != text.tokens[items[0].token].kind:
            break
        items.append(item)
        j = item.after
        while j < len(text.tokens) and text.tokens[j].lower in SEPARATORS and j - item.after < 2:
            j += 1
        if j == item.after:
            break
        i = j
    return items


def _from_quantities(text: Text, items: list[Quantity]) -> Candidate | None:
    first, last = items[0].token, items[-1].after - 1
    if not _are_levels(text, items):
        return None
    units = {item.unit for item in items if item.unit}
    phrase = _owner(text, first - 1) if text.at(first - 1) == ":" else phrase_before(text, first)
    if len(units) > 1 and units <= TIME_UNITS:
        points = _time_points(text, items)
        if phrase is not None and head(phrase.name) in DURATIONS:
            return replace(points, name=phrase.name, rule="number_list")
        return points
    unit = items[-1].unit or next(iter(units), None)
    name = _list_name(text, phrase, unit, items[-1].after)
    if not name:
        return None
    start = phrase.first if phrase else first
    levels = tuple(item.value for item in items)
    return Candidate(name, "treatment", start, last, "number_list", 0.85, levels, unit, len(levels))


def _are_levels(text: Text, items: list[Quantity]) -> bool:
    """Return whether the numbers are set, and not a range, a scale, a split or counts of things."""
    first = items[0].token
    before = text.tokens[first - 1].lower if first else ""
    if any(text.tokens[item.token].kind == "word" for item in items) and items[-1].unit is None:
        return False
    if before in {"^", "between", "from", "x"} or [item.value for item in items] == ["50", "50"]:
        return False
    if items[-1].unit is not None:
        return True
    sentence = text.sentence_words(first)
    if "=" in sentence and SCALE.search(sentence):
        return False
    following = phrase_after(text, items[-1].after)
    return following is None or not _counts_things(following, items)


def _counts_things(phrase: Phrase, items: list[Quantity]) -> bool:
    whole = all(float(item.value.rstrip("k") or 0).is_integer() for item in items)
    return whole and group_kind(phrase.name) is not None


def _list_name(text: Text, phrase: Phrase | None, unit: str | None, after: int) -> str:
    following = phrase_after(text, after, 3)
    if phrase is not None and not is_verbal(head(phrase.name)):
        generic = head(phrase.name) in GENERIC and len(phrase.name.split()) == 1
        if generic and after < len(text.tokens) and text.tokens[after].lower == "of":
            substance = phrase_after(text, after + 1, 3)
            return f"{substance.name} {phrase.name}" if substance else phrase.name
        return phrase.name
    if following is not None and head(following.name) in lexicon().attributes:
        return following.name
    return UNIT_NAMES.get(unit or "", "")


def _time_points(text: Text, items: list[Quantity]) -> Candidate:
    """Return the occasions of "30 min, 4 h and the next morning"."""
    levels = [f"{item.value} {item.unit}" for item in items]
    first, last = items[0].token, items[-1].after - 1
    joint = items[-1].after
    if text.at(joint) in SEPARATORS and {text.at(joint + 1), text.at(joint + 2)} & OCCASIONS:
        start = joint + 1 if text.at(joint + 1) != "the" else joint + 2
        last = start
        while last - start < 2 and text.at(last + 1) not in CLAUSE_ENDS:
            last += 1
        levels.append(text.words(start, last))
    return Candidate(
        "time", "treatment", first, last, "time_points", 0.7, tuple(levels), None, len(levels)
    )


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
    if all(q is not None for q in quantities):
        return None  # number_lists reads it
    levels = tuple(item.name for item in items)
    count = _count_before(text, phrase.first)
    confidence = 0.9 if count == len(levels) else 0.75
    return Candidate(
        phrase.name, "treatment", phrase.first, end, "parenthesised", confidence, levels, None,
        len(levels),
    )  # fmt: skip


def _inner_name(text: Text, opening: int, end: int) -> tuple[int, Phrase | None]:
    """Return where the items start and their name, which may stand inside: "(prime: a, b)"."""
    for i in range(opening + 2, min(opening + 5, end)):
        if text.at(i) == ":":
            return i + 1, phrase_before(text, i)
    phrase = phrase_before(text, opening)
    if phrase is not None and _is_outcome(text, phrase):
        return opening + 1, None
    return opening + 1, phrase


def _is_outcome(text: Text, phrase: Phrase) -> bool:
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


def _is_remark(text: Text, items: list[Phrase]) -> bool:
    """Return whether the parenthesis is an aside and not a list of levels."""
    for item in items:
        words = item.name.split()
        if len(words) > LISTED_WORDS or _is_share(words):
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
        phrase = None if _announces(text, i) else _owner(text, i)
        if phrase is None or not 2 <= len(items) <= 12 or _is_remark(text, items):
            continue
        if any(quantity_at(text, item.first) for item in items) or "(" in text.words(i, last):
            continue
        count = _count_before(text, phrase.first)
        if count != len(items) and any(len(item.name.split()) > 4 for item in items):
            continue
        levels = _shared_tail(tuple(item.name for item in items))
        yield Candidate(
            phrase.name, "treatment", phrase.first, last, "colon",
            0.85 if count == len(items) else 0.6, levels, None, len(levels),
        )  # fmt: skip


def _announces(text: Text, opening: int) -> bool:
    """Return whether factors or covariates follow, each a thing of its own and no level."""
    first, _ = text.sentence_of(opening)
    first = max(first, opening - OWNER_REACH)
    if text.at(opening) == ":" and FACTOR_NOUNS.intersection(text.lemmas[first : opening - 1]):
        return True
    return lexicon().cues["covariate"].search(text.words(first, opening - 1).lower()) is not None


def _owner(text: Text, opening: int) -> Phrase | None:
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
        if len(run) < 2:
            i += 1
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
