"""Bootstrap of raw rows that stay where they are: the engine deals units into buckets by a hash."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from experimentos.engine.collect import Answer, answered, closed, need_beside
from experimentos.engine.need import Wanted, merged
from experimentos.engine.port import Engine
from experimentos.errors import ContractError
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Arm, Statistic, Summary

if TYPE_CHECKING:
    from experimentos.analysis.bootstrap import Bootstrap, Buckets

BUCKETS = 2_000


@dataclass(frozen=True, slots=True)
class Resampling:
    """How a bootstrap is made.

    Attributes
    ----------
    resamples : int
        At least 100.
    seed : int
        The same seed gives the same intervals on the same engine, whose hash deals the units.
    alpha : float in (0, 1)
    """

    resamples: int
    seed: int = 0
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """One metric of one arm against the control.

    Attributes
    ----------
    metric, arm : str
    result : Bootstrap | None
    why : str
        Why there is no result; "" when there is one.
    """

    metric: str
    arm: str
    result: "Bootstrap | None"
    why: str = ""


def bootstrap_rows(
    engine: Engine, first: Answer, made: tuple[Summary, Mapping[str, str]], asked: Resampling
) -> tuple[Bootstrapped, ...]:
    """Return the bootstrapped differences of means, rates and ratios, in one more pass.

    Parameters
    ----------
    engine, first
        Open, and what it answered.
    made
        The summary of that answer, and variants as they stand in the source to names of arms.

    Raises
    ------
    ContractError
        If no unit is named: rows cannot be dealt by one.
    """
    summary, names = made
    wanted = tuple(
        one if one.y is None else need_beside(one)
        for one in first.wanted
        if not one.is_ordered and not one.metric.is_adjusted
    )
    if first.question.unit is None:
        raise ContractError(
            "Units are dealt into buckets by their name, and no column is named as the unit.",
            hint="Name it: --unit COLUMN.",
        )
    question = replace(
        first.question, need=closed(merged(wanted)), segment=None, day=None, buckets=BUCKETS
    )
    scanned = engine.scan(question)
    renamed = tuple(replace(row, arm=names.get(row.arm or "", row.arm)) for row in scanned.rows)
    answer = answered(question, wanted, replace(scanned, rows=renamed))
    control, *others = summary.arms
    return tuple(
        _difference(answer, one, (control, arm), asked) for one in wanted for arm in others
    )


def _difference(
    answer: Answer, wanted: Wanted, pair: tuple[Arm, Arm], asked: Resampling
) -> Bootstrapped:
    from experimentos.analysis.bootstrap import bootstrap_buckets

    control, arm = pair
    name = wanted.metric.name
    try:
        result = bootstrap_buckets(
            _buckets(answer, wanted, control),
            _buckets(answer, wanted, arm),
            asked.seed,
            asked.alpha,
            asked.resamples,
        )
    except ContractError as error:
        return Bootstrapped(name, arm.name, None, error.message)
    return Bootstrapped(name, arm.name, result)


def _buckets(answer: Answer, wanted: Wanted, arm: Arm) -> "Buckets":
    import numpy as np

    from experimentos.analysis.bootstrap import Buckets

    value, squares = _of_units(arm.statistics[wanted.metric.name])
    sums = np.array(list(_sums(answer, wanted, arm.name, value)))
    residual, denominator = sums.reshape(-1, 2).T
    return Buckets(residual, denominator, value, squares)


def _of_units(statistic: Statistic) -> tuple[float, float]:
    """Return the value of an arm, and its units' squared residuals added up."""
    match statistic:
        case Counts(n=n, k=k):
            rate = k / n if n else 0.0
            return rate, k * (1 - rate)
        case Moments():
            return statistic.mean, statistic.m2
        case CrossMoments():
            if statistic.mean_y == 0:
                raise ContractError("The denominator of a ratio is 0.", hint="Compare means.")
            value = statistic.mean_x / statistic.mean_y
            return value, (
                statistic.m2_x - 2 * value * statistic.c_xy + value * value * statistic.m2_y
            )


def _sums(answer: Answer, wanted: Wanted, arm: str, value: float) -> Iterator[tuple[float, float]]:
    """Yield residual and denominator of each bucket, from distances, so that no digit is lost."""
    x = answer.places(wanted.x)
    y = None if wanted.y is None else answer.places(wanted.y)
    for row in answer.counted:
        n = int(row.totals[x.present] or 0)
        if row.arm != arm or n == 0:
            continue
        distance = float(row.totals[x.sum] or 0)
        if y is None:
            yield distance - (value - x.shift) * n, float(n)
        else:
            denominator = float(row.totals[y.sum] or 0) + y.shift * n
            yield distance + x.shift * n - value * denominator, denominator
