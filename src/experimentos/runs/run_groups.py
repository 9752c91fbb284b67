"""The runs of each variant: centre, spread, and the variants against the baseline."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from experimentos.analysis.multiplicity import adjust
from experimentos.analysis.result import Interval, Unavailable
from experimentos.errors import ContractError
from experimentos.runs.counted import metric_names, newest_of_each, scores_of
from experimentos.runs.describe import Described, describe
from experimentos.runs.documents import Experiment, Run
from experimentos.runs.evidence import Evidence
from experimentos.runs.experiment_evaluation import Evaluation
from experimentos.runs.run_pairs import RunTest, compare_scores

LIMITS = ("min_", "max_")
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class VariantRuns:
    """The completed runs of one variant, described by one metric.

    Attributes
    ----------
    variant : str
    runs, failed : int
        Completed ones, and failed ones: counted, never left out in silence.
    described : Described
    is_baseline : bool
    lacks : int
        Runs that are missing to the least number that the experiment asks for.
    """

    variant: str
    runs: int
    failed: int
    described: Described
    is_baseline: bool
    lacks: int


@dataclass(frozen=True, slots=True)
class VariantDifference:
    """One variant minus the baseline in one metric.

    Attributes
    ----------
    metric, variant : str
    difference : float
        Over the pairs alone when it is paired.
    interval : Interval | None
        Not corrected; None after a sign flip, which gives none.
    method : str
        "paired t", "sign flip" or "Welch".
    pairs, lost : int
        As `run_pairs.RunTest`.
    effective_n : float | None
        Independent runs of each variant that would give this standard error.
    why : str
        Why this test.
    p_value, adjusted_p : float
        Two-sided; corrected over all variants and metrics compared together.
    is_better, is_worse : bool
        In the direction that the experiment calls good or bad, and adjusted p below alpha.
    """

    metric: str
    variant: str
    difference: float
    interval: Interval | None
    method: str
    pairs: int
    lost: int
    effective_n: float | None
    why: str
    p_value: float
    adjusted_p: float
    is_better: bool
    is_worse: bool


@dataclass(frozen=True, slots=True)
class NotComparable:
    """A variant that cannot be compared in a metric, and why."""

    metric: str
    variant: str
    why: Unavailable


@dataclass(frozen=True, slots=True)
class Criterion:
    """A limit on a metric, and whether the mean of a variant keeps to it.

    Attributes
    ----------
    metric, variant : str
    limit : float
    is_minimum : bool
    mean : float | None
    is_met : bool | None
        None when no run has the metric.
    is_certain : bool
        Whether the whole interval lies on one side of the limit.
    """

    metric: str
    variant: str
    limit: float
    is_minimum: bool
    mean: float | None
    is_met: bool | None
    is_certain: bool


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The variants of an experiment, described and compared.

    Attributes
    ----------
    metric : str
        The primary one.
    metrics : tuple[str, ...]
    groups : tuple[VariantRuns, ...]
        Of the primary metric, best mean first.
    differences : tuple[VariantDifference | NotComparable, ...]
    criteria : tuple[Criterion, ...]
    best : tuple[str, ...]
        The variant with the best mean and those that cannot be told from it.
    adjustment, pairing : str
        As asked for.
    """

    metric: str
    metrics: tuple[str, ...]
    groups: tuple[VariantRuns, ...]
    differences: tuple[VariantDifference | NotComparable, ...]
    criteria: tuple[Criterion, ...]
    best: tuple[str, ...]
    adjustment: str
    pairing: str


def compare_runs(
    experiment: Experiment,
    runs: Sequence[Run],
    *,
    metrics: Sequence[str] = (),
    quality: Mapping[str, bool | float] | None = None,
    adjustment: str = "holm",
    pairing: str = "auto",
) -> RunComparison:
    """Compare every variant with the baseline by the metrics of completed runs.

    Parameters
    ----------
    runs
        Of this experiment; of each repeat the newest that is completed counts.
    metrics
        Names; none for those of the evaluation, or all that the runs have. The first is the
        primary one.
    quality
        Limits that the project asks for.
    pairing
        A name in `run_pairs.PAIRINGS`.

    Raises
    ------
    ContractError
        If no run is completed, none of them has a metric of this name, or the pairing has no
        such name.

    References
    ----------
    Student (1908); Welch (1947); Holm (1979).
    """
    return compare_evidence(
        experiment,
        evidence_of(runs),
        metrics=metrics,
        quality=quality,
        adjustment=adjustment,
        pairing=pairing,
    )


def compare_evidence(
    experiment: Experiment,
    evidence: Evidence,
    *,
    metrics: Sequence[str] = (),
    quality: Mapping[str, bool | float] | None = None,
    adjustment: str = "holm",
    pairing: str = "auto",
) -> RunComparison:
    """Compare every variant with the baseline by what its runs say; see `compare_runs`."""
    alpha = ALPHA
    names = chosen_metrics(experiment.evaluation, evidence, metrics)
    primary, least = names[0], experiment.evaluation.min_runs_per_variant
    scores = {
        name: {v.name: evidence.scores(v.name, name) for v in experiment.variants} for name in names
    }
    groups = [
        VariantRuns(
            variant.name,
            evidence.runs(variant.name),
            evidence.failed.get(variant.name, 0),
            describe(evidence.values(variant.name, primary), 1 - alpha),
            variant.name == experiment.baseline,
            max(0, least - evidence.runs(variant.name)),
        )
        for variant in experiment.variants
    ]
    sign = -1.0 if experiment.evaluation.direction == "higher" else 1.0
    groups.sort(key=lambda g: math.inf if g.described.mean is None else sign * g.described.mean)

    def test(metric: str, first: str, second: str) -> RunTest | Unavailable:
        of = scores[metric]
        return compare_scores(of[first], of[second], pairing=pairing, alpha=alpha)

    return RunComparison(
        primary,
        names,
        tuple(groups),
        _differences(experiment, names, test, alpha, adjustment),
        tuple(_criteria(experiment, evidence, limits_of(experiment, quality or {}), alpha)),
        _best(groups, partial(test, primary), alpha),
        adjustment,
        pairing,
    )


