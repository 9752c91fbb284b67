"""Sample ratio mismatch at every day so far: an alarm that may be looked at daily."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate

from experimentos.health.check import Check, PooledArm, planned_shares, pooled_arms
from experimentos.health.report import SRM_SEQUENTIAL as CODE
from experimentos.health.report import DailyRatio
from experimentos.health.srm import FIX, severity_of
from experimentos.health.srm_sequential import srm_sequential
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def daily_ratio(summary: Summary, charter: Charter, policy: Policy) -> DailyRatio | None:
    """Return the sequential sample ratio test after each day, or None without two days.

    Arms with a planned share of zero stay out, as in the test at the end.
    """
    arms = pooled_arms(summary)
    shares = planned_shares(charter, len(arms)) if arms else None
    if shares is None or any(cell.day is None or cell.users < 0 for cell in summary.cells):
        return None
    planned = [(arm, share) for arm, share in zip(arms, shares, strict=True) if share > 0]
    days = sorted({cell.day for cell in summary.cells if cell.day is not None})
    batches = [[_users(arm, day) for arm, _ in planned] for day in days]
    if len(planned) < 2 or len(days) < 2:
        return None
    weights = [share for _, share in planned]
    test = srm_sequential(batches, weights, policy.srm_sequential_concentration)
    seen = list(accumulate(batches, lambda so_far, new: [*map(sum, zip(so_far, new, strict=True))]))
    # The smallest p is reached on a day whose arms say what was wrong.
    place = test.p.index(test.p[-1])
    arm, deviation = _furthest(seen[place], weights)
    alarm = test.alarm(policy.srm_warning_p)
    return DailyRatio(
        p_value=test.p[-1],
        days=len(days),
        day=days[place],
        alarm=None if alarm is None else days[alarm],
        deviation=deviation,
        arm=planned[arm][0].name,
    )


def _users(arm: PooledArm, day: date) -> int:
    return sum(cell.users for cell in arm.cells if cell.day == day)


def _furthest(users: Sequence[int], weights: Sequence[float]) -> tuple[int, float]:
    """Return the arm that is furthest from its share, and by how many points, with its sign."""
    total = max(sum(users), 1)
    gaps = [count / total - weight for count, weight in zip(users, weights, strict=True)]
    place = max(range(len(gaps)), key=lambda index: abs(gaps[index]))
    return place, gaps[place]


def _run(summary: Summary, charter: Charter, policy: Policy) -> Iterator[Issue]:
    ratio = daily_ratio(summary, charter, policy)
    severity = None if ratio is None else severity_of(ratio.p_value, policy)
    if ratio is None or severity is None:
        return
    row = next(cell.row for cell in summary.cells if cell.arm == ratio.arm)
    yield Issue(
        CODE,
        # What the whole data say blocks, or does not (check `srm`): days alone only warn.
        Severity.NOTE if severity is Severity.NOTE else Severity.WARNING,
        _text(ratio),
        FIX,
        Where(row, "date"),
    )


def _text(ratio: DailyRatio) -> str:
    side = "above" if ratio.deviation > 0 else "below"
    p_text = "p < 0.000001" if ratio.p_value < 1e-6 else f"p = {ratio.p_value:.2g}"
    since = "" if ratio.alarm is None else f"; alarm since {ratio.alarm}"
    return (
        f"Day by day the arms are not in the planned shares: up to {ratio.day} arm {ratio.arm} was "
        f"{abs(ratio.deviation) * 100:.2g} points {side} its share (sequential {p_text}, "
        f"valid at every one of {ratio.days} looks{since})."
    )


DAILY_SRM = Check(
    name="srm_sequential",
    title="Users arrive in the planned shares at every daily look",
    reads=("date", "users", "charter.split", "policy.srm_note_p, srm_warning_p"),
    run=_run,
)
