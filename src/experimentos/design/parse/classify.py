"""The design class that a text suggests."""

from collections.abc import Sequence

from experimentos.design.parse.candidate import Candidate
from experimentos.design.parse.groups import is_repeated
from experimentos.design.parse.lexicon import group_kind, pattern
from experimentos.design.parse.ranges import is_response_surface
from experimentos.design.parse.text import Text

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

ALLOTTED = pattern("class_allotted")
CLASSES = tuple((name, pattern(f"class_{name}")) for name in CLASS_ORDER)


def design_class(text: Text, factors: Sequence[Candidate]) -> str:
    """Return the class that the words, and failing them the factors, suggest."""
    treatments = [f for f in factors if f.kind == "treatment"]
    if is_response_surface(text):
        return "response_surface"
    for name, words in CLASSES:
        if words.search(text.lower) and _plausible(name, treatments, factors):
            return name
    return _class_of_factors(text, factors, treatments)


def _class_of_factors(
    text: Text, factors: Sequence[Candidate], treatments: Sequence[Candidate]
) -> str:
    if not treatments and not ALLOTTED.search(text.lower):
        return "nested"
    subjects = any(f.kind == "nuisance" and group_kind(f.name) == "person" for f in factors)
    if (subjects and is_repeated(text)) or any(f.rule == "time_points" for f in treatments):
        return "repeated_measures"
    if len(treatments) == 1 and _is_dose(treatments[0]):
        return "dose_response"
    if any(f.kind == "blocking" for f in factors):
        return "RCBD" if len(treatments) == 1 else "blocked_factorial"
    return "factorial" if len(treatments) > 1 else "CRD"


def _is_dose(factor: Candidate) -> bool:
    """Return whether the levels are many and on a scale, as a dose-response curve needs."""
    return factor.rule == "number_list" and factor.unit is not None and len(factor.levels) >= DOSES


def _plausible(name: str, treatments: Sequence[Candidate], factors: Sequence[Candidate]) -> bool:
    if name == "nested":
        held = [f for f in factors if f.parent]
        return not treatments or (len(treatments) == 1 and len(held) > 1)
    if name == "ab_test":
        return len(treatments) <= 1 or all(len(f.levels) <= 2 for f in treatments)
    if name == "split_plot":
        return len(treatments) > 1
    if name == "dose_response":
        return 1 <= len(treatments) <= 2
    return True