def evidence_of(runs: Sequence[Run]) -> Evidence:
    """Return the evidence that runs of one experiment give."""
    counted = newest_of_each(runs)
    there = metric_names(counted)
    return Evidence(
        there,
        {found.variant: found for found in scores_of(counted, there)},
        Counter(run.variant for run in runs if run.status == "failed"),
    )


def limits_of(experiment: Experiment, quality: Mapping[str, bool | float]) -> dict[str, float]:
    """Return the limits on means, the project's under those of the experiment."""
    limits = {k: v for k, v in quality.items() if not isinstance(v, bool)}
    limits |= experiment.evaluation.success_criteria
    return {name: limit for name, limit in limits.items() if name.startswith(LIMITS)}


def needed_metrics(
    experiment: Experiment,
    there: Sequence[str],
    metrics: Sequence[str],
    quality: Mapping[str, bool | float],
) -> tuple[str, ...]:
    """Return the metrics that a comparison reads, of those that are there."""
    asked = metrics or _planned(experiment.evaluation, there) or there
    limited = [_metric_of(name[4:], there) for name in limits_of(experiment, quality)]
    return tuple(name for name in there if name in {*asked, *limited})


def chosen_metrics(
    evaluation: Evaluation, evidence: Evidence, wanted: Sequence[str]
) -> tuple[str, ...]:
    """Return the metrics to compare by, the primary one first; ContractError if there is none."""
    if not evidence.variants:
        raise ContractError(
            "No run is completed, so there is nothing to compare.", hint="Run the experiment first."
        )
    there = evidence.there
    names = list(wanted) or _planned(evaluation, there) or list(there)
    for name in names:
        if name not in there:
            raise ContractError(
                f"No completed run has the metric {name!r}.",
                hint=f"They have {', '.join(there) or 'none'}.",
            )
    if not names:
        raise ContractError(
            "The completed runs report no metric.", hint="Return numbers from the entry point."
        )
    return tuple(dict.fromkeys(names))


def _planned(evaluation: Evaluation, there: Sequence[str]) -> list[str]:
    primary = evaluation.primary_metric
    planned = [primary, *(m for m in evaluation.metrics if m != primary)] if primary else []
    return [name for name in planned if name in there]


def _differences(
    experiment: Experiment,
    metrics: Sequence[str],
    test: Callable[[str, str, str], RunTest | Unavailable],
    alpha: float,
    adjustment: str,
) -> tuple[VariantDifference | NotComparable, ...]:
    base = experiment.baseline
    others = [variant.name for variant in experiment.variants if variant.name != base]
    found = [(metric, name, test(metric, base, name)) for metric in metrics for name in others]
    adjusted = iter(adjust([t.p_value for _, _, t in found if isinstance(t, RunTest)], adjustment))
    lower = experiment.evaluation.direction == "lower"
    made: list[VariantDifference | NotComparable] = []
    for metric, name, tested in found:
        if isinstance(tested, Unavailable):
            made.append(NotComparable(metric, name, tested))
            continue
        p = next(adjusted)
        good = (tested.difference < 0) if lower else (tested.difference > 0)
        made.append(
            VariantDifference(
                metric,
                name,
                tested.difference,
                tested.interval,
                tested.method,
                tested.pairs,
                tested.lost,
                tested.effective_n,
                tested.why,
                tested.p_value,
                p,
                is_better=good and p < alpha,
                is_worse=not good and p < alpha,
            )
        )
    return tuple(made)


def _best(
    groups: Sequence[VariantRuns],
    test: Callable[[str, str], RunTest | Unavailable],
    alpha: float,
) -> tuple[str, ...]:
    ranked = [group for group in groups if group.described.mean is not None]
    if not ranked:
        return ()
    first = ranked[0].variant
    pairs = len(ranked) * (len(ranked) - 1) / 2
    tied = [first]
    for group in ranked[1:]:
        tested = test(first, group.variant)
        same = group.described.mean == ranked[0].described.mean
        apart = isinstance(tested, RunTest) and tested.p_value * pairs < alpha
        alike = isinstance(tested, Unavailable) and (tested.code != "no_variation" or same)
        if alike or not (apart or isinstance(tested, Unavailable)):
            tied.append(group.variant)
    return tuple(tied)


def _criteria(
    experiment: Experiment, evidence: Evidence, limits: Mapping[str, float], alpha: float
) -> list[Criterion]:
    found = []
    for name, limit in limits.items():
        metric, is_minimum = _metric_of(name[4:], evidence.there), name.startswith("min_")
        for variant in experiment.variants:
            said = describe(evidence.values(variant.name, metric), 1 - alpha)
            met = None
            if said.mean is not None:
                met = said.mean >= limit if is_minimum else said.mean <= limit
            certain = said.interval is not None and limit not in said.interval
            found.append(
                Criterion(metric, variant.name, limit, is_minimum, said.mean, met, certain)
            )
    return found


def _metric_of(name: str, there: Sequence[str]) -> str:
    """Return the metric that a limit speaks of: `min_diversity` is of `diversity_score` too."""
    longer = f"{name}_score"
    return longer if name not in there and longer in there else name
