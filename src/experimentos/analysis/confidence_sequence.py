"""Intervals and p-values that stay valid however often the data is looked at."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from experimentos.analysis.method import Method
from experimentos.analysis.result import Interval, Unavailable
from experimentos.errors import ContractError
from experimentos.metrics.moments import Moments


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """One look of an always-valid test.

    Attributes
    ----------
    method : str
        "asymptotic_cs" or "msprt".
    estimate : float
        Treatment minus control, unit of the metric.
    interval : Interval
        Confidence sequence at this look.
    p_value : float in [0, 1]
    log_evidence : float
        Log of the mixture likelihood ratio against no effect.
    rho : float | None
        Tuning parameter of the asymptotic confidence sequence.
    """

    method: str
    estimate: float
    interval: Interval
    p_value: float
    log_evidence: float
    rho: float | None = None

    @property
    def evidence(self) -> float:
        """Return the mixture likelihood ratio; infinite past the largest double."""
        return math.exp(self.log_evidence) if self.log_evidence < 709 else math.inf


def asymptotic_cs(
    estimate: float, se: float, n_total: float, n_tuning: float, alpha: float = 0.05
) -> AlwaysValid | Unavailable:
    """Return the asymptotic confidence sequence at this look.

    Parameters
    ----------
    estimate, se
        Difference and its standard error now, unit of the metric.
    n_total
        Units in both arms now, > 0; sigma^2 is taken as se^2 * n_total.
    n_tuning
        Total units at which the sequence is to be tightest, > 0: fixed before the data.
    alpha
        Level over all looks together.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52, with the
    scaling of gbstats; valid once each arm has some hundreds of units.
    """
    _check(alpha, n_total, n_tuning)
    if not 0 < se < math.inf:
        return Unavailable("asymptotic_cs", "no_variation", "The standard error is not positive.")
    rho = tuned_rho(n_tuning, alpha)
    grown = n_total * rho * rho
    # log lambda = (z^2 / 2) * n rho^2 / (n rho^2 + 1) - log(n rho^2 + 1) / 2
    z = estimate / se
    evidence = 0.5 * z * z * grown / (grown + 1) - 0.5 * math.log1p(grown)
    half = se * float(critical(n_total, rho, alpha))
    return AlwaysValid(
        "asymptotic_cs",
        estimate,
        Interval(estimate - half, estimate + half, 1 - alpha),
        math.exp(-max(0.0, evidence)),
        evidence,
        rho,
    )


def msprt(
    estimate: float, se: float, tau2: float, alpha: float = 0.05
) -> AlwaysValid | Unavailable:
    """Return the mixture sequential probability ratio test at this look.

    Parameters
    ----------
    estimate, se
        Difference and its standard error now, unit of the metric.
    tau2
        Variance of the Normal(0, tau2) mixture over effects, > 0: fixed before the data.
    alpha
        Level over all looks together.

    References
    ----------
    Robbins (1970); Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70.
    """
    _check(alpha, tau2)
    if not 0 < se < math.inf:
        return Unavailable("msprt", "no_variation", "The standard error is not positive.")
    variance = se * se
    share = tau2 / (variance + tau2)
    shrink = 0.5 * math.log1p(tau2 / variance)
    z = estimate / se
    evidence = 0.5 * z * z * share - shrink
    half = se * math.sqrt(2 / share * (shrink - math.log(alpha)))
    return AlwaysValid(
        "msprt",
        estimate,
        Interval(estimate - half, estimate + half, 1 - alpha),
        math.exp(-max(0.0, evidence)),
        evidence,
    )


def running(looks: Sequence[AlwaysValid]) -> tuple[AlwaysValid, ...]:
    """Return the looks with the smallest p so far and the intersection of the intervals so far.

    Where intervals of different looks do not meet, the effect has drifted: the last non-empty
    intersection shrinks to a point and stays.
    """
    out: list[AlwaysValid] = []
    low, high, p = -math.inf, math.inf, 1.0
    for look in looks:
        p = min(p, look.p_value)
        low, high = (
            min(max(low, look.interval.low), high),
            max(min(high, look.interval.high), low),
        )
        interval = Interval(low, high, look.interval.level)
        out.append(
            AlwaysValid(look.method, look.estimate, interval, p, look.log_evidence, look.rho)
        )
    return tuple(out)


def tuned_rho(n_tuning: float, alpha: float) -> float:
    """Return the rho whose confidence sequence is tightest at n_tuning units."""
    doubled = -2 * math.log(alpha)
    return math.sqrt((doubled + math.log(doubled + 1)) / n_tuning)


def critical(n_total: ArrayLike, rho: float, alpha: float) -> NDArray[np.float64]:
    """Return the half-width of the sequence in standard errors, for any number of looks."""
    grown = np.asarray(n_total, dtype=np.float64) * rho * rho
    return np.asarray(np.sqrt(2 * (grown + 1) / grown * (0.5 * np.log1p(grown) - math.log(alpha))))


def cost(alpha: float = 0.05) -> float:
    """Return the width of the sequence at its tuned size over the fixed interval's width."""
    _check(alpha)
    return float(critical(1.0, tuned_rho(1.0, alpha), alpha)) / -float(ndtri(alpha / 2))


def _check(alpha: float, *positive: float) -> None:
    if not 0 < alpha < 1:
        raise ContractError(f"alpha is {alpha}; it must lie between 0 and 1.")
    if not all(0 < value < math.inf for value in positive):
        raise ContractError(
            "An always-valid test needs positive sizes and a positive tuning value.",
            hint="Tune it to the total size at which you expect to decide.",
        )


ASYMPTOTIC_CS = Method(
    name="asymptotic_cs",
    title="Asymptotic confidence sequence",
    accepts=Moments,
    words=(
        "An interval round the estimate that holds the effect at every look together with the "
        "stated coverage, however often one looks: the effects that a mixture of likelihood ratios "
        "has not yet ruled out, tightest at the planned number of users."
    ),
    source=(
        "Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52:2613-2640."
    ),
    assumptions=(
        "The estimate is close to normal from the first look on; some hundreds of users.",
        "The planned number of users was fixed before the data.",
    ),
)
