"""Mean score of every model with its error bar; none where there is no interval."""

from experimentos.analysis.result import Interval
from experimentos.charts.chart import Chart, Spec
from experimentos.charts.mean_bars import BEHIND, BEST, MOST, Bars, mean_bars
from experimentos.charts.visible import one_line
from experimentos.runs.leaderboard import Place
from experimentos.runs.variance import ModelRow, VarianceTable

_MOST_IN_WORDS = 12


def model_bars(table: VarianceTable, places: tuple[Place, ...]) -> Chart:
    """Return a bar per ranked model, best first; the tied set is in colour, the rest is grey.

    The hover text holds mean, sd, range and count.
    """
    rows = {row.model: row for row in table.models}
    ranked = [place for place in places if place.rank is not None][:MOST]
    values = [_value(place, rows[place.model], is_first=at == 0) for at, place in enumerate(ranked)]
    level = f"{round(100 * table.level)}% interval"
    bars = Bars(
        values,
        "model",
        "Model",
        "Samples",
        f"Mean {one_line(table.metric)} ({level})",
        ".1%" if table.is_binary else ".4~g",
        share=table.is_binary,
    )
    return mean_bars(bars, _alt(table, ranked))


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
        "top": BEST if place.is_tied or is_first else BEHIND,
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
