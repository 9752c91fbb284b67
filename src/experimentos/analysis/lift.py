"""Relative effects: log ratio, Fieller and delta intervals from two means and their variances.

The lift is the difference over the absolute value of the control, so that its sign is the sign
of the difference also when the control is negative.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experimentos.analysis.method import Method
from experimentos.analysis.result import Interval, Lift, Unavailable
from experimentos.metrics.moments import Moments

type Array = NDArray[np.float64]

CLEARLY_AWAY_FROM_ZERO = 4.0
"""Standard errors between a mean and zero from which its logarithm is close to normal."""


class Estimates(NamedTuple):
    """Values of two arms and the squares of their standard errors, arrays of one shape."""

    control: Array
    control_variance: Array
    treatment: Array
    treatment_variance: Array

    @classmethod
    def of(
        cls,
        control: ArrayLike,
        control_variance: ArrayLike,
        treatment: ArrayLike,
        treatment_variance: ArrayLike,
    ) -> "Estimates":
        """Return the four as arrays of doubles."""
        given = (control, control_variance, treatment, treatment_variance)
        return cls(*(np.asarray(each, dtype=float) for each in given))


class Ends(NamedTuple):
    """Lower and upper ends of many intervals; nan where the interval does not exist."""

    low: Array
    high: Array


def relative_lift(estimates: Estimates) -> Array:
    """Return (treatment - control) / |control|; nan where the control is 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        lift = (estimates.treatment - estimates.control) / np.abs(estimates.control)
    return np.where(estimates.control == 0, np.nan, lift)


def delta_se(estimates: Estimates) -> Array:
    """Return the first-order standard error of the lift; nan where the control is 0."""
    control = np.where(estimates.control == 0, np.nan, estimates.control)
    ratio = estimates.treatment / control
    return np.asarray(
        np.sqrt(estimates.treatment_variance + ratio**2 * estimates.control_variance)
        / np.abs(control)
    )


def delta_lift(estimates: Estimates, critical: ArrayLike) -> Ends:
    """Return the symmetric delta-method interval of the lift."""
    centre, half = relative_lift(estimates), np.asarray(critical) * delta_se(estimates)
    return Ends(np.asarray(centre - half), np.asarray(centre + half))


def log_lift(estimates: Estimates, critical: ArrayLike) -> Ends:
    """Return the log-ratio interval of the lift; nan unless both values have the same sign.

    References
    ----------
    Katz, Baptista, Azen and Pike (1978), Biometrics 34, for rates; the same for means.
    """
    control, treatment = estimates.control, estimates.treatment
    exists = np.sign(control) * np.sign(treatment) > 0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        log_ratio = np.log(np.where(exists, treatment / control, np.nan))
        half = np.asarray(critical) * np.hypot(
            np.sqrt(estimates.treatment_variance) / treatment,
            np.sqrt(estimates.control_variance) / control,
        )
        low, high = np.expm1(log_ratio - half), np.expm1(log_ratio + half)
    return _signed(control, low, high)


def fieller_g(estimates: Estimates, critical: ArrayLike) -> Array:
    """Return g = critical^2 variance / control^2; Fieller's interval is bounded below 1."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        relative = np.asarray(critical) * np.sqrt(estimates.control_variance) / estimates.control
        return np.asarray(relative**2)


def fieller_lift(estimates: Estimates, critical: ArrayLike) -> Ends:
    """Return Fieller's interval of the lift; nan where it is unbounded (g >= 1).

    Notes
    -----
    It excludes 0 exactly when |difference| exceeds `critical` standard errors.

    References
    ----------
    Fieller (1954), Journal of the Royal Statistical Society B 16, independent arms.
    """
    control, treatment = estimates.control, estimates.treatment
    g = fieller_g(estimates, critical)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        bounded = g < 1
        ratio = treatment / control
        # Relative to the control: the difference is never taken of two large squares.
        spread = (
            np.asarray(critical)
            * np.sqrt(
                estimates.treatment_variance * (1 - g) + ratio**2 * estimates.control_variance
            )
            / np.abs(control)
        )
        centre = ratio - 1 + g
        low = np.where(bounded, (centre - spread) / (1 - g), np.nan)
        high = np.where(bounded, (centre + spread) / (1 - g), np.nan)
    return _signed(control, low, high)


def _signed(control: Array, low: Array, high: Array) -> Ends:
    negative = control < 0
    return Ends(np.where(negative, -high, low), np.where(negative, -low, high))


class Lifts(NamedTuple):
    """Lifts of many pairs: nan where none exists; by log ratio where `by_log`, else by Fieller."""

    estimate: Array
    ends: Ends
    by_log: NDArray[np.bool_]


def lifts_of_means(estimates: Estimates, critical: ArrayLike) -> Lifts:
    """Return lifts by log ratio where both means are clearly of one sign, else by Fieller.

    Parameters
    ----------
    critical
        Quantile of the difference's own test, so that Fieller's interval agrees with it.
    """
    control, treatment = estimates.control, estimates.treatment
    by_log = (
        (np.abs(control) >= CLEARLY_AWAY_FROM_ZERO * np.sqrt(estimates.control_variance))
        & (np.abs(treatment) >= CLEARLY_AWAY_FROM_ZERO * np.sqrt(estimates.treatment_variance))
        & (np.sign(control) * np.sign(treatment) > 0)
    )
    log, fieller = log_lift(estimates, critical), fieller_lift(estimates, critical)
    low, high = (np.where(by_log, *pair) for pair in zip(log, fieller, strict=True))
    estimate = np.where(np.isnan(low), np.nan, relative_lift(estimates))
    return Lifts(estimate, Ends(low, high), np.asarray(by_log))


def lift_of_means(estimates: Estimates, critical: float, level: float) -> Lift | Unavailable:
    """Return the lift of one pair, see `lifts_of_means`."""
    if float(estimates.control) == 0:
        return Unavailable("lift", "zero_control", "The control is 0: no relative effect exists.")
    lift = lifts_of_means(estimates, critical)
    if np.isnan(lift.estimate):
        return Unavailable(
            "lift",
            "control_near_zero",
            "The control is not clearly different from 0: any relative effect is possible.",
        )
    interval = Interval(float(lift.ends.low), float(lift.ends.high), level)
    return Lift(float(lift.estimate), interval, "log_ratio" if lift.by_log else "fieller")


LOG_RATIO = Method(
    name="log_ratio",
    title="Log-ratio interval of the lift",
    accepts=Moments,
    words=(
        "The logarithm of treatment over control plus and minus z times the square root of the "
        "sum of both squared relative standard errors, taken back from the logarithm, minus 1."
    ),
    source="Katz, Baptista, Azen and Pike (1978), Biometrics 34:469-474.",
    assumptions=("Both values are many standard errors away from 0, on the same side.",),
)

FIELLER = Method(
    name="fieller",
    title="Fieller's interval of the lift",
    accepts=Moments,
    words=(
        "Every ratio r for which treatment - r control is not significantly different from 0. It "
        "excludes no lift exactly when the test of the difference does."
    ),
    source="Fieller (1954), JRSS B 16:175-185.",
    assumptions=("The control is clearly different from 0 (g < 1); else it is unbounded.",),
)
