"""The interquartile mean of a model's scores, with an interval that keeps the scenarios apart."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from experimentos.analysis.result import Interval

RESAMPLES = 1_000
DRAWS = 150_000
"""Up to this many drawn scores the bootstrap is drawn; above it the linear limit stands in."""

type Scores = NDArray[np.float64]
type Codes = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Interquartile:
    """The mean of the middle half of the scores.

    Attributes
    ----------
    estimate : float
    interval : Interval | None
        None when no scenario has two samples.
    method : str
        "stratified bootstrap" (percentiles of `RESAMPLES` draws), or "stratified, linearised":
        the limit of the same bootstrap for many samples.
    """

    estimate: float
    interval: Interval | None
    method: str


def interquartile(x: Scores, scenario: Codes, level: float = 0.95, seed: int = 0) -> Interquartile:
    """Return the interquartile mean of scores, resampled within each scenario.

    Parameters
    ----------
    x, scenario
        Shape (samples,); the second are codes.

    References
    ----------
    Agarwal et al. (2021); the limit by the influence function of a trimmed mean, Huber (1981),
    section 3.3.
    """
    n, cut = x.size, x.size // 4
    ordered = np.sort(x)
    estimate = float(ordered[cut : n - cut].mean())
    sizes = np.bincount(scenario)
    if sizes.max() < 2:
        return Interquartile(estimate, None, "")
    if n * RESAMPLES <= DRAWS:
        ends = _drawn(x, scenario, level, seed)
        return Interquartile(estimate, Interval(*ends, level), "stratified bootstrap")
    # Winsorised at the quartiles, a score moves the trimmed mean by its size over the kept share.
    moved = np.clip(x, ordered[cut], ordered[n - cut - 1]) / ((n - 2 * cut) / n)
    sums = np.bincount(scenario, weights=moved)
    squares = (moved - (sums / np.maximum(sizes, 1))[scenario]) ** 2
    se = math.sqrt(float(squares.sum())) / n
    reach = float(ndtri((1 + level) / 2)) * se
    span = Interval(estimate - reach, estimate + reach, level)
    return Interquartile(estimate, span, "stratified, linearised")


def _drawn(x: Scores, scenario: Codes, level: float, seed: int) -> tuple[float, float]:
    order = np.argsort(scenario, kind="stable")
    sizes = np.bincount(scenario)[scenario[order]]
    starts = np.searchsorted(scenario[order], scenario[order])
    rng = np.random.default_rng(seed)
    # A uniform times the stratum's size is a place in it; 2^-24 of bias is far below the noise.
    picks = rng.random((RESAMPLES, x.size), dtype=np.float32)
    places = (picks * sizes.astype(np.float32)).astype(np.int32) + starts.astype(np.int32)
    drawn = x[order][places]
    # Rows of a few hundred doubles are sorted faster than they are partitioned.
    drawn.sort(axis=1)
    cut = x.size // 4
    middle = drawn[:, cut : x.size - cut].mean(axis=1)
    low, high = np.quantile(middle, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
