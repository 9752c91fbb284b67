"""A covariate from before the experiment must not differ between arms."""

import math
from collections.abc import Iterator

from experimentos.health.check import Check, pooled_arms
from experimentos.health.columns import spread_column
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Metric, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy

UNBALANCED, DOUBTED = "covariate_unbalanced", "covariate_doubtful"


def _run(summary: Summary, _: Charter, policy: Policy) -> Iterator[Issue]:
    for metric in summary.metrics:
        if metric.kind == "adjusted":
            yield from _unbalanced(summary, metric, policy)


def _unbalanced(summary: Summary, metric: Metric, policy: Policy) -> Iterator[Issue]:
    measured = [(arm, _covariate(arm.statistic(metric))) for arm in pooled_arms(summary)]
    baseline = next((value for arm, value in measured if arm.name == summary.control), None)
    for arm, covariate in measured:
        if arm.name == summary.control or baseline is None or covariate is None:
            continue
        t = abs(_distance(baseline, covariate))
        if t > policy.balance_warning_t:
            yield Issue(
                UNBALANCED if t > policy.balance_t else DOUBTED,
                Severity.WARNING,
                f"The covariate of {metric.name} differs between {arm.name} and the control by "
                f"{t:.1f} standard errors (mean {covariate.mean:.4g} against "
                f"{baseline.mean:.4g}); {_meaning(t, policy)}",
                "Check that the covariate was measured before anyone was treated, over all users.",
                Where(arm.row, spread_column(metric, 1)),
            )


def _meaning(t: float, policy: Policy) -> str:
    if t > policy.balance_t:
        return "the adjusted result is not valid and is not used."
    return (
        "by chance that happens in 1 of 50 sound experiments, and then the adjustment is right; "
        "if the treatment could move the covariate, the adjusted result is not valid."
    )


def _covariate(statistic: object) -> Moments | None:
    """Return the covariate's moments when it can have a standard error."""
    if isinstance(statistic, CrossMoments) and statistic.n >= 2 and statistic.m2_y > 0:
        return statistic.y
    return None


def _distance(one: Moments, other: Moments) -> float:
    se = math.sqrt(one.variance / one.n + other.variance / other.n)
    return (other.mean - one.mean) / se


BALANCE = Check(
    name="balance",
    title="Covariates from before the experiment do not differ between arms",
    reads=("covariates", "policy.balance_warning_t, balance_t"),
    run=_run,
)
