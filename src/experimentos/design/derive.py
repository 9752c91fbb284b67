"""What follows from a design document: cells, replicates, fixed or random, the design class."""

import math
from collections.abc import Iterator

from experimentos.design.document import ExperimentDescription
from experimentos.design.parts import Allotment, Factor, UnitLevel

RANDOM_FROM_LEVELS = 5


def level_count(document: ExperimentDescription, factor: Factor) -> int | None:
    """Return the number of levels of a factor; a factor of units has as many as there are units."""
    if factor.levels:
        return len(factor.levels)
    unit = next((u for u in document.units if u.factor_id == factor.id), None)
    return unit_total(document, unit) if unit is not None else None


def unit_total(document: ExperimentDescription, unit: UnitLevel) -> int | None:
    """Return how many units of one level exist in the whole experiment, or None when not known."""
    total = 1
    for level in (*containers(document, unit), unit):
        if level.count is None:
            return None
        total = sum(level.count) if isinstance(level.count, tuple) else total * level.count
    return total


def containers(document: ExperimentDescription, unit: UnitLevel) -> tuple[UnitLevel, ...]:
    """Return every unit level that a unit lies in, outermost first.

    A unit lies in its parent, in what the parent crosses, and in all that these lie in.
    """
    found: set[str] = set()
    waiting = [unit.parent] if unit.parent else []
    while waiting:
        above = document.unit(waiting.pop())
        if above is None or above.id in found:
            continue
        found.add(above.id)
        waiting += [*([above.parent] if above.parent else []), *above.crossed_with]
    return tuple(u for u in document.units if u.id in found)


def observation_unit(document: ExperimentDescription) -> UnitLevel | None:
    """Return the unit that one value of the primary response belongs to."""
    primary = document.primary
    named = document.unit(primary.measured_on) if primary else None
    return named or (document.units[-1] if document.units else None)


def lies_in(document: ExperimentDescription, lower: UnitLevel, upper: UnitLevel) -> bool:
    """Return whether a unit level is strictly inside another."""
    return any(u.id == upper.id for u in containers(document, lower))


def cells(document: ExperimentDescription) -> int | None:
    """Return the number of treatment combinations of the full crossing, None when not known."""
    counts = [level_count(document, f) for f in document.treatments]
    if not counts or any(c is None for c in counts):
        return None
    return math.prod(c for c in counts if c is not None)


def replicates(document: ExperimentDescription, factor: Factor) -> float | None:
    """Return the independent replicates per level: units of its allotment over its levels."""
    allotment = document.allotment(factor.id)
    unit = document.unit(allotment.unit_id) if allotment else None
    levels = level_count(document, factor)
    total = unit_total(document, unit) if unit else None
    return total / levels if levels and total else None


def fixed_or_random(document: ExperimentDescription, factor: Factor) -> str:
    """Return "fixed" or "random".

    Treatments and covariates are fixed. Blocking and nuisance factors are random with five levels
    or more, or when their levels stand for a population; with fewer they are fixed (zero sum).
    """
    if factor.effect is not None:
        return factor.effect
    if factor.kind in {"treatment", "covariate"}:
        return "fixed"
    count = level_count(document, factor) or 0
    return "random" if factor.is_sample or count >= RANDOM_FROM_LEVELS else "fixed"


def design_class(document: ExperimentDescription) -> str:
    """Return the class of the design, the first that fits; it is computed, never stored."""
    for name in _classes(document):
        return name
    return "nested"


def _classes(document: ExperimentDescription) -> Iterator[str]:
    yield from _matrix_class(document)
    yield from _square_class(document)
    yield from _unit_class(document)
    yield from _plain_class(document)


def _matrix_class(document: ExperimentDescription) -> Iterator[str]:
    if any(c.kind == "mixture" for c in document.constraints):
        yield "mixture"
    match document.matrix.form if document.matrix else None:
        case "ccd" | "box_behnken":
            yield "response_surface"
        case "plackett_burman":
            yield "screening"
        case "fraction":
            yield "fractional_factorial"
        case _:
            return


