"""The design class, the unit of randomisation and the replication that a text suggests."""

import re
from collections.abc import Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.groups import is_response_surface
from experimentos.design.parse.lexicon import group_kind, pattern
from experimentos.design.parse.text import NUMBER_WORDS, Text, singular

CLASS_ORDER = (
    "latin_square",
    "strip_plot",
    "split_plot",
    "incomplete_block",
    "mixture",
    "fractional_factorial",
    "screening",
    "crossover",
    "cluster_randomised",
    "nested",
    "dose_response",
    "ab_test",
)
"""Narrow words first: the first class whose words occur wins."""

CLASSES = tuple((name, pattern(f"class_{name}")) for name in CLASS_ORDER)
WITHIN = pattern("classify_within")


def design_class(text: Text, factors: Sequence[Candidate]) -> str:
    """Return the class that the words and the factors suggest (notes of `document.design_class`)."""
    lower = text.lower
    treatments = [f for f in factors if f.kind == "treatment"]
    blocks = [f for f in factors if f.kind == "blocking"]
    if is_response_surface(text):
        return "response_surface"
    for name, words in CLASSES:
        if words.search(lower) and _plausible(name, treatments):
            return name
    if not treatments:
        return "nested"
    if WITHIN.search(lower) or any(f.name == "time" and len(f.levels) > 1 for f in treatments):
        return "repeated_measures"
    if len(blocks) >= 1:
        return "RCBD" if len(treatments) == 1 else "blocked_factorial"
    return "factorial" if len(treatments) > 1 else "CRD"


def _plausible(name: str, treatments: Sequence[Candidate]) -> bool:
    if name == "nested":
        return not treatments
    if name == "ab_test":
        return len(treatments) <= 1 or all(len(f.levels) <= 2 for f in treatments)
    if name == "dose_response":
        return len(treatments) == 1
    return True


UNITS = (
    "whole plot|subplot|plot|flask|well|animal|guinea pig|mouse|rat|participant|patient|subject|customer|visitor|user|cell|tube|pot|run|bottle"
    "|school|class|village|hospital|clinic|ward|pen|cage|tank|tree|plant|leaf|cow|sheep|pig|cookie id|cookie|household|store|volunteer|child|pupil|student"
    "|sample|specimen|loaf|loaves|batch|plate|dish|coupon|wafer|panel|slide|account|session|employee|worker|subscriber|recipient|person|people|unit|bird|chick|hen|fish|dog|cat"
)
RANDOM = pattern("classify_random")
AT_LEVEL = pattern("classify_at_level")
UNIT_WORD = pattern("classify_unit_word")
SAME = {
    "cookie id": "visitor",
    "cookie": "visitor",
    "mouse": "animal",
    "rat": "animal",
    "guinea pig": "animal",
    "loaves": "loaf",
    "people": "person",
}
SYNONYM_PLURALS = {"mice": "mouse"}


def randomisation_unit(text: Text, design: str) -> str | None:
    """Return the unit to which treatments are allotted, in the singular, or None."""
    lower = text.lower
    if design == "nested":
        return None
    level = AT_LEVEL.search(lower)
    if level:
        return _unit(next(group for group in level.groups() if group))
    if design == "split_plot" and re.search(r"sub-?plots?", lower):
        return "subplot"
    scores: dict[str, float] = {}
    randoms = [m.start() for m in RANDOM.finditer(lower)]
    for match in UNIT_WORD.finditer(lower):
        unit = _unit(match.group(1))
        near = min((abs(match.start() - r) for r in randoms), default=400)
        scores[unit] = scores.get(unit, 0.0) + 0.3 + max(0.0, 1.5 - near / 60)
        if re.search(
            r"(?:\d+|per combination|per group|per arm|per cell|[a-z]+)\s$",
            lower[max(0, match.start() - 16) : match.start()],
        ) and _number_before(lower, match.start()):
            scores[unit] += 0.8
    if "visitor" in scores and design == "ab_test":
        return "visitor"
    return max(scores, key=lambda unit: scores[unit]) if scores else None


def _unit(word: str) -> str:
    return SAME.get(word, singular(word))


def _number_before(lower: str, position: int) -> bool:
    words = lower[max(0, position - 24) : position].split()
    return any(w.strip("(,").replace(",", "").isdigit() or w in NUMBER_WORDS for w in words[-2:])


PER_CELL = pattern("classify_per_cell")
REPLICATES = pattern("classify_replicates")
TECHNICAL = pattern("classify_technical")
MULTIPLE = {"duplicate": 2, "triplicate": 3, "quadruplicate": 4}


def _as_number(word: str) -> int | None:
    word = word.replace(",", "")
    if word.endswith("k") and word[:-1].isdigit():
        return int(word[:-1]) * 1000
    if word.isdigit():
        return int(word)
    return NUMBER_WORDS.get(word)


def replication(
    text: Text, factors: Sequence[Candidate], unit: str | None
) -> dict[str, int | str | None]:
    """Return replicates per cell, technical repeats and the total, as far as the text says."""
    lower = text.lower
    per_cell = technical = total = None
    for pattern in (PER_CELL, REPLICATES):
        for match in pattern.finditer(lower):
            per_cell = per_cell or _as_number(match.group("n"))
    if re.search(r"single replicate|one replicate|unreplicated|once each", lower):
        per_cell = 1
    match = TECHNICAL.search(lower)
    if match:
        word = (match.group("a") or match.group("b") or "").rstrip("s")
        technical = MULTIPLE.get(word) or _as_number(match.group("n") or "")
    cells = 1
    for factor in factors:
        if factor.kind == "treatment" and factor.size:
            cells *= factor.size
    blocks = [f.size for f in factors if f.kind == "blocking" and f.size]
    if unit is not None:
        pattern = re.compile(rf"(\d[\d,]*k?|[a-z]+) (?:[a-z]+ )?{re.escape(unit)}(?:s|es)?\b")
        totals = [n for m in pattern.finditer(lower) if (n := _as_number(m.group(1)))]
        total = max(totals, default=None)
    if per_cell is None and blocks and group_kind("block"):
        per_cell = blocks[0]
    if per_cell is None and total and cells > 1 and total % cells == 0:
        per_cell = total // cells
    return {"per_cell": per_cell, "unit": unit, "technical": technical, "total_units": total}
