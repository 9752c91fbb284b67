"""The effect day by day: the interval of one look, and the one that allows for looking."""

from experimentos.analysis import numbers
from experimentos.analysis.over_time import DailyLook, OverTime
from experimentos.charts.chart import BETTER, UNCLEAR, Chart, Spec, layered
from experimentos.charts.visible import one_line

VALID = {
    "group_sequential": "interval that allows for the planned looks",
    "always_valid": "interval that holds however often one looks",
    "fixed": "",
}
_HEIGHT = 280


def over_time_chart(course: OverTime, *, is_share: bool) -> Chart:
    """Return the estimate so far as a line, with its fixed and its valid interval as bands."""
    scale = 100.0 if is_share else 1.0
    ends = _frame(course, scale)
    values = [_value(look, scale, ends) for look in course.looks]
    unit = " (points)" if is_share else ""
    x: Spec = {"field": "day", "type": "temporal", "title": None}
    x["axis"] = {"format": "%b %e", "grid": False, "tickCount": min(8, len(values))}
    axis = {"format": "+.3~g", "tickCount": 6}
    y: Spec = {"type": "quantitative", "axis": axis, "scale": {"domain": ends, "nice": False}}
    y["title"] = f"Difference so far{unit}"
    tooltip: list[Spec] = [
        {"field": "day", "type": "temporal", "title": "Day"},
        {"field": "users", "type": "quantitative", "title": "Users so far", "format": ","},
        {"field": "text", "title": "Difference"},
        {"field": "fixed_text", "title": "One look"},
        {"field": "valid_text", "title": "Allowing for looks"},
    ]
    estimate: Spec = {**y, "field": "estimate"}
    layers: list[Spec] = []
    if any(look.valid for look in course.looks):
        layers.append(_band("valid", UNCLEAR, 0.22, x, y))
    layers += [
        _band("fixed", BETTER, 0.30, x, y),
        {
            "mark": {"type": "rule", "color": UNCLEAR, "strokeWidth": 1},
            "encoding": {"y": {"datum": 0, "type": "quantitative"}},
        },
        {
            "mark": {"type": "line", "color": BETTER, "strokeWidth": 2, "point": True},
            "encoding": {"x": x, "y": estimate, "tooltip": tooltip},
        },
    ]
    chart = layered(values, layers, over_time_alt(course, is_share=is_share))
    chart.spec["height"] = _HEIGHT
    return chart


def over_time_alt(course: OverTime, *, is_share: bool) -> str:
    """Return the course in words: first and last look, and the answer."""
    first, last = course.looks[0], course.looks[-1]
    kind = numbers.RATE if is_share else "mean"
    return (
        f"{one_line(course.metric)}, {one_line(course.arm)}: "
        f"{numbers.difference(first.estimate, kind)} by {first.day}, "
        f"{numbers.difference(last.estimate, kind)} by {last.day}. {course.sentence}"
    )


def _band(name: str, color: str, opacity: float, x: Spec, y: Spec) -> Spec:
    low: Spec = {**y, "field": f"{name}_low"}
    high: Spec = {"field": f"{name}_high"}
    return {
        "mark": {"type": "area", "color": color, "opacity": opacity, "clip": True},
        "encoding": {"x": x, "y": low, "y2": high},
    }


def _frame(course: OverTime, scale: float) -> list[float]:
    """Return the range drawn: twice the widest fixed interval of the later half, about zero."""
    later = course.looks[len(course.looks) // 2 :]
    reach = max(abs(end) for look in later for end in (look.fixed.low, look.fixed.high))
    last = course.looks[-1].valid
    if last is not None and abs(last.low) < 1e300 and abs(last.high) < 1e300:
        reach = max(reach, abs(last.low), abs(last.high))
    return [-1.6 * scale * reach, 1.6 * scale * reach]


def _value(look: DailyLook, scale: float, ends: list[float]) -> dict[str, object]:
    def drawn(value: float) -> float:
        return max(ends[0], min(ends[1], scale * value))

    kind = numbers.RATE if scale != 1.0 else "mean"
    valid = look.valid
    return {
        "day": look.day.isoformat(),
        "users": look.users,
        "estimate": drawn(look.estimate),
        "fixed_low": drawn(look.fixed.low),
        "fixed_high": drawn(look.fixed.high),
        "valid_low": None if valid is None else drawn(valid.low),
        "valid_high": None if valid is None else drawn(valid.high),
        "text": numbers.difference(look.estimate, kind),
        "fixed_text": numbers.difference_interval(look.fixed, kind),
        "valid_text": "" if valid is None else numbers.difference_interval(valid, kind),
    }
