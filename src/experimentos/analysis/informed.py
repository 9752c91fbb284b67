"""The relative lift under a prior that was entered as a range, by quadrature.

What was believed before the data is a normal prior of the lift; the control's own level has a
flat prior and is integrated out. Nothing is simulated, and the posterior of a lift is one integral
per value whatever the number of users.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.polynomial.legendre import leggauss, legint, legval, legvander
from numpy.typing import NDArray
from scipy.special import ndtri

from experimentos.analysis.lift import CLEARLY_AWAY_FROM_ZERO, Estimates, fieller_g
from experimentos.analysis.method import Method
from experimentos.analysis.result import Unavailable
from experimentos.metrics.counts import Counts
from experimentos.plan.charter import Belief
from experimentos.plan.roots import find_root

type Array = NDArray[np.float64]

_NODES = 128
_INNER = 64
_NEGLIGIBLE = 37.0
"""A logarithm of the density this far below its peak adds less than a double resolves."""
_REACH = 9.0
"""Standard deviations of the prior beyond which it has no weight left in doubles."""
_GRID = 129
_ROUNDS = 24
_HALVINGS = 60


class Profile(NamedTuple):
    """What the data say of lifts, arrays of one shape.

    Attributes
    ----------
    log_likelihood : Array
        Up to a constant, the control's level integrated out.
    control : Array
        Expected level of the control if this were the lift; the unit of the metric, > 0.
    """

    log_likelihood: Array
    control: Array


class Evidence(NamedTuple):
    """The data's part of a posterior of the lift.

    Attributes
    ----------
    profile : Callable[[Array], Profile]
        Takes lifts, shape (values,).
    estimate : float
        The lift that was seen, where the search for the posterior starts.
    least : float
        Smallest lift that can be: -1 for a rate, else -inf.
    """

    profile: Callable[[Array], Profile]
    estimate: float
    least: float


def evidence_of_rates(control: Counts, treatment: Counts) -> Evidence:
    """Return the binomial evidence on the lift of a rate, the control's rate flat on [0, 1]."""
    n = np.array([control.n, treatment.n], dtype=float)
    k = np.array([control.k, treatment.k], dtype=float)
    # Everything is measured against these rates: no large logarithms are subtracted.
    near = (k + 0.5) / (n + 1)

    def log_density(p: Array, ratio: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            first = _binomial(p, k[0], n[0], near[0])
            return first + _binomial(p * ratio, k[1], n[1], near[1])

    def profile(lift: Array) -> Profile:
        ratio = 1 + lift
        top = 1 / np.maximum(ratio, 1.0)
        mode = _mode(k, n, ratio)
        peak = log_density(mode, ratio)
        low = _fall(log_density, ratio, peak, (np.zeros_like(mode), mode))
        high = _fall(log_density, ratio, peak, (top, mode))
        x, weights = _nodes(_INNER, low, high)
        density = np.exp(log_density(x, ratio[:, None]) - peak[:, None]) * weights
        mass = density.sum(axis=-1)
        return Profile(peak + np.log(mass), (density * x).sum(axis=-1) / mass)

    return Evidence(profile, float(near[1] / near[0] - 1), -1.0)


def evidence_of_means(estimates: Estimates) -> Evidence | Unavailable:
    """Return the normal evidence on the lift of a mean or ratio, the control's level flat."""
    control, treatment = float(estimates.control), float(estimates.treatment)
    if control == 0 or float(fieller_g(estimates, CLEARLY_AWAY_FROM_ZERO)) >= 1:
        return Unavailable(
            INFORMED_LIFT.name,
            "control_near_zero",
            "The control is not clearly different from 0: a belief about the relative lift says "
            "nothing about it.",
        )
    level, other = abs(control), treatment if control > 0 else -treatment
    spread, noise = float(estimates.control_variance), float(estimates.treatment_variance)
    side = 1.0 if control > 0 else -1.0

    def profile(lift: Array) -> Profile:
        # A lift is a share of the control's size, so a negative control rises towards zero.
        ratio = 1 + side * lift
        variance = noise + ratio**2 * spread
        gap = other - ratio * level
        expected = (level * noise + ratio * other * spread) / variance
        return Profile(-0.5 * (np.log(variance) + gap**2 / variance), expected)

    return Evidence(profile, side * (other / level - 1), -np.inf)


class _Piece(NamedTuple):
    """The posterior density between two lifts, as a series that can be integrated exactly."""

    low: float
    high: float
    running: Array
    difference: float

    def mass(self, end: float) -> float:
        """Return the integral of the density from the low end to a lift."""
        share = (min(max(end, self.low), self.high) - self.low) / (self.high - self.low)
        return float(legval(2 * share - 1, self.running))


class InformedLift:
    """The posterior of a lift: its probabilities, interval and expected losses."""

    def __init__(self, evidence: Evidence, belief: Belief) -> None:
        self._evidence = evidence
        self._mean = (belief.low + belief.high) / 2
        self._sd = (belief.high - belief.low) / (2 * float(ndtri((1 + belief.level) / 2)))
        low, high, peak = self._window()
        # At a lift of 0 the rates that are possible change their edge: no piece goes across it.
        ends = sorted({low, min(max(0.0, low), high), high})
        self._pieces = [self._piece(*pair, peak) for pair in pairwise(ends)]
        self._whole = self._mass(high)

    def below(self, lift: float) -> float:
        """Return P(lift < value), in [0, 1]."""
        return min(max(self._mass(lift) / self._whole, 0.0), 1.0)

    def between(self, low: float, high: float) -> float:
        """Return P(low < lift < high), in [0, 1]."""
        return max(self.below(high) - self.below(low), 0.0)

    @property
    def loss_below(self) -> float:
        """Return E[(difference)-] in the unit of the metric: what taking the treatment loses."""
        return sum(max(-piece.difference, 0.0) for piece in self._pieces) / self._whole

    @property
    def loss_above(self) -> float:
        """Return E[(difference)+] in the unit of the metric: what keeping the control loses."""
        return sum(max(piece.difference, 0.0) for piece in self._pieces) / self._whole

    def interval(self, level: float) -> tuple[float, float]:
        """Return the ends of the equal-tailed credible interval of the lift."""
        low, high = self._pieces[0].low, self._pieces[-1].high
        tail = (1 - level) / 2
        return (
            find_root(lambda lift: self.below(lift) - tail, low, high),
            find_root(lambda lift: self.below(lift) - (1 - tail), low, high),
        )

    def _mass(self, end: float) -> float:
        return sum(piece.mass(end) for piece in self._pieces)

    def _log_density(self, lift: Array) -> tuple[Array, Array]:
        profile = self._evidence.profile(lift)
        prior = -0.5 * ((lift - self._mean) / self._sd) ** 2
        return prior + profile.log_likelihood, profile.control

    def _window(self) -> tuple[float, float, float]:
        """Return where the posterior lies, between prior and data, and its highest logarithm."""
        reach, seen = _REACH * self._sd, self._evidence.estimate
        low = max(min(self._mean, seen) - reach, self._evidence.least)
        high, peak = max(self._mean, seen) + reach, 0.0
        for _ in range(_ROUNDS):
            inside = np.linspace(low, high, _GRID + 2)
            log_density = self._log_density(inside[1:-1])[0]
            peak = float(log_density.max())
            kept = 1 + np.flatnonzero(log_density > peak - _NEGLIGIBLE)
            low, high = float(inside[kept[0] - 1]), float(inside[kept[-1] + 1])
            if kept.size > _GRID / 4:
                break
        return low, high, peak

    def _piece(self, low: float, high: float, peak: float) -> _Piece:
        lift, weights = _nodes(_NODES, np.array(low), np.array(high))
        log_density, control = self._log_density(lift)
        density = np.exp(log_density - peak)
        degree = np.arange(_NODES)
        series = (2 * degree + 1) / (high - low) * (_POLYNOMIALS.T @ (density * weights))
        running = np.asarray(legint(series, lbnd=-1, scl=(high - low) / 2), dtype=float)
        return _Piece(low, high, running, float((density * weights * control * lift).sum()))


def _binomial(p: Array, k: float, n: float, near: float) -> Array:
    """Return the log likelihood of a rate relative to that of a rate nearby; -inf outside."""
    hit = k * np.log1p(np.maximum((p - near) / near, -1.0)) if k else 0.0
    miss = (n - k) * np.log1p(np.maximum((near - p) / (1 - near), -1.0)) if n > k else 0.0
    return np.asarray(hit + miss + np.zeros_like(p))


def _mode(k: Array, n: Array, ratio: Array) -> Array:
    """Return the control rate of highest likelihood when the treatment's is ratio times it."""
    hits, misses = k.sum(), n - k
    b = hits * (1 + ratio) + misses[0] + misses[1] * ratio
    c = n.sum() * ratio
    root = np.sqrt(np.maximum(b * b - 4 * c * hits, 0.0))
    return np.asarray(np.minimum(2 * hits / (b + root), 1 / np.maximum(ratio, 1.0)))


def _fall(
    log_density: Callable[[Array, Array], Array],
    ratio: Array,
    peak: Array,
    bracket: tuple[Array, Array],
) -> Array:
    """Return where the density has fallen to nothing on the way from the mode to an edge."""
    edge, inside = bracket
    for _ in range(_HALVINGS):
        middle = (edge + inside) / 2
        gone = log_density(middle, ratio) < peak - _NEGLIGIBLE
        edge, inside = np.where(gone, middle, edge), np.where(gone, inside, middle)
    return edge


def _nodes(count: int, low: Array, high: Array) -> tuple[Array, Array]:
    """Return Gauss-Legendre nodes between two ends, last axis, and their weights."""
    points, weights = _LEGENDRE[count]
    half = (high - low)[..., None] / 2
    return low[..., None] + half * (points + 1), half * weights


_LEGENDRE = {count: leggauss(count) for count in (_NODES, _INNER)}
_POLYNOMIALS = legvander(_LEGENDRE[_NODES][0], _NODES - 1)

INFORMED_LIFT = Method(
    name="informed_lift",
    title="Posterior of the lift under a stated belief",
    accepts=Counts,
    words=(
        "The range that was believed before the data is a normal prior of the relative lift, its "
        "ends the equal-tailed quantiles. It is multiplied by the likelihood of the lift, with the "
        "control's own level integrated out under a flat prior; probabilities, interval and "
        "expected losses are integrals of the product, by quadrature."
    ),
    source=(
        "Gelman et al. (2013), Bayesian Data Analysis, 3rd ed., chapters 2 and 3; nuisance level: "
        "Berger, Liseo and Wolpert (1999), Statistical Science 14:1-28."
    ),
    assumptions=(
        "The range was stated before the data were seen.",
        "Users are independent; a mean is close to normal with its standard error well known.",
    ),
)
