"""How the effect will be tested: what a sample size has to be solved for."""

import math
from dataclasses import dataclass
from functools import lru_cache

from scipy.special import ndtr, ndtri

from experimentos.errors import ContractError
from experimentos.plan.critical import dunnett_critical
from experimentos.plan.looks import boundary, crossing
from experimentos.plan.roots import find_root


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """The test that the analysis will run.

    Attributes
    ----------
    alpha : float in (0, 1)
        Level of the whole test: both sides, all arms, all looks.
    sides : 1 or 2
    ratio : float
        Units of one treatment arm per unit of the control, > 0.
    arms : int
        Treatment arms, >= 1; more than one is tested with Dunnett's critical value.
    looks : tuple[float, ...]
        Information fractions of the planned looks, the last 1.
    spending : str
        Spending function over the looks, see `plan.spending`.
    margin : float | None
        Non-inferiority margin, > 0, unit of the metric: the test then shows that the treatment
        is worse by less than this. One-sided.
    higher_is_better : bool
        Which way is worse, for a non-inferiority test.
    """

    alpha: float = 0.05
    sides: int = 2
    ratio: float = 1.0
    arms: int = 1
    looks: tuple[float, ...] = (1.0,)
    spending: str = "obrien_fleming"
    margin: float | None = None
    higher_is_better: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise ContractError(f"alpha is {self.alpha}; it must lie between 0 and 1.")
        if self.sides not in (1, 2):
            raise ContractError(f"A test has 1 or 2 sides, not {self.sides}.")
        if not 0 < self.ratio < math.inf:
            raise ContractError(
                f"The allocation ratio is {self.ratio}; it must be positive.",
                hint="Give treatment units per control unit: 9 for a 10/90 split.",
            )
        if self.arms < 1:
            raise ContractError("There must be at least one treatment arm.")
        self._check_extras()

    def _check_extras(self) -> None:
        if self.margin is not None and (self.sides == 2 or not 0 < self.margin < math.inf):
            raise ContractError(
                "A non-inferiority test is one-sided and has a positive margin.",
                hint="Use 1 side, and give the margin in the unit of the metric.",
            )
        if not self.looks or not math.isclose(self.looks[-1], 1.0):
            raise ContractError(
                "The last planned look is at information fraction 1.",
                hint="Give for instance 0.25, 0.5, 0.75, 1.",
            )

    @property
    def side_alpha(self) -> float:
        """Return the level of one arm's one side without looks: Dunnett's when arms share it."""
        return float(ndtr(-self.critical))

    @property
    def critical(self) -> float:
        """Return the critical value of z of the test with a single look."""
        if self.arms == 1:
            return -float(ndtri(self.alpha / self.sides))
        # One-sided: twice the level gives the same upper critical value, but for the rare case
        # of one arm far up and another far down (an error below 1e-4 of alpha).
        return dunnett_critical(self.alpha * 2 / self.sides, 1.0, [self.ratio] * self.arms)

    def fixed_power(self, power: float) -> float:
        """Return the power a single-look test needs to have this power with the planned looks."""
        if len(self.looks) == 1:
            return power
        return float(
            ndtr(_drift(self.looks, self.spending, self.side_alpha, power) - self.critical)
        )

    def power_with_looks(self, fixed: float) -> float:
        """Return the power over the planned looks where a single look would have `fixed`."""
        if len(self.looks) == 1 or not 0 < fixed < 1:
            return fixed
        drift = float(ndtri(fixed)) + self.critical
        bound = boundary(self.looks, self.spending, self.side_alpha)
        return min(1.0, sum(crossing(bound.fractions, bound.z, drift)))


@lru_cache(maxsize=256)
def _drift(looks: tuple[float, ...], spending: str, alpha: float, power: float) -> float:
    """Return the expected z at the last look for which the design has this power."""
    bound = boundary(looks, spending, alpha)
    fixed = float(ndtri(power) - ndtri(alpha))

    def miss(drift: float) -> float:
        return sum(crossing(bound.fractions, bound.z, drift)) - power

    return find_root(miss, max(0.0, fixed * 0.9), fixed * 2 + 1)
