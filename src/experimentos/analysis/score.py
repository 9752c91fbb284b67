"""Miettinen and Nurminen's score test and interval for a difference of rates.

Test and interval come from one statistic, so they never disagree, and both are valid when
nobody or everybody converted in an arm.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.method import Method, Question
from experimentos.analysis.rate_views import companions, lift_of_rates
from experimentos.analysis.rates import Rates, no_rates
from experimentos.analysis.result import Compared, Interval, Outcome
from experimentos.metrics.counts import Counts
from experimentos.plan.restricted import restricted_rates
from experimentos.plan.roots import find_roots

type Array = NDArray[np.float64]


def score_variance(rates: Rates, difference: ArrayLike, *, corrected: bool = True) -> Array:
    """Return the variance of the difference of rates under a hypothesised difference.

    Parameters
    ----------
    corrected
        Multiply by N / (N - 1): Miettinen and Nurminen. Without it: Mee (1984), Farrington and
        Manning (1990).
    """
    control, treatment = restricted_rates(rates, difference)
    variance = (
        control * (1 - control) / rates.n_control + treatment * (1 - treatment) / rates.n_treatment
    )
    if corrected:
        n = rates.n_control + rates.n_treatment
        variance = variance * (n / (n - 1))
    return np.asarray(np.maximum(variance, 0.0))


def score_statistic(rates: Rates, value: ArrayLike = 0.0, *, corrected: bool = True) -> Array:
    """Return z for the hypothesis that p_treatment - p_control equals a value.

    Notes
    -----
    0 where the data equal the hypothesis, also when the variance is then 0.
    """
    numerator = rates.difference - np.asarray(value, dtype=float)
    se = np.sqrt(score_variance(rates, value, corrected=corrected))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(numerator == 0, 0.0, numerator / se))


def score_interval(rates: Rates, alpha: float, *, corrected: bool = True) -> tuple[Array, Array]:
    """Return the differences that the two-sided score test does not reject, as low and high."""
    critical = -float(ndtri(alpha / 2))
    seen = rates.difference
    # Both ends in one call: the lower one where the excess falls upwards, and the other way round.
    sign = np.reshape([1.0, -1.0], (2, *(1,) * seen.ndim))

    def excess(d: Array) -> Array:
        spread = critical * np.sqrt(score_variance(rates, d, corrected=corrected))
        # At the estimate the distance is 0; its limit from inside the bracket is below zero.
        return np.where(d == seen, -np.maximum(spread, 1.0), sign * (seen - d) - spread)

    low, high = find_roots(excess, np.stack(np.broadcast_arrays(seen, seen)), -sign)
    return np.where(seen <= -1, -1.0, low), np.where(seen >= 1, 1.0, high)


def score(control: Counts, treatment: Counts, question: Question) -> Outcome:
    """Compare two rates by the score statistic; p-value and interval agree always."""
    missing = no_rates(control, treatment, "score")
    if missing is not None:
        return missing
    rates = Rates.of(control, treatment)
    z = float(score_statistic(rates))
    low, high = (float(end) for end in score_interval(rates, question.alpha))
    p = 2 * float(ndtr(-abs(z)))
    return Compared(
        metric=question.metric,
        arm=question.arm,
        method="score",
        control_value=control.rate,
        treatment_value=treatment.rate,
        difference=float(rates.difference),
        interval=Interval(low, high, question.level),
        statistic=z,
        p_value=p,
        se=math.sqrt(float(score_variance(rates, 0.0))),
        df=None,
        lift=lift_of_rates(control, treatment, question),
        n_control=control.n,
        n_treatment=treatment.n,
        unadjusted_p=p,
        alongside=companions(control, treatment, question),
    )


SCORE = Method(
    name="score",
    title="Miettinen-Nurminen score test",
    accepts=Counts,
    words=(
        "The difference of the two rates over its standard error under the hypothesis, with the "
        "rates of highest likelihood that differ by the hypothesised amount and the factor "
        "N / (N - 1). The interval holds every difference that this test does not reject."
    ),
    source="Miettinen and Nurminen (1985), Statistics in Medicine 4:213-226.",
    assumptions=(
        "Users are independent and each is counted once.",
        "Every user of an arm had the chance to convert.",
    ),
    compare=score,
)
