"""Power of the score test of two proportions, vectorised over its numbers."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from experimentos.plan.restricted import restricted_rates

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Null:
    """The null hypothesis and the variance it is tested with.

    Attributes
    ----------
    margin : float
        Non-inferiority margin in points of the rate, >= 0: H0 is treatment - control <= -margin.
        0 tests for a difference.
    variance : "score" or "wald"
        "score": the rates restricted to the null, the pooled z test at margin 0 and Farrington
        and Manning's elsewhere. "wald": both rates free.
    """

    margin: float = 0.0
    variance: Literal["score", "wald"] = "score"


POOLED = Null()
UNPOOLED = Null(variance="wald")


def rates_power(
    control: ArrayLike,
    treatment: ArrayLike,
    n_control: ArrayLike,
    ratio: ArrayLike,
    critical: float,
    null: Null = POOLED,
) -> Array:
    """Return the chance that z passes the critical value on the side of the true effect.

    Parameters
    ----------
    control, treatment
        True rates in [0, 1], broadcast together with the sizes.
    n_control, ratio
        Units of the control, and treatment units per control unit.
    critical
        Critical value of |z|, or of z for a one-sided test.
    null
        What is tested.

    References
    ----------
    Fleiss, Levin and Paik (2003), ch. 4; Farrington and Manning (1990), Stat Med 9.
    """
    shift, spread_null, spread = _spreads(control, treatment, ratio, null)
    root_n = np.sqrt(np.asarray(n_control, dtype=np.float64))
    return _passing(shift * root_n - critical * spread_null, spread)


def rates_far_tail(
    control: ArrayLike,
    treatment: ArrayLike,
    n_control: ArrayLike,
    ratio: ArrayLike,
    critical: float,
    null: Null = POOLED,
) -> Array:
    """Return the chance that a two-sided test rejects on the wrong side."""
    shift, spread_null, spread = _spreads(control, treatment, ratio, null)
    root_n = np.sqrt(np.asarray(n_control, dtype=np.float64))
    return _passing(-shift * root_n - critical * spread_null, spread)


def rates_n(
    control: ArrayLike,
    treatment: ArrayLike,
    ratio: ArrayLike,
    critical: float,
    power: float,
    null: Null = POOLED,
) -> Array:
    """Return the control units needed, before rounding up; infinite without an effect.

    The far tail is left out, as R's power.prop.test does by default.
    """
    shift, spread_null, spread = _spreads(control, treatment, ratio, null)
    wanted = critical * spread_null + float(ndtri(power)) * spread
    with np.errstate(divide="ignore"):
        n = np.where(shift > 0, (wanted / np.where(shift > 0, shift, 1.0)) ** 2, np.inf)
    # A test that is passed without any data at all needs no units, not a negative root's square.
    return np.where((wanted <= 0) & (shift > 0), 0.0, n)


def cohens_h(control: float, treatment: float) -> float:
    """Return Cohen's h, the difference of the arcsine-transformed rates."""
    return float(2 * (np.arcsin(np.sqrt(treatment)) - np.arcsin(np.sqrt(control))))


def arcsine_n(
    control: float, treatment: float, ratio: float, critical: float, power: float
) -> float:
    """Return the control units that Cohen's h would ask for.

    For comparison with other tools only: no test of this program is an arcsine test, and at low
    rates the number is far off for the z test (heliosdrm/pwr, issue 31).
    """
    h = abs(cohens_h(control, treatment))
    if h == 0:
        return float("inf")
    return float(((critical + ndtri(power)) / h) ** 2 * (1 + 1 / ratio))


def _spreads(
    control: ArrayLike, treatment: ArrayLike, ratio: ArrayLike, null: Null
) -> tuple[Array, Array, Array]:
    """Return the shift from the null, and sqrt(n_control) times the null and true standard errors.

    The shift is positive towards the alternative: upwards for non-inferiority, towards the true
    effect for a difference.
    """
    p0, p1, share = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (control, treatment, ratio))
    )
    spread = np.sqrt(p0 * (1 - p0) + p1 * (1 - p1) / share)
    shift = np.abs(p1 - p0) if null.margin == 0 else p1 - p0 + null.margin
    if null.variance == "wald":
        return shift, spread, spread
    at0, at1 = restricted_rates((p0, np.ones_like(p0), share * p1, share), -null.margin)
    return shift, np.sqrt(at0 * (1 - at0) + at1 * (1 - at1) / share), spread


def _passing(excess: Array, spread: Array) -> Array:
    # Rates of 0 or 1 leave no spread: the excess alone then decides.
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(spread > 0, excess / spread, np.where(excess > 0, np.inf, -np.inf))
    return np.asarray(ndtr(z), dtype=np.float64)
