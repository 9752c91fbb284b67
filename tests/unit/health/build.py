"""Summaries with chosen numbers, for tests of the checks."""

from collections.abc import Mapping
from datetime import date

from experimentos.issue import Issue
from experimentos.metrics.contract import Reading
from experimentos.metrics.counts import Counts
from experimentos.metrics.summary import Cell, Metric, Source, Statistic, Summary

CONVERSION = Metric("conversion", "conversion", ("conversions",))
REVENUE = Metric("revenue", "mean", ("revenue_sum", "revenue_sum_sq"))
SOURCE = Source("some.csv", "0" * 64, "csv")


def cell(
    arm: str,
    users: int,
    row: int,
    statistics: Mapping[str, Statistic] | None = None,
    segment: str | None = None,
    day: date | None = None,
) -> Cell:
    """A row; a tenth of its users convert unless statistics are given."""
    if statistics is None:
        statistics = {"conversion": Counts(users, users // 10)}
    return Cell(arm, users, statistics, row, segment, day)


def summary(*cells: Cell, metrics: tuple[Metric, ...] = (CONVERSION,)) -> Summary:
    """These rows as an experiment whose control is called control."""
    return Summary(cells, metrics, "control", SOURCE)


def users(*counts: int) -> Summary:
    """One row per arm: control, then B, C, D."""
    names = ("control", "B", "C", "D")
    return summary(
        *(cell(names[i], count, i + 2) for i, count in enumerate(counts)),
    )


def one_metric(metric: Metric, *statistics: Statistic, users: int = 10_000) -> Summary:
    """A file with one metric beside conversion, one row per arm."""
    names = ("control", "B", "C", "D")
    return summary(
        *(
            cell(names[i], users, i + 2, {"conversion": Counts(users, 500), metric.name: value})
            for i, value in enumerate(statistics)
        ),
        metrics=(CONVERSION, metric),
    )


def reading(content: Summary | None, *issues: Issue) -> Reading:
    """What a reader would hand over."""
    return Reading(content, issues, (), (), "some.csv", "0" * 64, "csv")
