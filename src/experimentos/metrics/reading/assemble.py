"""A grid of text to cells of an experiment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.conversion import CONVERSION
from experimentos.metrics.counts import Counts
from experimentos.metrics.reading.arms import Arms, Key, cell, is_unit_level, read_arms
from experimentos.metrics.reading.claims import Claim, bad_name, claim_columns, is_a_name
from experimentos.metrics.reading.grid import (
    Grid,
    Line,
    blocked,
    counted,
    note,
    refusal,
)
from experimentos.metrics.reading.header import Column, name_columns
from experimentos.metrics.reading.names import visible
from experimentos.metrics.reading.numbers import Quantity, Rejected, read_amount, read_count
from experimentos.metrics.summary import Cell, Metric, Statistic
from experimentos.policy import Policy

PRIMARY = "conversion"
# Numbers under these names tell rows apart; pandas writes the first two for an index.
LABELS = re.compile(r"__.*|unnamed: ?[0-9]+|(?:.*[_ ])?(?:id|key|uuid|index|year|month|week)")
VARIETY = {
    "thousands": "thousands separators were removed",
    "scientific": "whole numbers in scientific notation were read",
    "decimals": "whole numbers written with decimals were read",
    "zeros": "leading zeros were dropped",
    "decimal comma": "a decimal comma was read as the decimal point",
    "spaces": "spaces around numbers were ignored",
}


@dataclass(frozen=True, slots=True)
class Assembled:
    """What the grid said; no cells when a number or an arm could not be read."""

    cells: tuple[Cell, ...]
    metrics: tuple[Metric, ...]
    issues: tuple[Issue, ...]


class Numbers:
    """The numbers of a table, each read once; remembers what went wrong and what to note."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.issues: list[Issue] = []
        self.variety: dict[tuple[str, str], Line] = {}

    def count(self, line: Line, column: Column) -> int | None:
        """Return a whole number >= 0, or None with an issue."""
        found = self._accept(
            read_count(cell(line, column), semicolon=self.grid.semicolon), line, column
        )
        if found is None:
            return None
        if found.value < 0:
            self.issues.append(
                blocked(
                    "negative_count",
                    f"Found {found.value} in {column.shown}; a count cannot be negative.",
                    "Give the number of users, zero or more.",
                    row=line.row,
                    column=column.shown,
                )
            )
            return None
        return int(found.value)

    def amount(self, line: Line, column: Column) -> Quantity | None:
        """Return a number, or None with an issue."""
        return self._accept(
            read_amount(cell(line, column), semicolon=self.grid.semicolon), line, column
        )

    def _accept(self, found: Quantity | Rejected, line: Line, column: Column) -> Quantity | None:
        if isinstance(found, Rejected):
            self.issues.append(self._rejected(found, line, column))
            return None
        for variety in found.variety:
            self.variety.setdefault((variety, column.shown), line)
        return found

    def _rejected(self, found: Rejected, line: Line, column: Column) -> Issue:
        text = cell(line, column)
        what = f"Found {visible(text.strip(), 40)} in {column.shown}, {found.reason}."
        if column.index >= len(line.cells):
            cells = counted(len(line.cells), "cell")
            what = f"Row {line.row} has only {cells}; {column.shown} is missing."
        elif not text.strip():
            what = f"The cell {column.shown} of row {line.row} is blank."
        return blocked(found.code, what, found.fix, row=line.row, column=column.shown)

    def notes(self) -> list[Issue]:
        """Return one note per way of writing."""
        columns: dict[str, list[str]] = {}
        for variety, column in self.variety:
            columns.setdefault(variety, []).append(column)
        return [
            note(
                variety.replace(" ", "_"),
                f"In {visible(', '.join(names), 120)}: {VARIETY[variety]}.",
            )
            for variety, names in columns.items()
        ]


