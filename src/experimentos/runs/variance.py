"""Repeated samples of every model and scenario: centre, spread, and where the spread lies."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experimentos.analysis.result import Interval, Unavailable
from experimentos.runs.cell_intervals import (
    bca_ends,
    clopper_pearson_ends,
    interval_name,
    t_ends,
    wilson_ends,
)
from experimentos.runs.describe import pass_rate_interval, t_interval
from experimentos.runs.interquartile import Interquartile, interquartile
from experimentos.runs.samples import Codes, Samples, Scores


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One row per model and scenario that were sampled together, by model, then scenario.

    Attributes
    ----------
    model, scenario : NDArray[np.intp]
        Shape (cells,), places in `Samples.models` and `Samples.scenarios`.
    n, missing : NDArray[np.intp]
        Samples with and without a score.
    mean, sd, low, high : NDArray[np.float64]
        Mean, sample standard deviation (n - 1), smallest and largest; nan where n is too small.
    interval_low, interval_high : NDArray[np.float64]
        Wilson for 0/1 scores, Student t otherwise, or as asked for; nan when n < 2.
    """

    model: Codes
    scenario: Codes
    n: Codes
    missing: Codes
    mean: Scores
    sd: Scores
    low: Scores
    high: Scores
    interval_low: Scores
    interval_high: Scores


@dataclass(frozen=True, slots=True)
class PassK:
    """Chances over k samples of a scenario, averaged over scenarios.

    Attributes
    ----------
    k : int
    at_least_one, all_pass : float
        pass@k and pass^k.
    """

    k: int
    at_least_one: float
    all_pass: float


@dataclass(frozen=True, slots=True)
class ModelRow:
    """Everything that the samples say of one model.

    Attributes
    ----------
    model : str
    n, missing, scenarios, clusters : int
        Samples with and without a score; scenarios and clusters that have a score.
    samples_low, samples_high : int
        Fewest and most scored samples of a scenario.
    mean : float | None
        Over all scored samples; None when there is none.
    sd, low, high : float | None
        Sample standard deviation (n - 1), smallest and largest score.
    naive_se : float | None
        As if the samples were independent.
    se : float | None
        Cluster-robust with the factor G / (G - 1); None with one cluster.
    interval : Interval | Unavailable
    interval_method : str
        "clustered t", "wilson", "wilson over clusters", or "" when there is none.
    var_between, var_within, icc, design_effect : float | None
        One-way random-effects split over scenarios; None where it cannot be estimated.
    passes : tuple[PassK, ...]
        For 0/1 scores, k = 1 … `samples_low`; never extrapolated.
    iqm : Interquartile | None
        For graded scores.
    tokens, cost, latency : float | None
        Total tokens, total cost, mean latency in seconds.
    """

    model: str
    n: int
    missing: int
    scenarios: int
    clusters: int
    samples_low: int
    samples_high: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    naive_se: float | None
    se: float | None
    interval: Interval | Unavailable
    interval_method: str
    var_between: float | None
    var_within: float | None
    icc: float | None
    design_effect: float | None
    passes: tuple[PassK, ...]
    iqm: Interquartile | None
    tokens: float | None = None
    cost: float | None = None
    latency: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class VarianceTable:
    """The variance of repeated samples of one metric.

    Attributes
    ----------
    metric : str
    is_binary : bool
        Whether every score is 0 or 1.
    level : float in (0, 1)
    cells : Cells
    models : tuple[ModelRow, ...]
        In the order of `Samples.models`.
    interval : str
        Name of the interval of the cells.
    """

    metric: str
    is_binary: bool
    level: float
    cells: Cells
    models: tuple[ModelRow, ...]
    interval: str = ""


