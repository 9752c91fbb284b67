"""Arms and counts large enough for the approximations that are used."""

from collections.abc import Iterator

from experimentos.health.check import Check, PooledArm, pooled_arms
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.counts import Counts
from experimentos.metrics.summary import Metric, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def _run(summary: Summary, _: Charter, policy: Policy) -> Iterator[Issue]:
    arms = pooled_arms(summary)
    for arm in arms:
        if 0 < arm.users < policy.small_arm_users:
            yield Issue(
                "small_arm",
                Severity.WARNING,
                f"Arm {arm.name} has {arm.users:,} users; below {policy.small_arm_users:,} only "
                "very large effects can be told from chance.",
                "Collect more users before deciding, or read the intervals, not the estimates.",
                Where(arm.row, "users"),
            )
    for metric in summary.metrics:
        yield from _rare(metric, arms, policy)


def _rare(metric: Metric, arms: tuple[PooledArm, ...], policy: Policy) -> Iterator[Issue]:
    found = [(arm, arm.statistic(metric)) for arm in arms]
    counts = [(arm, value) for arm, value in found if isinstance(value, Counts)]
    total, hits = sum(value.n for _, value in counts), sum(value.k for _, value in counts)
    if total <= 0 or not 0 <= hits <= total:
        return
    rarer = min(hits, total - hits) / total
    smallest, value = min(counts, key=lambda pair: pair[1].n)
    expected = value.n * rarer
    if value.n > 0 and expected < policy.expected_count_exact:
        seen = f"{expected:.1f}" if expected >= 0.05 else "almost none"
        yield Issue(
            "few_events",
            Severity.NOTE,
            f"{metric.name}: of the rarer outcome {seen} is expected in arm {smallest.name} "
            f"if the arms do not differ; below {policy.expected_count_exact:g} "
            "large-sample tests are rough.",
            "Read the exact test, or collect more users.",
            Where(smallest.row, metric.columns[0] if metric.columns else metric.name),
        )


SIZE = Check(
    name="size",
    title="Arms and expected counts are large enough",
    reads=("users", "counts", "policy.small_arm_users, expected_count_exact"),
    run=_run,
)
