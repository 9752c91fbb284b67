"""Power of a design: the F test of each treatment in the stratum where it is tested."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.design.anatomy import Anatomy, TestedIn, anatomy
from experimentos.design.derive import containers
from experimentos.design.document import ExperimentDescription
from experimentos.design.least import LeastFavourable, least_favourable
from experimentos.design.parts import Factor, UnitLevel
from experimentos.design.patch import Patch, Update, apply
from experimentos.design.runs import treatment_runs
from experimentos.design.table import DesignTable, expand
from experimentos.errors import DesignError

NORMAL_90 = 1.6448536269514722
SEARCH_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the power rests on.

    Attributes
    ----------
    effect : float
        Difference between two levels, in the unit of the response, with the other levels where they
        help least (halfway between when all are replicated alike). On a response surface: what the
        straight part of the surface changes from the low to the high setting.
    sd : float
        Of single values, in the unit of the response.
    between_share : float in [0, 1]
        Share of the variance that lies among the units a treatment is applied to when several
        measurements share one (the intraclass correlation). 1 puts it all there: repeated
        measurements of a unit then add nothing.
    alpha : float in (0, 1)
    """

    effect: float
    sd: float
    between_share: float = 1.0
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class FactorPower:
    """The power for one treatment.

    Attributes
    ----------
    factor_id, name : str
    df, error_df : int
    error : str
        The units whose variation is the error.
    noncentrality : float
    power : float in [0, 1]
    """

    factor_id: str
    name: str
    df: int
    error_df: int
    error: str
    noncentrality: float
    power: float


def assumed(document: ExperimentDescription, *, between_share: float = 1.0) -> Assumed:
    """Return what a document says of effect, spread and level of its primary response.

    Raises
    ------
    DesignError
        If the expected range or the smallest effect is not stated, or there is no primary response.
    """
    primary = document.primary
    if primary is None or primary.expected_range is None or primary.smallest_effect is None:
        raise DesignError(
            "Power needs the expected range and the smallest effect of the primary response.",
            hint="Say between which values nine in ten measurements will lie, and what matters.",
        )
    low, high = primary.expected_range
    return Assumed(
        primary.smallest_effect,
        (high - low) / (2 * NORMAL_90),
        between_share,
        document.conduct.alpha,
    )


def design_power(
    document: ExperimentDescription, given: Assumed, *, seed: int = 1
) -> tuple[FactorPower, ...]:
    """Return the power for each treatment's main effect.

    The F test of a treatment with effect d and error mean square s: noncentrality d^2 / (s v). Here
    v is the variance of the worst-known difference of two levels in units of s, from the design's
    own X'X, and s = sd^2 (1 + (m - 1) icc) for units that hold m observations. With efficiency E
    and r observations on every level v = 2 / (E r). On a response surface the slope is tested.

    Raises
    ------
    DesignError
        If the table cannot be expanded or the assumptions are not positive.

    References
    ----------
    Montgomery (2017), Design and Analysis of Experiments, section 3.7; Bailey (2008), chapter 8.
    """
    table = expand(document, seed)
    return power_of(table, anatomy(table), given)


def power_of(table: DesignTable, found: Anatomy, given: Assumed) -> tuple[FactorPower, ...]:
    """Return the power for each treatment's main effect, from a table and its anatomy."""
    if not (given.effect > 0 and given.sd > 0 and 0 <= given.between_share <= 1):
        raise DesignError(
            "Effect and standard deviation must be positive and the share in [0, 1].",
            hint="Correct the assumption.",
        )
    return tuple(_powers(table, found, given))


def _powers(table: DesignTable, found: Anatomy, given: Assumed) -> Iterator[FactorPower]:
    for column in table.of_kind("treatment"):
        tested, least = found.tested(column.id), least_favourable(table, found, column.id)
        if tested is not None and least is not None:
            yield _power(table, tested, least, given)


def _power(
    table: DesignTable, tested: TestedIn, least: LeastFavourable, given: Assumed
) -> FactorPower:
    from scipy.special import fdtri, ncfdtr

    sizes = {u.id: int(u.codes.max()) + 1 for u in table.units}
    per_unit = table.n / sizes.get(tested.unit_id, table.n)
    inflation = 1 + (per_unit - 1) * given.between_share if per_unit > 1 else 1.0
    spread = given.sd**2 * inflation
    noncentrality = least.noncentrality * given.effect**2 / spread
    df, error_df = tested.source.df, tested.error_df
    power = 0.0
    if error_df > 0:
        critical = fdtri(df, error_df, 1 - given.alpha)
        power = 1 - float(ncfdtr(df, error_df, noncentrality, critical))
    return FactorPower(
        tested.source.factor_ids[0],
        tested.source.name,
        df,
        error_df,
        tested.error,
        noncentrality,
        min(1.0, max(0.0, power)) if math.isfinite(power) else 0.0,
    )


def scalable_unit(document: ExperimentDescription, unit: UnitLevel) -> UnitLevel | None:
    """Return the outermost unit whose count replicates the whole structure, or None."""
    chain = (*containers(document, unit), unit)
    return next((u for u in chain if isinstance(u.count, int)), None)


def blocks_needed(
    document: ExperimentDescription,
    given: Assumed,
    *,
    goal: float,
    unit_id: str,
    seed: int = 1,
    limit: int = SEARCH_LIMIT,
) -> int | None:
    """Return how many units of one level (blocks, subjects) bring every treatment to the goal.

    The smallest count at which the least powerful main effect reaches the goal, rounded up to whole
    sets of the treatments where these units receive them; None when `limit` units do not reach it
    (a treatment that these units do not replicate).

    Raises
    ------
    DesignError
        If there is no such unit or its count is not one number.
    """
    unit = document.unit(unit_id)
    if unit is None or isinstance(unit.count, tuple):
        raise DesignError(f"{unit_id!r} is not a unit with one count.", hint="Name a block.")

    def reaches(count: int) -> bool:
        edit = Update(part="units", id=unit_id, fields={"count": count})
        try:
            found = design_power(apply(document, Patch(edits=(edit,))), given, seed=seed)
        except DesignError:
            return False
        return bool(found) and min(f.power for f in found) >= goal

    high = 2
    while not reaches(high):
        high *= 2
        if high > limit:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    found = 1 if low == 1 and reaches(1) else high
    step = _whole_set(document, unit)
    return -(-found // step) * step


def _whole_set(document: ExperimentDescription, unit: UnitLevel) -> int:
    """Return the runs of one whole set of treatments, when these units alone receive them."""
    here = [f for f in document.treatments if _receives(document, f, unit)]
    if unit.parent is not None or unit.crossed_with or not here:
        return 1
    try:
        return len(treatment_runs(document, here).codes)
    except DesignError:
        return 1


def _receives(document: ExperimentDescription, factor: Factor, unit: UnitLevel) -> bool:
    allotment = document.allotment(factor.id)
    return allotment is not None and allotment.unit_id == unit.id and not allotment.ratio
