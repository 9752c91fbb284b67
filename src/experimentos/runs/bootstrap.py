"""Bootstrap of one cell: standard error, percentile and BCa intervals."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.result import Interval
from experimentos.errors import ContractError

type Rows = NDArray[np.float64]

STATISTICS: dict[str, Callable[[Rows], Rows]] = {
    "mean": lambda rows: rows.mean(axis=1),
    "median": lambda rows: np.median(rows, axis=1),
    "sd": lambda rows: rows.std(axis=1, ddof=1),
}

ENUMERATED = 6
"""Up to this many samples all n^n resamples are taken (46,656): no Monte Carlo error at all."""


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """What resampling says of a statistic.

    Attributes
    ----------
    estimate, se : float
    percentile, bca : Interval
        The second is Efron's bias-corrected and accelerated interval.
    bias_z0, acceleration : float
    resamples : int
    exact : bool
        Whether every possible resample was taken.
    """

    estimate: float
    se: float
    percentile: Interval
    bca: Interval
    bias_z0: float
    acceleration: float
    resamples: int
    exact: bool


def bootstrap(
    samples: Sequence[float],
    statistic: str = "mean",
    level: float = 0.95,
    resamples: int = 20_000,
    seed: int = 0,
) -> Bootstrap:
    """Resample one cell, shape (samples,); exact by enumeration where that is possible.

    Raises
    ------
    ContractError
        If there are fewer than two different samples, or the statistic is unknown.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals; ties count one half in the bias.
    """
    x = np.asarray(samples, dtype=float)
    if x.size < 2 or np.all(x == x[0]):
        raise ContractError(
            "A bootstrap needs at least two different samples.",
            hint="Draw more samples, or report the single value without an interval.",
        )
    if statistic not in STATISTICS:
        raise ContractError(
            f"There is no statistic {statistic!r}.", hint=f"Use one of {tuple(STATISTICS)}."
        )
    of = STATISTICS[statistic]
    exact = x.size <= ENUMERATED
    picks = (
        _every_resample(x.size)
        if exact
        else np.random.default_rng(seed).integers(0, x.size, size=(resamples, x.size))
    )
    drawn = of(x[picks])
    estimate = float(of(x[np.newaxis])[0])
    close = np.isclose(drawn, estimate, rtol=1e-12, atol=0)
    z0 = float(ndtri(np.mean((drawn < estimate) & ~close) + 0.5 * np.mean(close)))
    acceleration = _acceleration(x, of)
    tail = (1 - level) / 2
    adjusted = [_adjusted(z0, acceleration, q) for q in (tail, 1 - tail)]
    low, high, bca_low, bca_high = np.quantile(drawn, [tail, 1 - tail, *adjusted])
    return Bootstrap(
        estimate=estimate,
        se=float(drawn.std(ddof=0 if exact else 1)),
        percentile=Interval(float(low), float(high), level),
        bca=Interval(float(bca_low), float(bca_high), level),
        bias_z0=z0,
        acceleration=acceleration,
        resamples=len(drawn),
        exact=exact,
    )


@lru_cache(maxsize=ENUMERATED)
def _every_resample(n: int) -> NDArray[np.intp]:
    return np.array(list(itertools.product(range(n), repeat=n)))


def _acceleration(x: Rows, of: Callable[[Rows], Rows]) -> float:
    """Return the skewness of the jackknife values over 6 (Efron 1987, eq. 6.6)."""
    left_out = of(np.array([np.delete(x, i) for i in range(x.size)]))
    deviation = left_out.mean() - left_out
    spread = float(np.sum(deviation**2))
    return float(np.sum(deviation**3)) / (6 * spread**1.5) if spread > 0 else 0.0


def _adjusted(z0: float, acceleration: float, quantile: float) -> float:
    z = z0 + float(ndtri(quantile))
    share = float(ndtr(z0 + z / (1 - acceleration * z)))
    return min(max(share, 0.0), 1.0) if math.isfinite(share) else quantile
