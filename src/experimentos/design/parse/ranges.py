"""Extractors for treatments of which only a range or a number of levels is told."""

from collections.abc import Iterator
from dataclasses import replace

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, unit_at, words
from experimentos.design.parse.mentions import TIMES, count_at
from experimentos.design.parse.phrases import head, is_verbal, phrase_after, phrase_before
from experimentos.design.parse.quantities import MEASURING, STARTS, UNIT_NAMES
from experimentos.design.parse.text import Text

SURFACE = pattern("ranges_surface")
COMPARED = pattern("ranges_compared")
VAGUE = words("ranges_vague")
FEWEST, MOST = 2, 60
MONTHS = words("ranges_months")


def is_response_surface(text: Text) -> bool:
    """Return whether the text asks for a response-surface design."""
    return bool(SURFACE.search(text.lower))


def counted_factors(text: Text) -> Iterator[Candidate]:
    """Yield treatments of which only the number is given: "eight strengths of lime sulphur"."""
    for i, token in enumerate(text.tokens):
        count = token.value
        if count is None or not FEWEST <= count <= MOST or count != int(count):
            continue
        noun = _counted_noun(text, i + 1)
        if noun is None:
            continue
        name = _counted_name(text, i + 1, noun)
        yield Candidate(name, "treatment", i, noun, "counted_factor", 0.45, (), None, int(count))


def compared(text: Text) -> Iterator[Candidate]:
    """Yield the treatment of "nine plant-based yoghurts are to be compared"."""
    for match in COMPARED.finditer(text.lower):
        last = text.token_from(match.start()) - 1
        for i in range(last - 1, max(last - 5, -1), -1):
            count = count_at(text, i)
            if count is not None and FEWEST <= count <= MOST:
                noun = text.lemma(last)
                if noun != text.at(last) and group_kind(noun) in {None, "unit"}:
                    name = " ".join([*(t.text for t in text.tokens[i + 1 : last]), noun])
                    yield Candidate(name, "treatment", i, last, "samples", 0.55, (), None, count)
                break


def _counted_noun(text: Text, first: int) -> int | None:
    """Return the plural noun that names what is set, after at most two adjectives."""
    for i in range(first, min(first + 4, len(text.tokens))):
        token, lemma = text.tokens[i], text.lemmas[i]
        if (lemma == "group" and text.at(i + 1) == "of") or text.at(first - 2) == "over":
            return None
        if lemma in lexicon().attributes:
            plural = lemma != token.lower and group_kind(lemma) is None
            bare = lemma in {"time", "level"} and text.at(i + 1) != "of"
            return i if plural and not bare else None
        if not token.is_word or token.lower in lexicon().stop or is_verbal(token.lower):
            return None
    return None


def _counted_name(text: Text, first: int, noun: int) -> str:
    measure = text.lemmas[noun]
    if text.at(noun + 1) == "of":
        phrase = phrase_after(text, noun + 2, 3)
        if phrase is not None:
            return phrase.name if measure in VAGUE else f"{phrase.name} {measure}"
    return " ".join([*(text.tokens[j].text for j in range(first, noun)), measure])


def ranges(text: Text) -> Iterator[Candidate]:
    """Yield numeric factors given as a range: "reaction temp between 40 and 80 C"."""
    curved = is_response_surface(text)
    for i in range(1, len(text.tokens) - 2):
        candidate = _range(text, i, curved=curved) if text.tokens[i].kind == "number" else None
        if candidate is not None:
            yield candidate


