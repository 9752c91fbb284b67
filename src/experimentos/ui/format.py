"""Words for people; numbers are written by `charts.numbers`, as in the memo."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|~<>$^=.&])")
# Where a colour, an icon, an emoji or a bare address would begin.
_OPENING = re.compile(r"(?<=:)(?=[A-Za-z_/]|[\w+-]+:)|(?<=www)(?=\.)|(?<=@)", re.IGNORECASE)
_JOINER = "\u2060"
_SIZES = ("kB", "MB", "GB", "TB")
_WEEK = 7 * 86_400


def plain(text: str) -> str:
    """Return text that Markdown shows as it was typed: no markup, link, formula or icon.

    A colon that would open an icon (":material/home:"), a colour or an address is followed by a
    word joiner, which cannot be seen; line breaks become spaces.
    """
    flat = " ".join(text.split())
    return _MARKDOWN.sub(r"\\\1", _OPENING.sub(_JOINER, flat))


def plural(number: int, one: str, many: str = "") -> str:
    """Return "1 row", "3 rows", "12,000 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def words(name: str) -> str:
    """Return a column or rule name as words: "guardrail_cancel" becomes "Guardrail cancel"."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


def listed(items: Iterable[str], joint: str = "and") -> str:
    """Return "a, b and c"."""
    parts = list(items)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {joint} {parts[-1]}"


def shortened(text: str, most: int) -> str:
    """Return the text, cut at a word with an ellipsis when it is longer than `most`."""
    if len(text) <= most:
        return text
    return f"{text[:most].rsplit(' ', 1)[0]} ..."


def unbroken(text: str) -> str:
    """Return text that stays on one line, as a number with its unit must in a narrow column."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def when(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago, in words up to a week and as a date after that (UTC)."""
    seconds = int(((now or datetime.now(UTC)) - moment).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{plural(seconds // 60, 'minute')} ago"
    if seconds < 86_400:
        return f"{plural(seconds // 3600, 'hour')} ago"
    if seconds < _WEEK:
        return f"{plural(seconds // 86_400, 'day')} ago"
    return f"{moment:%d %b %Y}"


def size(number: int) -> str:
    """Return bytes as people say them: "812 bytes", "4.2 MB", "12 GB"."""
    if number < 1_000:
        return plural(number, "byte")
    power = min((len(str(number)) - 1) // 3, len(_SIZES))
    amount = number / 1_000**power
    unit = _SIZES[power - 1]
    return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:,.0f} {unit}"


def rounded(number: int, *, exact: bool) -> str:
    """Return a count in full, or to two digits where it is an estimate: "11,000,000"."""
    if not exact and number >= 100:
        number = int(float(f"{number:.1e}"))
    return f"{number:,}"
