"""Koopman's score interval for a ratio of rates."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from experimentos.analysis.lift import Ends
from experimentos.analysis.method import Method
from experimentos.analysis.rates import Rates
from experimentos.metrics.counts import Counts
from experimentos.plan.roots import find_roots

type Array = NDArray[np.float64]


def ratio_variance(rates: Rates, share: ArrayLike) -> Array:
    """Return the null variance of (1 - s) p_treatment - s p_control where the ratio is s / (1 - s).

    Parameters
    ----------
    share
        s = ratio / (1 + ratio), in [0, 1]: every ratio from 0 to infinity on a finite scale.
    """
    s = np.asarray(share, dtype=float)
    k = rates.k_control + rates.k_treatment
    n = rates.n_control + rates.n_treatment
    # The restricted control rate solves n s p^2 - b p + (1 - s) k = 0; this root has no cancelling.
    b = s * (rates.n_treatment + rates.k_control) + (1 - s) * (rates.k_treatment + rates.n_control)
    root = np.sqrt(np.maximum(b * b - 4 * n * s * (1 - s) * k, 0.0))
    control = np.clip(2 * (1 - s) * k / (b + root), 0.0, 1.0)
    treatment = np.clip(2 * s * k / (b + root), 0.0, 1.0)
    variance = (1 - s) ** 2 * treatment * (1 - treatment) / rates.n_treatment
    return np.asarray(variance + s**2 * control * (1 - control) / rates.n_control)


def koopman_interval(rates: Rates, alpha: float) -> Ends:
    """Return the ratios p_treatment / p_control that the score test does not reject.

    Notes
    -----
    The upper end is infinite when the control has no conversions, the lower end 0 when the
    treatment has none; at least one of the two must have some.
    """
    critical = -float(ndtri(alpha / 2))
    seen = rates.treatment / (rates.treatment + rates.control)

    def excess(sign: float, s: Array) -> Array:
        spread = critical * np.sqrt(ratio_variance(rates, s))
        distance = sign * ((1 - s) * rates.treatment - s * rates.control)
        return np.where(s == seen, -np.maximum(spread, 1.0), distance - spread)

    low = find_roots(lambda s: excess(1.0, s), np.zeros_like(seen), seen)
    high = find_roots(lambda s: excess(-1.0, s), seen, np.ones_like(seen))
    low = np.where(rates.k_treatment == 0, 0.0, low)
    high = np.where(rates.k_control == 0, 1.0, high)
    with np.errstate(divide="ignore"):
        return Ends(np.asarray(low / (1 - low)), np.asarray(high / (1 - high)))


KOOPMAN = Method(
    name="koopman",
    title="Koopman score interval of the ratio",
    accepts=Counts,
    words="Every ratio of the two rates that the score test of that ratio does not reject.",
    source="Koopman (1984), Biometrics 40:513-517.",
    assumptions=("Users are independent and each is counted once.",),
)