def _range(text: Text, i: int, *, curved: bool) -> Candidate | None:
    low_unit, j = unit_at(text.clean, text.tokens[i].end), i + 1
    while low_unit is not None and j < len(text.tokens) and text.tokens[j].start < low_unit.end:
        j += 1
    if j + 1 >= len(text.tokens) or text.tokens[j + 1].value is None:
        return None
    if not _joins(text, i, j, curved=curved) or text.tokens[j + 1].kind != "number":
        return None
    unit = unit_at(text.clean, text.tokens[j + 1].end) or low_unit
    phrase = phrase_before(text, i)
    name = phrase.name if phrase else UNIT_NAMES.get(unit.name if unit else "", "")
    if not name or is_verbal(head(name)) or group_kind(name) == "unit":
        return None
    if not curved and (unit is None or head(name) not in lexicon().attributes):
        return None
    low, high = text.tokens[i], text.tokens[j + 1]
    middle = ((low.value or 0) + (high.value or 0)) / 2
    levels = (low.text, f"{middle:g}", high.text) if curved else (low.text, high.text)
    found = Candidate(
        name, "covariate" if head(name) == "age" else "treatment",
        phrase.first if phrase else i, j + 1, "range", 0.7 if curved else 0.4,
        levels, unit.name if unit else None, len(levels),
    )  # fmt: skip
    count = count_at(text, found.first - 1) or 0
    return _steps(found, count) if count > FEWEST and not curved else found


def _steps(found: Candidate, count: int) -> Candidate:
    """Return "nine concentrations from 0.05 to 10 mM": so many levels, not two."""
    return replace(
        found, first=found.first - 1, rule="counted_factor", confidence=0.6, levels=(), count=count
    )


def numbered_times(text: Text) -> Iterator[Candidate]:
    """Yield the occasions of "at baseline, week 4, week 8 and week 24"."""
    i = 0
    while i < len(text.tokens) - 4:
        told = _numbered(text, i)
        if len(told) > 1:
            levels = [f"{text.lemmas[j]} {text.tokens[j + 1].text}" for j in told]
            first = i
            if text.at(i - 1) in {",", "and"} and text.at(i - 2) in STARTS:
                levels, first = [text.at(i - 2), *levels], i - 2
            yield Candidate(
                "time", "treatment", first, told[-1] + 1, "time_points", 0.75, tuple(levels),
                None, len(levels),
            )  # fmt: skip
            i = told[-1]
        i += 1


def _numbered(text: Text, i: int) -> list[int]:
    """Return where "week 4", "week 8" stand, joined by commas and "and"."""
    noun, told = text.lemmas[i], list[int]()
    while (
        noun in TIMES
        and text.lemma(i) == noun
        and i + 1 < len(text.tokens)
        and text.tokens[i + 1].kind == "number"
    ):
        told.append(i)
        i += 2
        while text.at(i) in {",", "and"}:
            i += 1
    return told


def months(text: Text) -> Iterator[Candidate]:
    """Yield the occasions of "measured on each tree in May, June and July"."""
    i = 0
    while i < len(text.tokens):
        told, j = [i], i + 1
        if text.at(i) not in MONTHS:
            i = j
            continue
        while text.at(j) in {",", "and"} or text.at(j) in MONTHS:
            told += [j] if text.at(j) in MONTHS else []
            j += 1
        if len(told) > 1 and text.at(i - 1) == "in" and text.says(MEASURING, i):
            levels = tuple(text.tokens[k].text for k in told)
            yield Candidate(
                "time", "treatment", i, told[-1], "time_points", 0.7, levels, None, len(levels)
            )
        i = j


def time_spans(text: Text) -> Iterator[Candidate]:
    """Yield the occasions of "from day 0 to day 9"."""
    for i in range(len(text.tokens) - 3):
        noun, low = text.lemmas[i], text.tokens[i + 1].value
        j = i + 4 if text.lemma(i + 3) == noun else i + 3
        if noun not in TIMES or low is None or text.at(i + 2) not in {"to", "-", "through"}:
            continue
        if not text.says(MEASURING, i):
            continue
        high = text.tokens[j].value if j < len(text.tokens) else None
        if high is not None and FEWEST <= high - low + 1 <= MOST:
            count = int(high - low) + 1
            yield Candidate(noun, "treatment", i, j, "time_points", 0.65, (), None, count)


def _joins(text: Text, i: int, joint: int, *, curved: bool) -> bool:
    """Return whether "to", "-" or "and" makes a range of the numbers around it."""
    before = text.at(i - 1)
    match text.at(joint):
        case "and":
            return before == "between"
        case "to" | "-":
            return curved or before in {"between", "from", "(", "range", ":"}
        case _:
            return False
