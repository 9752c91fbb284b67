"""Users per arm, observed and planned."""

from collections.abc import Sequence

from experimentos.analysis import numbers
from experimentos.charts.chart import BETTER, WORSE, Chart, layered
from experimentos.charts.visible import one_line
from experimentos.health.report import SampleRatio


def traffic_chart(arms: Sequence[str], srm: SampleRatio) -> Chart:
    """Return a bar of the observed users per arm with a tick at the planned number.

    Parameters
    ----------
    arms
        Names in the order of ``srm.observed``, control first.
    """
    values = [
        {"arm": one_line(arm), "observed": seen, "expected": planned, "gap": seen - planned}
        for arm, seen, planned in zip(arms, srm.observed, srm.expected, strict=True)
    ]
    order = [value["arm"] for value in values]
    y = {"field": "arm", "type": "nominal", "sort": order, "title": None}
    tooltip = [
        {"field": "arm", "title": "Arm"},
        {"field": "observed", "title": "Observed users", "format": ","},
        {"field": "expected", "title": "Planned users", "format": ",.1f"},
        {"field": "gap", "title": "Difference", "format": "+,.1f"},
    ]
    x = {"type": "quantitative", "title": "Users (bar: observed, tick: planned)"}
    chart = layered(
        values,
        [
            {
                "mark": {"type": "bar", "color": BETTER, "opacity": 0.75, "height": {"band": 0.6}},
                "encoding": {"y": y, "x": {**x, "field": "observed"}, "tooltip": tooltip},
            },
            {
                "mark": {"type": "tick", "color": WORSE, "thickness": 3, "height": {"band": 0.85}},
                "encoding": {"y": y, "x": {**x, "field": "expected"}, "tooltip": tooltip},
            },
        ],
        _alt(arms, srm),
    )
    chart.spec["height"] = {"step": 40}
    return chart


def _alt(arms: Sequence[str], srm: SampleRatio) -> str:
    said = "; ".join(
        f"{one_line(arm)} {numbers.count(seen)} observed, {numbers.fixed(planned, 1)} planned"
        for arm, seen, planned in zip(arms, srm.observed, srm.expected, strict=True)
    )
    return f"Users per arm: {said}. Sample ratio test {numbers.p_value(srm.p_value)}."
