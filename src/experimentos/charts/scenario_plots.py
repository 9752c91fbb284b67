"""Scenarios one by one: the caterpillar plot of one model, the differences of two."""

import math

import numpy as np

from experimentos.analysis.result import Interval
from experimentos.charts.chart import BETTER, LEGEND, UNCLEAR, WORSE, Chart, Spec, layered
from experimentos.charts.visible import one_line
from experimentos.runs.compare import ModelDifference, pairs_of
from experimentos.runs.samples import Codes, Samples, Scores
from experimentos.runs.variance import VarianceTable

MOST = 200
"""Above it every n-th scenario is drawn: a screen has no more rows to tell apart."""


def caterpillar(samples: Samples, table: VarianceTable, model: str) -> Chart:
    """Return the scenario means of one model from lowest to highest, with their intervals."""
    cells = table.cells
    use = np.flatnonzero((cells.model == samples.model_code(model)) & (cells.n > 0))
    use = use[np.argsort(cells.mean[use], kind="stable")]
    drawn = _thinned(use)
    values = [
        {
            "rank": place + 1,
            "scenario": one_line(samples.scenarios[cells.scenario[at]]),
            "mean": float(cells.mean[at]),
            "low": _or_none(cells.interval_low[at]),
            "high": _or_none(cells.interval_high[at]),
            "sd": _or_none(cells.sd[at]),
            "range": f"{cells.low[at]:.4g} to {cells.high[at]:.4g}",
            "n": int(cells.n[at]),
        }
        for place, at in zip(_places(use.size), drawn.tolist(), strict=True)
    ]
    x = _rank_axis(use.size, drawn.size)
    y: Spec = {"type": "quantitative", "title": f"Mean {one_line(table.metric)}"}
    tooltip: list[Spec] = [
        {"field": "scenario", "title": "Scenario"},
        {"field": "mean", "title": "Mean", "format": ".4~g"},
        {"field": "sd", "title": "sd", "format": ".3~g"},
        {"field": "range", "title": "Range"},
        {"field": "n", "title": "Samples"},
    ]
    span: Spec = {"x": x, "y": {**y, "field": "low"}}
    point: Spec = {"x": x, "y": {**y, "field": "mean"}, "tooltip": tooltip}
    span["y2"] = {"field": "high"}
    whole = next(row for row in table.models if row.model == model)
    layers: list[Spec] = [
        _line(whole.mean),
        {
            "mark": {"type": "rule", "color": BETTER, "opacity": 0.5},
            "transform": [{"filter": "datum.low !== null"}],
            "encoding": span,
        },
        {
            "mark": {"type": "point", "filled": True, "color": BETTER, "size": 36, "opacity": 1},
            "encoding": point,
        },
    ]
    flat = int(np.sum((cells.n[use] > 1) & (cells.sd[use] == 0)))
    alt = (
        f"{one_line(model)} on {use.size:,} scenarios, lowest mean first, line at the overall "
        f"mean {whole.mean or 0:.4g}; {flat:,} scenarios never vary between their samples."
    )
    chart = layered(values, layers, alt)
    chart.spec["height"] = 260
    return chart


def paired_differences(samples: Samples, found: ModelDifference) -> Chart:
    """Return the difference of the two models in each scenario, with the mean and its interval."""
    codes = samples.model_code(found.baseline), samples.model_code(found.model)
    pairs = pairs_of(samples, found.metric, *codes)
    order = np.argsort(pairs.difference, kind="stable")
    drawn = _thinned(order)
    values = [
        {
            "rank": place + 1,
            "scenario": one_line(samples.scenarios[pairs.scenario[at]]),
            "difference": float(pairs.difference[at]),
            "baseline": float(pairs.baseline[at]),
            "model": float(pairs.model[at]),
            "side": _side(float(pairs.difference[at])),
        }
        for place, at in zip(_places(order.size), drawn.tolist(), strict=True)
    ]
    x = _rank_axis(order.size, drawn.size)
    title = f"{one_line(found.model)} minus {one_line(found.baseline)}"
    y: Spec = {"field": "difference", "type": "quantitative", "title": title}
    color: Spec = {"field": "side", "type": "nominal"}
    # Three short words fit on one line of any screen.
    color["legend"] = {**LEGEND, "columns": 3}
    color["scale"] = {"domain": ["higher", "equal", "lower"], "range": [BETTER, UNCLEAR, WORSE]}
    tooltip: list[Spec] = [
        {"field": "scenario", "title": "Scenario"},
        {"field": "difference", "title": "Difference", "format": "+.4~g"},
        {"field": "model", "title": one_line(found.model), "format": ".4~g"},
        {"field": "baseline", "title": one_line(found.baseline), "format": ".4~g"},
    ]
    layers: list[Spec] = []
    if isinstance(found.interval, Interval):
        band: Spec = {"type": "rect", "color": UNCLEAR, "opacity": 0.18}
        ends: Spec = {"y": {"datum": found.interval.low}, "y2": {"datum": found.interval.high}}
        layers.append({"data": {"values": [{}]}, "mark": band, "encoding": ends})
    layers += [
        _line(0.0),
        _line(found.difference, dashed=True),
        {
            "mark": {"type": "point", "filled": True, "size": 40, "opacity": 1},
            "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
        },
    ]
    chart = layered(values, layers, _difference_alt(found, pairs.difference, title))
    chart.spec["height"] = 260
    return chart


def _difference_alt(found: ModelDifference, d: Scores, title: str) -> str:
    span = found.interval
    ends = f" ({span.low:+.4g} to {span.high:+.4g})" if isinstance(span, Interval) else ""
    return (
        f"{title} on {found.scenarios:,} scenarios: higher in {int(np.sum(d > 0)):,}, equal in "
        f"{int(np.sum(d == 0)):,}, lower in {int(np.sum(d < 0)):,}; mean "
        f"{found.difference:+.4g}{ends}."
    )


def _thinned(order: Codes) -> Codes:
    return order[_places(order.size)]


def _places(size: int) -> list[int]:
    """Return which of the sorted places are drawn, the first and the last among them."""
    drawn = np.linspace(0, size - 1, min(size, MOST)).round().astype(int)
    return [int(place) for place in np.unique(drawn)]


def _rank_axis(size: int, drawn: int) -> Spec:
    shown = f"{drawn} of {size:,} scenarios" if drawn < size else f"{size:,} scenarios"
    axis = {"labels": False, "ticks": False, "grid": False}
    scale = {"zero": False, "padding": 8}
    title = f"{shown}, sorted"
    return {"field": "rank", "type": "quantitative", "title": title, "axis": axis, "scale": scale}


def _line(value: float | None, *, dashed: bool = False) -> Spec:
    mark: Spec = {"type": "rule", "color": UNCLEAR}
    if dashed:
        mark["strokeDash"] = [4, 3]
    return {"mark": mark, "encoding": {"y": {"datum": value, "type": "quantitative"}}}


def _side(difference: float) -> str:
    if difference == 0:
        return "equal"
    return "higher" if difference > 0 else "lower"


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
