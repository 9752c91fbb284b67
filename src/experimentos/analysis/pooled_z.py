"""The pooled z test of two rates, and Wald's unpooled test and interval."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.lift import Ends, Estimates
from experimentos.analysis.method import Method
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Alongside, Interval
from experimentos.metrics.counts import Counts

type Array = NDArray[np.float64]


def pooled_se(rates: Rates) -> Array:
    """Return the standard error of the difference if both arms had the pooled rate."""
    n = rates.n_control + rates.n_treatment
    k = rates.k_control + rates.k_treatment
    variance = k * (n - k) / (n * rates.n_control * rates.n_treatment)
    return np.asarray(np.sqrt(variance))


def unpooled_se(rates: Rates) -> Array:
    """Return the standard error of the difference from each arm's own rate."""
    estimates = rate_estimates(rates)
    return np.asarray(np.sqrt(estimates.control_variance + estimates.treatment_variance))


def rate_estimates(rates: Rates) -> Estimates:
    """Return the rates and p (1 - p) / n of each arm."""
    control, treatment = rates.control, rates.treatment
    return Estimates(
        control,
        np.asarray(control * (1 - control) / rates.n_control),
        treatment,
        np.asarray(treatment * (1 - treatment) / rates.n_treatment),
    )


def z_statistic(rates: Rates, se: Array) -> Array:
    """Return difference / se; nan where the standard error is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(se > 0, rates.difference / se, np.nan)


def two_sided_p(z: Array) -> Array:
    """Return 2 P(Z > |z|), by the survival function: exact far into the tail."""
    return np.asarray(2 * ndtr(-np.abs(z)))


def wald_interval(rates: Rates, alpha: float) -> Ends:
    """Return difference -+ z unpooled standard errors."""
    half = -ndtri(alpha / 2) * unpooled_se(rates)
    return Ends(np.asarray(rates.difference - half), np.asarray(rates.difference + half))


def pooled_z(control: Counts, treatment: Counts) -> Alongside:
    """Return the pooled z test; both arms together must have converts and non-converts."""
    rates = Rates.of(control, treatment)
    z = z_statistic(rates, pooled_se(rates))
    return Alongside("pooled_z", float(z), float(two_sided_p(z)))


def wald(control: Counts, treatment: Counts, alpha: float, level: float) -> Alongside:
    """Return Wald's test and interval; without statistic where no arm varies."""
    rates = Rates.of(control, treatment)
    low, high = wald_interval(rates, alpha)
    interval = Interval(float(low), float(high), level)
    se = unpooled_se(rates)
    if float(se) == 0:
        return Alongside("wald", interval=interval)
    z = z_statistic(rates, se)
    return Alongside("wald", float(z), float(two_sided_p(z)), interval)


POOLED_Z = Method(
    name="pooled_z",
    title="Pooled z test",
    accepts=Counts,
    words=(
        "The difference of the two rates over the standard error that both arms would have with "
        "their common rate. Its square is Pearson's chi-square."
    ),
    source="Pearson (1900); Fleiss, Levin and Paik (2003), Statistical Methods for Rates, ch. 3.",
    assumptions=(
        "Users are independent and each is counted once.",
        "At least about five expected conversions and non-conversions in each arm.",
    ),
)

WALD = Method(
    name="wald",
    title="Wald interval",
    accepts=Counts,
    words="The difference of the rates plus and minus z unpooled standard errors.",
    source="Wald (1943); its faults: Newcombe (1998), Statistics in Medicine 17:873-890.",
    assumptions=("Users are independent.", "Many conversions and non-conversions in each arm."),
)
