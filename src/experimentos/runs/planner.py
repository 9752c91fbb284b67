"""How many scenarios and samples a wanted difference needs."""

import math
from dataclasses import dataclass

from scipy.special import nctdtr, ndtri, stdtrit

from experimentos.errors import ContractError
from experimentos.plan.roots import find_root


@dataclass(frozen=True, slots=True)
class PairedDesign:
    """Two models on the same scenarios, each with repeated samples.

    Attributes
    ----------
    samples_per_scenario : int
        Of each model.
    var_between_difference : float
        Variance over scenarios of the true difference.
    var_within : float
        Variance of one sample of one model within a scenario.
    alpha : float in (0, 1)
        Two-sided.
    power : float in (0, 1)
    """

    samples_per_scenario: int
    var_between_difference: float
    var_within: float
    alpha: float = 0.05
    power: float = 0.8

    @property
    def variance_per_scenario(self) -> float:
        """Return the variance of one scenario's observed difference."""
        return self.var_between_difference + 2 * self.var_within / self.samples_per_scenario

    @property
    def reach(self) -> float:
        """Return z(1 - alpha / 2) + z(power)."""
        return float(ndtri(1 - self.alpha / 2) + ndtri(self.power))


def difference_se(design: PairedDesign, scenarios: int) -> float:
    """Return the standard error of the mean difference over this many scenarios."""
    return math.sqrt(design.variance_per_scenario / scenarios)


def detectable_difference(design: PairedDesign, scenarios: int) -> float:
    """Return the smallest true difference found with the design's power.

    References
    ----------
    Miller (2024), Adding error bars to evals, section 5: SE^2 = between / S + 2 within / (S K).
    """
    return design.reach * difference_se(design, scenarios)


def scenarios_needed(design: PairedDesign, difference: float) -> float:
    """Return the number of scenarios that this difference needs, before rounding up.

    Raises
    ------
    ContractError
        If the difference is zero.
    """
    if difference == 0:
        raise ContractError(
            "A difference of zero can never be found.", hint="Name the smallest one that matters."
        )
    return design.reach**2 * design.variance_per_scenario / difference**2


def detectable_effect_size(pairs: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """Return the mean difference, in its own standard deviations, that a paired t test finds.

    Raises
    ------
    ContractError
        If there are fewer than two pairs.

    References
    ----------
    Non-central t, both tails counted.
    """
    if pairs < 2:
        raise ContractError("A paired t test needs two pairs or more.", hint="Add scenarios.")
    df = pairs - 1
    critical = float(stdtrit(df, 1 - alpha / 2))

    def shortfall(effect: float) -> float:
        shift = effect * math.sqrt(pairs)
        return float(1 - nctdtr(df, shift, critical) + nctdtr(df, shift, -critical)) - power

    # Doubling keeps the far bracket close: the non-central t is nan for large shifts.
    enough = 0.1 / math.sqrt(pairs)
    while shortfall(enough) < 0:
        enough *= 2
    return find_root(shortfall, 1e-9, enough)
