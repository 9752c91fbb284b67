"""Whether this data may be analysed, and why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from experimentos.issue import Issue

SRM = "sample_ratio_mismatch"
SRM_SEQUENTIAL = "sample_ratio_mismatch_daily"
GUARDRAIL_MISSING = "guardrail_missing"
PLAN_CHANGED = "plan_changed"
FEWER_THAN_PLANNED = "fewer_than_planned"


class Status(StrEnum):
    """The state of the data, best first."""

    HEALTHY = "healthy"
    WARNING = "warning"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """The sample ratio test.

    Attributes
    ----------
    p_value : float
    method : str
        "chi_square" or "exact_multinomial".
    statistic : float | None
        Chi-square; None for the exact test.
    observed : tuple[int, ...]
        Users per arm, control first.
    expected : tuple[float, ...]
        Users per arm under the planned split.
    deviation : float
        Largest distance of an observed share from its planned share, in points (0.01 is one point).
    arm : str
        The arm with that distance.
    """

    p_value: float
    method: str
    statistic: float | None
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    deviation: float
    arm: str


@dataclass(frozen=True, slots=True)
class DailyRatio:
    """The sequential sample ratio test over the days of the data.

    Attributes
    ----------
    p_value : float
        Smallest so far; valid however often the days were looked at.
    days : int
        Looks, >= 2.
    day : date
        On which it was reached.
    alarm : date | None
        First day below the policy's `srm_warning_p`.
    deviation : float
        Distance of the arm's share from its planned share on that day, with its sign (0.01 is one
        point).
    arm : str
        The arm that was furthest off.
    """

    p_value: float
    days: int
    day: date
    alarm: date | None
    deviation: float
    arm: str


@dataclass(frozen=True, slots=True)
class HealthReport:
    """The verdict of all the checks.

    Attributes
    ----------
    status : Status
    issues : tuple[Issue, ...]
        Worst first.
    srm : SampleRatio | None
        None when the arms do not allow the test.
    checks : tuple[tuple[str, bool], ...]
        (name of the check, passed without an issue), in the order they were run.
    srm_sequential : DailyRatio | None
        None without dated rows of two days.
    """

    status: Status
    issues: tuple[Issue, ...]
    srm: SampleRatio | None
    checks: tuple[tuple[str, bool], ...] = ()
    srm_sequential: DailyRatio | None = None

    @property
    def is_blocked(self) -> bool:
        """Return whether no analysis may be made."""
        return self.status in (Status.BLOCKED, Status.UNREADABLE)
