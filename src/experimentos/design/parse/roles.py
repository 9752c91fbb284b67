"""Which guesses are factors, and of which kind: groups must group, and a response is no factor."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.groups import is_repeated
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern, words
from experimentos.design.parse.measured import Measured
from experimentos.design.parse.mention import Mention, totals
from experimentos.design.parse.mentions import TIMES
from experimentos.design.parse.phrases import MEASURES, head
from experimentos.design.parse.quantities import TIME_UNITS
from experimentos.design.parse.text import Text
from experimentos.design.parse.turns import PANEL, is_person

OF_TOTAL = pattern("roles_of_total")
COMPONENTS = pattern("class_nested")
ALLOTTED = pattern("class_allotted")
NOTHING_SET = pattern("allotment_none")
CROSSED = pattern("class_crossover")
DESTRUCTIVE = pattern("roles_destructive")
NOT_SET = pattern("roles_not_set")
GENERIC = words("roles_generic")
LISTED = frozenset({"contrasted", "parenthesised", "letters", "colon", "named", "counted_factor"})
NAMED, ASIDE, UNUSUAL = 0.4, 0.2, 0.6
DEEPEST = 3
MOST_SAMPLES = 40
EARLIER = frozenset(
    {
        "start",
        "beginning",
        "outset",
        "before",
        "baseline",
        "initial",
        "starting",
        "pretest",
        "prior",
        "previous",
    }
)
DEVICES = frozenset({"mobile", "desktop", "tablet", "ios", "android", "phone", "web", "app"})
SEXES = frozenset({"male", "female", "men", "women", "males", "females"})
TRAITS = frozenset({"age", "sex", "gender", "bmi"})


def give_roles(
    text: Text,
    candidates: Sequence[Candidate],
    measured: Sequence[Measured],
    found: Sequence[Mention],
) -> tuple[Candidate, ...]:
    """Return the guesses that are factors, each with the kind that the text gives it."""
    names = {m.name.lower() for m in measured if m.confidence > NAMED}
    settled = (_settled(text, candidate) for candidate in candidates)
    places = [m for m in measured if m.confidence > ASIDE]
    kept = [
        c
        for c in settled
        if c is not None and not _is_response(c, names) and not _is_read_as_response(c, places)
    ]
    listed = [c for c in kept if c.kind == "treatment" and c.levels]
    kept = [c for c in kept if c.rule != "counted_factor" or not _echoes(c, listed)]
    cells = math.prod(
        c.size or 1 for c in kept if c.kind == "treatment" and c.rule != "time_points"
    )
    kept = [c for c in kept if not _is_all_cells(text, c, cells)]
    kept.extend(_compared_samples(text, kept, found))
    kept.extend(_repeated_unit(text, kept, found))
    components = bool(COMPONENTS.search(text.lower))
    is_set = ALLOTTED.search(text.lower) is not None and not components
    is_set = is_set or any(c.rule == "sides" for c in kept)
    is_set = is_set and NOTHING_SET.search(text.lower) is None
    if not is_set and not any(c.kind == "treatment" for c in kept):
        kept = [_without_treatment(c, components=components) for c in kept]
    kept = [_period_of(text, c, kept) for c in kept]
    return tuple(_counted(c, kept, totals(found)) for c in kept)


def _period_of(text: Text, candidate: Candidate, kept: Sequence[Candidate]) -> Candidate:
    """Return the period of a crossover with one level for each treatment."""
    if candidate.size or head(candidate.name) != "period" or not CROSSED.search(text.lower):
        return candidate
    size = next((c.size for c in kept if c.kind == "treatment" and c.levels), None)
    return replace(candidate, count=size)


def _is_all_cells(text: Text, candidate: Candidate, cells: int) -> bool:
    """Return whether "all six drives" are the combinations themselves."""
    full = text.words(candidate.first - 2, candidate.first - 1).lower() == "set of"
    if candidate.rule == "counted" and full and candidate.count == cells:
        return True
    counted = candidate.rule == "counted" and candidate.kind == "nuisance"
    everything = text.at(candidate.first - 1) == "all" and candidate.count == cells
    return counted and everything and group_kind(candidate.name) in {"unit", None}


def _compared_samples(
    text: Text, kept: Sequence[Candidate], found: Sequence[Mention]
) -> list[Candidate]:
    """Return what "7 chocolate bars" compares when the text sets nothing else."""
    if any(c.kind == "treatment" for c in kept) or COMPONENTS.search(text.lower):
        return []
    samples = (m for m in found if m.kind == "unit" and m.count and not m.per_cell)
    return [
        Candidate(
            " ".join([*text.words(m.first, m.last).split()[1:-1], m.noun]), "treatment",
            m.first, m.last, "samples", 0.4, (), None, m.count,
        )
        for m in list(samples)[:1]
        if m.count and m.count <= MOST_SAMPLES
    ]  # fmt: skip


def _without_treatment(candidate: Candidate, *, components: bool) -> Candidate:
    """Return a group of a study that sets nothing: occasions are compared, others are sampled."""
    if head(candidate.name) in TIMES and not components:
        return replace(candidate, kind="treatment", rule="time_points")
    return replace(candidate, kind="nuisance") if candidate.kind == "blocking" else candidate


def _settled(text: Text, candidate: Candidate) -> Candidate | None:
    """Return the guess with its kind, or None when it is no factor."""
    if candidate.kind != "treatment":
        return candidate
    last, group = head(candidate.name), group_kind(candidate.name)
    if candidate.levels and candidate.rule != "contrasted" and _is_occasion(candidate, last):
        is_number = candidate.rule == "number_list"
        return replace(candidate, rule="time_points") if is_number else None
    if " ".join(candidate.name.lower().split()[-2:]) in lexicon().attributes:
        group = None
    listed = candidate.rule in LISTED | {"time_points"} or (
        bool(candidate.unit) and len(candidate.levels) > 1
    )
    if group is not None and last not in lexicon().attributes and not listed:
        return None if group in {"unit", "person"} else replace(candidate, kind=group)
    unset = candidate.levels and text.says(NOT_SET, candidate.first)
    owned = bool(candidate.levels) and " " in candidate.name
    if unset or (last in TRAITS and not owned and not candidate.rule.startswith("number")):
        return replace(candidate, kind="covariate", name=_unset_name(candidate))
    return candidate


def _is_occasion(candidate: Candidate, last: str) -> bool:
    """Return whether the levels are days or ages, at which each unit is measured."""
    if last == "age":
        return candidate.unit in TIME_UNITS
    return last in TIMES and last != "time"


def _unset_name(candidate: Candidate) -> str:
    levels = {level.lower() for level in candidate.levels}
    if levels & DEVICES:
        return "device"
    return "sex" if levels & SEXES else candidate.name


def _is_response(candidate: Candidate, names: set[str]) -> bool:
    """Return whether the guess is what is measured."""
    if candidate.kind == "covariate":
        own = set(candidate.name.lower().split())
        if own & EARLIER:
            return False
        return any(own >= set(name.split()) for name in names)
    numbers = candidate.rule == "number_list" and len(candidate.levels) > 1
    if candidate.rule in LISTED or candidate.rule == "time_points" or numbers:
        return False
    return candidate.name.lower() in names


def _is_read_as_response(candidate: Candidate, measured: Sequence[Measured]) -> bool:
    """Return whether an unusual covariate is the very words that a response was read from."""
    if candidate.kind != "covariate" or candidate.confidence > UNUSUAL:
        return False
    return any(m.first <= candidate.last and candidate.first <= m.last for m in measured)


def _echoes(counted: Candidate, listed: Sequence[Candidate]) -> bool:
    """Return whether "four rates" only counts a factor whose levels are listed elsewhere."""
    if not listed:
        return False
    if len(listed) > 1 and counted.count == math.prod(c.size or 1 for c in listed):
        return True
    plain = len(counted.name.split()) == 1
    measure = head(counted.name) in GENERIC | MEASURES
    if plain and head(counted.name) in GENERIC:
        return True
    if any(c.size == counted.count and (measure or not c.unit) for c in listed):
        return True
    own = set(counted.name.lower().split())
    return any(own & set(c.name.lower().split()) for c in listed)


def _repeated_unit(
    text: Text, kept: Sequence[Candidate], found: Sequence[Mention]
) -> list[Candidate]:
    """Return the subject of repeated measurements when no extractor named it."""
    timed = any(c.rule == "time_points" for c in kept)
    if DESTRUCTIVE.search(text.lower):
        return []
    if not (timed or is_repeated(text)) or any(_is_subject(c) for c in kept):
        return []
    counts = totals(found)
    seen_as = Counter(m.noun for m in found)
    persons = sorted((m for m in found if m.kind == "person"), key=lambda m: -seen_as[m.noun])
    units = [m for m in found if m.kind in {"unit", "nuisance", ""}] if timed else []
    units.sort(key=lambda m: not m.per_cell)
    cells = {m.noun for m in units if m.per_cell and (m.count or 0) > 1}
    seen = [m for m in (*persons, *units) if m.each or m.noun in counts or m.noun in cells]
    told = (m for m in found if m.kind == "nuisance" and m.noun in counts)
    place = next(iter(seen), None) or next(told, None) or next(iter(persons), None)
    if place is None:
        return []
    total = OF_TOTAL.search(text.lower)
    count = int(total.group(1)) if total else counts.get(place.noun)
    return [
        Candidate(
            place.noun, "nuisance", place.first, place.last, "repeated_unit", 0.6, (), None, count
        )
    ]


def _is_subject(candidate: Candidate) -> bool:
    if candidate.kind not in {"nuisance", "blocking"}:
        return False
    told = candidate.rule == "cue" or candidate.name in PANEL or is_person(candidate.name)
    return told or group_kind(candidate.name) in {"nuisance", "unit"}


def _counted(candidate: Candidate, kept: Sequence[Candidate], totals: dict[str, int]) -> Candidate:
    """Multiply a count by the number of its parents: three casks from each of ten batches."""
    if not candidate.parent or candidate.count is None:
        return candidate
    parents = _total_of(candidate.parent, kept, totals, DEEPEST)
    return replace(candidate, count=candidate.count * parents)


def _total_of(noun: str, kept: Sequence[Candidate], totals: dict[str, int], depth: int) -> int:
    """Return how many of a group there are, over the groups that hold it."""
    named = next((c for c in kept if head(c.name) == noun and c.size), None)
    if named is None or named.size is None:
        return totals.get(noun, 1)
    if not named.parent or named.parent == noun or depth == 0:
        return named.size
    return named.size * _total_of(named.parent, kept, totals, depth - 1)
