"""Power against sample size."""

from collections.abc import Sequence

from experimentos.analysis import numbers
from experimentos.charts.chart import BETTER, UNCLEAR, Chart, Spec, layered


def power_chart(
    users: Sequence[int], power: Sequence[float], *, target: float, needed: int | None
) -> Chart:
    """Return power over total users, with the target as a line and the needed size as a point.

    Parameters
    ----------
    users, power
        Shape (points,): users in all arms, power in [0, 1].
    target
        Wanted power.
    needed
        Users at which the target is reached; None when it is not.
    """
    values = [{"users": n, "power": value} for n, value in zip(users, power, strict=True)]
    x: Spec = {"field": "users", "type": "quantitative", "title": "Users in all arms"}
    x["axis"] = {"format": "~s", "tickCount": 6, "grid": False}
    y: Spec = {"field": "power", "type": "quantitative", "title": "Power"}
    y |= {"scale": {"domain": [0, 1]}, "axis": {"format": ".0%", "tickCount": 5}}
    tooltip = [
        {"field": "users", "title": "Users", "format": ","},
        {"field": "power", "title": "Power", "format": ".1%"},
    ]
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "color": BETTER, "strokeWidth": 2.5, "point": False},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        },
        {
            "mark": {"type": "rule", "color": UNCLEAR, "strokeDash": [4, 3]},
            "encoding": {"y": {"datum": target, "type": "quantitative"}},
        },
    ]
    if needed is not None:
        mark: Spec = {"type": "point", "filled": True, "size": 120, "color": BETTER, "opacity": 1}
        at: Spec = {"x": {"datum": needed}, "y": {"datum": target}}
        layers.append({"mark": mark, "encoding": at})
    chart = layered(values, layers, _alt(target, needed))
    chart.spec["height"] = 240
    return chart


def _alt(target: float, needed: int | None) -> str:
    wanted = numbers.percent(target, 0)
    if needed is None:
        return f"Power stays below {wanted} for every sample size shown."
    return f"Power reaches {wanted} at {numbers.count(needed)} users in all arms."
