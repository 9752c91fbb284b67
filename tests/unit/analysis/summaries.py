"""Summaries for tests, from a few numbers per arm."""

from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import Moments
from experimentos.metrics.summary import Cell, Metric, Source, Summary

KINDS = {Counts: "conversion", Moments: "mean"}


def summary(arms, kinds=None):
    """Return a summary of {arm: (users, {metric: statistic})}, the first arm the control."""
    cells = tuple(
        Cell(name, users, statistics, row)
        for row, (name, (users, statistics)) in enumerate(arms.items(), start=2)
    )
    kinds = kinds or {}
    metrics = tuple(
        Metric(name, kinds.get(name) or KINDS[type(value)], (name,))
        for name, value in cells[0].statistics.items()
    )
    return Summary(cells, metrics, cells[0].arm, Source("made.csv", "0" * 64, "csv"))


def rates(**arms):
    """Return a summary with one metric, conversion, of name=(users, conversions)."""
    return summary({name: (n, {"conversion": Counts(n, k)}) for name, (n, k) in arms.items()})
