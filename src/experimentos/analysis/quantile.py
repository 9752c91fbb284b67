"""Quantiles of values per unit, compared by their order statistics."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.lift import Estimates, lift_of_means
from experimentos.analysis.method import Method, Question
from experimentos.analysis.result import Compared, Interval, Outcome, Unavailable
from experimentos.errors import ContractError
from experimentos.metrics.moments import Moments

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Quantile:
    """A sample quantile and its interval by order statistics.

    Attributes
    ----------
    n : int
    value : float
        Unit of the metric.
    low, high : float
        Values between which the quantile lies with the level asked for.
    se : float
        Half-width over the normal quantile.
    """

    n: int
    value: float
    low: float
    high: float
    se: float


def quantile_of(values: ArrayLike, q: float, alpha: float) -> Quantile | Unavailable:
    """Return a sample quantile with its distribution-free interval.

    Parameters
    ----------
    values
        One per unit, shape (n,), finite.
    q
        In (0, 1): 0.5 is the median.

    Notes
    -----
    Unavailable when the interval would reach beyond the smallest or largest value: too few
    units lie on one side of the quantile.

    References
    ----------
    Conover (1999), Practical Nonparametric Statistics, section 3.2 (binomial ranks).
    """
    ordered = np.sort(_checked(values, q))
    n = ordered.size
    half = -float(ndtri(alpha / 2)) * math.sqrt(n * q * (1 - q))
    lowest, highest = math.floor(n * q - half), math.ceil(n * q + half)
    if lowest < 1 or highest > n:
        return Unavailable(
            "quantile",
            "too_few_units",
            f"Too few units lie beyond the {q:g} quantile to say how uncertain it is.",
        )
    low, high = float(ordered[lowest - 1]), float(ordered[highest - 1])
    se = (high - low) / (2 * -float(ndtri(alpha / 2)))
    return Quantile(n, float(np.quantile(ordered, q)), low, high, se)


def quantile(control: ArrayLike, treatment: ArrayLike, q: float, question: Question) -> Outcome:
    """Compare a quantile of two arms.

    Parameters
    ----------
    control, treatment
        One value per unit, shapes (n,), finite; the unit is the one that was randomised.
    """
    arms = [quantile_of(values, q, question.alpha) for values in (control, treatment)]
    for arm in arms:
        if isinstance(arm, Unavailable):
            return arm
    c, t = (arm for arm in arms if isinstance(arm, Quantile))
    se = math.hypot(c.se, t.se)
    if min(c.se, t.se) == 0:
        return Unavailable(
            "quantile",
            "collapsed",
            "So many units share one value that the quantile's interval has no width.",
        )
    difference, critical = t.value - c.value, -float(ndtri(question.alpha / 2))
    z = difference / se
    p = 2 * float(ndtr(-abs(z)))
    return Compared(
        metric=question.metric,
        arm=question.arm,
        method="quantile",
        control_value=c.value,
        treatment_value=t.value,
        difference=difference,
        interval=Interval(difference - critical * se, difference + critical * se, question.level),
        statistic=z,
        p_value=p,
        se=se,
        df=None,
        lift=lift_of_means(
            Estimates.of(c.value, c.se**2, t.value, t.se**2), critical, question.level
        ),
        n_control=c.n,
        n_treatment=t.n,
        unadjusted_p=p,
    )


@dataclass(frozen=True, slots=True)
class Winsorized:
    """Two arms capped at one value.

    Attributes
    ----------
    control, treatment : Moments
    cap : float
        Unit of the metric; every larger value counts as this one.
    capped : int
        Units that were capped.
    """

    control: Moments
    treatment: Moments
    cap: float
    capped: int


def winsorize(control: ArrayLike, treatment: ArrayLike, share: float = 0.99) -> Winsorized:
    """Return both arms' moments after capping at a quantile of all units together.

    Parameters
    ----------
    control, treatment
        One value per unit, shapes (n,), finite, at least one each.
    share
        Quantile of the pooled values to cap at, in (0, 1).

    Notes
    -----
    The cap is one for all units: a cap per arm would itself move with the treatment.
    """
    c, t = _checked(control, share), _checked(treatment, share)
    everything = np.concatenate((c, t))
    cap = float(np.quantile(everything, share))
    return Winsorized(
        _moments(np.minimum(c, cap)),
        _moments(np.minimum(t, cap)),
        cap,
        int(np.sum(everything > cap)),
    )


def _checked(values: ArrayLike, share: float) -> Array:
    array = np.asarray(values, dtype=float)
    if not 0 < share < 1:
        raise ContractError(
            f"A quantile of {share:g} does not exist.", hint="Write 0.9 for the 90th percentile."
        )
    if array.ndim != 1 or array.size == 0 or not np.all(np.isfinite(array)):
        raise ContractError(
            "A quantile needs one finite value per unit.", hint="Leave out units without a value."
        )
    return array


def _moments(values: Array) -> Moments:
    mean = float(values.mean())
    return Moments(values.size, mean, float(np.sum((values - mean) ** 2)))


QUANTILE = Method(
    name="quantile",
    title="Difference of quantiles",
    accepts=Moments,
    words=(
        "Each arm's quantile has an interval between two order statistics, by the binomial "
        "distribution of ranks; its half-width over z is a standard error, and the two combine."
    ),
    source="Conover (1999), Practical Nonparametric Statistics, section 3.2.",
    assumptions=(
        "Units are independent: one value per randomised unit.",
        "The values are close to continuous around the quantile.",
    ),
)
