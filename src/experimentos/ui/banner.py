"""Issues and states, drawn the same on every page."""

from collections.abc import Sequence

import streamlit as st

from experimentos.health.report import HealthReport, Status
from experimentos.issue import Issue, Severity
from experimentos.ui import format as fmt

_ICONS = {
    Severity.NOTE: ":material/info:",
    Severity.WARNING: ":material/warning:",
    Severity.BLOCKED: ":material/block:",
    Severity.UNREADABLE: ":material/block:",
}
_MOST_IN_BANNER = 6


def bullet(issue: Issue) -> str:
    """Return an issue as one line of Markdown: where, what, and what to do."""
    place = f"**{fmt.plain(str(issue.where))}**: " if str(issue.where) else ""
    return f"{place}{fmt.plain(issue.message)} *{fmt.plain(issue.fix)}*"


def bullets(issues: Sequence[Issue], most: int = _MOST_IN_BANNER) -> str:
    """Return issues as a Markdown list, the longest tail counted instead of shown."""
    lines = [f"- {bullet(issue)}" for issue in issues[:most]]
    if len(issues) > most:
        lines.append(f"- and {len(issues) - most} more, listed below")
    return "\n".join(lines)


def health_banner(report: HealthReport) -> None:
    """Draw the status of the data with the reasons to act on; notes are only counted."""
    acting = _acting(report)
    notes = len(report.issues) - len(acting)
    match report.status:
        case Status.HEALTHY:
            noted = f" {fmt.plural(notes, 'note')} for the record." if notes else ""
            st.success(
                f"**Healthy.** Every check passed; the data can be analysed.{noted}",
                icon=":material/check_circle:",
            )
        case Status.WARNING:
            st.warning(
                bullets(acting),
                title="Warning: read this before you trust the numbers",
                icon=_ICONS[Severity.WARNING],
            )
        case Status.BLOCKED:
            st.error(
                bullets(acting),
                title="Blocked: this data may not be analysed",
                icon=_ICONS[Severity.BLOCKED],
            )
        case Status.UNREADABLE:
            st.error(
                bullets(acting),
                title="The file could not be read",
                icon=_ICONS[Severity.UNREADABLE],
            )


def not_in_banner(report: HealthReport) -> list[Issue]:
    """Return the issues that the banner only counts: notes, and a long tail."""
    shown = _acting(report)[:_MOST_IN_BANNER]
    return [issue for issue in report.issues if issue not in shown]


def _acting(report: HealthReport) -> list[Issue]:
    return [issue for issue in report.issues if issue.severity is not Severity.NOTE]


def issue_list(issues: Sequence[Issue]) -> None:
    """Draw every issue, worst first, each with its place and its fix."""
    for issue in sorted(issues, key=lambda i: -i.severity.rank):
        st.markdown(f"{_ICONS[issue.severity]} {bullet(issue)}")
