"""Counts that are possible: nobody less than none, no more converting than there are."""

from collections.abc import Iterator

from experimentos.health.check import Check
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.counts import Counts
from experimentos.metrics.summary import Cell, Metric, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def _run(summary: Summary, _charter: Charter, _policy: Policy) -> Iterator[Issue]:
    for cell in summary.cells:
        if cell.users < 0:
            yield Issue(
                "negative_users",
                Severity.BLOCKED,
                f"Arm {cell.arm}: {cell.users:,} users, fewer than none.",
                "Count distinct users; a count cannot be negative.",
                Where(cell.row, "users"),
            )
        for metric in summary.metrics:
            statistic = cell.statistics.get(metric.name)
            if isinstance(statistic, Counts):
                yield from _count_issues(cell, metric, statistic)


def _count_issues(cell: Cell, metric: Metric, counts: Counts) -> Iterator[Issue]:
    where = Where(cell.row, metric.columns[0] if metric.columns else metric.name)
    if counts.k < 0:
        yield Issue(
            "negative_count",
            Severity.BLOCKED,
            f"Arm {cell.arm}: {metric.name} is {counts.k:,}, fewer than none.",
            "Count the users with the outcome; a count cannot be negative.",
            where,
        )
    if counts.k > counts.n:
        yield Issue(
            "count_exceeds_users",
            Severity.BLOCKED,
            f"Arm {cell.arm}: {metric.name} is {counts.k:,}, more than its {counts.n:,} users.",
            "Count users with the outcome, not events.",
            where,
        )


BOUNDS = Check(
    name="bounds",
    title="Counts are possible: 0 ≤ count ≤ users",
    reads=("users", "counts"),
    run=_run,
    repeats_reader=True,
)
