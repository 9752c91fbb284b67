"""Thousands of comparisons at once: the formulas of the page on arrays, nothing built per test.

Every function here and the method of the same name for one pair of arms call the same arrays of
`score`, `welch`, `delta` and `lift`; a number in bulk is the number on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.delta import Pairs, ratio_arrays, ratio_estimates
from experimentos.analysis.koopman import koopman_interval
from experimentos.analysis.lift import Ends, Lifts, lifts_of_means, log_lift, relative_lift
from experimentos.analysis.pooled_z import rate_estimates
from experimentos.analysis.rates import Rates
from experimentos.analysis.score import score_interval, score_statistic, score_variance
from experimentos.analysis.welch import Samples, mean_estimates, welch_arrays
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments

type Array = NDArray[np.float64]
type Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Many tests, treatment against control: arrays of one shape.

    Attributes
    ----------
    exists : array of bool
        Whether the method of one pair gives a result here and not `Unavailable`; where it does
        not, every other array is nan.
    difference, se, statistic, p_value : array
        As in `Compared`; p-values are two-sided and not adjusted for their number.
    interval : Ends
        Of the difference.
    lift : Array
        Relative effect; nan where the control is 0 or, for means, not clearly different from 0.
    lift_interval : Ends
    """

    exists: Flags
    difference: Array
    se: Array
    statistic: Array
    p_value: Array
    interval: Ends
    lift: Array
    lift_interval: Ends


def compare_rates(rates: Rates, alpha: float) -> Comparisons:
    """Compare many pairs of rates by the score method.

    Parameters
    ----------
    rates
        Conversions and users of both arms, arrays of one shape: `rates_of` makes them.
    alpha
        Two-sided level of each test alone.
    """
    converted = rates.k_control + rates.k_treatment
    users = rates.n_control + rates.n_treatment
    exists = (np.minimum(rates.n_control, rates.n_treatment) > 0) & (converted > 0)
    exists &= converted < users
    # Where there is no result the arithmetic runs on one conversion of two users.
    usable = Rates(*(np.where(exists, each, fill) for each, fill in zip(rates, _FILL, strict=True)))
    z = score_statistic(usable)
    lift = _lifts_of_rates(usable, alpha)
    return _given(
        exists,
        (usable.difference, np.sqrt(score_variance(usable, 0.0)), z, 2 * ndtr(-np.abs(z))),
        Ends(*score_interval(usable, alpha)),
        lift,
    )


def compare_means(control: Samples, treatment: Samples, alpha: float) -> Comparisons:
    """Compare many pairs of means by Welch's test; `samples_of` makes the arrays."""
    exists = (np.minimum(control.n, treatment.n) >= 2) & ((control.m2 > 0) | (treatment.m2 > 0))
    arms = [Samples(*(np.where(exists, each, 2.0) for each in arm)) for arm in (control, treatment)]
    result = welch_arrays(arms[0], arms[1], alpha)
    lift = lifts_of_means(mean_estimates(arms[0], arms[1]), result.critical)
    numbers = (result.difference, result.se, result.t, result.p)
    return _given(exists, numbers, result.interval, lift)


def compare_ratios(control: Pairs, treatment: Pairs, alpha: float) -> Comparisons:
    """Compare many pairs of ratio metrics by the delta method; `pairs_of` makes the arrays."""
    exists = np.minimum(control.n, treatment.n) >= 2
    exists &= (control.mean_y != 0) & (treatment.mean_y != 0)
    arms = [Pairs(*(np.where(exists, each, 2.0) for each in arm)) for arm in (control, treatment)]
    result = ratio_arrays(arms[0], arms[1], alpha)
    exists &= result.se > 0
    lift = lifts_of_means(ratio_estimates(arms[0], arms[1]), -float(ndtri(alpha / 2)))
    numbers = (result.difference, result.se, result.z, result.p)
    return _given(exists, numbers, result.interval, lift)


def rates_of(control: Sequence[Counts], treatment: Sequence[Counts]) -> Rates:
    """Return pairs of arms as arrays of shape (pairs,)."""
    return Rates.arrays(
        [arm.k for arm in control],
        [arm.n for arm in control],
        [arm.k for arm in treatment],
        [arm.n for arm in treatment],
    )


def samples_of(arms: Sequence[Moments]) -> Samples:
    """Return one arm of many pairs as arrays of shape (pairs,)."""
    return Samples.arrays(
        [arm.n for arm in arms], [arm.mean for arm in arms], [arm.m2 for arm in arms]
    )


def pairs_of(arms: Sequence[CrossMoments]) -> Pairs:
    """Return joint moments of one arm of many pairs as arrays of shape (pairs,)."""
    return Pairs(
        np.array([arm.n for arm in arms], dtype=float),
        np.array([arm.mean_x for arm in arms], dtype=float),
        np.array([arm.mean_y for arm in arms], dtype=float),
        np.array([arm.m2_x for arm in arms], dtype=float),
        np.array([arm.m2_y for arm in arms], dtype=float),
        np.array([arm.c_xy for arm in arms], dtype=float),
    )


_FILL = (1.0, 2.0, 1.0, 2.0)


def _lifts_of_rates(rates: Rates, alpha: float) -> Lifts:
    estimates = rate_estimates(rates)
    ends = log_lift(estimates, -float(ndtri(alpha / 2)))
    low, high = (np.array(end) for end in ends)
    nobody = (rates.k_treatment == 0) & (rates.k_control > 0)
    if nobody.any():
        ratio = koopman_interval(Rates(*(each[nobody] for each in rates)), alpha)
        low[nobody], high[nobody] = ratio.low - 1, ratio.high - 1
    return Lifts(relative_lift(estimates), Ends(low, high), ~nobody)


def _given(
    exists: Flags, numbers: tuple[Array, Array, Array, Array], interval: Ends, lift: Lifts
) -> Comparisons:
    def where(value: Array) -> Array:
        return np.where(exists, value, np.nan)

    difference, se, statistic, p_value = (where(value) for value in numbers)
    return Comparisons(
        exists=np.asarray(exists),
        difference=difference,
        se=se,
        statistic=statistic,
        p_value=p_value,
        interval=Ends(*map(where, interval)),
        lift=where(lift.estimate),
        lift_interval=Ends(*map(where, lift.ends)),
    )
