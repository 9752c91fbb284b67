"""Every arm has every metric."""

from collections.abc import Iterator

from experimentos.health.check import Check
from experimentos.health.columns import spread_column
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def _run(summary: Summary, _charter: Charter, _policy: Policy) -> Iterator[Issue]:
    for metric in summary.metrics:
        for cell in summary.cells:
            if cell.statistics.get(metric.name) is None:
                yield Issue(
                    "metric_incomplete",
                    Severity.BLOCKED,
                    f"Arm {cell.arm} has no complete {metric.name}, which other rows may have.",
                    f"Fill {', '.join(metric.columns) or metric.name} in every row, "
                    "or leave the metric out.",
                    Where(cell.row, spread_column(metric)),
                )


COMPLETENESS = Check(
    name="completeness",
    title="Every row has every metric",
    reads=("metrics", "statistics"),
    run=_run,
    repeats_reader=True,
)
