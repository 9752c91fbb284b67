"""Days an experiment runs, from its traffic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experimentos.errors import ContractError


@dataclass(frozen=True, slots=True)
class Traffic:
    """How units arrive.

    Attributes
    ----------
    per_day : float
        New eligible units per day at full traffic, > 0.
    exposure : tuple[float, ...]
        Share of the traffic that enters the experiment on each day of the ramp, in [0, 1]; the
        last share holds from then on. (0.05, 0.05, 0.25, 1.0) is a four-day ramp.
    """

    per_day: float
    exposure: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if not 0 < self.per_day < math.inf:
            raise ContractError(
                f"Traffic is {self.per_day:g} units a day; it must be positive.",
                hint="Count new units a day: somebody who returns is not new.",
            )
        if not self.exposure or not all(0 <= share <= 1 for share in self.exposure):
            raise ContractError("Each day's exposure is a share between 0 and 1.")
        if self.exposure[-1] == 0:
            raise ContractError("A ramp that ends at no exposure never fills the experiment.")


def units_by(day: float, traffic: Traffic) -> float:
    """Return the units in the experiment after this many days."""
    whole = min(math.floor(day), len(traffic.exposure))
    shares = math.fsum(traffic.exposure[:whole])
    if whole < len(traffic.exposure):
        shares += (day - whole) * traffic.exposure[whole]
    else:
        shares += (day - whole) * traffic.exposure[-1]
    return shares * traffic.per_day


def days_for(units: float, traffic: Traffic) -> int:
    """Return the whole days until this many units are in the experiment, ramp included.

    Parameters
    ----------
    units
        Total over all arms, > 0.
    traffic
        Units per day and ramp.
    """
    seen = 0.0
    for day, share in enumerate(traffic.exposure, start=1):
        seen += share * traffic.per_day
        if seen >= units:
            return day
    rest = (units - seen) / (traffic.exposure[-1] * traffic.per_day)
    return len(traffic.exposure) + math.ceil(rest - 1e-9)


def whole_weeks(days: int) -> int:
    """Return the days rounded up to full weeks, so that every weekday counts equally."""
    return 7 * math.ceil(days / 7)


def arm_units(total: float, shares: Sequence[float]) -> tuple[float, ...]:
    """Return the units of each arm when a total is split by these shares."""
    whole = math.fsum(shares)
    if whole <= 0 or min(shares) < 0:
        raise ContractError("Planned shares must be positive.")
    return tuple(total * share / whole for share in shares)
