"""The same experiment without its covariates, to see what the adjustment does."""

from dataclasses import replace
from types import MappingProxyType

from experimentos.analysis.analyze import analyze
from experimentos.analysis.result import Compared, MetricResult
from experimentos.flows.ab_test import AbTest
from experimentos.metrics.moments import CrossMoments
from experimentos.metrics.summary import Cell, Summary

ADJUSTED, PLAIN = "adjusted", "mean"


def without_covariates(summary: Summary) -> Summary:
    """Return the summary with every adjusted metric as a plain mean."""
    names = {metric.name for metric in summary.metrics if metric.kind == ADJUSTED}
    return Summary(
        cells=tuple(_plain(cell, names) for cell in summary.cells),
        metrics=tuple(
            replace(metric, kind=PLAIN) if metric.name in names else metric
            for metric in summary.metrics
        ),
        control=summary.control,
        source=summary.source,
    )


def unadjusted(test: AbTest) -> dict[str, MetricResult]:
    """Return every metric's result without covariates, under the same plan and families."""
    summary = test.reading.summary
    if summary is None:
        return {}
    analysis = analyze(without_covariates(summary), test.charter, test.policy)
    return {result.metric: result for result in analysis.frequentist.metrics}


def variance_ratios(result: MetricResult) -> list[tuple[str, float]]:
    """Return for each arm adjusted by a covariate the share of variance that was left."""
    return [
        (arm, other.statistic)
        for arm, outcome in result.outcomes
        if isinstance(outcome, Compared) and outcome.method == "cuped"
        for other in outcome.alongside
        if other.method == "variance_ratio" and other.statistic is not None
    ]


def _plain(cell: Cell, names: set[str]) -> Cell:
    statistics = {
        name: statistic.x if name in names and isinstance(statistic, CrossMoments) else statistic
        for name, statistic in cell.statistics.items()
    }
    return replace(cell, statistics=MappingProxyType(statistics))
