"""Metrics that do not add up over segments and days."""

from collections.abc import Iterator

from experimentos.health.check import Check, pooled_arms
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def _run(summary: Summary, _charter: Charter, _policy: Policy) -> Iterator[Issue]:
    several = next((arm for arm in pooled_arms(summary) if len(arm.cells) > 1), None)
    if several is None:
        return
    for metric in summary.metrics:
        if metric.kind == "quantile":
            yield Issue(
                "quantile_in_parts",
                Severity.BLOCKED,
                f"{metric.name} is a quantile, and {several.name} has {len(several.cells)} rows: "
                "quantiles of segments or days do not add up to the arm's.",
                "Give one row per arm, or leave this metric out.",
                Where(several.cells[1].row),
            )


ADDITIVE = Check(
    name="additive",
    title="What is given in parts adds up",
    reads=("metric kinds", "rows of an arm"),
    run=_run,
)
