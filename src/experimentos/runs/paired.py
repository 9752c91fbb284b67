"""Two variants on the same items: paired tests that use the pairing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, chdtrc, ndtr, stdtr

from experimentos.analysis.result import Interval, Unavailable
from experimentos.errors import ContractError
from experimentos.runs.describe import t_interval

EXACT_PAIRS = 20
"""Up to this many pairs sign patterns are enumerated: 2^20 sums, 8 MB, about 10 ms."""
BATCH = 10_000
BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64)
"""Shape (256, 8): the bits of each byte."""


@dataclass(frozen=True, slots=True)
class PairedT:
    """Student's paired t test.

    Attributes
    ----------
    mean_difference : float
        Second minus first.
    se, t, p_value : float
        Two-sided.
    df : int
    interval : Interval
    n : int
        Pairs.
    """

    mean_difference: float
    se: float
    t: float
    df: int
    p_value: float
    interval: Interval
    n: int


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Wilcoxon's signed-rank test; zeros are dropped.

    Attributes
    ----------
    w : float
        The smaller rank sum.
    p_exact : float | None
        By enumeration of the sign patterns, ties kept; None above `EXACT_PAIRS` pairs.
    p_normal : float
        Normal approximation with the tie correction, without continuity correction.
    """

    w: float
    p_exact: float | None
    p_normal: float


@dataclass(frozen=True, slots=True)
class McNemar:
    """Paired right or wrong answers.

    Attributes
    ----------
    difference : float
        Accuracy of b minus that of a.
    p_exact, p_mid : float
        Binomial and mid-p, two-sided.
    p_chi_square : float
        With Edwards' continuity correction.
    """

    difference: float
    p_exact: float
    p_mid: float
    p_chi_square: float


def paired_t(differences: Sequence[float], level: float = 0.95) -> PairedT | Unavailable:
    """Test that the mean of paired differences, shape (pairs,), is zero.

    References
    ----------
    Student (1908).
    """
    d = np.asarray(differences, dtype=float)
    if d.size < 2:
        return Unavailable("paired_t", "too_few_pairs", "A paired test needs two pairs or more.")
    mean, se = float(d.mean()), float(np.std(d, ddof=1)) / math.sqrt(d.size)
    # Differences that are equal may differ in their last bits: that is no spread to test by.
    if np.ptp(d) <= 1e-12 * np.abs(d).max():
        return Unavailable(
            "paired_t", "no_variation", f"Every pair differs by exactly {mean:g}: no spread."
        )
    df, t = d.size - 1, mean / se
    p = 2 * float(stdtr(df, -abs(t)))
    return PairedT(mean, se, t, df, p, t_interval(mean, se, df, level), d.size)


def _signed_sums(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of the weights under all sign patterns, shape (2^n,)."""
    sums = np.zeros(1)
    for weight in weights:
        sums = np.concatenate([sums + weight, sums - weight])
    return sums


def _share_as_extreme(weights: NDArray[np.float64], observed: float) -> float:
    # The slack keeps exact ties, which floating-point sums in another order would lose.
    slack = 1e-12 * float(np.abs(weights).sum())
    return float(np.mean(np.abs(_signed_sums(np.abs(weights))) >= abs(observed) - slack))


def sign_flip(
    differences: Sequence[float], resamples: int = 100_000, seed: int = 0
) -> float | Unavailable:
    """Return the two-sided permutation p-value that differences are symmetric about zero.

    Exact by enumeration up to `EXACT_PAIRS` non-zero pairs, Monte Carlo with the +1 correction
    (Phipson and Smyth 2010) above.

    References
    ----------
    Fisher (1935), The design of experiments, section 21.
    """
    d = np.asarray(differences, dtype=float)
    moved = d[d != 0]
    if moved.size == 0:
        return Unavailable("sign_flip", "no_variation", "No pair differs.")
    if moved.size <= EXACT_PAIRS:
        return _share_as_extreme(moved, float(moved.sum()))
    return _flipped(moved, resamples, seed)


def _flipped(moved: NDArray[np.float64], resamples: int, seed: int) -> float:
    rng = np.random.default_rng(seed)
    # A sum over signs is twice the sum over its plus signs, less the total: one random bit each.
    total = float(moved.sum())
    limit = abs(total) - 1e-9 * float(np.abs(moved).sum())
    width = -(-moved.size // 8)
    # Eight pairs have 256 sums: a random byte looks one up.
    weights = np.zeros(8 * width)
    weights[: moved.size] = moved
    sums = weights.reshape(width, 8) @ BITS.T
    hits = 0
    for start in range(0, resamples, BATCH):
        size = min(BATCH, resamples - start)
        drawn = np.frombuffer(rng.bytes(size * width), dtype=np.uint8).reshape(width, size)
        plus = np.zeros(size)
        for of_eight, eight in zip(sums, drawn, strict=True):
            plus += of_eight[eight]
        hits += int(np.sum(np.abs(2 * plus - total) >= limit))
    return (hits + 1) / (resamples + 1)


def signed_rank(differences: Sequence[float]) -> SignedRank | Unavailable:
    """Test that paired differences are symmetric about zero, by ranks.

    References
    ----------
    Wilcoxon (1945); Pratt (1959) for what dropping zeros means.
    """
    d = np.asarray(differences, dtype=float)
    # 0.2 - 0.1 and 0.7 - 0.6 differ in their last bits: as differences they are tied.
    size = np.round(np.abs(d) / max(float(np.abs(d).max(initial=0.0)), 1e-300), 12)
    d, size = d[size > 0], size[size > 0]
    if d.size == 0:
        return Unavailable("signed_rank", "no_variation", "No pair differs.")
    _, place, counts = np.unique(size, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = ((ends - counts + 1 + ends) / 2)[place]
    plus = float(ranks[d > 0].sum())
    total = float(ranks.sum())
    variance = float(np.sum(ranks**2)) / 4
    z = (plus - total / 2) / math.sqrt(variance)
    exact = _share_as_extreme(ranks, 2 * plus - total) if d.size <= EXACT_PAIRS else None
    return SignedRank(min(plus, total - plus), exact, 2 * float(ndtr(-abs(z))))


def mcnemar(only_a: int, only_b: int, n: int) -> McNemar | Unavailable:
    """Compare two classifiers on the same n items.

    Parameters
    ----------
    only_a, only_b
        Items that only a, only b has right.

    Raises
    ------
    ContractError
        If more items disagree than there are.

    References
    ----------
    McNemar (1947); Edwards (1948); Fagerland, Lydersen and Laake (2013) for the mid-p.
    """
    discordant = only_a + only_b
    if min(only_a, only_b) < 0 or discordant > n:
        raise ContractError(
            f"{discordant} discordant of {n} items.", hint="Count each item once: at most n."
        )
    if discordant == 0:
        return Unavailable("mcnemar", "no_discordant", "Both have the same items right.")
    smaller = min(only_a, only_b)
    tail = float(bdtr(smaller, discordant, 0.5))
    point = math.comb(discordant, smaller) / 2**discordant
    exact = 1.0 if only_a == only_b else min(1.0, 2 * tail)
    # At a tie the point counts once, not on both sides (Fagerland et al., eq. 4 and below).
    mid = 1.0 - point / 2 if only_a == only_b else 2 * tail - point
    chi = max(abs(only_a - only_b) - 1, 0) ** 2 / discordant
    return McNemar((only_b - only_a) / n, exact, mid, float(chdtrc(1, chi)))
