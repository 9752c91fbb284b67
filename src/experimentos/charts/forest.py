"""The forest plot of the screen: every metric with its interval, direction and harm limit."""

from experimentos.charts.chart import LEGEND, PALETTE, UNCLEAR, Chart, Spec, layered
from experimentos.charts.rows import ForestRow, drawn_range

_SHAPES = {"better": "triangle-up", "worse": "triangle-down", "unclear": "circle"}
_STEP = 38
_MOST_IN_WORDS = 12
_READING = {
    "better": "better",
    "worse": "worse",
    "unclear": "no clear difference",
    "unavailable": "",
}


def forest_chart(rows: tuple[ForestRow, ...]) -> Chart:
    """Return relative effects with intervals on one axis.

    Colour, shape and words each say whether a metric got better; a guardrail carries its harm
    limit as a dashed tick; an interval that leaves the axis ends in an arrow.
    """
    low, high = drawn_range(rows)
    values = [_value(row, low, high) for row in rows if row.span is not None]
    order = [row.label for row in rows if row.span is not None]
    y: Spec = {"field": "label", "type": "nominal", "sort": order, "title": None}
    y["axis"] = {"labelLimit": 220, "ticks": False, "domain": False, "grid": True}
    chart = layered(values, _layers(y, (low, high)), forest_alt(rows))
    chart.spec["height"] = {"step": _STEP}
    return chart


def _layers(y: Spec, ends: tuple[float, float]) -> list[Spec]:
    axis = {"format": "+.1~%", "grid": False, "tickCount": 6}
    # Two lines: one would be cut off on a phone.
    title = ["Change relative to the control", "(tick: harm limit of a guardrail)"]
    x: Spec = {"type": "quantitative", "scale": {"domain": ends, "nice": False}}
    x |= {"title": title, "axis": axis}
    words = [_READING[state] for state in _SHAPES]
    color: Spec = {"field": "reading", "type": "nominal", "legend": LEGEND}
    color["scale"] = {"domain": words, "range": [PALETTE[s] for s in _SHAPES]}
    shape: Spec = {"field": "reading", "type": "nominal", "legend": LEGEND}
    shape["scale"] = {"domain": words, "range": list(_SHAPES.values())}
    tooltip = [
        {"field": "label", "title": "Metric"},
        {"field": "text", "title": "Result"},
        {"field": "exact", "title": "Exact"},
    ]
    drawn: Spec = {"y": y, "color": color, "tooltip": tooltip}
    return [
        {
            "mark": {"type": "rule", "color": UNCLEAR, "strokeWidth": 1},
            "encoding": {"x": {"datum": 0, "type": "quantitative"}},
        },
        {
            "mark": {"type": "tick", "thickness": 2, "height": 22},
            "transform": [{"filter": "datum.harm !== null"}],
            "encoding": {
                "y": y,
                "x": {**x, "field": "harm"},
                "color": {"value": PALETTE["worse"]},
                "tooltip": [{"field": "limit", "title": "Harm limit"}],
            },
        },
        {
            "mark": {"type": "rule", "strokeWidth": 2.5, "clip": True},
            "encoding": {**drawn, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        *(_arrow(side, drawn, x) for side in ("left", "right")),
        {
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1, "clip": True},
            "encoding": {**drawn, "shape": shape, "x": {**x, "field": "estimate"}},
        },
    ]


def _arrow(side: str, drawn: Spec, x: Spec) -> Spec:
    return {
        "mark": {"type": "point", "shape": f"triangle-{side}", "filled": True, "size": 70},
        "transform": [{"filter": f"datum.leaves_{side}"}],
        "encoding": {**drawn, "x": {**x, "field": "low" if side == "left" else "high"}},
    }


def _value(row: ForestRow, low: float, high: float) -> Spec:
    span = row.span
    assert span is not None  # noqa: S101 - rows without a span are not drawn
    return {
        "label": row.label,
        "role": row.role.value,
        "reading": _READING[row.state],
        "estimate": max(low, min(high, span.estimate)),
        "low": max(low, span.low),
        "high": min(high, span.high),
        "leaves_left": span.low < low,
        "leaves_right": span.high > high,
        "harm": row.harm if row.harm is not None and low <= row.harm <= high else None,
        "limit": None if row.harm is None else f"{row.harm:+.2%}",
        "text": row.text,
        "exact": row.exact,
    }


def forest_alt(rows: tuple[ForestRow, ...]) -> str:
    """Return the plot in words, one clause per row."""
    said = [
        f"{row.label}: {row.text}" + (f", {_READING[row.state]}" if _READING[row.state] else "")
        for row in rows[:_MOST_IN_WORDS]
    ]
    if len(rows) > _MOST_IN_WORDS:
        said.append(f"and {len(rows) - _MOST_IN_WORDS} more")
    return "Change relative to the control. " + "; ".join(said).rstrip(".") + "."
