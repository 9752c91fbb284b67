"""A planned number of early looks: boundary, stopping, and intervals that know about it."""

import math
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experimentos.analysis.method import Method
from experimentos.analysis.result import Interval
from experimentos.errors import ContractError
from experimentos.metrics.moments import Moments
from experimentos.plan.looks import Boundary, Walk, boundary
from experimentos.plan.roots import find_root, find_roots

type Array = NDArray[np.float64]

_NEARBY = 6.0
"""Standard errors round what was seen in which the ends of an interval are looked for."""
_FOLLOWED = 14.0
"""Standard deviations that the walk follows, so that 8 are left for every drift nearby."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the data saw.

    Attributes
    ----------
    fraction : float
        Information at the look over the planned information, > 0.
    estimate : float
        Treatment minus control, unit of the metric.
    se : float
        Its standard error, > 0.
    """

    fraction: float
    estimate: float
    se: float

    @property
    def z(self) -> float:
        """Return the standardised estimate."""
        return self.estimate / self.se


class Stages(NamedTuple):
    """How many experiments ended: index of the look, z there, and whether a bound was reached."""

    look: NDArray[np.intp]
    z: Array
    stopped: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Monitored:
    """A group-sequential test after the looks so far.

    Attributes
    ----------
    boundary : Boundary
        Upper bounds at the looks; a two-sided test stops below their mirror image too.
    z : tuple[float, ...]
        Standardised estimates.
    stopped_at : int | None
        Index of the first look that reached the boundary.
    is_over : bool
        Stopped, or past the last planned look.
    estimate : float
        Median unbiased when the test is over, else the plain estimate of the last look.
    interval : Interval
        Stage-wise when the test is over, else the repeated interval of the last look; may be
        infinite when a look could not stop.
    p_value : float | None
        Stage-wise, two-sided for a two-sided test; None while the test runs.
    method : str
        In words.
    """

    boundary: Boundary
    z: tuple[float, ...]
    stopped_at: int | None
    is_over: bool
    estimate: float
    interval: Interval
    p_value: float | None
    method: str


def monitor(
    looks: Sequence[Look],
    spending: str = "obrien_fleming",
    alpha: float = 0.05,
    sides: int = 2,
    *,
    is_final: bool = False,
) -> Monitored:
    """Return where a group-sequential test stands.

    Parameters
    ----------
    looks
        In the order of time, at their real information: late, unequal and past the plan.
    spending
        Spending function, see `plan.spending`.
    alpha, sides
        Level of the whole test. A two-sided test gives each side half of it.
    is_final
        The experiment ends at the last look, planned or not: it spends all that is left.

    Raises
    ------
    ContractError
        If there is no look, information does not increase, or a standard error is not positive.

    References
    ----------
    Lan and DeMets (1983); stage-wise ordering: Tsiatis, Rosner and Mehta (1984), Biometrics 40;
    repeated intervals: Jennison and Turnbull (1989), JRSS B 51.
    """
    if sides not in (1, 2) or not all(0 < look.se < math.inf for look in looks):
        raise ContractError("A look needs a positive standard error, and a test 1 or 2 sides.")
    bound = boundary([k.fraction for k in looks], spending, alpha / sides, is_final=is_final)
    z = tuple(look.z for look in looks)
    reached = [k for k, value in enumerate(z) if _passes(value, bound.z[k], sides)]
    last = reached[0] if reached else len(looks) - 1
    is_over = bool(reached) or is_final or looks[-1].fraction >= 1
    level = 1 - alpha if sides == 2 else 1 - 2 * alpha
    if not is_over:
        half = bound.z[last] * looks[last].se
        centre = looks[last].estimate
        interval = Interval(centre - half, centre + half, level)
        return Monitored(
            boundary=bound,
            z=z,
            stopped_at=None,
            is_over=False,
            estimate=centre,
            interval=interval,
            p_value=None,
            method="repeated confidence interval",
        )
    stage = Stages(np.array([last]), np.array([z[last]]), np.array([bool(reached)]))

    scale = looks[last].se * math.sqrt(bound.fractions[last])
    drifts = _drifts(bound, stage, [(1 - level) / 2, 0.5, (1 + level) / 2], sides)
    ends = [drift * scale for drift in drifts]
    up = float(stage_wise_tail(bound, stage, 0.0, sides)[0])
    return Monitored(
        boundary=bound,
        z=z,
        stopped_at=last if reached else None,
        is_over=True,
        estimate=ends[1],
        interval=Interval(ends[0], ends[2], level),
        p_value=min(1.0, 2 * min(up, 1 - up)) if sides == 2 else up,
        method="stage-wise ordering",
    )


