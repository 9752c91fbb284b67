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
from experimentos.analysis.roots import find_roots
from experimentos.metrics.counts import Counts

type Array = NDArray[np.float64]

_NEWTON_STEPS = 40


def restricted_rates(rates: Rates, difference: ArrayLike) -> tuple[Array, Array]:
    """Return the control and treatment rates of highest likelihood with a given difference.

    Parameters
    ----------
    difference
        p_treatment - p_control, in [-1, 1], broadcast against the rates.

    References
    ----------
    Miettinen and Nurminen (1985), Statistics in Medicine 4, appendix I (closed form of the
    cubic), polished by Newton steps because the closed form loses half the digits at rare events.
    """
    d = np.asarray(difference, dtype=float)
    gap = np.abs(d)
    # q is the lower of the two rates: the other one is q + gap, so neither is lost to rounding.
    up = d >= 0
    k_low = np.where(up, rates.k_control, rates.k_treatment)
    n_low = np.where(up, rates.n_control, rates.n_treatment)
    k_high = np.where(up, rates.k_treatment, rates.k_control)
    n_high = np.where(up, rates.n_treatment, rates.n_control)
    n = n_low + n_high
    # n q^3 + b q^2 + c q + e = 0, after Miettinen and Nurminen with the lower arm as reference.
    b = ((n_high + 2 * n_low) * gap - n - k_low - k_high) / n
    c = ((n_low * gap - n - 2 * k_low) * gap + k_low + k_high) / n
    e = k_low * gap * (1 - gap) / n
    third = b / 3
    u = np.sqrt(np.maximum(third * third - c / 3, 0.0))
    v = third**3 - b * c / 6 + e / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = np.where(u > 0, np.clip(np.abs(v) / u**3, 0.0, 1.0), 1.0)
    signed = np.where(v < 0, -u, u)
    q = 2 * signed * np.cos((math.pi + np.arccos(angle)) / 3) - third
    low = _polish(np.clip(q, 0.0, 1 - gap), gap, (k_low, n_low, k_high, n_high))
    high = low + gap
    return np.where(up, low, high), np.where(up, high, low)


def _polish(q: Array, gap: Array, arms: tuple[Array, Array, Array, Array]) -> Array:
    k_low, n_low, k_high, n_high = arms
    top = 1 - gap
    for _ in range(_NEWTON_STEPS):
        r = q + gap
        rest, miss = 1 - q, top - q
        pull_low, pull_high = k_low - n_low * q, k_high - n_high * r
        value = pull_low * r * miss + pull_high * q * rest
        slope = (
            pull_low * (miss - r) - n_low * r * miss + pull_high * (rest - q) - n_high * q * rest
        )
        step = np.where(slope < 0, value / np.where(slope < 0, slope, 1.0), 0.0)
        before, q = q, np.clip(q - step, 0.0, top)
        # Two or three steps do, a few more where one conversion stands against 1e8 users.
        if np.all(np.abs(q - before) <= 1e-15 * q):
            break
    return q


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
