"""Units dealt at random into buckets: what resampling and splitting work on instead of rows."""

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]


def bucket_sums(columns: Array, buckets: int, rng: np.random.Generator) -> Array:
    """Return the sums of units dealt at random into buckets, shape (buckets, columns).

    Parameters
    ----------
    columns
        One row per unit, shape (n, columns); centred where digits matter.
    buckets
        At least 1. Up to this many units each unit is a bucket of its own.
    """
    if columns.shape[0] <= buckets:
        return columns
    bucket = rng.integers(0, buckets, columns.shape[0], dtype=np.int32)
    return np.column_stack(
        [np.bincount(bucket, weights=column, minlength=buckets) for column in columns.T]
    )
