"""Whether this data may be analysed, and why."""

from dataclasses import dataclass
from enum import StrEnum

from experimentos.issue import Issue

SRM = "sample_ratio_mismatch"
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
    """

    status: Status
    issues: tuple[Issue, ...]
    srm: SampleRatio | None
    checks: tuple[tuple[str, bool], ...] = ()

    @property
    def is_blocked(self) -> bool:
        """Return whether no analysis may be made."""
        return self.status in (Status.BLOCKED, Status.UNREADABLE)
