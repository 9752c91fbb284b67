"""Mean score of every model with its error bar; none where there is no interval."""

from experimentos.analysis.result import Interval
from experimentos.charts.chart import BETTER, UNCLEAR, Chart, Spec, layered
from experimentos.charts.visible import one_line
from experimentos.runs.leaderboard import Place
from experimentos.runs.variance import ModelRow, VarianceTable

_MOST = 40
_MOST_IN_WORDS = 12


def model_bars(table: VarianceTable, places: tuple[Place, ...]) -> Chart:
    """Return a bar per ranked model, best first; the tied set is in colour, the rest is grey.

    The hover text holds mean, sd, range and count.
    """
    rows = {row.model: row for row in table.models}
    ranked = [place for place in places if place.rank is not None][:_MOST]
    values = [_value(place, rows[place.model], is_first=at == 0) for at, place in enumerate(ranked)]
    order = [value["model"] for value in values]
    y: Spec = {"field": "model", "type": "nominal", "sort": order, "title": None}
    y["axis"] = {"labelLimit": 160, "ticks": False, "domain": False}
    axis: Spec = {"grid": False, "tickCount": 6}
    if table.is_binary:
        axis["format"] = ".0%"
    x: Spec = {"type": "quantitative", "axis": axis}
    x["title"] = f"Mean {one_line(table.metric)} ({round(100 * table.level)}% interval)"
    if table.is_binary:
        x["scale"] = {"domain": [0, 1]}
    color: Spec = {"field": "top", "type": "nominal", "legend": {"title": None, "orient": "top"}}
    color["scale"] = {
        "domain": ["best or tied with it", "behind"],
        "range": [BETTER, UNCLEAR],
    }
    number = ".1%" if table.is_binary else ".4~g"
    tooltip: list[Spec] = [
        {"field": "model", "title": "Model"},
        {"field": "mean", "title": "Mean", "format": number},
        {"field": "interval", "title": "Interval"},
        {"field": "sd", "title": "sd", "format": ".3~g"},
        {"field": "range", "title": "Range"},
        {"field": "n", "title": "Samples", "format": ","},
    ]
    bar: Spec = {"type": "bar", "opacity": 0.35, "height": {"band": 0.6}}
    rule: Spec = {"type": "rule", "strokeWidth": 2.5}
    high: Spec = {"field": "high"}
    drawn: list[Spec] = [{"filter": "datum.low !== null"}]
    shared: Spec = {"y": y, "color": color, "tooltip": tooltip}
    span: Spec = {**shared, "x": {**x, "field": "low"}, "x2": high}
    layers: list[Spec] = [
        {"mark": bar, "encoding": {**shared, "x": {**x, "field": "mean"}}},
        {"mark": rule, "transform": drawn, "encoding": span},
        _end({**shared, "x": {**x, "field": "low"}}),
        _end({**shared, "x": {**x, "field": "high"}}),
    ]
    chart = layered(values, layers, _alt(table, ranked))
    chart.spec["height"] = {"step": 36}
    return chart


def _end(encoding: Spec) -> Spec:
    return {
        "mark": {"type": "tick", "thickness": 2.5, "height": 12},
        "transform": [{"filter": "datum.low !== null"}],
        "encoding": encoding,
    }


def _value(place: Place, row: ModelRow, *, is_first: bool) -> Spec:
    found = row.interval
    if isinstance(found, Interval):
        drawn: Spec = {"low": found.low, "high": found.high}
        drawn["interval"] = f"{found.low:.4g} to {found.high:.4g}"
    else:
        drawn = {"low": None, "high": None, "interval": f"none: {found.why}"}
    return drawn | {
        "model": one_line(row.model),
        "mean": row.mean,
        "sd": row.sd,
        "range": f"{row.low:.4g} to {row.high:.4g}",
        "n": row.n,
        "top": "best or tied with it" if place.is_tied or is_first else "behind",
    }


def _alt(table: VarianceTable, ranked: list[Place]) -> str:
    said = []
    for place in ranked[:_MOST_IN_WORDS]:
        span = place.interval
        ends = ", no interval"
        if isinstance(span, Interval):
            ends = f", {span.low:.4g} to {span.high:.4g}"
        tie = ", tied with the best" if place.is_tied else ""
        said.append(f"{one_line(place.model)} {place.mean:.4g}{ends}{tie}")
    if len(ranked) > _MOST_IN_WORDS:
        said.append(f"and {len(ranked) - _MOST_IN_WORDS} more")
    return f"Mean {one_line(table.metric)} by model, best first. " + "; ".join(said) + "."
