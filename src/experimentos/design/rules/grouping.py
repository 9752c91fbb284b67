"""Variance components and how many levels they need."""

from collections.abc import Iterator

from experimentos.design.derive import level_count
from experimentos.design.edits import Patch, Update
from experimentos.design.names import counted
from experimentos.design.parts import Factor
from experimentos.design.rules.finding import Context, DesignRule, Found, error, fix, warning

COMPONENT_LEVELS = 5


def _is_random(given: Context, factor: Factor) -> bool:
    if factor.effect == "fixed":
        return False
    wanted = given.document.purpose == "variance_components"
    return factor.effect == "random" or factor.is_sample or wanted


def _fixes(given: Context, factor: Factor) -> Iterator[Patch]:
    yield fix(
        "Make it a fixed effect",
        Update(part="factors", id=factor.id, fields={"effect": "fixed"}),
    )
    unit = next((u for u in given.document.units if u.factor_id == factor.id), None)
    if unit is not None and isinstance(unit.count, int) and not factor.levels:
        yield fix(
            f"Sample {counted(COMPONENT_LEVELS, unit.name, unit.plural)}",
            Update(part="units", id=unit.id, fields={"count": COMPONENT_LEVELS}),
        )


def _component(given: Context) -> Iterator[Found]:
    for factor in given.document.of_kind("blocking", "nuisance"):
        count = level_count(given.document, factor)
        if count and 2 < count < COMPONENT_LEVELS and _is_random(given, factor):
            yield warning(
                factor.id,
                message=f"The variance between levels of {factor.name} would be estimated from "
                f"{count} of them.",
                fixes=_fixes(given, factor),
            )


def _too_few(given: Context) -> Iterator[Found]:
    for factor in given.document.of_kind("blocking", "nuisance"):
        count = level_count(given.document, factor)
        if count and count <= 2 and _is_random(given, factor):
            yield error(
                factor.id,
                message=f"{factor.name} is random with {counted(count, 'level')}: its "
                "variance cannot be estimated.",
                fixes=_fixes(given, factor),
            )


COMPONENT = DesignRule(
    "R31",
    "Enough levels for a variance",
    "The variance of k levels has k - 1 degrees of freedom; below five it is a guess.",
    _component,
)
TOO_FEW = DesignRule(
    "R32",
    "No random factor of one or two levels",
    "One or two levels say nothing on the spread of a population of levels.",
    _too_few,
)
