"""The design class that a text suggests."""

import re
from collections.abc import Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.groups import is_repeated
from experimentos.design.parse.lexicon import pattern, words
from experimentos.design.parse.mention import Mention
from experimentos.design.parse.ranges import is_response_surface
from experimentos.design.parse.text import Text
from experimentos.design.parse.turns import is_in_turn, is_person

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

DOSES = 5
"""Fewer levels than this cannot show the shape of a curve."""

PLOTS = re.compile(r"\b(?:split|whole|main|sub)[- ]?plots?\b")
INSTITUTIONS = words("class_institutions")
PAIRED = pattern("class_paired")
DESTRUCTIVE = pattern("roles_destructive")
ALLOTTED = pattern("class_allotted")
CLASSES = tuple((name, pattern(f"class_{name}")) for name in CLASS_ORDER)


def design_class(text: Text, factors: Sequence[Candidate]) -> str:
    """Return the class that the words, and failing them the factors, suggest."""
    treatments = [f for f in factors if f.kind == "treatment"]
    if is_response_surface(text):
        return "response_surface"
    for name, cue in CLASSES:
        if cue.search(text.lower) and _plausible(text, name, treatments, factors):
            return name
    return _class_of_factors(text, factors, treatments)


def of_clusters(design: str, unit: str | None, found: Sequence[Mention]) -> str:
    """Return the class once the unit is known: whole schools allotted are clusters of people."""
    holds = any(m.kind == "person" and m.noun != unit for m in found)
    is_plain = design in {"CRD", "RCBD", "nested"}
    whole = unit in INSTITUTIONS and (holds or design == "CRD")
    return "cluster_randomised" if is_plain and whole else design


def _class_of_factors(
    text: Text, factors: Sequence[Candidate], treatments: Sequence[Candidate]
) -> str:
    is_halved = any(f.rule == "sides" for f in factors)
    if (
        not treatments
        and not is_halved
        and not ALLOTTED.search(text.lower)
        and not is_in_turn(text)
    ):
        return "nested"
    subjects = any(f.kind == "nuisance" and is_person(f.name) for f in factors)
    if (subjects and is_repeated(text)) or (
        any(f.rule == "time_points" for f in treatments) and not DESTRUCTIVE.search(text.lower)
    ):
        return "repeated_measures"
    blocked = any(f.kind == "blocking" for f in factors) and "block" in text.lower
    if len(treatments) == 1 and _is_dose(treatments[0]) and not blocked:
        return "dose_response"
    in_blocks = any(f.kind == "blocking" for f in factors)
    if len(treatments) > 1:
        return "blocked_factorial" if in_blocks else "factorial"
    return "RCBD" if in_blocks or PAIRED.search(text.lower) else "CRD"


def _is_dose(factor: Candidate) -> bool:
    """Return whether the levels are many and on a scale, as a dose-response curve needs."""
    return factor.rule == "number_list" and factor.unit is not None and len(factor.levels) >= DOSES


def _plausible(
    text: Text, name: str, treatments: Sequence[Candidate], factors: Sequence[Candidate]
) -> bool:
    if name == "nested":
        held = [f for f in factors if f.parent]
        return not treatments or (len(treatments) == 1 and len(held) > 1)
    if name == "ab_test":
        return len(treatments) <= 1 or all(len(f.levels) <= 2 for f in treatments)
    if name == "split_plot":
        return len(treatments) > (0 if PLOTS.search(text.lower) else 1)
    if name == "dose_response":
        return 1 <= len(treatments) <= 2
    return True
