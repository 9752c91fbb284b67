"""The runs of each variant: centre, spread, and the variants against the baseline."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experimentos.analysis.multiplicity import adjust
from experimentos.analysis.result import Interval, Unavailable
from experimentos.analysis.welch import Samples, welch_arrays
from experimentos.errors import ContractError
from experimentos.runs.describe import Described, describe
from experimentos.runs.documents import Evaluation, Experiment, Run, finite

LIMITS = ("min_", "max_")


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
    interval : Interval
        Welch's, not corrected.
    p_value, adjusted_p : float
        Two-sided; corrected over all variants and metrics compared together.
    is_better, is_worse : bool
        In the direction that the experiment calls good or bad, and adjusted p below alpha.
    """

    metric: str
    variant: str
    difference: float
    interval: Interval
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
    adjustment : str
    """

    metric: str
    metrics: tuple[str, ...]
    groups: tuple[VariantRuns, ...]
    differences: tuple[VariantDifference | NotComparable, ...]
    criteria: tuple[Criterion, ...]
    best: tuple[str, ...]
    adjustment: str


def compare_runs(
    experiment: Experiment,
    runs: Sequence[Run],
    *,
    metrics: Sequence[str] = (),
    quality: Mapping[str, bool | float] | None = None,
    adjustment: str = "holm",
    alpha: float = 0.05,
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

    Raises
    ------
    ContractError
        If no run is completed, or none of them has a metric of this name.

    References
    ----------
    Welch (1947); Holm (1979).
    """
    done, failed = newest_of_each(runs), [run for run in runs if run.status == "failed"]
    names = chosen_metrics(experiment.evaluation, done, metrics)
    scores = {name: _scores(experiment, done, name) for name in names}
    primary = names[0]
    groups = [
        VariantRuns(
            variant.name,
            sum(run.variant == variant.name for run in done),
            sum(run.variant == variant.name for run in failed),
            describe(scores[primary][variant.name], 1 - alpha),
            variant.name == experiment.baseline,
            _lacks(experiment, done, variant.name),
        )
        for variant in experiment.variants
    ]
    sign = -1.0 if experiment.evaluation.direction == "higher" else 1.0
    groups.sort(key=lambda g: math.inf if g.described.mean is None else sign * g.described.mean)
    differences = _differences(experiment, scores, alpha, adjustment)
    limits = {k: v for k, v in (quality or {}).items() if not isinstance(v, bool)}
    limits |= experiment.evaluation.success_criteria
    return RunComparison(
        primary,
        names,
        tuple(groups),
        differences,
        tuple(_criteria(experiment, done, limits, alpha)),
        _best(groups, scores[primary], alpha),
        adjustment,
    )


