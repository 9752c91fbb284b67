"""Many samples to one figure: pass@k, pass^k, interquartile mean, probability of improvement."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experimentos.analysis.result import Interval
from experimentos.errors import ContractError

type Scores = NDArray[np.float64]


def _checked(n: int, c: int, k: int) -> None:
    if k > n:
        raise ContractError(
            f"k must not be larger than n: k = {k}, n = {n}.",
            hint="Draw more samples; pass@k is never extrapolated.",
        )
    if not (0 <= c <= n and k >= 1):
        raise ContractError(
            f"{c} of {n} samples passed, k = {k}.", hint="Give 0 <= passed <= n and k >= 1."
        )


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return the unbiased estimate that at least one of k samples passes, given c of n passed.

    Raises
    ------
    ContractError
        If k is larger than n.

    References
    ----------
    Chen et al. (2021), Evaluating large language models trained on code, eq. 1.
    """
    _checked(n, c, k)
    if n - c < k:
        return 1.0
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1))


def pass_hat_k(n: int, c: int, k: int) -> float:
    """Return the unbiased estimate that all of k samples pass, given c of n passed.

    Raises
    ------
    ContractError
        If k is larger than n.

    References
    ----------
    Yao et al. (2024), tau-bench, section 4: C(c, k) / C(n, k).
    """
    _checked(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def interquartile_mean(scores: Scores) -> float:
    """Return the mean of the middle half of all scores, any shape.

    References
    ----------
    Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice.
    """
    return float(_trimmed(np.sort(scores, axis=None)[np.newaxis])[0])


def _trimmed(ordered: Scores) -> Scores:
    """Return the 25 % trimmed mean of each sorted row; each tail loses floor(n / 4)."""
    cut = ordered.shape[1] // 4
    middle: Scores = ordered[:, cut : ordered.shape[1] - cut].mean(axis=1)
    return middle


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Scores over tasks in four figures; median is that of the task means."""

    mean: float
    median: float
    interquartile_mean: float
    optimality_gap: float


def aggregate(tasks: Sequence[Sequence[float]], target: float = 1.0) -> Aggregate:
    """Aggregate the samples of each task; the optimality gap is the mean shortfall below target.

    References
    ----------
    Agarwal et al. (2021).
    """
    arrays = [np.asarray(task, dtype=float) for task in tasks]
    pooled = np.concatenate(arrays)
    means = np.array([task.mean() for task in arrays])
    gap = target - np.minimum(pooled, target).mean()
    return Aggregate(
        float(means.mean()), float(np.median(means)), interquartile_mean(pooled), float(gap)
    )


def stratified_interval(
    tasks: Sequence[Sequence[float]], level: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Return the percentile interval of the interquartile mean, resampling within each task.

    References
    ----------
    Agarwal et al. (2021), stratified bootstrap; Efron and Tibshirani (1993).
    """
    rng = np.random.default_rng(seed)
    arrays = [np.asarray(task, dtype=float) for task in tasks]
    drawn = np.concatenate(
        [a[rng.integers(0, a.size, size=(resamples, a.size))] for a in arrays], axis=1
    )
    drawn.sort(axis=1)
    low, high = np.quantile(_trimmed(drawn), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def probability_of_improvement(x: Sequence[Sequence[float]], y: Sequence[Sequence[float]]) -> float:
    """Return the chance that a sample of x beats one of y on the same task, ties as one half.

    Parameters
    ----------
    x, y
        One sequence of samples per task, the tasks in the same order.

    References
    ----------
    Agarwal et al. (2021); Mann and Whitney (1947).
    """
    shares = []
    for first, second in zip(x, y, strict=True):
        a, b = np.asarray(first)[:, None], np.asarray(second)[None, :]
        shares.append(float((a > b).mean() + 0.5 * (a == b).mean()))
    return float(np.mean(shares))


def performance_profile(tasks: Sequence[Sequence[float]], thresholds: Scores) -> Scores:
    """Return the share of samples above each threshold, averaged over tasks, shape (thresholds,).

    References
    ----------
    Agarwal et al. (2021), score distributions.
    """
    shares = [(np.asarray(task)[:, None] > thresholds).mean(axis=0) for task in tasks]
    profile: Scores = np.mean(shares, axis=0)
    return profile
