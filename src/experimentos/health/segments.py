"""Sample ratio inside segments and on single days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from experimentos.health.check import Check, PooledArm, planned_shares, pooled, pooled_arms
from experimentos.health.report import SampleRatio
from experimentos.health.srm import mismatch_text, ratio_of, severity_of
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Cell, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


@dataclass(frozen=True, slots=True)
class _Mismatch:
    """A group whose arms are not in the planned shares, after Bonferroni over the groups."""

    group: str
    severity: Severity
    text: str
    row: int


def _segment_issues(summary: Summary, charter: Charter, policy: Policy) -> Iterator[Issue]:
    groups = _groups((cell.segment, cell) for cell in summary.cells)
    for found in _mismatches(summary, groups, charter, policy):
        yield Issue(
            "segment_sample_ratio",
            Severity.NOTE if found.severity is Severity.NOTE else Severity.WARNING,
            f"Segment {found.group}: {found.text}",
            "Look at how this segment is assigned and logged; do not trust its result alone.",
            Where(found.row, "segment"),
        )


def _day_issues(summary: Summary, charter: Charter, policy: Policy) -> Iterator[Issue]:
    groups = _groups((cell.day, cell) for cell in summary.cells)
    for found in _mismatches(summary, groups, charter, policy):
        yield Issue(
            "day_sample_ratio",
            Severity.NOTE,
            f"On {found.group}: {found.text}",
            "Look for a late start, an outage or a change of the split on that day.",
            Where(found.row, "date"),
        )


def _groups(keyed: Iterator[tuple[str | date | None, Cell]]) -> Mapping[str, list[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for key, cell in keyed:
        if key is not None:
            groups.setdefault(str(key), []).append(cell)
    return groups


def _mismatches(
    summary: Summary, groups: Mapping[str, list[Cell]], charter: Charter, policy: Policy
) -> Iterator[_Mismatch]:
    names = [arm.name for arm in pooled_arms(summary)]
    shares = planned_shares(charter, len(names)) if names else None
    if shares is None or len(groups) < 2:
        return
    for group, cells in groups.items():
        arms = tuple(_arm(name, cells) for name in names)
        ratio = _ratio(arms, shares, policy)
        if ratio is None:
            continue
        severity = severity_of(min(1.0, ratio.p_value * len(groups)), policy)
        if severity is not None:
            yield _Mismatch(group, severity, _text(ratio, arms, len(groups)), cells[0].row)


def _arm(name: str, cells: Sequence[Cell]) -> PooledArm:
    if any(cell.arm == name for cell in cells):
        return pooled(name, cells)
    return PooledArm(name, 0, cells[0].row, ())


def _ratio(
    arms: Sequence[PooledArm], shares: Sequence[float], policy: Policy
) -> SampleRatio | None:
    ratio = ratio_of(arms, shares, policy.srm_exact_users, policy.segment_exact_tables)
    if ratio is None or ratio.statistic is None:
        return ratio
    smallest = min(value for value in ratio.expected if value > 0)
    return ratio if smallest >= policy.expected_count_exact else None


def _text(ratio: SampleRatio, arms: Sequence[PooledArm], groups: int) -> str:
    return f"{mismatch_text(ratio, arms)} This stands out among {groups} (Bonferroni)."


SEGMENTS = Check(
    name="segments",
    title="Users arrive in the planned shares inside each segment",
    reads=("segment", "users", "charter.split"),
    run=_segment_issues,
)

DAYS = Check(
    name="days",
    title="Users arrive in the planned shares on each day",
    reads=("date", "users", "charter.split"),
    run=_day_issues,
)