def newest_of_each(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the completed runs, of each variant and repeat the newest; no reproductions."""
    found: dict[tuple[str, object], Run] = {}
    for run in sorted(runs, key=lambda run: run.run_id):
        if run.status == "completed" and run.reproduces_run_id is None:
            found[run.variant, run.repeat or run.run_id] = run
    return tuple(found.values())


def chosen_metrics(
    evaluation: Evaluation, done: Sequence[Run], wanted: Sequence[str]
) -> tuple[str, ...]:
    """Return the metrics to compare by, the primary one first; ContractError if there is none."""
    if not done:
        raise ContractError(
            "No run is completed, so there is nothing to compare.", hint="Run the experiment first."
        )
    there = sorted({name for run in done for name in run.metrics})
    primary = evaluation.primary_metric
    planned = [primary, *(m for m in evaluation.metrics if m != primary)] if primary else []
    names = list(wanted) or [name for name in planned if name in there] or there
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


def _scores(
    experiment: Experiment, done: Sequence[Run], metric: str
) -> dict[str, list[float | None]]:
    return {
        variant.name: [
            finite(run.metrics.get(metric)) for run in done if run.variant == variant.name
        ]
        for variant in experiment.variants
    }


def _lacks(experiment: Experiment, done: Sequence[Run], variant: str) -> int:
    have = sum(run.variant == variant for run in done)
    return max(0, experiment.evaluation.min_runs_per_variant - have)


def _differences(
    experiment: Experiment,
    scores: Mapping[str, Mapping[str, list[float | None]]],
    alpha: float,
    adjustment: str,
) -> tuple[VariantDifference | NotComparable, ...]:
    found: list[tuple[str, str, Welched | Unavailable]] = []
    for metric, of in scores.items():
        base = of[experiment.baseline]
        found.extend(
            (metric, name, welched(base, values, alpha))
            for name, values in of.items()
            if name != experiment.baseline
        )
    adjusted = iter(adjust([w.p for _, _, w in found if isinstance(w, Welched)], adjustment))
    lower = experiment.evaluation.direction == "lower"
    made: list[VariantDifference | NotComparable] = []
    for metric, name, test in found:
        if isinstance(test, Unavailable):
            made.append(NotComparable(metric, name, test))
            continue
        p = next(adjusted)
        good = (test.difference < 0) if lower else (test.difference > 0)
        made.append(
            VariantDifference(
                metric,
                name,
                test.difference,
                test.interval,
                test.p,
                p,
                is_better=good and p < alpha,
                is_worse=not good and p < alpha,
            )
        )
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Welched:
    """Welch's test of two lists of scores: second minus first."""

    difference: float
    interval: Interval
    p: float


def welched(
    first: Sequence[float | None], second: Sequence[float | None], alpha: float = 0.05
) -> Welched | Unavailable:
    """Return Welch's test of two lists of scores, None counting as missing.

    References
    ----------
    Welch (1947), The generalization of Student's problem.
    """
    one, two = ([v for v in values if v is not None] for values in (first, second))
    if min(len(one), len(two)) < 2:
        why = f"{len(one)} and {len(two)} runs have the metric; the test needs two of each."
        return Unavailable("welch", "too_few_runs", why)
    if len({*one}) == len({*two}) == 1:
        why = "The runs of each variant are all alike: there is no spread to test by."
        return Unavailable("welch", "no_variation", why)
    test = welch_arrays(_moments(one), _moments(two), alpha)
    low, high = float(test.interval[0]), float(test.interval[1])
    return Welched(float(test.difference), Interval(low, high, 1 - alpha), float(test.p))


def _moments(values: Sequence[float]) -> Samples:
    mean = math.fsum(values) / len(values)
    return Samples.arrays(len(values), mean, math.fsum((v - mean) ** 2 for v in values))


def _best(
    groups: Sequence[VariantRuns], scores: Mapping[str, list[float | None]], alpha: float
) -> tuple[str, ...]:
    ranked = [group for group in groups if group.described.mean is not None]
    if not ranked:
        return ()
    first = ranked[0].variant
    pairs = len(ranked) * (len(ranked) - 1) / 2
    tied = [first]
    for group in ranked[1:]:
        test = welched(scores[first], scores[group.variant], alpha)
        same = group.described.mean == ranked[0].described.mean
        apart = isinstance(test, Welched) and test.p * pairs < alpha
        alike = isinstance(test, Unavailable) and (test.code != "no_variation" or same)
        if alike or not (apart or isinstance(test, Unavailable)):
            tied.append(group.variant)
    return tuple(tied)


def _criteria(
    experiment: Experiment, done: Sequence[Run], limits: Mapping[str, float], alpha: float
) -> list[Criterion]:
    found = []
    for name, limit in limits.items():
        if not name.startswith(LIMITS):
            continue
        metric, is_minimum = _metric_of(name[4:], done), name.startswith("min_")
        for variant, values in _scores(experiment, done, metric).items():
            said = describe(values, 1 - alpha)
            met = None
            if said.mean is not None:
                met = said.mean >= limit if is_minimum else said.mean <= limit
            certain = said.interval is not None and limit not in said.interval
            found.append(Criterion(metric, variant, limit, is_minimum, said.mean, met, certain))
    return found


def _metric_of(name: str, done: Sequence[Run]) -> str:
    """Return the metric that a limit speaks of: `min_diversity` is of `diversity_score` too."""
    there = {metric for run in done for metric in run.metrics}
    longer = f"{name}_score"
    return longer if name not in there and longer in there else name
