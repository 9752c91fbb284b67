"""Quantiles of values per unit, compared by their order statistics."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.method import Method, Question
from experimentos.analysis.result import Compared, Interval, Lift, Outcome, Unavailable
from experimentos.errors import ContractError
from experimentos.metrics.moments import Moments

type Array = NDArray[np.float64]

_HALVINGS = 60


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
    """

    n: int
    value: float
    low: float
    high: float


class _Arm:
    """The sorted values of one arm, and what lies where around a quantile."""

    def __init__(self, values: ArrayLike, q: float) -> None:
        self.ordered = np.sort(checked(values, q))
        self.n, self.q = self.ordered.size, q
        self.value = float(np.quantile(self.ordered, q))
        self.spread = math.sqrt(self.n * q * (1 - q))

    @property
    def widest(self) -> float:
        """Return the largest z whose interval stays within the sample; negative if none does."""
        expected = self.n * self.q
        return min(expected - 1, self.n - expected) / self.spread

    def within(self, z: float) -> Quantile:
        """Return the interval between the ranks n q -+ z sqrt(n q (1 - q)), rounded outwards."""
        expected, half = self.n * self.q, z * self.spread
        lowest = max(math.floor(expected - half), 1)
        highest = min(math.ceil(expected + half), self.n)
        low, high = float(self.ordered[lowest - 1]), float(self.ordered[highest - 1])
        return Quantile(self.n, self.value, min(low, self.value), max(high, self.value))


class _Pair:
    """Two arms whose intervals are put together."""

    def __init__(self, control: _Arm, treatment: _Arm) -> None:
        self.control, self.treatment = control, treatment
        self.difference = treatment.value - control.value
        self.widest = min(control.widest, treatment.widest)

    def ends(self, z: float) -> tuple[float, float]:
        """Return the interval of the difference from the two arms' own intervals."""
        c, t = self.control.within(z), self.treatment.within(z)
        return (
            self.difference - math.hypot(t.value - t.low, c.high - c.value),
            self.difference + math.hypot(t.high - t.value, c.value - c.low),
        )

    def holds_zero(self, z: float) -> bool:
        low, high = self.ends(z)
        return low <= 0 <= high

    def statistic(self, critical: float) -> float:
        """Return the z, with the sign of the difference, whose interval just reaches 0.

        It is searched on the side of the critical value where it lies, so that the p-value never
        contradicts the interval; farther than the widest interval it is that one's z.
        """
        outside = not self.holds_zero(critical)
        low, high = (critical, self.widest) if outside else (0.0, critical)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.holds_zero(middle) else (middle, high)
        return math.copysign(low if outside else high, self.difference)


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
    arm, z = _Arm(values, q), -float(ndtri(alpha / 2))
    return arm.within(z) if z <= arm.widest else _too_few(q)


def quantile(control: ArrayLike, treatment: ArrayLike, q: float, question: Question) -> Outcome:
    """Compare a quantile of two arms.

    Parameters
    ----------
    control, treatment
        One value per unit, shapes (n,), finite; the unit is the one that was randomised.

    Notes
    -----
    Each arm's own interval goes into that of the difference, with its two sides kept apart, so
    that ties, where one side has no width, are covered too (Donner and Zou 2012).
    """
    pair, critical = _Pair(_Arm(control, q), _Arm(treatment, q)), -float(ndtri(question.alpha / 2))
    if critical > pair.widest:
        return _too_few(q)
    c, t = pair.control.within(critical), pair.treatment.within(critical)
    low, high = pair.ends(critical)
    if low == high:
        return Unavailable(
            "quantile",
            "collapsed",
            "So many units share one value that the quantile's interval has no width.",
        )
    z = pair.statistic(critical) if pair.difference else 0.0
    p = 2 * float(ndtr(-abs(z)))
    return Compared(
        metric=question.metric,
        arm=question.arm,
        method="quantile",
        control_value=c.value,
        treatment_value=t.value,
        difference=pair.difference,
        interval=Interval(low, high, question.level),
        statistic=z,
        p_value=p,
        se=(high - low) / (2 * critical),
        df=None,
        lift=_lift(c, t, question.level),
        n_control=c.n,
        n_treatment=t.n,
        unadjusted_p=p,
    )


def _too_few(q: float) -> Unavailable:
    return Unavailable(
        "quantile",
        "too_few_units",
        f"Too few units lie beyond the {q:g} quantile to say how uncertain it is.",
    )


def _lift(c: Quantile, t: Quantile, level: float) -> Lift | Unavailable:
    if min(c.low, t.low) <= 0:
        return Unavailable(
            "lift",
            "not_positive",
            "A quantile that may be 0 or negative has no relative effect.",
        )
    ratio = math.log(t.value / c.value)
    low = ratio - math.hypot(math.log(t.value / t.low), math.log(c.high / c.value))
    high = ratio + math.hypot(math.log(t.high / t.value), math.log(c.value / c.low))
    interval = Interval(math.expm1(low), math.expm1(high), level)
    return Lift(t.value / c.value - 1, interval, "log_ratio")


def checked(values: ArrayLike, share: float) -> Array:
    """Return one value per unit as an array, for a share in (0, 1); a wrong call otherwise."""
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


QUANTILE = Method(
    name="quantile",
    title="Difference of quantiles",
    accepts=Moments,
    words=(
        "Each arm's quantile has an interval between two order statistics, by the binomial "
        "distribution of ranks. The lower side of the difference is the root of the squared lower "
        "side of the treatment and upper side of the control; the upper side the other way round."
    ),
    source=(
        "Conover (1999), Practical Nonparametric Statistics, section 3.2; "
        "Donner and Zou (2012), Statistical Methods in Medical Research 21:347-359."
    ),
    assumptions=("Units are independent: one value per randomised unit.",),
)
