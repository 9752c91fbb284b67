"""Intervals for a single rate: Wilson, Jeffreys, Clopper-Pearson."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtri

from experimentos.analysis.lift import Ends
from experimentos.analysis.method import Method
from experimentos.metrics.counts import Counts


def wilson(k: ArrayLike, n: ArrayLike, alpha: float) -> Ends:
    """Return the score interval of k out of n.

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22.
    """
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    z = -ndtri(alpha / 2)
    centre = (k + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(k * (n - k) / n + z**2 / 4)
    low = np.where(k == 0, 0.0, centre - half)
    high = np.where(k == n, 1.0, centre + half)
    return Ends(low, high)


def clopper_pearson(k: ArrayLike, n: ArrayLike, alpha: float) -> Ends:
    """Return the exact interval of k out of n: never covers less than it says.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26.
    """
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    low = betaincinv(np.maximum(k, 1), n - k + 1, alpha / 2)
    high = betaincinv(k + 1, np.maximum(n - k, 1), 1 - alpha / 2)
    return Ends(np.where(k == 0, 0.0, low), np.where(k == n, 1.0, high))


def jeffreys(k: ArrayLike, n: ArrayLike, alpha: float) -> Ends:
    """Return the equal-tailed interval under a Beta(1/2, 1/2) prior, closed at 0 and at n.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16.
    """
    k, n = np.asarray(k, dtype=float), np.asarray(n, dtype=float)
    low = betaincinv(k + 0.5, n - k + 0.5, alpha / 2)
    high = betaincinv(k + 0.5, n - k + 0.5, 1 - alpha / 2)
    return Ends(np.where(k == 0, 0.0, low), np.where(k == n, 1.0, high))


WILSON = Method(
    name="wilson",
    title="Wilson interval of one rate",
    accepts=Counts,
    words="Every rate that the one-sample score test does not reject.",
    source="Wilson (1927), JASA 22:209-212.",
    assumptions=("Users are independent and each is counted once.",),
)

JEFFREYS = Method(
    name="jeffreys",
    title="Jeffreys interval of one rate",
    accepts=Counts,
    words="Equal tails of the posterior under a Beta(1/2, 1/2) prior, closed at 0 and at n.",
    source="Brown, Cai and DasGupta (2001), Statistical Science 16:101-133.",
    assumptions=("Users are independent and each is counted once.",),
)

CLOPPER_PEARSON = Method(
    name="clopper_pearson",
    title="Clopper-Pearson interval of one rate",
    accepts=Counts,
    words="Every rate that neither one-sided exact binomial test rejects at half the level.",
    source="Clopper and Pearson (1934), Biometrika 26:404-413.",
    assumptions=("Users are independent.", "Covers at least as often as it says, often more."),
)
