"""Results as files for spreadsheets, and names for downloads."""

import csv
import io
import re
import unicodedata

from experimentos.analysis import numbers
from experimentos.analysis.result import (
    Compared,
    Frequentist,
    Lift,
    MetricResult,
    Outcome,
    Unavailable,
)
from experimentos.charts.visible import one_line, visible

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_FORMULA = re.compile(r"\s*[=+\-@\t\r\n|%]")
_LOOKALIKES = str.maketrans("＝＋－＠％｜", "=+-@%|")  # noqa: RUF001 - what spreadsheets fold
_LONGEST_SLUG = 60

COLUMNS = (
    "metric",
    "kind",
    "role",
    "good_direction",
    "arm",
    "method",
    "control_value",
    "treatment_value",
    "difference",
    "difference_low",
    "difference_high",
    "level",
    "relative_lift",
    "relative_lift_low",
    "relative_lift_high",
    "p_value",
    "unadjusted_p",
    "adjustment",
    "n_control",
    "n_treatment",
    "not_available",
)

_NAMED_COLUMNS = COLUMNS[:5]


def guard_cell(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula: a leading apostrophe if it might.

    A genuine number such as -2.5 stays as it is. Hidden characters become marks.
    """
    seen = visible(text)
    if _NUMBER.fullmatch(seen.strip(" ")):
        return seen
    return f"'{seen}" if _FORMULA.match(seen.translate(_LOOKALIKES)) else seen


def csv_bytes(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Return a CSV for spreadsheets: every cell guarded and quoted, UTF-8 with a mark."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([guard_cell(cell) for cell in row] for row in (header, *rows))
    return (MARK + out.getvalue()).encode()


def results_csv(frequentist: Frequentist) -> bytes:
    """Return every comparison at full precision, one row per metric and arm."""
    rows = [
        (*_named(result, arm), *_cells(outcome))
        for result in frequentist.metrics
        for arm, outcome in result.outcomes
    ]
    return csv_bytes(COLUMNS, tuple(rows))


def _named(result: MetricResult, arm: str) -> tuple[str, ...]:
    return result.metric, result.kind, result.role.value, result.direction.value, arm


def _cells(outcome: Outcome) -> tuple[str, ...]:
    match outcome:
        case Unavailable(method, _, why):
            blanks = len(COLUMNS) - len(_NAMED_COLUMNS) - 2
            return (method, *[""] * blanks, why)
        case Compared():
            effect = (outcome.control_value, outcome.treatment_value, outcome.difference)
            interval, exact = outcome.interval, numbers.exact
            ends = (interval.low, interval.high, interval.level)
            return (
                outcome.method,
                *map(exact, (*effect, *ends)),
                *_lift_cells(outcome),
                exact(outcome.p_value),
                exact(outcome.unadjusted_p),
                outcome.adjustment,
                exact(outcome.n_control),
                exact(outcome.n_treatment),
                "" if isinstance(outcome.lift, Lift) else f"relative lift: {outcome.lift.why}",
            )


def _lift_cells(compared: Compared) -> tuple[str, str, str]:
    match compared.lift:
        case Lift(estimate, interval):
            low, high = numbers.exact(interval.low), numbers.exact(interval.high)
            return numbers.exact(estimate), low, high
        case Unavailable():
            return "", "", ""


def slug(title: str) -> str:
    """Return lower-case ASCII words of a title joined by hyphens, at most 60 characters."""
    plain = unicodedata.normalize("NFKD", one_line(title).casefold())
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    return "-".join(words)[:_LONGEST_SLUG].strip("-") or "experiment"


def download_name(title: str, id: str, extension: str) -> str:  # noqa: A002 - the field's name
    """Return a safe file name: slug, id and extension, ASCII letters, digits, hyphens, one dot."""
    suffix = re.sub(r"[^A-Za-z0-9]", "", id)[:26]
    kind = re.sub(r"[^a-z0-9]", "", extension.lower()) or "txt"
    return "-".join(part for part in (slug(title), suffix.lower()) if part) + f".{kind}"
