"""Curves that help to choose a size: power over users, MDE over days, users over effects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experimentos.plan.duration import Traffic, units_by
from experimentos.plan.power import DEFAULT_SCHEME, Metric, mde, power_at, required_n
from experimentos.plan.scheme import Scheme


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart.

    Attributes
    ----------
    x_name, y_name : str
        What the axes are, with units.
    x, y : tuple[float, ...]
        Points; y is nan-free: points without an answer are left out.
    """

    x_name: str
    y_name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


def power_by_users(
    metric: Metric, effect: float, controls: Sequence[float], scheme: Scheme = DEFAULT_SCHEME
) -> Curve:
    """Return the power over total units, for these numbers of control units."""
    n = np.asarray(controls, dtype=np.float64)
    total = n * (1 + scheme.arms * scheme.ratio)
    reached = power_at(metric, effect, n, scheme)
    return Curve("units in all arms", "power", tuple(total.tolist()), tuple(reached.tolist()))


def users_by_effect(
    metric: Metric,
    effects: Sequence[float],
    scheme: Scheme = DEFAULT_SCHEME,
    power: float = 0.8,
) -> Curve:
    """Return the total units needed over the effect to be found; effects of 0 are left out."""
    effect = np.asarray(effects, dtype=np.float64)
    total = required_n(metric, effect, scheme, power) * (1 + scheme.arms * scheme.ratio)
    some = np.isfinite(total)
    return Curve(
        "effect", "units in all arms", tuple(effect[some].tolist()), tuple(total[some].tolist())
    )


def mde_by_day(
    metric: Metric,
    traffic: Traffic,
    days: Sequence[int],
    scheme: Scheme = DEFAULT_SCHEME,
    power: float = 0.8,
) -> Curve:
    """Return the minimum detectable effect over the days; days without one are left out."""
    points: list[tuple[float, float]] = []
    for day in days:
        control = units_by(day, traffic) / (1 + scheme.arms * scheme.ratio)
        found = mde(metric, control, scheme, power) if control >= 2 else None
        if found is not None:
            points.append((float(day), found))
    return Curve("days", "minimum detectable effect", *_columns(points))


def _columns(points: list[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(x for x, _ in points), tuple(y for _, y in points)
