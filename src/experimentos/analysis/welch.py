"""Welch's t test of two means, from counts, means and centred squares."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from experimentos.analysis.lift import Ends, Estimates, fieller_g, fieller_lift, lift_of_means
from experimentos.analysis.method import Method, Question
from experimentos.analysis.result import Alongside, Compared, Interval, Outcome, Unavailable
from experimentos.metrics.moments import Moments

type Array = NDArray[np.float64]


class Samples(NamedTuple):
    """Counts, means and sums of squared deviations of one arm of many pairs, arrays."""

    n: Array
    mean: Array
    m2: Array

    @classmethod
    def of(cls, moments: Moments) -> "Samples":
        """Return one arm as arrays of no dimension."""
        return cls.arrays(moments.n, moments.mean, moments.m2)

    @classmethod
    def arrays(cls, n: ArrayLike, mean: ArrayLike, m2: ArrayLike) -> "Samples":
        """Return the three as arrays of doubles."""
        return cls(*(np.asarray(each, dtype=float) for each in (n, mean, m2)))

    @property
    def mean_variance(self) -> Array:
        """Return the squared standard error of the mean."""
        return np.asarray(self.m2 / ((self.n - 1) * self.n))


class Welch(NamedTuple):
    """Welch's test of many pairs: difference, standard error, df, t, two-sided p, interval.

    `critical` is the quantile of t that the interval was made with.
    """

    difference: Array
    se: Array
    df: Array
    t: Array
    p: Array
    interval: Ends
    critical: Array


def welch_df(control: Samples, treatment: Samples) -> Array:
    """Return Satterthwaite's degrees of freedom; nan where neither arm varies."""
    v_c, v_t = control.mean_variance, treatment.mean_variance
    with np.errstate(divide="ignore", invalid="ignore"):
        # Shares of the variance instead of its squares: no overflow, no underflow.
        share = v_c / (v_c + v_t)
        df = 1 / (share**2 / (control.n - 1) + (1 - share) ** 2 / (treatment.n - 1))
    return np.asarray(df)


def welch_arrays(control: Samples, treatment: Samples, alpha: float) -> Welch:
    """Test the difference of means of many pairs at once; nan where neither arm varies."""
    difference = np.asarray(treatment.mean - control.mean)
    se = np.sqrt(control.mean_variance + treatment.mean_variance)
    df = welch_df(control, treatment)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se > 0, difference / se, np.nan)
    critical = np.asarray(-stdtrit(df, alpha / 2))
    half = critical * se
    interval = Ends(np.asarray(difference - half), np.asarray(difference + half))
    return Welch(difference, np.asarray(se), df, t, two_sided_t(df, t), interval, critical)


def two_sided_t(df: ArrayLike, t: ArrayLike) -> Array:
    """Return 2 P(T > |t|), by the lower tail: exact far out."""
    return np.asarray(2 * stdtr(df, -np.abs(t)))


def mean_estimates(control: Samples, treatment: Samples) -> Estimates:
    """Return means and their squared standard errors, for relative effects."""
    return Estimates(control.mean, control.mean_variance, treatment.mean, treatment.mean_variance)


def welch(control: Moments, treatment: Moments, question: Question) -> Outcome:
    """Compare two means by Welch's t test."""
    missing = no_means(control, treatment, "welch")
    if missing is not None:
        return missing
    arms = Samples.of(control), Samples.of(treatment)
    result = welch_arrays(*arms, question.alpha)
    estimates = mean_estimates(*arms)
    critical = float(result.critical)
    p = float(result.p)
    return Compared(
        metric=question.metric,
        arm=question.arm,
        method="welch",
        control_value=control.mean,
        treatment_value=treatment.mean,
        difference=float(result.difference),
        interval=Interval(float(result.interval.low), float(result.interval.high), question.level),
        statistic=float(result.t),
        p_value=p,
        se=float(result.se),
        df=float(result.df),
        lift=lift_of_means(estimates, critical, question.level),
        n_control=control.n,
        n_treatment=treatment.n,
        unadjusted_p=p,
        alongside=fieller_alongside(estimates, critical, question.level),
    )


def fieller_alongside(estimates: Estimates, critical: float, level: float) -> tuple[Alongside, ...]:
    """Return Fieller's interval of the lift where it is bounded, as a check of the log ratio."""
    if float(estimates.control) == 0 or float(fieller_g(estimates, critical)) >= 1:
        return ()
    low, high = fieller_lift(estimates, critical)
    return (Alongside("fieller", interval=Interval(float(low), float(high), level)),)


def no_means(control: Moments, treatment: Moments, method: str) -> Unavailable | None:
    """Return why two means cannot be compared, or None when they can."""
    if min(control.n, treatment.n) == 0:
        return Unavailable(method, "no_users", "One of the two arms has no units.")
    if min(control.n, treatment.n) < 2:
        return Unavailable(
            method, "too_few_units", "An arm with one unit says nothing of its spread."
        )
    if control.m2 <= 0 and treatment.m2 <= 0:
        return Unavailable(method, "no_variation", "All units of both arms have the same value.")
    return None


WELCH = Method(
    name="welch",
    title="Welch's t test",
    accepts=Moments,
    words=(
        "The difference of the two means over the square root of the sum of each arm's variance "
        "over its size, read on a t distribution with Satterthwaite's degrees of freedom."
    ),
    source="Welch (1947), Biometrika 34:28-35; Satterthwaite (1946), Biometrics Bulletin 2.",
    assumptions=(
        "Units are independent and each is counted once.",
        "Means are close to normal: large arms, or values without extreme tails.",
    ),
    compare=welch,
)
