"""Boundaries of a group-sequential plan, by recursive integration over the looks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experimentos.errors import ContractError
from experimentos.plan.roots import find_root
from experimentos.plan.spending import spent

type Array = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_FAR = 8.5
_MOST_PANELS = 400
_WIDEST_PANEL = 1.0
_STEPS_PER_PANEL = 3.0
"""Twelve nodes integrate a normal density over three of its standard deviations to 15 digits."""
_LEAST_SHARE = (2 * _FAR / (_MOST_PANELS * _STEPS_PER_PANEL)) ** 2
"""Of the information so far: what a look adds counts as this much at least (0.02 %)."""
_TINY = 1e-15
_NEWTON_STEPS = 60


@dataclass(frozen=True, slots=True)
class Boundary:
    """When a test may stop early, one value per look.

    Attributes
    ----------
    fractions : tuple[float, ...]
        Information at each look over the planned information, increasing.
    spent : tuple[float, ...]
        One-sided level used up to and including each look.
    z : tuple[float, ...]
        Stop for efficacy when z is at least this; infinite when nothing may be spent yet.
    two_sided : bool
        The lower boundary is the mirror image, each side with its own level.
    """

    fractions: tuple[float, ...]
    spent: tuple[float, ...]
    z: tuple[float, ...]
    two_sided: bool = False

    @property
    def nominal_p(self) -> tuple[float, ...]:
        """Return the one-sided p-value at which each look stops."""
        return tuple(float(ndtr(-value)) for value in self.z)


def boundary(
    fractions: Sequence[float], spending: str, alpha: float, *, is_final: bool = False
) -> Boundary:
    """Return the one-sided upper boundary of a Lan-DeMets design at these looks.

    Parameters
    ----------
    fractions
        Information at the looks as they happened, over the planned information; increasing,
        unequal and late looks welcome. The first look at or past 1 spends what is left; its
        bound uses the real information (overrun). Nothing is left for a look after it.
    spending
        See `spending.spent`.
    alpha
        One-sided level, in (0, 0.5]; half of a two-sided level gives each side's boundary.
    is_final
        The last look ends the experiment early or late: it spends all that is left.

    Raises
    ------
    ContractError
        If the looks do not increase, or the spending function is unknown.

    References
    ----------
    Lan and DeMets (1983); Armitage, McPherson and Rowe (1969) for the recursion; Jennison and
    Turnbull (2000), ch. 7 and 19.
    """
    looks = _checked(fractions, alpha)
    levels = [spent(spending, t, alpha) for t in looks]
    if is_final:
        levels[-1] = alpha
    return Boundary(looks, tuple(levels), _solve(looks, tuple(levels)))


def wang_tsiatis(looks: int, delta: float, alpha: float) -> tuple[float, Boundary]:
    """Return the constant C and two-sided bounds C (k / K)^(delta - 1/2) at equal information.

    Parameters
    ----------
    looks
        Number of looks K, at least 1.
    delta
        Shape: 0 is O'Brien and Fleming's test, 0.5 Pocock's.
    alpha
        Two-sided level, in (0, 1).

    References
    ----------
    Wang and Tsiatis (1987), Biometrics 43.
    """
    if looks < 1 or not 0 < alpha < 1:
        raise ContractError("A design needs at least one look, and an alpha between 0 and 1.")
    return _wang_tsiatis(int(looks), float(delta), float(alpha))


@lru_cache(maxsize=256)
def _wang_tsiatis(looks: int, delta: float, alpha: float) -> tuple[float, Boundary]:
    fractions = tuple((k + 1) / looks for k in range(looks))
    shape = [t ** (delta - 0.5) for t in fractions]

    def miss(c: float) -> float:
        bounds = tuple(c * value for value in shape)
        return sum(crossing(fractions, bounds, lower=tuple(-b for b in bounds))) * 2 - alpha

    low = -float(ndtri(alpha / 2))
    c = low if looks == 1 else find_root(miss, low * 0.999, low * 3 + 3)
    bounds = tuple(c * value for value in shape)
    up = crossing(fractions, bounds, lower=tuple(-b for b in bounds))
    return c, Boundary(fractions, tuple(float(v) for v in np.cumsum(up)), bounds, two_sided=True)


def crossing(
    fractions: Sequence[float],
    z: Sequence[float],
    drift: float = 0.0,
    lower: Sequence[float] | None = None,
) -> tuple[float, ...]:
    """Return the chance to stop at each look by reaching the upper bound first.

    Parameters
    ----------
    fractions, z
        Looks and their upper bounds, shape (looks,).
    drift
        Expected z at fraction 1; 0 under the null.
    lower
        Lower bounds that also stop; None for a one-sided test.
    """
    down = tuple(lower) if lower is not None else (-math.inf,) * len(z)
    return _crossing(tuple(fractions), tuple(z), float(drift), down)


@lru_cache(maxsize=512)
def _crossing(
    fractions: tuple[float, ...], z: tuple[float, ...], drift: float, lower: tuple[float, ...]
) -> tuple[float, ...]:
    walk = Walk(drift)
    out: list[float] = []
    for t, upper, below in zip(fractions, z, lower, strict=True):
        walk.to(t)
        out.append(walk.above(upper))
        walk.stop(below, upper)
    return tuple(out)


class Walk:
    """The density of z over the looks, among experiments that have not stopped yet.

    Attributes
    ----------
    drift : float
        Expected z at fraction 1.
    reach : float
        Standard deviations on either side of the drift that are followed.
    """

    def __init__(self, drift: float = 0.0, reach: float = _FAR) -> None:
        self.drift = drift
        self.reach = reach
        self._from = 0.0
        self._now = 0.0
        # One point of mass at zero information: B(0) = 0.
        self._b = np.zeros(1)
        self._mass = np.ones(1)
        self._open: tuple[float, float] | None = None

    def to(self, fraction: float) -> None:
        """Move on to the next look."""
        if self._open is not None:
            self._keep(*self._open, _step(self._now, fraction))
            self._open = None
        self._from, self._now = self._now, fraction

    def above(self, z: float) -> float:
        """Return P(not stopped before, and z or more at this look)."""
        if z == math.inf:
            return 0.0
        return float(self._mass @ ndtr(self._standard(self._b, -z)))

    def above_each(self, z: Array) -> Array:
        """Return `above` for many values at once, shape (values,)."""
        scale = self._step()
        shifted = self._b + self.drift * scale**2
        inside = ndtr((shifted - z[:, None] * math.sqrt(self._now)) / scale)
        return np.asarray(inside @ self._mass, dtype=np.float64)

    def density(self, z: Array) -> Array:
        """Return the density of z at this look among experiments not stopped before."""
        scale = self._step()
        gap = (z[:, None] * math.sqrt(self._now) - self._b - self.drift * scale**2) / scale
        kernel = np.exp(-0.5 * gap * gap) * (math.sqrt(self._now) / scale / math.sqrt(2 * math.pi))
        return np.asarray(kernel @ self._mass, dtype=np.float64)

    def above_under(self, drifts: Array, z: float) -> Array:
        """Return `above` as it would be under other drifts, shape (drifts,).

        A path to b at information t is exp((d - d0) b - (d^2 - d0^2) t / 2) times as likely under
        d as under this walk's d0: exact as far as what is followed reaches.
        """
        if z == math.inf:
            return np.zeros(drifts.shape)
        d, d0 = drifts[:, None], self.drift
        likelier = np.exp((d - d0) * self._b - (d * d - d0 * d0) * self._from / 2)
        scale = self._step()
        inside = ndtr((self._b + d * scale**2 - z * math.sqrt(self._now)) / scale)
        return np.asarray((likelier * inside) @ self._mass, dtype=np.float64)

    def stop(self, lower: float, upper: float) -> None:
        """Stop every experiment outside (lower, upper) and keep the others' density."""
        centre = self.drift * math.sqrt(self._now)
        low, high = max(lower, centre - self.reach), min(upper, centre + self.reach)
        self._open = low, high

    def _keep(self, low: float, high: float, coming: float) -> None:
        """Put the density between the bounds on nodes that suit both this step and the coming."""
        if not low < high:
            self._b, self._mass = np.zeros(1), np.zeros(1)
            return
        step = min(self._step(), coming) / math.sqrt(self._now)
        width = min(_WIDEST_PANEL, _STEPS_PER_PANEL * step)
        panels = min(_MOST_PANELS, max(8, math.ceil((high - low) / width)))
        edges = np.linspace(low, high, panels + 1)
        half = (edges[1] - edges[0]) / 2
        z = (edges[:-1, None] + half * (1 + _NODES)).ravel()
        weights = np.tile(half * _WEIGHTS, panels)
        mass = weights * self.density(z)
        self._b, self._mass = z * math.sqrt(self._now), mass

    def _step(self) -> float:
        return _step(self._from, self._now)

    def _standard(self, b: Array, minus_z: float) -> Array:
        scale = self._step()
        return (minus_z * math.sqrt(self._now) + b + self.drift * scale**2) / scale


