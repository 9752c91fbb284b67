"""A bar for each mean with its error bar, the set that cannot be told apart in colour."""

from dataclasses import dataclass

from experimentos.charts.chart import BETTER, LEGEND, UNCLEAR, Chart, Spec, layered

BEST, BEHIND = "best or tied with it", "behind"
MOST = 40


@dataclass(frozen=True, slots=True)
class Bars:
    """What is drawn, and how it is called.

    Attributes
    ----------
    values : list[Spec]
        In the order of the bars, each with `mean, low, high, interval, sd, range, n, top` and the
        field `name`; `low` and `high` are None where there is no interval, `top` is `BEST` or
        `BEHIND`.
    name, title : str
        The field that names a bar, and its title in the hover text.
    counted : str
        What `n` counts.
    axis_title, number : str
        Of the means; `number` is a d3 format.
    share : bool
        Whether the means lie between 0 and 1.
    """

    values: list[Spec]
    name: str
    title: str
    counted: str
    axis_title: str
    number: str = ".4~g"
    share: bool = False


def mean_bars(bars: Bars, alt: str) -> Chart:
    """Return the chart; the hover text holds mean, interval, sd, range and count."""
    y: Spec = {"field": bars.name, "type": "nominal", "title": None}
    y["sort"] = [value[bars.name] for value in bars.values]
    y["axis"] = {"labelLimit": 160, "ticks": False, "domain": False}
    x = _x(bars)
    color: Spec = {"field": "top", "type": "nominal", "legend": LEGEND}
    color["scale"] = {"domain": [BEST, BEHIND], "range": [BETTER, UNCLEAR]}
    shared: Spec = {"y": y, "color": color, "tooltip": _tooltip(bars)}
    bar: Spec = {"type": "bar", "opacity": 0.35, "height": {"band": 0.6}}
    rule: Spec = {"type": "rule", "strokeWidth": 2.5}
    span: Spec = {**shared, "x": {**x, "field": "low"}, "x2": {"field": "high"}}
    drawn: list[Spec] = [{"filter": "datum.low !== null"}]
    layers: list[Spec] = [
        {"mark": bar, "encoding": {**shared, "x": {**x, "field": "mean"}}},
        {"mark": rule, "transform": drawn, "encoding": span},
        _end({**shared, "x": {**x, "field": "low"}}),
        _end({**shared, "x": {**x, "field": "high"}}),
    ]
    chart = layered(bars.values, layers, alt)
    chart.spec["height"] = {"step": 36}
    return chart


def _x(bars: Bars) -> Spec:
    axis: Spec = {"grid": False, "tickCount": 6}
    x: Spec = {"type": "quantitative", "axis": axis, "title": bars.axis_title}
    if bars.share:
        axis["format"] = ".0%"
        x["scale"] = {"domain": [0, 1]}
    return x


def _tooltip(bars: Bars) -> list[Spec]:
    return [
        {"field": bars.name, "title": bars.title},
        {"field": "mean", "title": "Mean", "format": bars.number},
        {"field": "interval", "title": "Interval"},
        {"field": "sd", "title": "sd", "format": ".3~g"},
        {"field": "range", "title": "Range"},
        {"field": "n", "title": bars.counted, "format": ","},
    ]


def _end(encoding: Spec) -> Spec:
    return {
        "mark": {"type": "tick", "thickness": 2.5, "height": 12},
        "transform": [{"filter": "datum.low !== null"}],
        "encoding": encoding,
    }