def stage_wise_tail(bound: Boundary, stage: Stages, drift: float, sides: int = 2) -> Array:
    """Return P(an outcome at least as high) of many outcomes of one design.

    Parameters
    ----------
    bound
        The design's boundary.
    stage
        Where each experiment ended and its z, shape (experiments,).
    drift
        Expected z at information fraction 1.
    sides
        With 2 the mirrored lower boundary stops too.

    Notes
    -----
    At drift 0 this is the one-sided p-value, and the interval holds exactly the drifts for which
    it lies between alpha / 2 and 1 - alpha / 2.
    """
    walk, up = Walk(drift), 0.0
    tail = np.empty_like(stage.z)
    for k, t in enumerate(bound.fractions[: int(stage.look.max()) + 1]):
        walk.to(t)
        ended = stage.look == k
        tail[ended] = up + walk.above_each(stage.z[ended])
        up += walk.above(bound.z[k])
        walk.stop(-bound.z[k] if sides == 2 else -math.inf, bound.z[k])
    return tail


def first_stage(z: Array, bound: Boundary, sides: int = 2) -> Stages:
    """Return where experiments end: at the first look past the boundary, else at the last.

    Parameters
    ----------
    z
        Standardised estimates, shape (experiments, looks).
    """
    over = (np.abs(z) if sides == 2 else z) >= np.asarray(bound.z)
    look = np.where(over.any(axis=1), over.argmax(axis=1), z.shape[1] - 1)
    return Stages(look, z[np.arange(len(z)), look], over.any(axis=1))


def _passes(z: float, bound: float, sides: int) -> bool:
    return (abs(z) if sides == 2 else z) >= bound


def _drifts(
    bound: Boundary, stage: Stages, chances: Sequence[float], sides: int
) -> tuple[float, ...]:
    """Return the drifts under which the outcome is reached or passed with these probabilities.

    One walk at the drift that was seen serves every other drift nearby, so that a plan of hundreds
    of looks costs two walks in all.
    """
    last = int(stage.look[0])
    seen = float(stage.z[0]) / math.sqrt(bound.fractions[last])
    reach = _NEARBY / math.sqrt(bound.fractions[last])
    walked = _steps(bound, last, Walk(seen, _FOLLOWED), sides)

    def near(drift: Array) -> Array:
        bounds = (*bound.z[:last], float(stage.z[0]))
        pairs = zip(walked, bounds, strict=True)
        return np.sum([walk.above_under(drift, z) for walk, z in pairs], axis=0)

    p = np.asarray(chances)
    low, high = np.full(p.shape, seen - reach), np.full(p.shape, seen + reach)
    if np.all((near(low) < p) & (near(high) > p)):
        return tuple(find_roots(lambda drift: near(drift) - p, low, high).tolist())

    def at_least(drift: float) -> float:
        return float(stage_wise_tail(bound, stage, drift, sides)[0])

    return tuple(_drift(at_least, chance) for chance in chances)


def _steps(bound: Boundary, last: int, walk: Walk, sides: int) -> list[Walk]:
    """Return the walk as it stands at each look, before anything stops there."""
    steps = []
    for k, t in enumerate(bound.fractions[: last + 1]):
        walk.to(t)
        steps.append(copy(walk))
        walk.stop(-bound.z[k] if sides == 2 else -math.inf, bound.z[k])
    return steps


def _drift(at_least: Callable[[float], float], p: float) -> float:
    low, high = -1.0, 1.0
    while at_least(low) > p:
        low *= 2
    while at_least(high) < p:
        high *= 2
    return find_root(lambda drift: at_least(drift) - p, low, high)


GROUP_SEQUENTIAL = Method(
    name="group_sequential",
    title="Group-sequential test",
    accepts=Moments,
    words=(
        "At each look the estimate over its standard error is held against a bound. The bounds are "
        "such that the chance to pass any of them without an effect grows with the users seen as "
        "the spending function says, and is alpha at the planned end. While the test runs the "
        "interval is the estimate plus and minus bound times standard error; once it is over it is "
        "stage-wise, from the order in which outcomes speak for an effect."
    ),
    source=(
        "Lan and DeMets (1983), Biometrika 70:659-663; Jennison and Turnbull (1989), JRSS B "
        "51:305-361; Tsiatis, Rosner and Mehta (1984), Biometrics 40:797-803."
    ),
    assumptions=(
        "The planned number of users was fixed before the data.",
        "Users of later looks are new ones, so that what is added is independent.",
        "When to look does not depend on what was seen.",
    ),
)