def _step(start: float, end: float) -> float:
    """Return the standard deviation of what is added between two looks."""
    return math.sqrt(max(end - start, _LEAST_SHARE * end))


def _checked(fractions: Sequence[float], alpha: float) -> tuple[float, ...]:
    looks = tuple(float(t) for t in fractions)
    rises = all(a < b for a, b in zip((0.0, *looks), looks, strict=False))
    if not looks or not rises or not math.isfinite(looks[-1]):
        raise ContractError(
            "Looks need increasing information fractions above 0.",
            hint="Give for instance 0.25, 0.5, 0.75, 1.",
        )
    if not 0 < alpha <= 0.5:
        raise ContractError(f"The one-sided level is {alpha}; it must lie in (0, 0.5].")
    return looks


@lru_cache(maxsize=512)
def _solve(fractions: tuple[float, ...], levels: tuple[float, ...]) -> tuple[float, ...]:
    walk = Walk()
    bounds: list[float] = []
    before = 0.0
    for t, level in zip(fractions, levels, strict=True):
        walk.to(t)
        bounds.append(_bound(walk, level - before))
        walk.stop(-math.inf, bounds[-1])
        before = max(before, level)
    return tuple(bounds)


def _bound(walk: Walk, level: float) -> float:
    """Return z with P(reaching it now for the first time) = level, by Newton on log P."""
    z = -float(ndtri(level)) if level > 0 else math.inf
    if level < _TINY:
        # The bound of this look alone: never too low, and too far out for the grid to tell.
        return z
    for _ in range(_NEWTON_STEPS):
        p = walk.above(z)
        if p <= 0:
            # Almost the same data as at the last look: few survivors are this far out.
            z -= 0.5
            continue
        slope = float(walk.density(np.array([z]))[0]) / p
        step = (math.log(p) - math.log(level)) / slope
        z += max(-1.0, min(1.0, step))
        if abs(step) < 1e-12:
            break
    return z
