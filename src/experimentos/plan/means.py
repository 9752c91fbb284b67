"""Power of the t test of two means by the noncentral t distribution, vectorised."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri, stdtrit

type Array = NDArray[np.float64]

_COARSE = np.polynomial.legendre.leggauss(48)
_FINE = np.polynomial.legendre.leggauss(256)
_FEW_DF = 10.0
_SECANT_STEPS = 40
_SMALLEST_DF = 1.0


@dataclass(frozen=True, slots=True)
class Spread:
    """How the units of the two arms vary, and how many there are of each.

    Attributes
    ----------
    sd_control, sd_treatment : float
        Standard deviations of one unit, > 0.
    ratio : float
        Treatment units per control unit, > 0.
    welch : bool
        Satterthwaite's degrees of freedom, as the app tests; False pools the variances.
    """

    sd_control: float = 1.0
    sd_treatment: float = 1.0
    ratio: float = 1.0
    welch: bool = True

    def se(self, n_control: ArrayLike) -> Array:
        """Return the standard error of the difference with this many control units."""
        n = np.asarray(n_control, dtype=np.float64)
        return np.asarray(np.sqrt((self.sd_control**2 + self.sd_treatment**2 / self.ratio) / n))

    def df(self, n_control: ArrayLike) -> Array:
        """Return the degrees of freedom, at least 1."""
        n0 = np.asarray(n_control, dtype=np.float64)
        n1 = n0 * self.ratio
        if not self.welch:
            return np.maximum(n0 + n1 - 2, _SMALLEST_DF)
        v0, v1 = self.sd_control**2 / n0, self.sd_treatment**2 / n1
        with np.errstate(divide="ignore"):
            below = v0**2 / np.maximum(n0 - 1, 0) + v1**2 / np.maximum(n1 - 1, 0)
        return np.maximum((v0 + v1) ** 2 / below, _SMALLEST_DF)


def rejection(noncentrality: ArrayLike, df: ArrayLike, critical: ArrayLike, sides: int) -> Array:
    """Return P(T >= critical) of the noncentral t, and with two sides P(T <= -critical) as well.

    By quadrature over s, the estimated over the true standard deviation: P = E[Phi(nc - t s)].
    Accurate to 1e-11 where the power is asked of a test with df >= 2, in one pass over arrays.
    """
    nc, nu, t = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (noncentrality, df, critical))
    )
    nodes, weights = _FINE if np.any(nu < _FEW_DF) else _COARSE
    width = 9.0 / np.sqrt(2 * nu)
    low, high = np.maximum(-1.0, -width)[..., None], width[..., None]
    # e = s - 1: the density is written around its mode, where large df would cancel.
    e = low + (high - low) * (1 + nodes) / 2
    nu, nc, t = nu[..., None], nc[..., None], t[..., None] * (1 + e)
    weight = weights * np.exp((nu - 1) * np.log1p(e) - nu * (e + 0.5 * e * e))
    inside = ndtr(nc - t)
    if sides == 2:
        inside = inside + ndtr(-nc - t)
    return np.asarray((weight * inside).sum(axis=-1) / weight.sum(axis=-1), dtype=np.float64)


def means_power(
    effect: ArrayLike, n_control: ArrayLike, spread: Spread, alpha: float, sides: int
) -> Array:
    """Return the power of the t test to see this difference.

    Parameters
    ----------
    effect
        True difference towards the alternative, unit of the metric.
    n_control
        Units of the control.
    spread
        Standard deviations and allocation.
    alpha, sides
        Level of the whole test; with 2 sides both tails count.
    """
    df = spread.df(n_control)
    critical = stdtrit(df, 1 - alpha / sides)
    shift = np.asarray(effect, dtype=np.float64) / spread.se(n_control)
    return rejection(shift, df, critical, sides)


def means_n(effect: ArrayLike, spread: Spread, alpha: float, sides: int, power: float) -> Array:
    """Return the control units needed, before rounding up; infinite unless the effect is positive.

    Secant steps on the square root of n: on that scale the normal quantile of the power is almost
    a straight line.
    """
    size = np.asarray(effect, dtype=np.float64)
    some = size > 0
    size = np.where(some, size, 1.0)
    least = float(np.sqrt(_least(spread)))
    per_root_n = size / float(spread.se(1.0))
    start = np.maximum((ndtri(power) - ndtri(alpha / sides)) / per_root_n, least)

    def reached(root_n: Array) -> Array:
        return means_power(size, root_n * root_n, spread, alpha, sides)

    root_n = _secant(reached, start, power, least)
    return np.where(some, root_n * root_n, np.inf)


def means_mde(
    n_control: ArrayLike, spread: Spread, alpha: float, sides: int, power: float
) -> Array:
    """Return the smallest difference found with this power, unit of the metric."""
    df = spread.df(n_control)
    critical = stdtrit(df, 1 - alpha / sides)
    start = np.asarray(critical + ndtri(power), dtype=np.float64)
    shift = _secant(lambda nc: rejection(nc, df, critical, sides), start, power, 0.0)
    return shift * spread.se(n_control)


def _secant(reached: Callable[[Array], Array], start: Array, power: float, least: float) -> Array:
    """Return x >= least with reached(x) = power, on the scale of the normal quantile."""

    def miss(x: Array) -> Array:
        return np.asarray(ndtri(np.clip(reached(x), 1e-300, 1 - 1e-16)) - ndtri(power))

    x0, x1 = start, start * 1.01 + 0.01
    f0, f1 = miss(x0), miss(x1)
    for _ in range(_SECANT_STEPS):
        moved = f1 != f0
        step = np.where(moved, f1 * (x1 - x0) / np.where(moved, f1 - f0, 1.0), 0.0)
        x0, f0 = x1, f1
        x1 = np.maximum(x1 - np.clip(step, -x1, x1 / 2), least)
        # The error after a secant step is of the order of the product of the last two.
        if np.all(np.abs(x1 - x0) <= 1e-8 * x1):
            break
        f1 = miss(x1)
    return x1


def _least(spread: Spread) -> float:
    """Return the smallest control size for which the test has a degree of freedom."""
    if spread.welch:
        return max(1.0, 1.0 / spread.ratio) + 1e-3
    return (2.0 + _SMALLEST_DF) / (1.0 + spread.ratio)
