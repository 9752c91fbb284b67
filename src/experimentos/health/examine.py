"""Run every check on a reading."""

from collections.abc import Iterable

from experimentos.health import CHECKS
from experimentos.health.daily_srm import daily_ratio
from experimentos.health.report import HealthReport, Status
from experimentos.health.srm import sample_ratio
from experimentos.issue import Issue, Severity, worst
from experimentos.metrics.contract import Reading
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY, Policy

STATUS = {
    None: Status.HEALTHY,
    Severity.NOTE: Status.HEALTHY,
    Severity.WARNING: Status.WARNING,
    Severity.BLOCKED: Status.BLOCKED,
    Severity.UNREADABLE: Status.UNREADABLE,
}

NOTHING_READ = Issue(
    "nothing_read",
    Severity.UNREADABLE,
    "The file could not be read as an experiment.",
    "Upload a file with the columns variant, users and conversions.",
)


def examine(
    reading: Reading, charter: Charter = EMPTY_CHARTER, policy: Policy = DEFAULT_POLICY
) -> HealthReport:
    """Return whether the data may be analysed under this charter, with every issue found.

    What the reader found keeps its severity. A check that repeats the reader, at the same row and
    column and no more severely, fails without saying it again.
    """
    if reading.summary is None:
        return _unread(reading)
    found = {
        name: tuple(check.run(reading.summary, charter, policy)) for name, check in CHECKS.items()
    }
    fresh = [
        issue
        for name, issues in found.items()
        for issue in issues
        if not (CHECKS[name].repeats_reader and _is_said(issue, reading.issues))
    ]
    issues = _worst_first((*reading.issues, *fresh))
    return HealthReport(
        status=STATUS[worst(issues)],
        issues=issues,
        srm=sample_ratio(reading.summary, charter, policy),
        checks=tuple((name, not raised) for name, raised in found.items()),
        srm_sequential=daily_ratio(reading.summary, charter, policy),
    )


def _unread(reading: Reading) -> HealthReport:
    """Nothing can be checked; a reader that gave no blocking reason is still not healthy."""
    issues = reading.issues
    severity = worst(issues)
    if severity is None or severity.rank < Severity.BLOCKED.rank:
        issues = (*issues, NOTHING_READ)
    issues = _worst_first(issues)
    return HealthReport(status=STATUS[worst(issues)], issues=issues, srm=None)


def _worst_first(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    return tuple(sorted(issues, key=lambda issue: -issue.severity.rank))


def _is_said(issue: Issue, before: tuple[Issue, ...]) -> bool:
    return any(
        said.where == issue.where and said.severity.rank >= issue.severity.rank for said in before
    )
