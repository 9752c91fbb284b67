"""Find the header, and say what each column is."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from experimentos.issue import Issue
from experimentos.metrics.reading.grid import Grid, Line, blocked, counted, note, refusal
from experimentos.metrics.reading.names import has_hidden, skeleton, strange_character, visible
from experimentos.metrics.reading.numbers import PLAIN
from experimentos.metrics.reading.suggest import COLUMN_SYNONYMS, suggested_columns

REQUIRED = ("variant", "users", "conversions")
OPTIONAL = ("segment", "date", "orders")
KNOWN = frozenset({*REQUIRED, *OPTIONAL, *COLUMN_SYNONYMS})
UNIT_IDS = frozenset(
    ("id", "user_id", "userid", "user", "uid", "visitor_id", "session_id", "customer_id", "uuid")
)
MAP_COLUMNS = "Rename the columns, or say which is which in the step “Map your columns” (mapping): "


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the table.

    Attributes
    ----------
    index : int
        Place in `Line.cells`.
    key : str
        Contract name when known or mapped, otherwise the name in lower case.
    shown : str
        Name as the reader of the file would look for it, safe to print.
    """

    index: int
    key: str
    shown: str


def normal(name: str) -> str:
    """Return a column name without outer spaces, in one Unicode form and in lower case."""
    return unicodedata.normalize("NFC", name).strip().lower()


def recogniser(mapping: Mapping[str, str]) -> Callable[[str], bool]:
    """Return the question whether a cell is a column name that the contract or mapping knows."""
    names = KNOWN | {normal(name) for name in mapping.values()}
    return lambda cell: normal(cell) in names


def locate(
    lines: list[Line], notes: list[Issue], mapping: Mapping[str, str], *, semicolon: bool
) -> Grid:
    """Return the grid below the header, with notes on what stood above and between.

    Raises
    ------
    Refusal
        If there is no header.
    """
    filled = [line for line in lines if not line.is_blank]
    if len(filled) < len(lines):
        notes.append(
            note("blank_rows", f"Skipped {counted(len(lines) - len(filled), 'blank row')}.")
        )
    body = list(filled)
    while body and body[0].cells[0].lstrip().startswith("#"):
        body.pop(0)
    if len(body) < len(filled):
        skipped = counted(len(filled) - len(body), "comment line")
        notes.append(note("comments", f"Skipped {skipped} above the header."))
    place = _header_place(body, mapping)
    if place:
        notes.append(note("title", f"Skipped {counted(place, 'title line')} above the header."))
    header = body[place]
    return Grid(header.cells, header.row, tuple(body[place + 1 :]), tuple(notes), semicolon)


def _header_place(body: list[Line], mapping: Mapping[str, str]) -> int:
    recognised = recogniser(mapping)
    for place, line in enumerate(body[:20]):
        known = sum(map(recognised, line.cells))
        if known >= 2 or (known and place == 0):
            return place
        # A title fills one cell; a row that fills more is a header or data.
        if sum(1 for cell in line.cells if cell.strip()) > 1:
            break
    if not body or any(PLAIN.fullmatch(cell.strip()) for cell in body[0].cells):
        raise refusal(
            "no_header",
            "The file has no header: the first row holds numbers where column names belong.",
            "Add a first row with the column names: variant,users,conversions.",
            row=body[0].row if body else None,
        )
    return 0


def name_columns(grid: Grid, mapping: Mapping[str, str]) -> tuple[dict[str, Column], list[Issue]]:
    """Return the columns by key, with notes and breaks of the contract.

    Columns without a name are left out, with a note.
    """
    present = {normal(cell) for cell in grid.header}
    contract_name = {
        normal(theirs): ours for ours, theirs in mapping.items() if normal(theirs) in present
    }
    replaced = set(contract_name.values()) - set(contract_name)
    issues: list[Issue] = []
    columns: dict[str, Column] = {}
    for index, cell in enumerate(grid.header):
        if not cell.strip():
            issues += _unnamed(grid, index)
            continue
        if normal(cell) in replaced:
            issues.append(_replaced(cell))
            continue
        key = contract_name.get(normal(cell), normal(cell))
        shown = visible(cell.strip(), 64)
        if has_hidden(cell.strip()):
            issues.append(_hidden_name(grid, cell))
        elif key in columns:
            issues.append(_twice(grid, columns[key].shown, key))
        columns.setdefault(key, Column(index, key, shown))
    issues += _respelled(grid, contract_name, columns)
    issues += _missing(grid, columns)
    return columns, issues


def _unnamed(grid: Grid, index: int) -> list[Issue]:
    is_filled = any(
        line.cells[index : index + 1] and line.cells[index].strip() for line in grid.lines
    )
    what = "was ignored" if is_filled else "is blank and was ignored"
    return [note("unnamed_column", f"Column number {index + 1} has no name and {what}.")]


def _replaced(cell: str) -> Issue:
    name = visible(cell.strip(), 64)
    return note("ignored_column", f"Column {name} was ignored: another column is mapped to it.")


def _hidden_name(grid: Grid, cell: str) -> Issue:
    return blocked(
        "hidden_character",
        f"The column name {visible(cell)} holds {strange_character(cell.strip())}.",
        "Type the name again; such characters make two names look alike.",
        row=grid.header_row,
        column=skeleton(cell),
    )


def _twice(grid: Grid, first: str, key: str) -> Issue:
    return blocked(
        "duplicate_column",
        f"The column {first} is there twice; it is not clear which one counts.",
        "Keep one column of that name.",
        row=grid.header_row,
        column=visible(key, 64),
    )


def _respelled(
    grid: Grid, contract_name: Mapping[str, str], columns: Mapping[str, Column]
) -> list[Issue]:
    changed = [
        cell
        for cell in grid.header
        if cell.strip() and (cell != cell.strip() or _is_contract_name_in_capitals(cell))
    ]
    notes = []
    if changed:
        shown = ", ".join(f"“{visible(cell, 30)}”" for cell in changed[:5])
        notes.append(
            note("header_spelling", f"Case and outer spaces of column names were ignored: {shown}.")
        )
    mapped = [c for c in columns.values() if contract_name.get(normal(grid.header[c.index]))]
    if mapped:
        pairs = ", ".join(f"{c.shown} as {c.key}" for c in mapped)
        notes.append(note("mapped_columns", f"Columns were mapped: {pairs}."))
    return notes


def _is_contract_name_in_capitals(cell: str) -> bool:
    return normal(cell) in (*REQUIRED, *OPTIONAL) and normal(cell) != cell.strip()


def _missing(grid: Grid, columns: Mapping[str, Column]) -> list[Issue]:
    missing = [name for name in REQUIRED if name not in columns]
    if not missing:
        return []
    message = f"Columns are missing: {', '.join(missing)}; found: {_found(columns)}."
    for column in columns.values():
        looks_like = skeleton(column.key)
        if looks_like in missing and looks_like != column.key:
            message += f" {column.shown} holds {strange_character(column.key)}."
    guess = suggested_columns([column.shown for column in columns.values()])
    pairs = ", ".join(f"{guess.get(name, '…')} → {name}" for name in missing)
    if any(key in UNIT_IDS for key in columns):
        message += " Rows of single users must be aggregated first."
    return [
        blocked(
            "missing_columns",
            message,
            f"{MAP_COLUMNS}{pairs}.",
            row=grid.header_row,
            column=missing[0],
        )
    ]


def _found(columns: Mapping[str, Column]) -> str:
    return visible(", ".join(column.shown for column in columns.values()), 200) or "none"
