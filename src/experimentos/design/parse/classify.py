"""The design class, the unit of randomisation and the replication that a text suggests."""

import re
from collections.abc import Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.groups import is_response_surface
from experimentos.design.parse.lexicon import pattern
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
    """Return the class that the words, and failing them the factors, suggest."""
    treatments = [f for f in factors if f.kind == "treatment"]
    if is_response_surface(text):
        return "response_surface"
    for name, words in CLASSES:
        if words.search(text.lower) and _plausible(name, treatments):
            return name
    return _class_of_factors(text, factors, treatments)


def _class_of_factors(
    text: Text, factors: Sequence[Candidate], treatments: Sequence[Candidate]
) -> str:
    if not treatments:
        return "nested"
    if WITHIN.search(text.lower) or any(f.name == "time" and len(f.levels) > 1 for f in treatments):
        return "repeated_measures"
    if any(f.kind == "blocking" for f in factors):
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
