"""Each model against a named baseline, paired by scenario, corrected over models and metrics."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from experimentos.analysis.multiplicity import adjust
from experimentos.analysis.result import Interval, Unavailable
from experimentos.errors import ContractError
from experimentos.runs.clusters import clustered_mean
from experimentos.runs.describe import t_interval
from experimentos.runs.paired import (
    McNemar,
    PairedT,
    SignedRank,
    mcnemar,
    paired_t,
    sign_flip,
    signed_rank,
)
from experimentos.runs.samples import Codes, Samples, Scores

RANKED_PAIRS = 100_000
FLIPPED_PAIRS = 2_000
"""Above it the t test and the sign flip agree to more digits than anyone reads."""
FLIPS = 10_000


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """One model minus the baseline on the scenarios that both have.

    Attributes
    ----------
    metric, model, baseline : str
    scenarios : int
        In both; the pairs.
    left_out : int
        Scenarios that only one of the two has a score for.
    baseline_mean, model_mean : float
        Means of the scenario means, over the paired scenarios.
    difference : float
        Model minus baseline.
    se : float | None
    interval : Interval | Unavailable
        Student t over scenarios, or over clusters where the samples name them.
    method : str
        Of `p_value`: "paired t", "clustered paired t", "mcnemar exact" (0/1, one sample each) or
        "sign flip" (every pair differs by the same).
    p_value, adjusted_p : float | None
        Two-sided; corrected for all models and metrics compared together.
    adjustment : str
    sign_flip, wilcoxon, mcnemar_mid : float | None
        P-values of the other tests, uncorrected; None where they do not apply.
    better : float
        Probability that a sample of the model beats one of the baseline in the same scenario,
        ties as one half, averaged over scenarios.
    """

    metric: str
    model: str
    baseline: str
    scenarios: int
    left_out: int
    baseline_mean: float
    model_mean: float
    difference: float
    se: float | None
    interval: Interval | Unavailable
    method: str
    p_value: float | None
    adjusted_p: float | None
    adjustment: str
    sign_flip: float | None
    wilcoxon: float | None
    mcnemar_mid: float | None
    better: float

    def is_different(self, alpha: float) -> bool:
        """Return whether the corrected p-value is below alpha."""
        return self.adjusted_p is not None and self.adjusted_p < alpha


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A model that cannot be compared, and why."""

    metric: str
    model: str
    why: Unavailable


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The scenario means of a model and the baseline where both have one.

    Attributes
    ----------
    scenario : NDArray[np.intp]
        Shape (pairs,).
    baseline, model : NDArray[np.float64]
        Scenario means, shape (pairs,).
    is_single : bool
        Whether every mean is of one sample.
    left_out : int
        Scenarios that only one of the two has.
    """

    scenario: Codes
    baseline: Scores
    model: Scores
    is_single: bool
    left_out: int

    @property
    def difference(self) -> Scores:
        """Return model minus baseline, shape (pairs,)."""
        return self.model - self.baseline


def compare_variants(
    samples: Samples,
    baseline: str,
    metrics: Sequence[str] | None = None,
    *,
    adjustment: str = "holm",
    level: float = 0.95,
) -> tuple[ModelDifference | NotCompared, ...]:
    """Compare every other model with the baseline, paired by scenario.

    Parameters
    ----------
    samples
        Repeated samples.
    baseline
        A name in `samples.models`.
    metrics
        Keys of `samples.scores`; None for all of them.
    adjustment
        A key of `analysis.multiplicity.ADJUSTMENTS`, over all models and metrics together.
    level
        Of the intervals, which are not corrected.

    Raises
    ------
    ContractError
        If there is no such model or metric.

    References
    ----------
    Student (1908); Fisher (1935); Wilcoxon (1945); McNemar (1947); Miller (2024), Adding error
    bars to evals, section 4: pair by question, cluster by family; Holm (1979).
    """
    base = samples.model_code(baseline)
    names = [samples.metric(name) for name in (metrics or samples.metrics)]
    if not names:
        raise ContractError("There is no metric to compare.", hint="Leave metrics out for all.")
    found = [
        difference_of(samples, name, (base, code), level)
        for name in names
        for code in range(len(samples.models))
        if code != base
    ]
    return _adjusted(found, adjustment)


def _adjusted(
    found: list[ModelDifference | NotCompared], adjustment: str
) -> tuple[ModelDifference | NotCompared, ...]:
    raw = [d.p_value for d in found if isinstance(d, ModelDifference) and d.p_value is not None]
    corrected = iter(adjust(raw, adjustment))
    return tuple(
        replace(d, adjusted_p=next(corrected), adjustment=adjustment)
        if isinstance(d, ModelDifference) and d.p_value is not None
        else d
        for d in found
    )


def scenario_means(samples: Samples, metric: str, code: int) -> tuple[Scores, Codes]:
    """Return mean score and number of samples of each scenario, shape (scenarios,)."""
    score = samples.scores[metric]
    use = (samples.model == code) & np.isfinite(score)
    width = len(samples.scenarios)
    n = np.bincount(samples.scenario[use], minlength=width)
    total = np.bincount(samples.scenario[use], weights=score[use], minlength=width)
    return np.divide(total, n, out=np.full(width, np.nan), where=n > 0), n


def pairs_of(samples: Samples, metric: str, baseline: int, model: int) -> Pairs:
    """Return the scenarios that both models have a score for."""
    first, n_first = scenario_means(samples, metric, baseline)
    second, n_second = scenario_means(samples, metric, model)
    both = (n_first > 0) & (n_second > 0)
    at = np.flatnonzero(both)
    is_single = bool(np.all(n_first[at] == 1) and np.all(n_second[at] == 1))
    left_out = int(np.sum((n_first > 0) ^ (n_second > 0)))
    return Pairs(at, first[at], second[at], is_single, left_out)


def difference_of(
    samples: Samples,
    metric: str,
    codes: tuple[int, int],
    level: float,
    *,
    alongside: bool = True,
) -> ModelDifference | NotCompared:
    """Return one model minus the baseline; `adjusted_p` is still to come.

    Parameters
    ----------
    codes
        Places of the baseline and the model in `samples.models`.
    alongside
        Whether to compute the tests beside the main one; without them `better` is nan.
    """
    baseline, model = codes
    pairs = pairs_of(samples, metric, baseline, model)
    name = samples.models[model]
    if pairs.scenario.size < 2:
        why = f"{pairs.scenario.size} scenarios have scores of both; a paired test needs two."
        return NotCompared(metric, name, Unavailable("paired_t", "too_few_pairs", why))
    d = pairs.difference
    groups = None if samples.cluster is None else samples.cluster[pairs.scenario]
    test = _paired(d, groups, level)
    flips = _flips(d, groups) if alongside or isinstance(test, Unavailable) else None
    rank = _ranked(d) if groups is None and alongside else None
    right = _right_or_wrong(pairs) if groups is None else None
    p_value, method = _chosen(test, groups is not None, flips, right)
    return ModelDifference(
        metric=metric,
        model=name,
        baseline=samples.models[baseline],
        scenarios=d.size,
        left_out=pairs.left_out,
        baseline_mean=float(pairs.baseline.mean()),
        model_mean=float(pairs.model.mean()),
        difference=float(d.mean()),
        se=test.se if isinstance(test, PairedT) else None,
        interval=test.interval if isinstance(test, PairedT) else test,
        method=method,
        p_value=p_value,
        adjusted_p=None,
        adjustment="",
        sign_flip=flips,
        wilcoxon=rank,
        mcnemar_mid=right.p_mid if isinstance(right, McNemar) else None,
        better=_improvement(samples, metric, codes, pairs.scenario) if alongside else math.nan,
    )


def _paired(d: Scores, groups: Codes | None, level: float) -> PairedT | Unavailable:
    # Means of equal scores may differ in their last bit: that is no spread to test by.
    if np.ptp(d) <= 1e-12 * max(float(np.abs(d).max()), 1e-300):
        d = np.full(d.size, float(d[0]))
    if groups is None or np.all(d == d[0]):
        return paired_t(d.tolist(), level)
    found = clustered_mean(d.tolist(), groups.tolist(), level)
    if found.se is None or found.se == 0:
        why = "The scenarios of both lie in one cluster, or the clusters do not differ."
        return Unavailable("paired_t", "no_variation", why)
    from scipy.special import stdtr

    t = found.mean / found.se
    p = 2 * float(stdtr(found.df, -abs(t)))
    span = t_interval(found.mean, found.se, found.df, level)
    return PairedT(found.mean, found.se, t, found.df, p, span, found.clusters)


def _flips(d: Scores, groups: Codes | None) -> float | None:
    moved = d if groups is None else np.bincount(groups, weights=d)
    if moved.size > FLIPPED_PAIRS:
        return None
    found = sign_flip(moved.tolist(), FLIPS)
    return found if isinstance(found, float) else None


def _ranked(d: Scores) -> float | None:
    found = signed_rank(d.tolist()) if d.size <= RANKED_PAIRS else None
    if not isinstance(found, SignedRank):
        return None
    return found.p_normal if found.p_exact is None else found.p_exact


def _right_or_wrong(pairs: Pairs) -> McNemar | Unavailable | None:
    both = np.concatenate([pairs.baseline, pairs.model])
    if not (pairs.is_single and np.all((both == 0) | (both == 1))):
        return None
    d = pairs.difference
    return mcnemar(int(np.sum(d < 0)), int(np.sum(d > 0)), d.size)


def _chosen(
    test: PairedT | Unavailable,
    is_clustered: bool,  # noqa: FBT001 - private, called once
    flips: float | None,
    right: McNemar | Unavailable | None,
) -> tuple[float | None, str]:
    """Return the p-value that counts and the name of its test."""
    if isinstance(right, McNemar):
        return right.p_exact, "mcnemar exact"
    if isinstance(test, PairedT):
        return test.p_value, "clustered paired t" if is_clustered else "paired t"
    return flips, "" if flips is None else "sign flip"


def _improvement(samples: Samples, metric: str, codes: tuple[int, int], scenarios: Codes) -> float:
    """Return `reducers.probability_of_improvement` by mid-ranks: linear but for one sort."""
    baseline, model = codes
    score = samples.scores[metric]
    kept = np.zeros(len(samples.scenarios), dtype=bool)
    kept[scenarios] = True
    of_model = samples.model == model
    use = (of_model | (samples.model == baseline)) & np.isfinite(score) & kept[samples.scenario]
    scenario, x, is_model = samples.scenario[use], score[use], of_model[use]
    order = np.lexsort((x, scenario))
    scenario, x, is_model = scenario[order], x[order], is_model[order]
    starts = np.flatnonzero(np.concatenate([[True], (np.diff(scenario) != 0) | (np.diff(x) != 0)]))
    ends = np.append(starts[1:], x.size)
    rank = np.repeat((starts + 1 + ends) / 2, ends - starts)
    width = len(samples.scenarios)
    n_model = np.bincount(scenario[is_model], minlength=width)[scenarios]
    n_all = np.bincount(scenario, minlength=width)[scenarios]
    before = np.searchsorted(scenario, scenarios)
    sums = np.bincount(scenario[is_model], weights=rank[is_model], minlength=width)[scenarios]
    wins = sums - n_model * before - n_model * (n_model + 1) / 2
    share = wins / (n_model * (n_all - n_model))
    return math.fsum(share) / scenarios.size
