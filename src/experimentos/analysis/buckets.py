"""Units dealt at random into buckets: what resampling and splitting work on instead of rows."""

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]


def bucket_sums(centred: Array, other: Array, buckets: int, rng: np.random.Generator) -> Array:
    """Return the sums of units dealt at random into buckets, shape (buckets, columns).

    Parameters
    ----------
    centred
        One row per unit, shape (n, k), columns that sum to 0: what estimates are made of.
    other
        Further columns, shape (n, m).
    buckets
        At least 1. Up to this many units each unit is a bucket of its own.

    Notes
    -----
    Squared bucket sums of a centred column add up to its squared values on average, with an error
    of sqrt(2 / buckets). The sums are scaled so that they do so exactly: the variance that
    resampling or splitting the buckets implies is that of the units.
    """
    columns = np.column_stack((centred, other))
    if columns.shape[0] <= buckets:
        return columns
    bucket = rng.integers(0, buckets, columns.shape[0], dtype=np.int32)
    sums = np.column_stack(
        [np.bincount(bucket, weights=column, minlength=buckets) for column in columns.T]
    )
    k = centred.shape[1]
    seen = np.sum(sums[:, :k] ** 2, axis=0)
    sums[:, :k] *= np.sqrt(np.sum(centred * centred, axis=0) / seen)
    return sums
