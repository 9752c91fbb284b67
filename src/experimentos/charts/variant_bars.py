"""Mean of every variant with its error bar; none where there is no interval."""

from experimentos.charts.chart import BETTER, UNCLEAR, Chart, Spec, layered
from experimentos.charts.visible import one_line
from experimentos.runs.run_groups import RunComparison, VariantRuns

_MOST = 40
_BEST, _BEHIND = "best or tied with it", "behind"


def variant_bars(comparison: RunComparison) -> Chart:
    """Return a bar per variant, best first; the set that cannot be told apart is in colour.

    The hover text holds mean, sd, range and count.
    """
    groups = [group for group in comparison.groups if group.described.mean is not None][:_MOST]
    values = [_value(group, comparison) for group in groups]
    y: Spec = {"field": "variant", "type": "nominal", "title": None}
    y["sort"] = [value["variant"] for value in values]
    y["axis"] = {"labelLimit": 160, "ticks": False, "domain": False}
    x: Spec = {"type": "quantitative", "axis": {"grid": False, "tickCount": 6}}
    x["title"] = f"Mean {one_line(comparison.metric)} (95% interval)"
    color: Spec = {"field": "top", "type": "nominal", "legend": {"title": None, "orient": "top"}}
    color["scale"] = {"domain": [_BEST, _BEHIND], "range": [BETTER, UNCLEAR]}
    tooltip: list[Spec] = [
        {"field": "variant", "title": "Variant"},
        {"field": "mean", "title": "Mean", "format": ".4~g"},
        {"field": "interval", "title": "Interval"},
        {"field": "sd", "title": "sd", "format": ".3~g"},
        {"field": "range", "title": "Range"},
        {"field": "n", "title": "Runs", "format": ","},
    ]
    shared: Spec = {"y": y, "color": color, "tooltip": tooltip}
    drawn: list[Spec] = [{"filter": "datum.low !== null"}]
    bar: Spec = {"type": "bar", "opacity": 0.35, "height": {"band": 0.6}}
    rule: Spec = {"type": "rule", "strokeWidth": 2.5}
    span: Spec = {**shared, "x": {**x, "field": "low"}, "x2": {"field": "high"}}
    layers: list[Spec] = [
        {"mark": bar, "encoding": {**shared, "x": {**x, "field": "mean"}}},
        {"mark": rule, "transform": drawn, "encoding": span},
        _end({**shared, "x": {**x, "field": "low"}}),
        _end({**shared, "x": {**x, "field": "high"}}),
    ]
    chart = layered(values, layers, _alt(comparison, groups))
    chart.spec["height"] = {"step": 36}
    return chart


def _end(encoding: Spec) -> Spec:
    return {
        "mark": {"type": "tick", "thickness": 2.5, "height": 12},
        "transform": [{"filter": "datum.low !== null"}],
        "encoding": encoding,
    }


def _value(group: VariantRuns, comparison: RunComparison) -> Spec:
    d = group.described
    span = d.interval
    return {
        "variant": one_line(group.variant),
        "mean": d.mean,
        "low": span.low if span else None,
        "high": span.high if span else None,
        "interval": f"{span.low:.4g} to {span.high:.4g}" if span else "none: one run",
        "sd": d.sd,
        "range": f"{d.low:.4g} to {d.high:.4g}",
        "n": d.n,
        "top": _BEST if group.variant in comparison.best else _BEHIND,
    }


def _alt(comparison: RunComparison, groups: list[VariantRuns]) -> str:
    said = []
    for group in groups[:12]:
        span = group.described.interval
        ends = f", {span.low:.4g} to {span.high:.4g}" if span else ", no interval"
        said.append(f"{one_line(group.variant)} {group.described.mean:.4g}{ends}")
    if len(groups) > 12:
        said.append(f"and {len(groups) - 12} more")
    return f"Mean {one_line(comparison.metric)} by variant, best first. " + "; ".join(said) + "."
