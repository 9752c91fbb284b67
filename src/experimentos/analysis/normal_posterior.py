"""The posterior of a normal estimate, in closed form."""

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from experimentos.analysis.method import Method
from experimentos.analysis.result import Interval
from experimentos.metrics.moments import Moments


@dataclass(frozen=True, slots=True)
class NormalPosterior:
    """A normal posterior of an effect.

    Attributes
    ----------
    mean, sd : float
        Unit of the effect; sd > 0.
    """

    mean: float
    sd: float

    @property
    def probability_positive(self) -> float:
        """Return P(effect > 0)."""
        return float(ndtr(self.mean / self.sd))

    @property
    def loss_below(self) -> float:
        """Return E[(effect)-]: what choosing the treatment loses on average."""
        return self.sd * _expected_excess(-self.mean / self.sd)

    @property
    def loss_above(self) -> float:
        """Return E[(effect)+]: what keeping the control loses on average."""
        return self.sd * _expected_excess(self.mean / self.sd)

    def probability_between(self, low: float, high: float) -> float:
        """Return P(low < effect < high), the probability of a region of equivalence."""
        a, b = (low - self.mean) / self.sd, (high - self.mean) / self.sd
        # In the upper tail both probabilities are close to 1: subtract the small ones instead.
        return float(ndtr(-a) - ndtr(-b) if a > 0 else ndtr(b) - ndtr(a))

    def interval(self, level: float) -> Interval:
        """Return the equal-tailed credible interval."""
        half = -float(ndtri((1 - level) / 2)) * self.sd
        return Interval(self.mean - half, self.mean + half, level)


def normal_posterior(
    estimate: float, se: float, prior_mean: float | None = None, prior_sd: float | None = None
) -> NormalPosterior:
    """Return the posterior of an effect with a normal estimate.

    Parameters
    ----------
    estimate, se
        Unit of the effect; se > 0.
    prior_mean, prior_sd
        A normal prior; flat when either is None.
    """
    if prior_mean is None or prior_sd is None:
        return NormalPosterior(estimate, se)
    weight = prior_sd**2 / (prior_sd**2 + se**2)
    mean = weight * estimate + (1 - weight) * prior_mean
    return NormalPosterior(mean, se * prior_sd / math.hypot(se, prior_sd))


def _expected_excess(z: float) -> float:
    """Return E[(Z + z)+] for a standard normal Z: z Phi(z) + phi(z), without cancellation."""
    if z > -30:
        return z * float(ndtr(z)) + math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    # Far below zero the two terms cancel: the asymptotic series of Mills' ratio.
    series = 1 / z**2 * (1 - 3 / z**2 * (1 - 5 / z**2 * (1 - 7 / z**2 * (1 - 9 / z**2))))
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * series


NORMAL_POSTERIOR = Method(
    name="normal_posterior",
    title="Normal posterior",
    accepts=Moments,
    words=(
        "The estimate and its standard error as a normal likelihood, combined with a flat or "
        "normal prior; probabilities and expected losses in closed form."
    ),
    source="Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., section 2.5.",
    assumptions=("The estimate is close to normal and its standard error well known.",),
)
