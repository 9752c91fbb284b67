"""`Summary` to the CSV that `contract.read_summary` reads back to the same numbers."""

import csv
import io
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from typing import assert_never

from experimentos.metrics import KINDS
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.quantile import error_of
from experimentos.metrics.reading.arms import guarded
from experimentos.metrics.summary import Cell, Metric, Summary

# A double is told by 17 digits; sums of squares need more where the mean is large.
DIGITS = (15, 17, 20, 25, 34, 50, 80)


def write_csv(summary: Summary) -> str:
    """Return the cells as CSV text: every cell quoted, text guarded against being a formula.

    The sums have as many digits as it takes for the moments to be read back exactly, as long as
    the mean is less than about 10^30 standard deviations from zero.
    """
    has_segment = any(cell.segment is not None for cell in summary.cells)
    has_day = any(cell.day is not None for cell in summary.cells)
    per_order = next((metric for metric in summary.metrics if metric.unit == "order"), None)
    header = ["variant", *["segment"] * has_segment, *["date"] * has_day, "users"]
    header += ["orders"] * (per_order is not None)
    for metric in summary.metrics:
        header += _columns(metric)
    rows = []
    for cell in summary.cells:
        row = [guarded(cell.arm)]
        row += [guarded(cell.segment or "")] * has_segment
        row += [cell.day.isoformat() if cell.day else ""] * has_day
        row.append(str(cell.users))
        if per_order is not None:
            row.append(str(cell.statistics[per_order.name].n))
        for metric in summary.metrics:
            row += _numbers(metric, cell)
        rows.append(row)
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def _columns(metric: Metric) -> list[str]:
    forms = KINDS[metric.kind].forms
    if not forms:
        return ["conversions" if metric.name == "conversion" else metric.name]
    return [metric.name + part[0] for part in forms[0].parts]


def _numbers(metric: Metric, cell: Cell) -> list[str]:
    match cell.statistics[metric.name]:
        case Counts(k=k):
            return [str(k)]
        case Moments() as moments if metric.kind == "quantile":
            return [repr(moments.mean), repr(error_of(moments) if moments.n > 1 else 0.0)]
        case Moments() as moments:
            return [_written(value) for value in _sums(moments)]
        case CrossMoments() as joint:
            x, xx = _sums(joint.x)
            y, yy = _sums(joint.y)
            xy = _cross(joint, x, y)
            ordered = (x, xx, y, yy, xy) if metric.kind == "adjusted" else (x, y, xx, yy, xy)
            return [_written(value) for value in ordered]
        case unknown:
            assert_never(unknown)


def _sums(moments: Moments) -> tuple[Decimal, Decimal]:
    """Return the sum and the sum of squares that give back these moments."""
    n = moments.n
    if n == 0:
        return Decimal(0), Decimal(0)
    total = _shortest(
        Fraction(moments.mean) * n, lambda value: float(Fraction(value) / n) == moments.mean
    )
    centre = Fraction(total) ** 2 / n
    squares = _shortest(
        Fraction(moments.m2) + centre,
        lambda value: float(Fraction(value) - centre) == moments.m2,
    )
    return total, squares


def _cross(joint: CrossMoments, x: Decimal, y: Decimal) -> Decimal:
    if joint.n == 0:
        return Decimal(0)
    centre = Fraction(x) * Fraction(y) / joint.n
    return _shortest(
        Fraction(joint.c_xy) + centre,
        lambda value: float(Fraction(value) - centre) == joint.c_xy,
    )


def _written(value: Decimal) -> str:
    """Return plain digits for everyday sizes, an exponent beyond 10^15."""
    short = value.normalize(Context(prec=DIGITS[-1]))
    return f"{short:f}" if abs(short.adjusted()) < 15 else str(short)


def _shortest(exact: Fraction, gives_back: Callable[[Decimal], bool]) -> Decimal:
    value = Decimal(0)
    for digits in DIGITS:
        context = Context(prec=digits)
        value = context.divide(Decimal(exact.numerator), Decimal(exact.denominator))
        if gives_back(value):
            break
    return value
