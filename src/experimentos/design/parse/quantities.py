"""Extractor for factors whose levels are listed numbers, and for the times of measurements."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.mentions import count_at
from experimentos.design.parse.outcomes import outcomes
from experimentos.design.parse.phrases import (
    GENERIC,
    SEPARATORS,
    Phrase,
    Quantity,
    head,
    is_verbal,
    list_owner,
    phrase_after,
    phrase_before,
    quantity_at,
)
from experimentos.design.parse.text import Text, singular

UNIT_NAMES = {
    "degC": "temperature", "degF": "temperature", "K": "temperature", "h": "time", "min": "time",
    "s": "time", "ms": "time", "day": "time", "week": "time", "month": "time", "rpm": "speed",
    "psi": "pressure", "bar": "pressure", "kPa": "pressure", "MPa": "pressure", "V": "voltage",
    "mM": "concentration", "uM": "concentration", "nM": "concentration", "equiv": "equivalents",
    "W": "power", "lux": "light", "Hz": "frequency", "dB": "sound level", "kV": "voltage",
    "mg/kg": "dose", "ug/kg": "dose", "mg": "dose", "ug": "dose", "IU": "dose", "kg/ha": "rate",
    "lb/acre": "rate", "t/ha": "rate", "mg/L": "concentration", "ug/L": "concentration",
    "g/L": "concentration", "ppm": "concentration", "m/s": "speed", "km/h": "speed",
    "m/min": "speed", "mm/s": "speed", "kN": "force", "mA": "current", "A": "current",
    "dollar": "price", "mg/day": "dose", "ng/mL": "concentration", "kHz": "frequency",
}  # fmt: skip
DURATIONS = frozenset({"time", "duration", "interval", "delay", "period", "exposure"})
TIME_UNITS = frozenset({"s", "min", "h", "day", "week", "month", "year"})
SCALES = (
    TIME_UNITS,
    frozenset({"M", "mM", "uM", "nM", "pM"}),
    frozenset({"kg", "g", "mg", "ug", "ng", "t"}),
    frozenset({"km", "m", "cm", "mm", "um", "nm"}),
    frozenset({"L", "mL", "uL"}),
    frozenset({"V", "mV", "kV"}),
    frozenset({"W", "kW"}),
    frozenset({"kB", "MB", "GB"}),
    frozenset({"mg/mL", "ug/mL", "ng/mL", "mg/L", "ug/L", "g/L"}),
    frozenset({"Pa", "kPa", "MPa"}),
)
"""Units that may stand in one list of levels; others measure different things."""

LASTS = pattern("quantities_lasts")
AGAIN = pattern("quantities_again")
LATER = pattern("quantities_later")
EACH_TIME = pattern("quantities_each_time")
ADVERBS = {"weekly": "week", "monthly": "month", "yearly": "year", "annually": "year"}
NOT_SUBSTANCES = words("quantities_not_substances")
MOST_OCCASIONS, MOST_UNNAMED = 60, 4
SUMMARY = pattern("quantities_summary")
MEASURING = pattern("lists_measuring")
SCALE = pattern("lists_scale")
OR_ONE = frozenset({"or", "and", "one", "of", "the", "plus", "at", "any"})
CONTROL_REACH = 7
CELLS = frozenset({"cell", "arm", "branch", "bucket", "cohort"})
STARTS = frozenset({"baseline", "entry", "enrolment", "admission", "screening", "birth", "hatch"})
CONTROLS = frozenset(
    {"nil", "zero", "control", "vehicle", "untreated", "blank", "placebo", "none", "solvent"}
)
NOTHING = frozenset({"nil", "none", "no", "nothing", "control", "zero"})
OCCASIONS = frozenset({"next", "following", "end", "discharge", "morning", "day", "follow-up"})
WHOLE = 100
"""Numbers without a unit that sum to this are shares."""

UNNAMED = 0.5
"""How sure a list is of which the text does not say what it lists."""

CLAUSE_ENDS = frozenset({"", ".", ",", ";", ":", "(", ")", "and", "or"})


def number_lists(text: Text) -> Iterator[Candidate]:
    """Yield factors from "NAME at 16, 25 or 37 C" and from time points."""
    i = 0
    while i < len(text.tokens):
        items = _quantities(text, i)
        if len(items) < 2:
            if items and text.at(i - 1) == "or" and text.at(i - 2) in NOTHING:
                yield from _or_nothing(text, items[0])
            i = items[0].after if items else i + 1
            continue
        candidate = _from_quantities(text, items)
        if candidate is not None:
            yield candidate
        i = items[-1].after


def _or_nothing(text: Text, item: Quantity) -> Iterator[Candidate]:
    """Yield the factor of "nitrogen none or 150 kg/ha"."""
    phrase = phrase_before(text, item.token - 2)
    if phrase is not None and item.unit and not is_verbal(head(phrase.name)):
        levels = (text.tokens[item.token - 2].text, item.value)
        yield Candidate(
            phrase.name, "treatment", phrase.first, item.after - 1, "number_list", 0.7, levels,
            item.unit, 2,
        )  # fmt: skip


def _quantities(text: Text, i: int) -> list[Quantity]:
    items: list[Quantity] = []
    while i < len(text.tokens) and (item := quantity_at(text, i)) is not None:
        if items and text.tokens[i].kind != text.tokens[items[0].token].kind:
            break
        items.append(item)
        j = item.after
        while text.at(j) in SEPARATORS - {";"} and j - item.after < 2:
            j += 1
        if j == item.after:
            break
        i = j + (item.unit in TIME_UNITS and text.at(j) in {"after", "at"})
    return items


def _from_quantities(text: Text, items: list[Quantity]) -> Candidate | None:
    """Return the factor of a list of numbers, None when they are no levels."""
    first = items[0].token
    if not _are_levels(text, items):
        return None
    named = _before_control(text, first)
    announced = text.at(named - 1) == ":"
    phrase = list_owner(text, named - 1) if announced else phrase_before(text, named)
    units = {item.unit for item in items if item.unit}
    if len(units) > 1 and not any(units <= scale for scale in SCALES):
        return None
    if len(units) > 1 and units <= TIME_UNITS:
        points = _time_points(text, items)
        lasts = phrase is not None and head(phrase.name) in DURATIONS
        return replace(points, name=phrase.name, rule="number_list") if phrase and lasts else points
    return _of_one_unit(text, items, phrase, items[-1].unit or next(iter(units), None))


def _of_one_unit(
    text: Text, items: list[Quantity], phrase: Phrase | None, unit: str | None
) -> Candidate | None:
    """Return the factor of numbers that share their unit, or have none."""
    first, last = items[0].token, items[-1].after - 1
    levels = tuple(item.value for item in items)
    start = _start_before(text, first) if unit in TIME_UNITS else None
    if start is not None or _are_occasions(text, phrase, unit, first):
        begin, told = (first, levels) if start is None else (start, (text.at(start), *levels))
        return Candidate(
            "time", "treatment", begin, last, "time_points", 0.7, told, unit, len(told)
        )
    name = _list_name(text, phrase, unit, items[-1].after)
    if name == "time" and unit in TIME_UNITS and text.says(SUMMARY, first):
        return None
    if not name and (unit is None or unit in TIME_UNITS):
        if unit is None or text.at(first - 1) != ";" or len(levels) > MOST_UNNAMED:
            return None
        name = "time"
    owned = phrase is not None and not _is_place(text, phrase)
    owned = owned and not (name == "temperature" and text.at(first - 1) == "at")
    start, levels = _with_control(text, phrase.first if phrase and owned else first, first, levels)
    return Candidate(
        name or "level", "treatment", start, last, "number_list", 0.85 if name else UNNAMED,
        levels, unit, len(levels),
    )  # fmt: skip


def _are_occasions(text: Text, phrase: Phrase | None, unit: str | None, first: int) -> bool:
    """Return whether the times are when something is measured: "scored at 6, 12 and 24 h"."""
    if unit not in TIME_UNITS:
        return False
    if phrase is not None and not (is_verbal(head(phrase.name)) or _is_place(text, phrase)):
        return False
    return text.says(MEASURING, first)


def _start_before(text: Text, first: int) -> int | None:
    """Return the "baseline" of "at baseline, 6 and 12 weeks"."""
    i = first - 1
    while text.at(i) in {",", "and", "at", "after"}:
        i -= 1
    return i if i < first - 1 and text.at(i) in STARTS else None


def _before_control(text: Text, first: int) -> int:
    """Return where a list starts that begins with its control: "control, 5, 10 and 20 mg"."""
    i = first - 1
    while text.at(i) in {",", "and", "or"}:
        i -= 1
    if i == first - 1 or text.at(i) not in CONTROLS:
        return first
    return i - 1 if text.at(i - 1) in {"untreated", "vehicle", "solvent", "a", "no"} else i


def _with_control(
    text: Text, start: int, first: int, levels: tuple[str, ...]
) -> tuple[int, tuple[str, ...]]:
    """Return the first token and the levels of a list, its control among them."""
    named = _before_control(text, first)
    if named == first:
        i = start - 1
        while i > start - CONTROL_REACH and (text.at(i) in OR_ONE or count_at(text, i)):
            i -= 1
        is_control = text.at(i) in CONTROLS and i < start - 1
        return (i, (text.tokens[i].text, *levels)) if is_control else (start, levels)
    return min(start, named), (text.tokens[named].text, *levels)


def _are_levels(text: Text, items: list[Quantity]) -> bool:
    """Return whether the numbers are set, and not a range, a scale, a split or counts of things."""
    first = items[0].token
    before = text.tokens[first - 1].lower if first else ""
    if any(text.tokens[item.token].kind == "word" for item in items) and items[-1].unit is None:
        return False
    if (
        before in {"^", "between", "from", "x"}
        or text.words(first - 2, first - 1) == "n ="
        or [item.value for item in items] == ["50", "50"]
    ):
        return False
    if items[-1].unit is not None:
        return True
    sentence = text.sentence_words(first)
    shares = sum(text.tokens[item.token].value or 0 for item in items) == WHOLE
    if shares or ("=" in sentence and SCALE.search(sentence)):
        return False
    following = phrase_after(text, items[-1].after)
    directly = following is not None and following.first == items[-1].after
    return following is None or not directly or not _counts_things(text, following, items)


def _counts_things(text: Text, phrase: Phrase, items: list[Quantity]) -> bool:
    whole = all(float(text.tokens[item.token].value or 0).is_integer() for item in items)
    return whole and group_kind(phrase.name) is not None


def each_time(text: Text) -> Iterator[Candidate]:
    """Yield the occasions of "emptied weekly during six weeks", "every June for three years"."""
    lasts = LASTS.search(text.lower)
    said = EACH_TIME.search(text.lower)
    if lasts is None or said is None:
        return
    i = min(text.token_from(said.start()), len(text.tokens) - 1)
    begin, _ = text.sentence_of(i)
    named = next(outcomes(text, begin, i - 1), None) is not None if i > begin else False
    if not named and not text.says(MEASURING, i):
        return
    noun = singular(lasts.group("noun"))
    if noun not in (
        said.group("noun") or said.group("noun2") or "",
        ADVERBS.get(said.group("adverb") or "", ""),
    ) and (noun != "year" or said.group("month") is None):
        return
    first = text.token_from(lasts.start("n"))
    count = count_at(text, first)
    if count is not None and 2 < count <= MOST_OCCASIONS:
        yield Candidate(noun, "treatment", first, first + 1, "time_points", 0.55, (), None, count)


def again(text: Text) -> Iterator[Candidate]:
    """Yield the occasions of "at the end of the unit and again eight weeks later"."""
    for match in chain(AGAIN.finditer(text.lower), LATER.finditer(text.lower)):
        i = text.token_from(match.start("a"))
        last = min(text.token_ending_after(match.end() - 1), len(text.tokens) - 1)
        levels = tuple(text.clean[slice(*match.span(side))].strip() for side in ("a", "b"))
        if i < last:
            yield Candidate("time", "treatment", i, last, "time_points", 0.6, levels, None, 2)


def _substance_after(text: Text, phrase: Phrase | None, after: int) -> str:
    """Return "IPTG" for "OD 0.6 with 0.1 or 1 mM IPTG" where no name stands before the list."""
    if phrase is not None and head(phrase.name) in lexicon().attributes:
        return ""
    if after >= len(text.tokens) or not text.tokens[after].is_word:
        return ""
    following = phrase_after(text, after, 3)
    if following is None or following.first != after or is_verbal(text.at(after)):
        return ""
    noun = head(following.name)
    fits = group_kind(noun) is None and text.at(after) not in NOT_SUBSTANCES
    return following.name if fits and noun not in lexicon().units else ""


def _is_place(text: Text, phrase: Phrase) -> bool:
    """Return whether "jars" in "jars at 5, 15 or 25 C" only says what is kept there."""
    noun = head(phrase.name)
    grouped = group_kind(noun) is not None and noun not in lexicon().attributes
    return grouped and text.at(phrase.last + 1) in {"at", "for", "in", "after", "with", "under"}


def _is_no_name(text: Text, phrase: Phrase, unit: str | None) -> bool:
    """Return whether a phrase names no numbers: "yeast at 12 or 18 C", "people slept 4 or 6 h"."""
    if unit == "degC" and text.at(phrase.last + 1) == "at":
        return not head(phrase.name).startswith("temp")
    people = group_kind(text.lemmas[phrase.first]) == "person" and phrase.last > phrase.first
    return unit in UNIT_NAMES and people and text.at(phrase.first) != text.lemmas[phrase.first]


def _list_name(text: Text, phrase: Phrase | None, unit: str | None, after: int) -> str:
    following = phrase_after(text, after, 3)
    aside = phrase is not None and text.at(phrase.last + 1) in {"(", ":", "="}
    placed = phrase is not None and unit in UNIT_NAMES and _is_place(text, phrase)
    placed = placed or (phrase is not None and _is_no_name(text, phrase, unit))
    material = _substance_after(text, phrase, after) if unit else ""
    if material and not aside:
        return material
    if phrase is not None and not placed and (aside or not is_verbal(head(phrase.name))):
        generic = head(phrase.name) in GENERIC and len(phrase.name.split()) == 1
        if generic and after < len(text.tokens) and text.tokens[after].lower == "of":
            substance = phrase_after(text, after + 1, 3)
            measure = phrase.name.lower() if phrase.name.istitle() else phrase.name
            return f"{substance.name} {measure}" if substance else phrase.name
        return "group" if phrase.name in CELLS else phrase.name
    if following is not None and head(following.name) in lexicon().attributes:
        return following.name
    return UNIT_NAMES.get(unit or "", "")


def _time_points(text: Text, items: list[Quantity]) -> Candidate:
    """Return the occasions of "30 min, 4 h and the next morning"."""
    levels = [f"{item.value} {item.unit}" for item in items]
    first, last = items[0].token, items[-1].after - 1
    start = _start_before(text, first)
    if start is not None:
        levels, first = [text.at(start), *levels], start
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
