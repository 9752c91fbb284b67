"""Samples that share a scenario are not independent: clustered errors and variance components."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experimentos.analysis.result import Interval
from experimentos.errors import ContractError
from experimentos.runs.describe import t_interval


@dataclass(frozen=True, slots=True)
class Clustered:
    """A mean over clustered samples.

    Attributes
    ----------
    mean : float
    n, clusters : int
    naive_se : float | None
        As if the samples were independent; None when n < 2.
    se : float | None
        Cluster-robust with the factor G / (G - 1); None with one cluster.
    se_uncorrected : float | None
        Without that factor.
    df : int
        Clusters - 1.
    interval : Interval | None
        Student t with `df`; None with one cluster, where nothing is known of the spread.
    """

    mean: float
    n: int
    clusters: int
    naive_se: float | None
    se: float | None
    se_uncorrected: float | None
    df: int
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Components:
    """The one-way random-effects split of the variance.

    Attributes
    ----------
    groups, n : int
        Scenarios and samples.
    ms_between, ms_within : float | None
        Mean squares; None where they have no degree of freedom.
    n0 : float
        Samples per scenario, or the unequal-size divisor.
    var_within, var_between : float | None
        Variance components; the latter is never below 0.
    var_between_raw : float | None
        The moment estimate, which may be negative.
    icc : float | None
        ICC(1): share of the variance that lies between scenarios; may be negative.
    design_effect : float | None
        1 + (n0 - 1) ICC: what clustering costs the naive variance.
    """

    groups: int
    n: int
    ms_between: float | None
    ms_within: float | None
    n0: float
    var_within: float | None
    var_between: float | None
    var_between_raw: float | None
    icc: float | None
    design_effect: float | None


def group_codes(labels: Sequence[Hashable]) -> tuple[NDArray[np.intp], int]:
    """Return the labels as integers from 0 in order of first appearance, and their number."""
    seen: dict[Hashable, int] = {}
    codes = np.fromiter((seen.setdefault(label, len(seen)) for label in labels), dtype=np.intp)
    return codes, len(seen)


def clustered_mean(
    scores: Sequence[float], clusters: Sequence[Hashable], level: float = 0.95
) -> Clustered:
    """Return the mean with a standard error that allows for clusters, both of shape (samples,).

    References
    ----------
    Liang and Zeger (1986); Miller (2024), Adding error bars to evals. t with G - 1 degrees of
    freedom.
    """
    x = np.asarray(scores, dtype=float)
    codes, groups = group_codes(clusters)
    if x.size == 0:
        raise ContractError("There is no score.", hint="Give one score or more.")
    # Measured from the first score, so that equal scores have exactly no spread.
    n, away = x.size, x - x[0]
    off = math.fsum(away) / n
    mean = float(x[0]) + off
    away = away - off
    naive = math.sqrt(math.fsum(away**2) / (n - 1) / n) if n > 1 else None
    if groups < 2:
        return Clustered(mean, n, groups, naive, None, None, groups - 1, None)
    totals = np.bincount(codes, weights=away, minlength=groups)
    uncorrected = math.sqrt(float(totals @ totals)) / n
    se = uncorrected * math.sqrt(groups / (groups - 1))
    interval = t_interval(mean, se, groups - 1, level)
    return Clustered(mean, n, groups, naive, se, uncorrected, groups - 1, interval)


def variance_components(scores: Sequence[float], groups: Sequence[Hashable]) -> Components:
    """Split the variance of scores into between and within groups, both of shape (samples,).

    References
    ----------
    Searle, Casella and McCulloch (1992), Variance components, ch. 3 (ANOVA estimators, unequal
    sizes); Shrout and Fleiss (1979), ICC(1).
    """
    x = np.asarray(scores, dtype=float)
    if x.size == 0:
        raise ContractError("There is no score.", hint="Give one score or more.")
    codes, g = group_codes(groups)
    sizes = np.bincount(codes, minlength=g).astype(float)
    n, means = x.size, _group_means(x, codes, g)
    within = float(np.sum((x - means[codes]) ** 2))
    grand = float(means[0]) + float(sizes @ (means - means[0])) / n
    between = float(np.sum(sizes * (means - grand) ** 2))
    ms_between = between / (g - 1) if g > 1 else None
    ms_within = within / (n - g) if n > g else None
    n0 = (n - float(sizes @ sizes) / n) / (g - 1) if g > 1 else float(n)
    if ms_between is None or ms_within is None:
        return Components(g, n, ms_between, ms_within, n0, ms_within, None, None, None, None)
    raw = (ms_between - ms_within) / n0
    total = ms_between + (n0 - 1) * ms_within
    icc = (ms_between - ms_within) / total if total > 0 else None
    effect = 1 + (n0 - 1) * icc if icc is not None else None
    return Components(g, n, ms_between, ms_within, n0, ms_within, max(raw, 0.0), raw, icc, effect)


def _group_means(x: NDArray[np.float64], codes: NDArray[np.intp], g: int) -> NDArray[np.float64]:
    """Return the mean of each group, measured from its first score, which equal scores keep."""
    _, at = np.unique(codes, return_index=True)
    first = x[at]
    sizes = np.bincount(codes, minlength=g)
    means: NDArray[np.float64] = first
    return means + np.bincount(codes, weights=x - first[codes], minlength=g) / sizes


@dataclass(frozen=True, slots=True)
class Variable:
    """How much one scenario varies: sample variance over its `n` samples."""

    scenario: str
    n: int
    mean: float
    variance: float


def most_variable(scores: Sequence[float], scenarios: Sequence[str]) -> tuple[Variable, ...]:
    """Return the scenarios with at least two samples, most variable first, ties by name."""
    x = np.asarray(scores, dtype=float)
    codes, g = group_codes(scenarios)
    sizes = np.bincount(codes, minlength=g)
    means = _group_means(x, codes, g)
    squares = np.bincount(codes, weights=(x - means[codes]) ** 2, minlength=g)
    names = list(dict.fromkeys(scenarios))
    rows = [
        Variable(name, int(k), float(m), float(s) / (int(k) - 1))
        for name, k, m, s in zip(names, sizes, means, squares, strict=True)
        if k > 1
    ]
    return tuple(sorted(rows, key=lambda row: (-row.variance, row.scenario)))
