"""Power, priors and losses."""

import math
from collections.abc import Iterator
from statistics import NormalDist

from experimentos.design.derive import design_class, unit_total
from experimentos.design.edits import Patch, SetDocument, Update
from experimentos.design.names import counted, is_same_name, several
from experimentos.design.parts import Factor, Response, UnitLevel
from experimentos.design.power import (
    NORMAL_90,
    Assumed,
    FactorPower,
    assumed,
    blocks_needed,
    power_of,
    scalable_unit,
)
from experimentos.design.rules.finding import (
    Context,
    DesignRule,
    Found,
    fix,
    info,
    more_units,
    warning,
)
from experimentos.errors import DesignError

OUTSIDE_LIMIT = 0.10
INSIDE_LIMIT = 0.50
ROWS_FOR_SEARCH = 1500
MORTAL = frozenset(
    ("patient", "participant", "subject", "animal", "mouse", "rat", "pupil", "child", "person",
     "volunteer", "plant", "pig", "cow", "sheep", "dog", "student", "seedling", "fish")
)  # fmt: skip
LOSS = 0.1


def _power(given: Context) -> Iterator[Found]:
    primary = given.document.primary
    if given.table is None or given.anatomy is None or primary is None:
        return
    if primary.expected_range is None or primary.smallest_effect is None:
        return
    if primary.family not in {"normal", "studentt"} or _is_surface(given):
        return
    goal, given_by = given.document.conduct.power_goal, assumed(given.document)
    weak = [f for f in power_of(given.table, given.anatomy, given_by) if f.power < goal]
    # Several weak treatments of one unit have one answer: it is searched for once.
    larger = {unit.id: tuple(_larger(given, given_by, unit)) for unit in _scalable(given, weak)}
    for found in weak:
        scaled = _scaled(given, found)
        yield warning(
            found.factor_id,
            message=f"The power to find a difference of {_amount(primary)} between levels of "
            f"{found.name} is {found.power:.0%}, below {goal:.0%} (F test, {found.df} and "
            f"{found.error_df} d.f.).",
            fixes=larger[scaled.id] if scaled is not None else (),
        )


def _amount(primary: Response) -> str:
    return f"{primary.smallest_effect:g} {primary.unit or ''}".rstrip()


def _is_surface(given: Context) -> bool:
    """Return whether a quadratic is fitted, not a mean per setting that an F test compares."""
    return design_class(given.document) == "response_surface"


def _scaled(given: Context, found: FactorPower) -> UnitLevel | None:
    allotment = given.document.allotment(found.factor_id)
    unit = given.document.unit(allotment.unit_id) if allotment else None
    return scalable_unit(given.document, unit) if unit else None


def _scalable(given: Context, weak: list[FactorPower]) -> Iterator[UnitLevel]:
    found = (_scaled(given, f) for f in weak)
    yield from {unit.id: unit for unit in found if unit is not None}.values()


def _larger(given: Context, given_by: Assumed, scaled: UnitLevel) -> Iterator[Patch]:
    if given.table is None or given.table.n > ROWS_FOR_SEARCH:
        return
    goal = given.document.conduct.power_goal
    try:
        count = blocks_needed(given.document, given_by, goal=goal, unit_id=scaled.id)
    except DesignError:
        return
    if count is not None:
        yield more_units(given.document, scaled, count)


def _prior(given: Context) -> Iterator[Found]:
    primary = given.document.primary
    if primary is None or primary.expected_range is None:
        return
    believed = [
        f
        for f in given.document.treatments
        if f.expected is not None and f.expected.quantity == "difference"
    ]
    centre, sd = _predictive(primary, believed)
    outside = _outside(primary, centre, sd)
    inside = _mass(centre, sd, *primary.expected_range)
    if outside <= OUTSIDE_LIMIT and inside >= INSIDE_LIMIT:
        return
    names = ", ".join(f.name for f in believed) or primary.name
    yield warning(
        primary.id,
        *(f.id for f in believed),
        message=f"The beliefs on {names} put {outside:.0%} of values where {primary.name} cannot "
        f"be and {inside:.0%} into its expected range.",
        fixes=_tightened(primary, believed),
    )


