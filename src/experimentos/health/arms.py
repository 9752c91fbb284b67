"""One control, at least one treatment, nobody empty."""

from collections.abc import Iterator

from experimentos.health.check import Check, planned_shares, pooled_arms
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def _run(summary: Summary, charter: Charter, _: Policy) -> Iterator[Issue]:
    arms = pooled_arms(summary)
    names = [arm.name for arm in arms]
    if summary.control not in names:
        yield Issue(
            "no_control",
            Severity.BLOCKED,
            f"No row belongs to the control arm {summary.control!r}; "
            f"found: {', '.join(names) or 'no arm at all'}.",
            f"Name one arm {summary.control!r}, or say which arm is the control.",
            Where(column="variant"),
        )
    if not set(names) - {summary.control}:
        yield Issue(
            "no_treatment",
            Severity.BLOCKED,
            "There is no treatment arm to compare with the control.",
            "Add a row for at least one treatment arm.",
            Where(column="variant"),
        )
    shares = planned_shares(charter, len(arms)) if arms else None
    for arm, share in zip(arms, shares or (None,) * len(arms), strict=True):
        if arm.users == 0 and share != 0:
            yield Issue(
                "no_users",
                Severity.BLOCKED,
                f"Arm {arm.name} has no users.",
                "Check the query or the assignment; leave the arm out if it never ran.",
                Where(arm.row, "users"),
            )


ARMS = Check(
    name="arms",
    title="One control, at least one treatment, users in every arm",
    reads=("arms", "users", "charter.split"),
    run=_run,
    repeats_reader=True,
)
