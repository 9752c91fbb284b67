"""A/A splits: the same units divided at random, again and again, and tested each time.

Where nothing was done to anybody a test at level alpha must reject in a share alpha of the
splits; more means that units are not independent, or that tails are too heavy for this size.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experimentos.analysis.buckets import bucket_sums
from experimentos.analysis.welch import Samples, welch_arrays
from experimentos.errors import ContractError

type Array = NDArray[np.float64]

BUCKETS = 2_000
"""Larger samples are split by buckets of units."""

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Splits:
    """Welch's test on many random splits of the same units.

    Attributes
    ----------
    p_values : array, shape (metrics, splits)
        nan where a split left an arm with fewer than two units; such a split rejects nothing.
    """

    p_values: Array

    def rejected(self, alpha: float) -> Array:
        """Return the share of splits that a test at this level rejects, shape (metrics,)."""
        return np.asarray(np.mean(self.p_values < alpha, axis=1))

    def error(self, alpha: float) -> float:
        """Return the Monte Carlo standard error of a share that should be alpha."""
        return math.sqrt(alpha * (1 - alpha) / self.p_values.shape[1])


def split_at_random(
    values: ArrayLike, seed: int, splits: int = 2_000, share: float = 0.5
) -> Splits:
    """Divide units into two arms many times and test each metric every time.

    Parameters
    ----------
    values
        One value per randomised unit, shape (n,) or (n, metrics), finite, n at least 20, no
        metric constant.
    seed
        The same seed gives the same splits.
    share
        Of the units in the second arm, in (0, 1).

    Notes
    -----
    Up to `BUCKETS` units are split one by one. More are dealt once at random into buckets, and
    the buckets are split: sums of a split are then one matrix product.

    References
    ----------
    Kohavi, Tang and Xu (2020), Trustworthy Online Controlled Experiments, chapter 19.
    """
    units = _checked(values, splits, share)
    rng = np.random.default_rng(seed)
    metrics = units.shape[1]
    centred = units - units.mean(axis=0)
    other = np.column_stack((np.ones(len(units)), centred * centred))
    buckets = bucket_sums(centred, other, BUCKETS, rng)
    total = buckets.sum(axis=0)
    p = np.empty((metrics, splits))
    for start in range(0, splits, _CHUNK):
        rows = min(_CHUNK, splits - start)
        chosen = (rng.random((rows, len(buckets)), dtype=np.float32) < share).astype(np.float64)
        treated = chosen @ buckets
        control, treatment = (_samples(arm, metrics) for arm in (total - treated, treated))
        p[:, start : start + rows] = welch_arrays(control, treatment, alpha=0.05).p
    return Splits(p)


def _samples(sums: Array, metrics: int) -> Samples:
    """Return one arm of every split, arrays of shape (metrics, splits)."""
    # A split that leaves an arm with fewer than two units says nothing: it has no p-value.
    units = sums[:, metrics]
    n = np.where(units >= 2, units, np.nan)
    mean = sums[:, :metrics].T / n
    squares = sums[:, metrics + 1 :].T
    return Samples(n, mean, np.maximum(squares - n * mean * mean, 0.0))


def _checked(values: ArrayLike, splits: int, share: float) -> Array:
    units = np.asarray(values, dtype=np.float64)
    units = units[:, None] if units.ndim == 1 else units
    if units.ndim != 2 or len(units) < 20 or not np.all(np.isfinite(units)):
        raise ContractError(
            "An A/A split needs at least 20 units with one finite value per metric.",
            hint="Give an array of one row per unit and one column per metric.",
        )
    if np.any(np.ptp(units, axis=0) == 0):
        raise ContractError("A metric has the same value for every unit.", hint="Leave it out.")
    if splits < 1 or not 0 < share < 1:
        raise ContractError(
            "An A/A test needs at least one split, and a share between 0 and 1.",
            hint="Take 2,000 splits in halves: share 0.5.",
        )
    return units
