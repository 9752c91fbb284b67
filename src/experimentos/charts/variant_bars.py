"""Mean of every variant with its error bar; none where there is no interval."""

from experimentos.charts.chart import Chart, Spec
from experimentos.charts.mean_bars import BEHIND, BEST, MOST, Bars, mean_bars
from experimentos.charts.visible import one_line
from experimentos.runs.run_groups import RunComparison, VariantRuns


def variant_bars(comparison: RunComparison) -> Chart:
    """Return a bar per variant, best first; the set that cannot be told apart is in colour.

    The hover text holds mean, sd, range and count.
    """
    groups = [group for group in comparison.groups if group.described.mean is not None][:MOST]
    values = [_value(group, comparison) for group in groups]
    axis_title = f"Mean {one_line(comparison.metric)} (95% interval)"
    bars = Bars(values, "variant", "Variant", "Runs", axis_title)
    return mean_bars(bars, _alt(comparison, groups))


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
        "top": BEST if group.variant in comparison.best else BEHIND,
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