def _predictive(primary: Response, believed: list[Factor]) -> tuple[float, float]:
    """Return mean and sd of a value under the non-reference levels, all beliefs normal."""
    low, high = primary.expected_range or (0.0, 1.0)
    centre = primary.expected_centre if primary.expected_centre is not None else (low + high) / 2
    variance = ((high - low) / (2 * NORMAL_90)) ** 2
    for factor in believed:
        if factor.expected is not None:
            prior = factor.expected
            z = NormalDist().inv_cdf((1 + prior.mass) / 2)
            variance += ((prior.hi - prior.lo) / (2 * z)) ** 2
            centre += (prior.hi + prior.lo) / 2
    return centre, math.sqrt(variance)


def _mass(centre: float, sd: float, low: float, high: float) -> float:
    normal = NormalDist(centre, sd)
    return normal.cdf(high) - normal.cdf(low)


def _outside(primary: Response, centre: float, sd: float) -> float:
    low, high = primary.bounds
    inside = _mass(
        centre,
        sd,
        -math.inf if low is None else low,
        math.inf if high is None else high,
    )
    return 1 - inside


def _tightened(primary: Response, believed: list[Factor]) -> Iterator[Patch]:
    """Offer priors around zero, a quarter as wide as the expected range, and a centred response."""
    if primary.expected_range is None:
        return
    low, high = primary.expected_range
    half = (high - low) / 4
    edits = [
        Update(
            part="factors",
            id=f.id,
            fields={"expected": {"quantity": "difference", "lo": -half, "hi": half, "mass": 0.9}},
        )
        for f in believed[:3]
    ]
    inner = _clipped(primary)
    fields = {"expected_centre": sum(inner) / 2, "expected_range": list(inner)}
    response = Update(part="responses", id=primary.id, fields=fields)
    yield fix("Tighten and re-centre the beliefs", *edits, response)


def _clipped(primary: Response) -> tuple[float, float]:
    low, high = primary.expected_range or (0.0, 1.0)
    floor, ceiling = primary.bounds
    bottom = low if floor is None else max(low, floor)
    top = high if ceiling is None else min(high, ceiling)
    return (bottom, top) if bottom < top else (low, high)


def _loss(given: Context) -> Iterator[Found]:
    document = given.document
    conduct = document.conduct.model_dump(mode="json")
    for factor, _, unit in list(given.drawn)[:1]:
        total, needed = unit_total(document, unit), document.conduct.needed_units
        loss = document.conduct.expected_loss
        if loss is None and (needed or any(is_same_name(unit.name, name) for name in MORTAL)):
            planned = conduct | {"expected_loss": LOSS}
            yield info(
                unit.id,
                message=f"No loss of {unit.plural or several(unit.name)} is planned for.",
                fixes=[
                    fix(f"Expect to lose {LOSS:.0%}", SetDocument(fields={"conduct": planned})),
                    fix(
                        "None can be lost",
                        SetDocument(fields={"conduct": conduct | {"expected_loss": 0.0}}),
                    ),
                ],
            )
        elif loss and needed and total and total * (1 - loss) < needed:
            scaled = scalable_unit(document, unit)
            count = scaled.count if scaled and isinstance(scaled.count, int) else 0
            more = math.ceil(count * needed / (1 - loss) / total)
            edits = [Update(part="units", id=scaled.id, fields={"count": more})] if scaled else []
            yield info(
                unit.id,
                factor.id,
                message=f"After losing {loss:.0%}, {total * (1 - loss):.0f} of "
                f"{counted(total, unit.name, unit.plural)} are left; {needed} are needed.",
                fixes=[fix(f"Start with {counted(more, scaled.name, scaled.plural)}", *edits)]
                if scaled
                else [],
            )


POWER = DesignRule(
    "R34",
    "Enough power for the smallest effect",
    "A design that would miss the effect that matters finds it, if at all, exaggerated or with "
    "the wrong sign (Gelman and Carlin 2014).",
    _power,
)
PRIOR = DesignRule(
    "R35",
    "Beliefs that predict possible values",
    "What the priors predict before the data should look like data (Gabry et al. 2019).",
    _prior,
)
LOSSES = DesignRule(
    "R41",
    "Losses planned for",
    "Subjects drop out: start with the number needed over one minus the share that is lost.",
    _loss,
)