def assemble(grid: Grid, mapping: Mapping[str, str], control: str, policy: Policy) -> Assembled:
    """Return the cells and metrics of a grid with every issue found.

    Raises
    ------
    Refusal
        If a row has more cells than the header.
    """
    if not grid.header:
        return _nothing([_no_rows()])
    columns, issues = name_columns(grid, _column_mapping(mapping))
    if any(issue.severity is Severity.BLOCKED for issue in issues):
        return _nothing(issues)
    if not grid.lines:
        return _nothing([*issues, _no_rows()])
    issues = [*issues, *_surplus_cells(grid)]
    arms = read_arms(grid.lines, columns, _arm_mapping(mapping), control)
    if is_unit_level([cell(line, columns["users"]) for line in grid.lines], arms.keys):
        return _nothing([*issues, _unit_level(grid, columns["variant"])])
    return _read_cells(grid, columns, arms, issues, policy)


def _read_cells(
    grid: Grid,
    columns: Mapping[str, Column],
    arms: Arms,
    issues: list[Issue],
    policy: Policy,
) -> Assembled:
    numbers = Numbers(grid)
    claims = claim_columns(columns, grid.header_row)
    counts, ignored = _count_columns(grid, claims.unclaimed)
    issues = [*issues, *arms.issues, *claims.issues, *ignored]
    metrics = [
        Claim(PRIMARY, CONVERSION, None, (columns["conversions"],), columns["users"]),
        *sorted(
            (*claims.metrics, *(_count(column, columns["users"]) for column in counts)),
            key=lambda claim: claim.columns[0].index,
        ),
    ]
    issues += _name_issues(metrics, grid.header_row)
    if "orders" in columns and not any(c.units.key == "orders" for c in metrics):
        issues.append(_ignored(columns["orders"], "it counts orders, which only aov columns need"))
    cells = [
        _cell(line, key, columns["users"], metrics, numbers)
        for line, key in zip(grid.lines, arms.keys, strict=True)
    ]
    issues += numbers.issues
    issues += _beyond_double(grid.lines, cells, metrics, policy)
    issues += numbers.notes()
    complete = tuple(c for c in cells if c is not None and len(c.statistics) == len(metrics))
    sound = len(complete) == len(cells) and len({m.name for m in metrics}) == len(metrics)
    names = {c.arm for c in complete}
    if not sound or len(names) < 2 or arms.control not in names:
        return _nothing(issues)
    return Assembled(complete, tuple(_metric(claim) for claim in metrics), tuple(issues))


def _nothing(issues: list[Issue]) -> Assembled:
    return Assembled((), (), tuple(issues))


def _column_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    return {ours: theirs for ours, theirs in mapping.items() if not ours.startswith("variant=")}


def _arm_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    return {
        ours.removeprefix("variant="): theirs
        for ours, theirs in mapping.items()
        if ours.startswith("variant=")
    }


def _no_rows() -> Issue:
    return blocked(
        "no_rows",
        "The table has no rows below its header.",
        "Export the results again: one row per arm is needed.",
    )


def _unit_level(grid: Grid, column: Column) -> Issue:
    return blocked(
        "unit_level",
        f"The {len(grid.lines):,} rows look like one user each; aggregated results are needed.",
        "Aggregate first: one row per variant with users = number of users and conversions = "
        "number of users who converted.",
        column=column.shown,
    )


def _surplus_cells(grid: Grid) -> list[Issue]:
    width = len(grid.header)
    for line in grid.lines:
        if any(text.strip() for text in line.cells[width:]):
            raise refusal(
                "ragged_row",
                f"Row {line.row} has {len(line.cells)} cells, but the header has {width}.",
                "Quote cells that hold the delimiter, or remove the extra cells.",
                row=line.row,
            )
    if any(len(line.cells) > width for line in grid.lines):
        return [note("surplus_cells", "Blank cells beyond the last column were ignored.")]
    return []


def _count(column: Column, users: Column) -> Claim:
    return Claim(column.shown, CONVERSION, None, (column,), users)


def _count_columns(grid: Grid, free: tuple[Column, ...]) -> tuple[list[Column], list[Issue]]:
    """Return the columns that hold counts, and a note on each of the others."""
    counts: list[Column] = []
    ignored: list[Issue] = []
    for column in free:
        read = [read_count(cell(line, column), semicolon=grid.semicolon) for line in grid.lines]
        if LABELS.fullmatch(column.key):
            ignored.append(_ignored(column, "it labels rows and measures nothing"))
        elif any(isinstance(q, Quantity) or q.code == "ambiguous_number" for q in read):
            counts.append(column)
        else:
            ignored.append(_ignored(column, "it does not hold whole numbers"))
    return counts, ignored


