"""Ratio metrics by the delta method: a sum over a sum, with the user as the unit."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.lift import Ends, Estimates, lift_of_means
from experimentos.analysis.method import Method, Question
from experimentos.analysis.result import Compared, Interval, Outcome, Unavailable
from experimentos.analysis.welch import fieller_alongside
from experimentos.metrics.moments import CrossMoments

type Array = NDArray[np.float64]


class Pairs(NamedTuple):
    """Joint moments of one arm of many pairs, arrays: x the numerator, y the denominator."""

    n: Array
    mean_x: Array
    mean_y: Array
    m2_x: Array
    m2_y: Array
    c_xy: Array

    @classmethod
    def of(cls, joint: CrossMoments) -> "Pairs":
        """Return one arm as arrays of no dimension."""
        given = (joint.n, joint.mean_x, joint.mean_y, joint.m2_x, joint.m2_y, joint.c_xy)
        return cls(*(np.asarray(each, dtype=float) for each in given))


class Ratio(NamedTuple):
    """Ratio metrics of many pairs: difference, standard error, z, two-sided p, interval."""

    difference: Array
    se: Array
    z: Array
    p: Array
    interval: Ends


def unit_variance(arm: Pairs) -> Array:
    """Return the delta-method variance of one unit's contribution to the ratio.

    Notes
    -----
    (m2_x - 2 R c_xy + R^2 m2_y) / (n - 1) / mean_y^2 with R = mean_x / mean_y.

    References
    ----------
    Deng, Knoblich and Lu (2018), Applying the Delta Method in Metric Analytics, KDD.
    """
    ratio = arm.mean_x / arm.mean_y
    centred = arm.m2_x - 2 * ratio * arm.c_xy + ratio**2 * arm.m2_y
    # Rounding may leave a perfectly proportional numerator an ulp below zero.
    return np.asarray(np.maximum(centred, 0.0) / (arm.n - 1) / arm.mean_y**2)


def ratio_estimates(control: Pairs, treatment: Pairs) -> Estimates:
    """Return the ratios and their squared standard errors."""
    return Estimates(
        np.asarray(control.mean_x / control.mean_y),
        np.asarray(unit_variance(control) / control.n),
        np.asarray(treatment.mean_x / treatment.mean_y),
        np.asarray(unit_variance(treatment) / treatment.n),
    )


def ratio_arrays(control: Pairs, treatment: Pairs, alpha: float) -> Ratio:
    """Test the difference of ratios of many pairs at once; nan where neither arm varies."""
    estimates = ratio_estimates(control, treatment)
    difference = np.asarray(estimates.treatment - estimates.control)
    se = np.sqrt(estimates.control_variance + estimates.treatment_variance)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(se > 0, difference / se, np.nan)
    half = -ndtri(alpha / 2) * se
    ends = Ends(np.asarray(difference - half), np.asarray(difference + half))
    return Ratio(difference, np.asarray(se), z, np.asarray(2 * ndtr(-np.abs(z))), ends)


def delta(control: CrossMoments, treatment: CrossMoments, question: Question) -> Outcome:
    """Compare two ratio metrics by the delta method."""
    missing = _missing(control, treatment)
    if missing is not None:
        return missing
    arms = Pairs.of(control), Pairs.of(treatment)
    estimates = ratio_estimates(*arms)
    result = ratio_arrays(*arms, question.alpha)
    if float(result.se) == 0:
        return Unavailable("delta", "no_variation", "The ratio is the same for every unit.")
    critical = -float(ndtri(question.alpha / 2))
    p = float(result.p)
    return Compared(
        metric=question.metric,
        arm=question.arm,
        method="delta",
        control_value=float(estimates.control),
        treatment_value=float(estimates.treatment),
        difference=float(result.difference),
        interval=Interval(float(result.interval.low), float(result.interval.high), question.level),
        statistic=float(result.z),
        p_value=p,
        se=float(result.se),
        df=None,
        lift=lift_of_means(estimates, critical, question.level),
        n_control=control.n,
        n_treatment=treatment.n,
        unadjusted_p=p,
        alongside=fieller_alongside(estimates, critical, question.level),
    )


def _missing(control: CrossMoments, treatment: CrossMoments) -> Unavailable | None:
    if min(control.n, treatment.n) < 2:
        return Unavailable("delta", "too_few_units", "A ratio needs two units in each arm.")
    if control.mean_y == 0 or treatment.mean_y == 0:
        return Unavailable(
            "delta", "zero_denominator", "The denominator sums to 0 in an arm: no ratio exists."
        )
    return None


DELTA = Method(
    name="delta",
    title="Ratio metric by the delta method",
    accepts=CrossMoments,
    words=(
        "Sum of the numerator over sum of the denominator in each arm. The variance of one unit "
        "is that of numerator minus ratio times denominator, over the squared mean denominator."
    ),
    source="Deng, Knoblich and Lu (2018), KDD, arXiv:1803.06336.",
    assumptions=(
        "The unit of randomisation is the row behind n, and units are independent.",
        "The mean of the denominator is many standard errors away from 0.",
    ),
    compare=delta,
)