def _square_class(document: ExperimentDescription) -> Iterator[str]:
    periods = [u for u in document.units if u.is_ordered]
    for allotment in _treatment_allotments(document):
        within = [document.unit(i) for i in allotment.within]
        if any(u in periods for u in within):
            yield "crossover"
        total = cells(document)
        if allotment.rule == "latin" and all(u and u.count == total for u in within):
            yield "latin_square"
        if allotment.rule == "latin":
            yield "crossover"
        size = block_size(document, allotment)
        group = group_size(document, allotment)
        if allotment.rule == "within_block" and size and group and size < group:
            yield "incomplete_block"


def _unit_class(document: ExperimentDescription) -> Iterator[str]:
    used = _treatment_units(document)
    measured = observation_unit(document)
    occasions = [u for u in used if u.is_ordered]
    if len(used) > 1 and not occasions:
        nested = any(lies_in(document, a, b) for a in used for b in used)
        yield "split_plot" if nested else "strip_plot"
    ordered = [u for u in document.units if u.is_ordered and used and u not in used]
    if occasions or any(lies_in(document, u, used[0]) for u in ordered):
        yield "repeated_measures"
    if used and measured and all(lies_in(document, measured, u) for u in used):
        named = next((f for u in used if (f := document.factor(u.factor_id or ""))), None)
        has_many = any(isinstance(u.count, int) and u.count > 1 for u in _below(document, used[-1]))
        if has_many and (named is not None or used[0] is document.units[0]):
            yield "cluster_randomised"


def _plain_class(document: ExperimentDescription) -> Iterator[str]:
    several = len(document.treatments) > 1
    blocked = any(a.rule == "within_block" for a in _treatment_allotments(document))
    if document.of_kind("blocking") and (blocked or not document.allotments):
        yield "blocked_factorial" if several else "RCBD"
    if several:
        yield "factorial"
    if document.treatments:
        online = {"user", "visitor", "session", "customer", "account", "device"}
        names = {u.name.casefold().rstrip("s") for u in _treatment_units(document)}
        is_pair = level_count(document, document.treatments[0]) == 2
        yield "ab_test" if is_pair and names & online else "CRD"


def block_size(document: ExperimentDescription, allotment: Allotment) -> int | None:
    """Return the units of an allotment in each of its blocks; None when not known or unequal."""
    unit = document.unit(allotment.unit_id)
    block = document.unit(next(iter(allotment.within), unit.parent if unit else None))
    if unit is None or block is None:
        return None
    total, blocks = unit_total(document, unit), unit_total(document, block)
    return total // blocks if total and blocks and total % blocks == 0 else None


def group_size(document: ExperimentDescription, allotment: Allotment) -> int | None:
    """Return the combinations of all treatments allotted to the same units by the same rule."""
    group = [
        f
        for f in document.treatments
        if (a := document.allotment(f.id)) is not None
        and (a.unit_id, a.rule) == (allotment.unit_id, allotment.rule)
    ]
    counts = [level_count(document, f) for f in group]
    if not counts or any(c is None for c in counts):
        return None
    return math.prod(c for c in counts if c is not None)


def _treatment_allotments(document: ExperimentDescription) -> tuple[Allotment, ...]:
    found = (document.allotment(f.id) for f in document.treatments)
    return tuple(a for a in found if a is not None)


def _treatment_units(document: ExperimentDescription) -> tuple[UnitLevel, ...]:
    wanted = {a.unit_id for a in _treatment_allotments(document)}
    return tuple(u for u in document.units if u.id in wanted)


def _below(document: ExperimentDescription, unit: UnitLevel) -> tuple[UnitLevel, ...]:
    return tuple(u for u in document.units if lies_in(document, u, unit))
