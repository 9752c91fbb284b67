"""Smallest effect that can be found against days."""

from collections.abc import Sequence

from experimentos.charts.chart import BETTER, UNCLEAR, Chart, Spec, layered


def smallest_effect_chart(
    days: Sequence[float], effects: Sequence[float], *, planned: int, is_share: bool
) -> Chart:
    """Return the smallest effect over days, with the planned days as a line.

    Parameters
    ----------
    days, effects
        Shape (points,): days, smallest effect in the metric's unit.
    planned
        Days until the planned users are in.
    is_share
        Whether the effect is a difference of rates, drawn in points.
    """
    scale = 100 if is_share else 1
    unit = "points" if is_share else "metric's unit"
    values = [
        {"day": day, "effect": abs(value) * scale} for day, value in zip(days, effects, strict=True)
    ]
    x: Spec = {"field": "day", "type": "quantitative", "title": "Days"}
    x["axis"] = {"tickMinStep": 1, "tickCount": 8, "grid": False}
    y: Spec = {"field": "effect", "type": "quantitative", "title": f"Smallest effect ({unit})"}
    y["axis"] = {"tickCount": 5}
    tooltip = [
        {"field": "day", "title": "Day"},
        {"field": "effect", "title": f"Smallest effect ({unit})", "format": ".3~g"},
    ]
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "color": BETTER, "strokeWidth": 2.5},
            "encoding": {"x": x, "y": y, "tooltip": tooltip},
        },
        {
            "mark": {"type": "rule", "color": UNCLEAR, "strokeDash": [4, 3]},
            "encoding": {"x": {"datum": planned, "type": "quantitative"}},
        },
    ]
    chart = layered(values, layers, _alt(values, planned, unit))
    chart.spec["height"] = 240
    return chart


def _alt(values: Sequence[dict[str, float]], planned: int, unit: str) -> str:
    if not values:
        return "No day shown has enough users to find an effect."
    near = min(values, key=lambda value: abs(value["day"] - planned))
    return (
        f"After {near['day']:.0f} days the smallest effect is {near['effect']:.3g} ({unit}); it "
        "shrinks with the square root of the users."
    )
