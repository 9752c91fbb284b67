"""The effect segment by segment: intervals that answer for all segments together."""

import math

from experimentos.analysis import numbers
from experimentos.analysis.result import Compared
from experimentos.analysis.segments import Segmented
from experimentos.charts.chart import BETTER, UNCLEAR, Chart, Spec, layered
from experimentos.charts.visible import one_line

_STEP = 34


def segments_chart(view: Segmented, *, is_share: bool) -> Chart:
    """Return one interval per segment, and a dashed line at the effect of all segments."""
    scale = 100.0 if is_share else 1.0
    values = [
        {
            "segment": one_line(each.segment),
            "planned": "planned" if each.is_planned else "not planned",
            "estimate": scale * each.outcome.difference,
            "low": scale * each.outcome.interval.low,
            "high": scale * each.outcome.interval.high,
            "text": numbers.effect(each.outcome, view_kind(is_share=is_share)),
        }
        for each in view.segments
        if isinstance(each.outcome, Compared) and _is_finite(each.outcome)
    ]
    unit = " (points)" if is_share else ""
    y: Spec = {"field": "segment", "type": "nominal", "title": None}
    y |= {"sort": [v["segment"] for v in values], "axis": {"ticks": False, "domain": False}}
    x: Spec = {"type": "quantitative", "title": f"Difference, treatment minus control{unit}"}
    x["axis"] = {"format": "+.3~g", "grid": False, "tickCount": 6}
    tooltip = [
        {"field": "segment", "title": "Segment"},
        {"field": "text", "title": "Difference"},
        {"field": "planned", "title": "Before the data"},
    ]
    drawn: Spec = {"y": y, "tooltip": tooltip}
    layers: list[Spec] = [
        _line(0.0, [1, 0]),
        {
            "mark": {"type": "rule", "strokeWidth": 2.5, "color": BETTER},
            "encoding": {**drawn, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 100, "color": BETTER, "opacity": 1},
            "encoding": {**drawn, "x": {**x, "field": "estimate"}},
        },
    ]
    if isinstance(view.poststratified, Compared):
        layers.insert(1, _line(scale * view.poststratified.difference, [4, 3]))
    chart = layered(values, layers, segments_alt(view, is_share=is_share))
    chart.spec["height"] = {"step": _STEP}
    return chart


def segments_alt(view: Segmented, *, is_share: bool) -> str:
    """Return the plot in words, one clause per segment."""
    kind = view_kind(is_share=is_share)
    said = [
        f"{one_line(each.segment)}: {numbers.effect(each.outcome, kind)}"
        for each in view.segments
        if isinstance(each.outcome, Compared)
    ]
    return f"{one_line(view.metric)} by segment. " + "; ".join(said) + "."


def view_kind(*, is_share: bool) -> str:
    """Return the kind of metric whose numbers are written this way."""
    return numbers.RATE if is_share else "mean"


def _line(at: float, dash: list[int]) -> Spec:
    return {
        "mark": {"type": "rule", "color": UNCLEAR, "strokeWidth": 1.5, "strokeDash": dash},
        "encoding": {"x": {"datum": at, "type": "quantitative"}},
    }


def _is_finite(outcome: Compared) -> bool:
    return math.isfinite(outcome.interval.low) and math.isfinite(outcome.interval.high)
