"""Numbers for people; the exact ones for hover texts and downloads.

A minus is the sign U+2212, so that no interval reads as a sum of ranges; digits are grouped by
commas, as in every other message.
"""

import math

from experimentos.analysis.result import Compared, Interval, Lift, Unavailable

MINUS = "\N{MINUS SIGN}"
GROUP = ","
PERCENT = "%"
RATE = "conversion"

# Borders that a reader compares a p-value with: rounding may never carry one across.
_P_BORDERS = (0.0001, 0.001, 0.005, 0.01, 0.05, 0.1)
_SMALLEST_P = 0.0001
_SMALLEST_CHANCE = 0.001
_MOST_DIGITS = 6


def fixed(value: float, digits: int) -> str:
    """Return a number with that many decimals, grouped, with a true minus sign."""
    if math.isinf(value):
        return f"{MINUS if value < 0 else ''}∞"
    text = f"{abs(value):,.{digits}f}".replace(",", GROUP)
    return f"{MINUS}{text}" if value < 0 and float(f"{value:.{digits}f}") != 0 else text


def signed(value: float, digits: int) -> str:
    """Return the number with its sign; a value that rounds to zero has none."""
    text = fixed(value, digits)
    return f"+{text}" if value > 0 and (math.isinf(value) or float(f"{value:.{digits}f}")) else text


def decimals(*values: float, least: int = 2, most: int = 6, significant: int = 2) -> int:
    """Return the decimals at which the smallest non-zero value keeps its significant digits."""
    sizes = [abs(v) for v in values if v and math.isfinite(v)]
    if not sizes:
        return least
    needed = significant - 1 - math.floor(math.log10(min(sizes)))
    return max(least, min(most, needed))


def count(value: int) -> str:
    """Return a whole number in groups of three."""
    return fixed(value, 0)


def percent(share: float, digits: int | None = None) -> str:
    """Return a share as a percentage: 0.1234 is "12.34%"."""
    value = 100 * share
    return fixed(value, decimals(value) if digits is None else digits) + PERCENT


def signed_percent(share: float, digits: int | None = None) -> str:
    """Return a relative change: 0.12 is "+12.0%"."""
    value = 100 * share
    return signed(value, decimals(value, least=1) if digits is None else digits) + PERCENT


def chance(probability: float) -> str:
    """Return a probability as "86.5%", and never as 0% or 100%."""
    if probability > 1 - _SMALLEST_CHANCE:
        return "over 99.9%"
    if probability < _SMALLEST_CHANCE:
        return "under 0.1%"
    return percent(probability, 1)


def points(difference: float, digits: int | None = None) -> str:
    """Return a difference of two rates: 0.012 is "+1.20 points"."""
    value = 100 * difference
    return f"{signed(value, decimals(value) if digits is None else digits)} points"


def plain_points(size: float) -> str:
    """Return a size in points without a sign: 0.001 is "0.1 points"."""
    return f"{float(f'{100 * size:.4g}'):g} points".replace("-", MINUS)


def quantity(value: float) -> str:
    """Return a mean or a ratio with about four significant digits."""
    return fixed(value, decimals(value, significant=4))


def p_value(p: float) -> str:
    """Return "p = 0.0016" or "p < 0.0001"; two significant digits, more beside a border.

    The text is always on the same side of 0.05 and the other usual borders as the number.
    """
    if p < _SMALLEST_P:
        return "p < 0.0001"
    return f"p = {_p_digits(p)}"


def bare_p(p: float) -> str:
    """Return the p-value alone for a column headed p."""
    return "< 0.0001" if p < _SMALLEST_P else _p_digits(p)


def _p_digits(p: float) -> str:
    first = max(2, 1 - math.floor(math.log10(p)))
    for digits in range(first, first + 8):
        text = f"{p:.{digits}f}"
        if _side(float(text)) == _side(p):
            return text
    return repr(p)


def _side(p: float) -> tuple[int, ...]:
    return tuple((p > border) - (p < border) for border in _P_BORDERS)


def level(value: float) -> str:
    """Return a coverage as "95%"."""
    return f"{float(f'{100 * value:.6g}'):g}{PERCENT}"


def interval_points(interval: Interval, *, name: str = "CI") -> str:
    """Return "95% CI +0.45 to +1.95 points"."""
    ends = [100 * interval.low, 100 * interval.high]
    return f"{level(interval.level)} {name} {_ends(ends)} points"


def interval_percent(interval: Interval, *, name: str = "CI") -> str:
    """Return "95% CI +4.5% to +19.5%"."""
    ends = [100 * interval.low, 100 * interval.high]
    digits = _end_digits(ends, least=1)
    low, high = (signed(end, digits) + PERCENT for end in ends)
    return f"{level(interval.level)} {name} {low} to {high}"


def interval_quantity(interval: Interval, *, name: str = "CI") -> str:
    """Return "95% CI +1.20 to +3.40" in the unit of the metric."""
    ends = [interval.low, interval.high]
    return f"{level(interval.level)} {name} {_ends(ends)}"


def ends(interval: Interval, kind: str) -> str:
    """Return the two ends alone: "+0.45 to +1.95"; points for a conversion."""
    scale = 100.0 if kind == RATE else 1.0
    return _ends([scale * interval.low, scale * interval.high])


def _ends(pair: list[float]) -> str:
    digits = _end_digits(pair)
    return " to ".join(signed(end, digits) for end in pair)


def _end_digits(ends: list[float], least: int = 2) -> int:
    """Return decimals for the width of the interval, more when an end would be shown as zero."""
    digits = decimals(ends[1] - ends[0], least=least)
    while digits < _MOST_DIGITS and any(end and round(end, digits) == 0 for end in ends):
        digits += 1
    return digits


def metric_value(value: float, kind: str) -> str:
    """Return the value of one arm: a percentage for a conversion, else a quantity."""
    return percent(value) if kind == RATE else quantity(value)


def difference(value: float, kind: str) -> str:
    """Return a difference in the unit of the metric, signed."""
    return points(value) if kind == RATE else signed(value, decimals(value))


def size(value: float, kind: str) -> str:
    """Return the size of a difference in the unit of the metric, without a sign."""
    return difference(abs(value), kind).removeprefix("+")


def difference_interval(interval: Interval, kind: str, *, name: str = "CI") -> str:
    """Return the interval of a difference in the unit of the metric."""
    write = interval_points if kind == RATE else interval_quantity
    return write(interval, name=name)


def effect(compared: Compared, kind: str) -> str:
    """Return "+1.20 points (95% CI +0.45 to +1.95 points), p = 0.0016"."""
    return (
        f"{difference(compared.difference, kind)} "
        f"({difference_interval(compared.interval, kind)}), {p_value(compared.p_value)}"
    )


def lift(value: Lift | Unavailable) -> str:
    """Return the relative effect and its interval, or why there is none."""
    match value:
        case Lift():
            return f"{signed_percent(value.estimate)} ({interval_percent(value.interval)})"
        case Unavailable():
            return unavailable(value)


def unavailable(result: Unavailable) -> str:
    """Return "not available: reason"."""
    return f"not available: {result.why}"


def exact(value: int | float) -> str:
    """Return the shortest text that reads back as the same number."""
    return repr(value) if isinstance(value, int) else repr(float(value))
