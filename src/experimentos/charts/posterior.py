"""Posterior densities: informational, beside the decision and never in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from experimentos.analysis import numbers
from experimentos.analysis.result import Interval
from experimentos.charts.chart import BETTER, UNCLEAR, Chart, layered
from experimentos.charts.visible import one_line


@dataclass(frozen=True, slots=True)
class Density:
    """A posterior density on a grid.

    Attributes
    ----------
    label : str
        Metric and arm.
    grid : Sequence[float], shape (points,)
        Ascending, in the unit of the quantity.
    density : Sequence[float], shape (points,)
        Not negative; any common scale.
    interval : Interval
        Credible interval of the quantity.
    probability_better : float in [0, 1]
    """

    label: str
    grid: Sequence[float]
    density: Sequence[float]
    interval: Interval
    probability_better: float


def posterior_chart(posterior: Density, *, title: str, is_share: bool) -> Chart:
    """Return the density as an area, its credible interval darker, and a line at zero.

    Parameters
    ----------
    title
        Of the horizontal axis, for example "Difference of the conversion rates".
    is_share
        Whether the quantity is a difference of shares: it is then shown in points.
    """
    scale = 100.0 if is_share else 1.0
    curve = zip(posterior.grid, posterior.density, strict=True)
    values = [{"x": scale * value, "density": density} for value, density in curve]
    axis = {"format": "+.4~g", "grid": False, "tickCount": 6}
    unit = " (points)" if is_share else ""
    x = {"field": "x", "type": "quantitative", "title": f"{title}{unit}", "axis": axis}
    y = {"field": "density", "type": "quantitative", "title": None, "axis": None}
    low, high = scale * posterior.interval.low, scale * posterior.interval.high
    chart = layered(
        values,
        [
            {
                "mark": {"type": "area", "color": BETTER, "opacity": 0.25, "line": True},
                "encoding": {"x": x, "y": y},
            },
            {
                "mark": {"type": "area", "color": BETTER, "opacity": 0.45},
                "transform": [{"filter": {"field": "x", "range": [low, high]}}],
                "encoding": {"x": x, "y": y},
            },
            {
                "mark": {"type": "rule", "color": UNCLEAR, "strokeWidth": 1.5},
                "encoding": {"x": {"datum": 0, "type": "quantitative"}},
            },
        ],
        posterior_alt(posterior, is_share=is_share),
    )
    chart.spec["height"] = 180
    return chart


def posterior_alt(posterior: Density, *, is_share: bool) -> str:
    """Return the density in words: the probability and the interval."""
    write = numbers.interval_points if is_share else numbers.interval_quantity
    return (
        f"Posterior of {one_line(posterior.label)}: probability that it is better "
        f"{numbers.chance(posterior.probability_better)}, "
        f"{write(posterior.interval, name='credible interval')}."
    )
