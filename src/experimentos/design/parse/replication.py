"""How often each treatment is applied, to what, and how often each unit is measured."""

import math
from collections.abc import Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.draft import Replication
from experimentos.design.parse.lexicon import group_kind, lexicon, pattern
from experimentos.design.parse.mentions import CONDITIONS, Mention, count_at, totals
from experimentos.design.parse.text import NUMBER_WORDS, Text

REPLICATES = pattern("replication_replicates")
TECHNICAL = pattern("replication_technical")
COPIES = pattern("replication_copies")
SINGLE = pattern("replication_single")
WITHIN_SUBJECTS = frozenset({"crossover", "latin_square"})
WITHIN = frozenset({"crossover", "repeated_measures", "latin_square"})
DEEPEST = 3
"""Levels of nesting below the unit that are followed: pupils in classes in schools."""
MULTIPLE = {"duplicate": 2, "triplicate": 3, "quadruplicate": 4, "twice": 2}


def replication(
    text: Text,
    found: Sequence[Mention],
    factors: Sequence[Candidate],
    unit: str | None,
    design: str,
) -> Replication:
    """Return replicates per cell, technical repeats and the total, as far as the text says."""
    set_ = [f for f in factors if f.kind == "treatment" and f.rule != "time_points"]
    cells = math.prod(f.size for f in set_ if f.size)
    total = totals(found).get(unit or "")
    per_cell = _stated(text, found, unit) if set_ else None
    if per_cell is None and set_:
        per_cell = _implied(factors, design, cells, total)
    if total is None and per_cell and design not in WITHIN_SUBJECTS and cells > 1:
        total = per_cell * cells
    return Replication(per_cell, unit, _technical(text, found, unit), total)


def _stated(text: Text, found: Sequence[Mention], unit: str | None) -> int | None:
    """Return what the text calls so many per treatment."""
    if SINGLE.search(text.lower):
        return 1
    counts = [m for m in found if m.per_cell and m.count]
    if counts:
        return min(counts, key=lambda m: m.noun != unit).count
    copies = COPIES.search(text.lower)
    if copies is not None:
        return MULTIPLE[copies.group("a")]
    named = (_as_number(match.group("n")) for match in REPLICATES.finditer(text.lower))
    return _bare(text) or next(filter(None, named), None)


def _bare(text: Text) -> int | None:
    """Return the number of "twelve per feed" and "20 per cell"."""
    for i in range(1, len(text.tokens) - 1):
        per = text.at(i) == "per" or (text.at(i) == "in" and text.at(i + 1) == "each")
        noun = text.lemma(i + 1 if text.at(i) == "per" else i + 2)
        if per and noun in CONDITIONS | lexicon().attributes:
            count = count_at(text, i - 1)
            if count is not None:
                return count
    return None


def _implied(
    factors: Sequence[Candidate], design: str, cells: int, total: int | None
) -> int | None:
    """Return the replicates that blocks, subjects or the total imply."""
    if design in WITHIN:
        people = (f.size for f in factors if group_kind(f.name) == "person" and f.size)
        subjects = next(people, None)
        if subjects is not None:
            return subjects
    if design == "response_surface":
        return 1
    groups = [f for f in factors if f.size and group_kind(f.name) != "person"]
    blocks = (f.size for kind in ("blocking", "nuisance") for f in groups if f.kind == kind)
    per_cell = next(blocks, None) if design != "cluster_randomised" else None
    if per_cell is None and total and cells > 1 and total >= cells:
        per_cell = total // cells
    return per_cell


def _technical(text: Text, found: Sequence[Mention], unit: str | None) -> int | None:
    """Return how often a unit is measured: as said, or as counted at the lowest level below it."""
    match = TECHNICAL.search(text.lower)
    if match is not None:
        word = next(filter(None, match.groups()))
        return MULTIPLE.get(word) or _as_number(word)
    below = {m.parent: m for m in found if m.count and m.parent and m.parent != m.noun}
    lowest: int | None = None
    holder = unit or ""
    for _ in range(DEEPEST):
        if holder in below:
            lowest, holder = below[holder].count, below[holder].noun
    return lowest


def _as_number(word: str) -> int | None:
    return int(word) if word.isdecimal() else NUMBER_WORDS.get(word)
