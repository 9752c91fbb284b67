"""Units of observation that are not the units of randomisation."""

from collections.abc import Iterator

from experimentos.health.check import Check, pooled_arms
from experimentos.health.columns import spread_column
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy

RATIO_COLUMNS = ("num_sum", "den_sum", "num_sum_sq", "den_sum_sq", "num_den_sum")


def _run(summary: Summary, _charter: Charter, _policy: Policy) -> Iterator[Issue]:
    arms = pooled_arms(summary)
    for metric in summary.metrics:
        if metric.unit == "user" or not arms:
            continue
        columns = ", ".join(f"{metric.name}_{ending}" for ending in RATIO_COLUMNS)
        yield Issue(
            "not_independent",
            Severity.WARNING,
            f"{metric.name} counts {metric.unit}s, but users were randomised: the {metric.unit}s "
            "of one user are not independent, so its interval is too narrow and its p too small.",
            f"Supply the ratio columns {columns}, summed over users (numerator: a user's total, "
            f"denominator: a user's {metric.unit}s).",
            Where(arms[0].row, spread_column(metric)),
        )


ORDERS = Check(
    name="orders",
    title="What is counted is what was randomised",
    reads=("metric units",),
    run=_run,
)
