"""The data holds what the charter planned."""

from collections.abc import Iterator

from experimentos.health.check import Check
from experimentos.health.report import FEWER_THAN_PLANNED, GUARDRAIL_MISSING, PLAN_CHANGED
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter, reached
from experimentos.plan.freeze import is_intact
from experimentos.policy import Policy


def _run(summary: Summary, charter: Charter, policy: Policy) -> Iterator[Issue]:
    yield from _frozen(charter)
    yield from _missing(summary, charter)
    yield from _limits(charter)
    yield from _size(summary, charter)
    yield from _numbers(charter, policy)


def _frozen(charter: Charter) -> Iterator[Issue]:
    if charter.frozen is not None and not is_intact(charter):
        yield Issue(
            PLAN_CHANGED,
            Severity.WARNING,
            "The plan was changed after it was frozen: its hash no longer fits what it says.",
            "Use the plan as it was frozen; the memo states the change otherwise.",
        )


def _missing(summary: Summary, charter: Charter) -> Iterator[Issue]:
    names = [metric.name for metric in summary.metrics]
    there = f"The data has: {', '.join(names) or 'no metric'}."
    if charter.primary not in names:
        yield Issue(
            "primary_missing",
            Severity.BLOCKED,
            f"The primary metric {charter.primary} of the charter is not in the data. {there}",
            "Add its columns, or name the right metric as primary in the charter.",
            Where(column=charter.primary),
        )
    for plan in charter.guardrails or ():
        if plan.name not in names:
            yield Issue(
                GUARDRAIL_MISSING,
                Severity.WARNING,
                f"The guardrail {plan.name} of the charter is not in the data, "
                f"so nothing can be launched past it. {there}",
                "Add its columns, or take it out of the charter with a reason.",
                Where(column=plan.name),
            )
    for plan in charter.secondary:
        if plan.name not in names:
            yield Issue(
                "secondary_missing",
                Severity.NOTE,
                f"The secondary metric {plan.name} of the charter is not in the data. {there}",
                "Add its columns, or take it out of the charter.",
                Where(column=plan.name),
            )


def _limits(charter: Charter) -> Iterator[Issue]:
    for plan in charter.guardrails or ():
        if plan.harm is None or plan.severe_harm is None or plan.harm <= plan.severe_harm:
            continue
        yield Issue(
            "limits_reversed",
            Severity.WARNING,
            f"Guardrail {plan.name}: the severe limit {plan.severe_harm:g} is below the "
            f"limit {plan.harm:g}, so every severe harm comes before a harm.",
            "Give a severe limit at least as large as the limit.",
            Where(column=plan.name),
        )
    if any(plan.name == charter.primary for plan in charter.guardrails or ()):
        yield Issue(
            "primary_as_guardrail",
            Severity.NOTE,
            f"{charter.primary} is both the primary metric and a guardrail.",
            "Give it one role in the charter.",
            Where(column=charter.primary),
        )


def _size(summary: Summary, charter: Charter) -> Iterator[Issue]:
    users = sum(cell.users for cell in summary.cells)
    if charter.planned_users is not None and users < charter.planned_users:
        meaning, fix = "deciding now is deciding early", "Wait for the planned number."
        if charter.monitoring is not None:
            meaning, fix = "the planned looks say whether to stop", "Follow the planned looks."
        yield Issue(
            FEWER_THAN_PLANNED,
            Severity.NOTE,
            f"{users:,} users of the {charter.planned_users:,} planned are here "
            f"({reached(users, charter.planned_users)}): {meaning}.",
            fix,
        )


def _numbers(charter: Charter, policy: Policy) -> Iterator[Issue]:
    if not policy.usual_alpha_low <= charter.alpha <= policy.usual_alpha_high:
        yield Issue(
            "unusual_alpha",
            Severity.NOTE,
            f"The planned alpha {charter.alpha:g} lies outside the usual "
            f"{policy.usual_alpha_low:g} to {policy.usual_alpha_high:g}.",
            "Check that it is a significance level (0.05), not a confidence level or percent.",
        )
    if charter.start is not None and charter.stop is not None and charter.stop < charter.start:
        yield Issue(
            "stop_before_start",
            Severity.WARNING,
            f"The planned stop {charter.stop} lies before the planned start {charter.start}.",
            "Correct the dates in the charter.",
        )


PLAN = Check(
    name="plan",
    title="The data holds what the charter planned",
    reads=("metrics", "users", "charter"),
    run=_run,
)