def variance_table(
    samples: Samples, metric: str | None = None, level: float = 0.95, interval: str = "auto"
) -> VarianceTable:
    """Describe every cell and every model; linear in the number of samples.

    Parameters
    ----------
    metric
        A key of `samples.scores`; None for the main one.
    interval
        Of the cells, one of `cell_intervals.INTERVALS`.

    Raises
    ------
    ContractError
        If there is no such metric or interval.

    References
    ----------
    Student (1908); Wilson (1927); Liang and Zeger (1986); Miller (2024), Adding error bars to
    evals; Searle, Casella and McCulloch (1992); Chen et al. (2021), pass@k; Yao et al. (2024),
    pass^k; Agarwal et al. (2021), interquartile mean.
    """
    name = samples.metric(metric)
    score = samples.scores[name]
    given = score[np.isfinite(score)]
    is_binary = bool(given.size and np.all((given == 0) | (given == 1)))
    kind = interval_name(interval, is_binary=is_binary)
    cells = describe_cells(samples, score, level, interval, is_binary=is_binary)
    by_model = _Split(samples, score)
    rows = tuple(
        _model_row(samples, by_model, cells, code, level, is_binary=is_binary)
        for code in range(len(samples.models))
    )
    return VarianceTable(name, is_binary, level, cells, rows, kind)


