"""Which column of a metric an issue should point at."""

from experimentos.metrics.summary import Metric

# Place of the squares among the columns of a kind, in the order of its documented form.
SQUARES = {"mean": (1,), "ratio": (2, 3), "adjusted": (1, 3), "quantile": (1,)}
CROSS = 4


def spread_column(metric: Metric, part: int = 0) -> str:
    """Return the column of squares (or variance); of the second variable when `part` is 1."""
    places = SQUARES.get(metric.kind, (0,))
    return _column(metric, places[min(part, len(places) - 1)])


def cross_column(metric: Metric) -> str:
    """Return the column of the cross product."""
    return _column(metric, CROSS)


def comes_as_sums(metric: Metric) -> bool:
    """Return whether the spread was given as a sum of squares, which can cancel."""
    if metric.kind == "quantile":
        return False
    return not metric.centred and not spread_column(metric).lower().endswith(("_var", "_variance"))


def _column(metric: Metric, place: int) -> str:
    if not metric.columns:
        return metric.name
    return metric.columns[min(place, len(metric.columns) - 1)]