def _ignored(column: Column, why: str) -> Issue:
    return note(
        "ignored_column",
        f"Column {column.shown} was ignored: {why}.",
        where=Where(None, column.shown),
    )


def _name_issues(metrics: list[Claim], header_row: int | None) -> list[Issue]:
    issues = []
    seen: set[str] = set()
    for claim in metrics:
        shown = claim.columns[0].shown
        if not is_a_name(claim.name):
            issues.append(bad_name(claim.name, shown, header_row))
        elif claim.name.casefold() in seen:
            issues.append(
                blocked(
                    "duplicate_metric",
                    f"Two metrics would be called {claim.name}.",
                    "Rename one of the columns.",
                    row=header_row,
                    column=shown,
                )
            )
        seen.add(claim.name.casefold())
    return issues


def _cell(
    line: Line, key: Key | None, users: Column, metrics: list[Claim], numbers: Numbers
) -> Cell | None:
    n = numbers.count(line, users)
    units = {users.key: n}
    statistics: dict[str, Statistic] = {}
    for claim in metrics:
        if claim.units.key not in units:
            units[claim.units.key] = numbers.count(line, claim.units)
        statistic = _statistic(line, claim, units[claim.units.key], numbers)
        if statistic is not None:
            statistics[claim.name] = statistic
    if key is None or n is None:
        return None
    return Cell(key.arm, n, statistics, line.row, key.segment, key.day)


def _statistic(line: Line, claim: Claim, n: int | None, numbers: Numbers) -> Statistic | None:
    if claim.form is None:
        return _counts(line, claim.columns[0], n, numbers)
    found = [numbers.amount(line, column) for column in claim.columns]
    values = tuple(quantity.value for quantity in found if quantity is not None)
    if n is None or len(values) < len(found):
        return None
    column = claim.columns[0].shown
    if n == 0 and any(values):
        numbers.issues.append(
            blocked(
                "sums_of_nobody",
                f"Row {line.row}: {claim.name} has sums, but {claim.units.shown} is 0.",
                f"Give the number behind the sums in {claim.units.shown}.",
                row=line.row,
                column=claim.units.shown,
            )
        )
        return None
    try:
        return claim.form.read(n, values)
    except OverflowError:
        numbers.issues.append(
            blocked(
                "out_of_range",
                f"Row {line.row}: the moments of {claim.name} are beyond a double.",
                "Give the metric in a larger unit.",
                row=line.row,
                column=column,
            )
        )
        return None


def _counts(line: Line, column: Column, n: int | None, numbers: Numbers) -> Counts | None:
    k = numbers.count(line, column)
    if k is None or n is None:
        return None
    if k > n:
        numbers.issues.append(
            blocked(
                "more_than_users",
                f"Row {line.row}: {column.shown} {k:,} exceeds users {n:,}.",
                _fix_of_events(column),
                row=line.row,
                column=column.shown,
            )
        )
    return Counts(n, k)


def _fix_of_events(column: Column) -> str:
    if column.key == "conversions":
        return "Count the users who converted, each once, not their conversions."
    return (
        "Count the users who did it, each once; for sums of events give "
        f"{column.shown}_sum and {column.shown}_sum_sq."
    )


def _beyond_double(
    lines: tuple[Line, ...], cells: list[Cell | None], metrics: list[Claim], policy: Policy
) -> list[Issue]:
    users = metrics[0].units
    return [
        Issue(
            "beyond_exact_integer",
            Severity.WARNING,
            f"Row {line.row}: users {found.users:,} is more than a double holds exactly (2^53).",
            "Check the export: no experiment has so many users.",
            Where(line.row, users.shown),
        )
        for line, found in zip(lines, cells, strict=True)
        if found is not None and found.users > policy.exact_integer
    ]


def _metric(claim: Claim) -> Metric:
    columns = tuple(column.shown for column in claim.columns)
    if claim.units.key == "orders":
        return Metric(claim.name, claim.kind.name, (*columns, claim.units.shown), unit="order")
    return Metric(claim.name, claim.kind.name, columns)
