"""Risks and limitations, filled in from what the steps before have said."""

from collections.abc import Iterator
from dataclasses import fields

from experimentos.analysis import numbers
from experimentos.analysis.result import Compared, Frequentist, MetricResult, Unavailable
from experimentos.issue import Issue
from experimentos.memo.subject import Subject
from experimentos.policy import DEFAULT_POLICY

_NO_PLAN = (
    "No charter was registered before the data: the primary metric, directions and limits are "
    "defaults, so this reading is exploratory."
)
EXACT = frozenset({"fisher", "barnard"})
_SHARED_UNIT = (
    "{metric} is measured per {unit}; {unit}s of one user are not independent, so its interval is "
    "too narrow. A ratio metric per user would cure it."
)


def risks(subject: Subject) -> tuple[str, ...]:
    """Return every risk and limitation once, the gravest first."""
    said = [_issue(issue) for issue in subject.health.issues]
    codes = {issue.code for issue in subject.health.issues}
    said += [_issue(issue) for issue in subject.reading.issues if issue.code not in codes]
    said += list(_of_the_data(subject))
    if subject.analysis is not None:
        said += list(_of_the_analysis(subject.analysis.frequentist, subject))
        said += list(subject.analysis.assumptions)
    said += list(_of_the_rules(subject))
    return tuple(dict.fromkeys(said))


def _issue(issue: Issue) -> str:
    place = str(issue.where).capitalize()
    is_placed = issue.message.lower().startswith(("row ", "arm "))
    return f"{'' if is_placed or not place else f'{place}: '}{issue.message} {issue.fix}".strip()


def _of_the_data(subject: Subject) -> Iterator[str]:
    summary = subject.reading.summary
    if summary is None:
        return
    yield from summary.source.notes
    warned = " ".join(issue.message + issue.fix for issue in subject.health.issues)
    for metric in summary.metrics:
        if metric.unit != "user" and "independent" not in warned:
            yield _SHARED_UNIT.format(metric=metric.name, unit=metric.unit)


def _of_the_analysis(frequentist: Frequentist, subject: Subject) -> Iterator[str]:
    if frequentist.primary.mde is not None:
        size = numbers.difference(frequentist.primary.mde, frequentist.primary.kind)
        power = numbers.percent(subject.policy.power, 0)
        yield (
            f"With this many users a difference of {size.lstrip('+')} in "
            f"{frequentist.primary.metric} would be found with {power} power; smaller ones are "
            "easily missed."
        )
    yield from _adjustments(frequentist)
    for result in frequentist.metrics:
        yield from _of_a_metric(result)
    if not frequentist.guardrails:
        yield "No guardrail was measured, so harm elsewhere would not have been seen."


def _adjustments(frequentist: Frequentist) -> Iterator[str]:
    used = [
        (result.role.value, outcome.adjustment)
        for result in frequentist.metrics
        for _, outcome in result.outcomes
        if isinstance(outcome, Compared) and outcome.adjustment
    ]
    for role, adjustment in dict.fromkeys(used):
        yield (
            f"p-values and intervals of the {role} comparisons are adjusted for their number "
            f"({adjustment.replace('_', ' ').capitalize()})."
        )


def _of_a_metric(result: MetricResult) -> Iterator[str]:
    for arm, outcome in result.outcomes:
        if isinstance(outcome, Unavailable):
            yield f"{result.metric} of {arm} is {numbers.unavailable(outcome)}"
        elif isinstance(outcome.lift, Unavailable):
            yield f"The relative change of {result.metric} is {numbers.unavailable(outcome.lift)}"
    compared = [o for _, o in result.outcomes if isinstance(o, Compared)]
    used = {method for o in compared for method in (o.method, *(a.method for a in o.alongside))}
    if used & EXACT:
        yield f"{result.metric}: expected counts are small, so an exact test was made."


def _of_the_rules(subject: Subject) -> Iterator[str]:
    if not is_planned(subject):
        yield _NO_PLAN
    changed = [
        f"{field.name} {getattr(subject.policy, field.name):g} "
        f"(default {getattr(DEFAULT_POLICY, field.name):g})"
        for field in fields(DEFAULT_POLICY)
        if getattr(subject.policy, field.name) != getattr(DEFAULT_POLICY, field.name)
    ]
    if changed:
        yield f"This workspace applies its own thresholds: {', '.join(changed)}."


def is_planned(subject: Subject) -> bool:
    """Return whether the charter says more than a title, an owner and notes."""
    words = {"title", "owner", "notes", "schema_version", "frozen"}
    return bool(subject.charter.model_fields_set - words)
