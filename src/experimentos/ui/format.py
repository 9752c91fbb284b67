"""Numbers and words for people; the exact values are in the downloads."""

import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from experimentos.analysis.result import Interval

MINUS = "\u2212"
DASH = "\u2013"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|~<>$^=.])")
_SHORTCODE = re.compile(r":(?=[A-Za-z0-9_+/-]+[:\[])")


def plain(text: str) -> str:
    r"""Return text that Markdown shows as it was typed: no markup, link, formula or icon.

    A colon that would open an icon (":material/home:") or a colour is followed by a word joiner,
    which cannot be seen; line breaks become spaces.
    """
    flat = " ".join(text.split())
    return _SHORTCODE.sub(":\u2060", _MARKDOWN.sub(r"\\\1", flat))


def count(value: float) -> str:
    """Return a whole number with thousands separators."""
    return f"{value:,.0f}"


def plural(value: int, one: str, many: str = "") -> str:
    """Return "1 row", "3 rows", "12,000 rows"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def signed(text: str) -> str:
    """Return a formatted number with a plus or a true minus sign."""
    if text.startswith("-"):
        return MINUS + text[1:]
    return "+" + text


def decimals_for(width: float) -> int:
    """Return how many decimals show two significant digits of an uncertainty, 0 to 8."""
    if not math.isfinite(width) or width <= 0:
        return 2
    return min(8, max(0, 1 - math.floor(math.log10(width))))


def share(value: float, decimals: int | None = None) -> str:
    """Return a share as percent, at least two decimals and two significant digits."""
    if decimals is None:
        decimals = max(2, min(6, decimals_for(abs(value) * 100))) if value else 2
    return f"{value:.{decimals}%}"


def number(value: float, decimals: int | None = None) -> str:
    """Return a measured value, four significant digits unless the decimals are given."""
    if decimals is None:
        size = abs(value)
        decimals = 2 if size == 0 else min(8, max(0, 3 - math.floor(math.log10(size))))
    return f"{value:,.{decimals}f}".replace("-", MINUS)


def p_value(p: float) -> str:
    """Return "0.032" or "< 0.0001"."""
    if p < 0.0001:
        return "< 0.0001"
    return f"{p:.4f}" if p < 0.01 else f"{p:.3f}"


def end(value: float, text: str) -> str:
    """Return the end of an interval, infinity spelt as a sign."""
    if math.isinf(value):
        return "+\u221e" if value > 0 else MINUS + "\u221e"
    return text


def half_width(interval: Interval) -> float:
    """Return half the interval's width, infinite for an open one."""
    return (interval.high - interval.low) / 2


def points(value: float, width: float) -> str:
    """Return a difference of rates in percentage points, decimals after its uncertainty."""
    return end(value, signed(f"{value * 100:.{decimals_for(width * 100)}f}") + " pp")


def amount(value: float, width: float) -> str:
    """Return a signed difference of means, decimals after its uncertainty."""
    return end(value, signed(f"{value:,.{decimals_for(width)}f}"))


def percent_change(value: float, width: float) -> str:
    """Return a relative change in percent, one decimal or as many as its uncertainty earns."""
    decimals = max(1, decimals_for(width * 100)) if math.isfinite(width) else 1
    return end(value, signed(f"{value * 100:.{min(decimals, 4)}f}") + "%")


def level(interval: Interval) -> str:
    """Return "95%", "99.5%"."""
    return f"{interval.level * 100:.4g}%"


def difference(value: float, width: float, *, is_rate: bool) -> str:
    """Return a difference in the unit of its metric."""
    return points(value, width) if is_rate else amount(value, width)


def interval_of_difference(interval: Interval, *, is_rate: bool) -> str:
    """Return "+0.12 to +0.98 pp"."""
    width = half_width(interval)
    low = difference(interval.low, width, is_rate=is_rate)
    high = difference(interval.high, width, is_rate=is_rate)
    return f"{low.removesuffix(' pp')} to {high}"


def interval_of_change(interval: Interval) -> str:
    """Return "+1.2% to +9.8%"."""
    width = half_width(interval)
    return f"{percent_change(interval.low, width)} to {percent_change(interval.high, width)}"


def level_of_metric(value: float, *, is_rate: bool) -> str:
    """Return a rate or a mean."""
    return share(value) if is_rate else number(value)


def words(name: str) -> str:
    """Return a column or rule name as words: "guardrail_cancel" becomes "Guardrail cancel"."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def sentence_list(items: Iterable[str]) -> str:
    """Return "a, b and c"."""
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def when(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago, in words up to a week and as a date after that (UTC)."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    for size, unit, limit in ((60, "minute", 3600), (3600, "hour", 86_400), (86_400, "day", 7e5)):
        if seconds < limit:
            return f"{plural(int(seconds // size), unit)} ago"
    return f"{moment:%d %b %Y}"