def describe_cells(
    samples: Samples, score: Scores, level: float, interval: str = "auto", *, is_binary: bool
) -> Cells:
    """Describe every model and scenario that were sampled together."""
    width = len(samples.scenarios)
    keys, place = np.unique(samples.model * width + samples.scenario, return_inverse=True)
    has = np.isfinite(score)
    at, x = place[has], score[has]
    size = keys.size
    total = np.bincount(place, minlength=size)
    n = np.bincount(at, minlength=size)
    mean = divided(np.bincount(at, weights=x, minlength=size), n)
    squares = np.bincount(at, weights=(x - mean[at]) ** 2, minlength=size)
    sd = np.sqrt(divided(squares, n - 1))
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, at, x)
    np.maximum.at(high, at, x)
    low[n == 0] = high[n == 0] = np.nan
    # Sums of equal scores round: their mean is the score, and their spread exactly nothing.
    alike = low == high
    mean[alike] = low[alike]
    sd[alike & (n > 1)] = 0.0
    match interval:
        case "clopper-pearson":
            ends = clopper_pearson_ends(mean, n, level)
        case "bca":
            ends = bca_ends(x, at, size, level)
        case _:
            ends = wilson_ends(mean, n, level) if is_binary else t_ends(mean, sd, n, level)
    return Cells(keys // width, keys % width, n, total - n, mean, sd, low, high, *ends)


def divided(top: Scores, bottom: Codes) -> Scores:
    """Return top / bottom, nan where there is nothing to divide by."""
    out: Scores = np.full(top.size, np.nan)
    np.divide(top, bottom, out=out, where=bottom > 0)
    return out


class _Split:
    """The rows sorted by model once, so that each model's part is a slice."""

    def __init__(self, samples: Samples, score: Scores) -> None:
        self.order = np.argsort(samples.model, kind="stable")
        self.ends = np.searchsorted(samples.model[self.order], np.arange(len(samples.models) + 1))
        self.score = score

    def rows(self, code: int) -> NDArray[np.intp]:
        return self.order[self.ends[code] : self.ends[code + 1]]


def _model_row(
    samples: Samples, split: _Split, cells: Cells, code: int, level: float, *, is_binary: bool
) -> ModelRow:
    rows = split.rows(code)
    x = split.score[rows]
    has = np.isfinite(x)
    scenario, x = samples.scenario[rows][has], x[has]
    measured = _measured(samples, rows)
    name = samples.models[code]
    if x.size == 0:
        return _nothing(name, int(rows.size), measured)
    first, last = np.searchsorted(cells.model, (code, code + 1))
    mine = slice(int(first), int(last))
    n, means = cells.n[mine], cells.mean[mine]
    n, means = n[n > 0], means[n > 0]
    groups = scenario if samples.cluster is None else samples.cluster[scenario]
    se, clusters = _clustered(x, groups)
    interval, method = _interval(x, se, clusters, level, is_binary=is_binary)
    sd = (float(np.std(x, ddof=1)) if np.ptp(x) > 0 else 0.0) if x.size > 1 else None
    between, within, icc, effect = _components(x, n, means, cells.sd[mine][cells.n[mine] > 0])
    return ModelRow(
        model=name,
        n=x.size,
        missing=int(rows.size) - x.size,
        scenarios=n.size,
        clusters=clusters,
        samples_low=int(n.min()),
        samples_high=int(n.max()),
        mean=float(x.mean()),
        sd=sd,
        low=float(x.min()),
        high=float(x.max()),
        naive_se=None if sd is None else sd / math.sqrt(x.size),
        se=se,
        interval=interval,
        interval_method=method,
        var_between=between,
        var_within=within,
        icc=icc,
        design_effect=effect,
        passes=_passes(n, np.rint(means * n)) if is_binary else (),
        iqm=None if is_binary else interquartile(x, scenario, level),
        **measured,
    )


def _nothing(name: str, missing: int, measured: dict[str, float | None]) -> ModelRow:
    why = Unavailable("mean", "no_scores", "No sample of this model has a score.")
    gone = (None,) * 6
    blank = (None,) * 4
    return ModelRow(name, 0, missing, 0, 0, 0, 0, *gone, why, "", *blank, (), None, **measured)


def _measured(samples: Samples, rows: Codes) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for name, values in samples.measures.items():
        mine = values[rows]
        mine = mine[np.isfinite(mine)]
        reduce = np.mean if name == "latency" else np.sum
        found[name] = float(reduce(mine)) if mine.size else None
    return found


def _clustered(x: Scores, groups: Codes) -> tuple[float | None, int]:
    """Return the cluster-robust standard error of the mean, and the number of clusters."""
    present = np.flatnonzero(np.bincount(groups))
    clusters = present.size
    if clusters < 2:
        return None, clusters
    totals = np.bincount(groups, weights=x - x.mean())[present]
    return math.sqrt(float(totals @ totals) * clusters / (clusters - 1)) / x.size, clusters


def _interval(
    x: Scores, se: float | None, clusters: int, level: float, *, is_binary: bool
) -> tuple[Interval | Unavailable, str]:
    if x.size == 1:
        why = "One sample says nothing of the spread: draw at least two, better five."
        return Unavailable("interval", "one_sample", why), ""
    if se is None:
        why = "All samples come from one cluster: nothing is known of the spread between clusters."
        return Unavailable("interval", "one_cluster", why), ""
    mean = float(x.mean())
    if is_binary:
        return _rate_interval(mean, x.size, se, clusters, level)
    if se <= 1e-12 * abs(mean):
        why = "The clusters do not differ at all: there is no spread to measure."
        return Unavailable("interval", "no_variation", why), ""
    return t_interval(mean, se, clusters - 1, level), "clustered t"


def _rate_interval(
    rate: float, n: int, se: float, clusters: int, level: float
) -> tuple[Interval | Unavailable, str]:
    if clusters == n:
        return pass_rate_interval(round(rate * n), n, level), "wilson"
    if rate in (0.0, 1.0):
        # Every sample passed or failed: the clusters alone bound what others would do.
        return pass_rate_interval(round(rate) * clusters, clusters, level), "wilson over clusters"
    if se <= 1e-12:
        why = "The clusters do not differ at all: there is no spread to measure."
        return Unavailable("interval", "no_variation", why), ""
    found = t_interval(rate, se, clusters - 1, level)
    # A rate outside 0 to 1 cannot be the true one, so cutting loses no coverage.
    return Interval(max(found.low, 0.0), min(found.high, 1.0), level), "clustered t"


def _components(
    x: Scores, n: Codes, means: Scores, sd: Scores
) -> tuple[float | None, float | None, float | None, float | None]:
    """Return between, within, ICC(1) and design effect, as `clusters.variance_components`."""
    groups, size = n.size, x.size
    if size == groups:
        return None, None, None, None
    within = float(np.nansum(sd**2 * (n - 1))) / (size - groups)
    if groups < 2:
        return None, within, None, None
    between = float(np.sum(n * (means - x.mean()) ** 2)) / (groups - 1)
    n0 = (size - float(n @ n) / size) / (groups - 1)
    total = between + (n0 - 1) * within
    icc = (between - within) / total if total > 0 else None
    effect = 1 + (n0 - 1) * icc if icc is not None else None
    return max((between - within) / n0, 0.0), within, icc, effect


def _passes(n: Codes, passed: Scores) -> tuple[PassK, ...]:
    """Return pass@k and pass^k for every k that each scenario has samples for."""
    rows = []
    none, everything = np.ones(n.size), np.ones(n.size)
    for k in range(1, int(n.min()) + 1):
        left = n - k + 1
        none *= np.maximum(n - passed - k + 1, 0) / left
        everything *= np.maximum(passed - k + 1, 0) / left
        rows.append(PassK(k, float(1 - none.mean()), float(everything.mean())))
    return tuple(rows)
