"""XLSX: the cells of one sheet as text, from the XML itself.

Reading the XML leaves nothing to a converter: the digits are those in the file, and formulas,
errors, hidden rows and dates are seen as what they are. Nothing is evaluated.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from experimentos.issue import Issue
from experimentos.metrics.reading.archive import Archive, Element, open_archive
from experimentos.metrics.reading.grid import (
    Line,
    Refusal,
    counted,
    note,
    refusal,
    too_many_columns,
    too_many_rows,
)
from experimentos.metrics.reading.names import visible
from experimentos.policy import Policy

RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
QUOTED_FORMAT = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - no zone
# In both calendars this is still before the year 10000.
LAST_SERIAL = 2_950_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as the workbook lists it."""

    name: str
    path: str
    is_visible: bool


@dataclass(frozen=True, slots=True)
class Styles:
    """What is needed to tell a date from a number."""

    date_styles: frozenset[int]
    epoch: datetime


@dataclass(slots=True)
class Found:
    """What was met in a sheet and deserves a note."""

    formulas: int = 0
    hidden: int = 0
    hidden_columns: int = 0
    numbers_as_text: int = 0
    merged: int = 0


def read_workbook(content: bytes, policy: Policy) -> tuple[list[Line], list[Issue]]:
    """Return the rows of the first visible sheet that holds anything, with notes.

    Raises
    ------
    Refusal
        If the bytes are not a sound workbook, or would unpack to too much.
    """
    archive = open_archive(content, policy)
    book = archive.xml("xl/workbook.xml")
    shared = _shared_strings(archive)
    styles = _styles(archive, book)
    sheets = _sheets(archive, book)
    shown = [sheet for sheet in sheets if sheet.is_visible]
    for sheet in shown:
        found = Found()
        lines = _trimmed(_read_sheet(archive.xml(sheet.path), shared, styles, found, policy))
        if lines:
            return lines, [*_sheet_notes(sheet, sheets), *_cell_notes(found)]
    raise refusal(
        "empty_file",
        "The workbook is empty: no visible sheet holds anything.",
        "Put the table on the first visible sheet.",
    )


def _sheets(archive: Archive, book: Element) -> list[Sheet]:
    targets = {
        item.attributes.get("Id", ""): item.attributes.get("Target", "")
        for item in archive.xml("xl/_rels/workbook.xml.rels").all("Relationship")
    }
    sheets = []
    for item in book.all("sheet"):
        target = targets.get(item.attributes.get("id", ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if "worksheets/" in path:
            is_visible = item.attributes.get("state", "visible") == "visible"
            sheets.append(Sheet(item.attributes.get("name", ""), path, is_visible))
    return sheets


def _shared_strings(archive: Archive) -> list[str]:
    if "xl/sharedStrings.xml" not in archive:
        return []
    return [_plain_text(item) for item in archive.xml("xl/sharedStrings.xml").all("si")]


def _plain_text(item: Element) -> str:
    """Return the text of a string item without its phonetic guides."""
    return "".join(
        child.text if child.name == "t" else _plain_text(child)
        for child in item.children
        if child.name in ("t", "r")
    )


def _styles(archive: Archive, book: Element) -> Styles:
    old = any(
        item.attributes.get("date1904", "0") in ("1", "true") for item in book.all("workbookPr")
    )
    if "xl/styles.xml" not in archive:
        return Styles(frozenset(), EPOCHS[old])
    sheet = archive.xml("xl/styles.xml")
    dates = {
        item.attributes.get("numFmtId", "")
        for item in sheet.all("numFmt")
        if _is_date_format(item.attributes.get("formatCode", ""))
    } | {str(code) for code in DATE_FORMATS}
    formats = [item for group in sheet.all("cellXfs") for item in group.all("xf")]
    return Styles(
        frozenset(i for i, xf in enumerate(formats) if xf.attributes.get("numFmtId") in dates),
        EPOCHS[old],
    )


def _is_date_format(code: str) -> bool:
    return re.search(r"[ymdhs]", QUOTED_FORMAT.sub("", code), re.IGNORECASE) is not None


def _read_sheet(
    sheet: Element, shared: list[str], styles: Styles, found: Found, policy: Policy
) -> list[Line]:
    found.merged = sum(1 for _ in sheet.all("mergeCell"))
    found.hidden_columns = sum(
        item.attributes.get("hidden") in ("1", "true") for item in sheet.all("col")
    )
    lines: dict[int, Line] = {}
    number = 0
    for row in sheet.all("row"):
        number = _row_number(row, number + 1)
        if number in lines:
            raise _damaged(f"row {number} is there twice")
        lines[number] = Line(number, _read_row(row, shared, styles, found, policy))
        if not lines[number].is_blank:
            found.hidden += row.attributes.get("hidden") in ("1", "true")
        if len(lines) > 10 * policy.upload_rows:
            raise too_many_rows(policy.upload_rows, "too many")
    return [lines[number] for number in sorted(lines)]


def _row_number(row: Element, default: int) -> int:
    text = row.attributes.get("r", str(default))
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise _damaged("a row has no number")
    return int(text)


def _read_row(
    row: Element, shared: list[str], styles: Styles, found: Found, policy: Policy
) -> tuple[str, ...]:
    cells: dict[int, str] = {}
    for cell in row.children:
        column = _column_number(cell.attributes.get("r"), max(cells, default=-1) + 1)
        text = _cell_text(cell, shared, styles, found)
        if len(text) > policy.upload_cell_characters:
            raise refusal(
                "cell_too_long",
                f"A cell has more than {policy.upload_cell_characters:,} characters.",
                "Remove the column with long text.",
            )
        if text:
            cells[column] = text
    width = max(cells, default=-1) + 1
    if width > policy.upload_columns:
        raise too_many_columns(policy.upload_columns, width)
    return tuple(cells.get(column, "") for column in range(width))


def _column_number(reference: str | None, default: int) -> int:
    match = REFERENCE.fullmatch(reference or "")
    if match is None:
        return default
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _cell_text(cell: Element, shared: list[str], styles: Styles, found: Found) -> str:
    formula = next(cell.all("f"), None)
    if formula is None:
        return _stored_text(cell, shared, styles, found)
    found.formulas += 1
    # Where no program has stored a value, the formula's own text shows what is missing.
    return _stored_text(cell, shared, styles, found) or f"={formula.text}"


def _stored_text(cell: Element, shared: list[str], styles: Styles, found: Found) -> str:
    kind = cell.attributes.get("t", "n")
    if kind == "inlineStr":
        return _as_text("".join(_plain_text(item) for item in cell.all("is")), found)
    value = next((item.text for item in cell.all("v")), "")
    match kind:
        case "s" | "str":
            return _as_text(_shared(value, shared) if kind == "s" else value, found)
        case "b":
            return "TRUE" if value == "1" else "FALSE" if value else ""
        case "e" | "d":
            return value
        case _:
            return _number_text(value, cell.attributes.get("s", ""), styles)


def _shared(value: str, shared: list[str]) -> str:
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) >= len(shared):
        raise _damaged("a cell points at a text that is not there")
    return shared[int(value)]


def _as_text(text: str, found: Found) -> str:
    found.numbers_as_text += re.fullmatch(r"\s*[0-9][0-9.,]*\s*", text) is not None
    return text


def _number_text(value: str, style: str, styles: Styles) -> str:
    """Return a stored number as plain text; a whole number loses the form 1.2E3 or 12.0."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return value
    if style.isascii() and style.isdigit() and int(style) in styles.date_styles:
        return _date_text(number, styles.epoch)
    if not number.is_finite() or number.adjusted() >= 30:
        return value
    return str(int(number)) if number == number.to_integral_value() else value


def _date_text(serial: Decimal, epoch: datetime) -> str:
    if not serial.is_finite() or not 0 <= serial < LAST_SERIAL:
        return f"date {serial}"
    moment = epoch + timedelta(days=float(serial))
    day_only = serial == serial.to_integral_value()
    return moment.date().isoformat() if day_only else moment.isoformat(" ", "seconds")


def _trimmed(lines: list[Line]) -> list[Line]:
    """Return the rows up to the last filled one, each gap as one blank row."""
    filled = [line for line in lines if not line.is_blank]
    return list(_with_gaps(filled))


def _with_gaps(filled: list[Line]) -> Iterator[Line]:
    before = 0
    for line in filled:
        if line.row > before + 1:
            yield Line(line.row - 1, ())
        yield line
        before = line.row


def _sheet_notes(chosen: Sheet, sheets: list[Sheet]) -> list[Issue]:
    if len(sheets) == 1:
        return []
    others = ", ".join(
        visible(sheet.name) + ("" if sheet.is_visible else " (hidden)")
        for sheet in sheets
        if sheet is not chosen
    )
    return [
        note(
            "sheet",
            f"The sheet {visible(chosen.name)} was read, the first visible one that holds "
            f"anything; not read: {visible(others, 200)}.",
            "If another sheet was meant, move it to the front or save it alone.",
        )
    ]


def _cell_notes(found: Found) -> list[Issue]:
    notes = []
    if found.formulas:
        notes.append(
            note(
                "formula",
                f"Read the stored value of {counted(found.formulas, 'cell')} with a formula.",
                "If the sheet was changed by a program, open it in Excel and save it once.",
            )
        )
    if found.hidden:
        notes.append(
            note("hidden_rows", f"Read {counted(found.hidden, 'hidden row')} like the others.")
        )
    if found.hidden_columns:
        notes.append(note("hidden_columns", "Hidden columns of the sheet were read as well."))
    if found.numbers_as_text:
        notes.append(
            note(
                "numbers_as_text",
                f"Read {counted(found.numbers_as_text, 'number')} stored as text.",
            )
        )
    if found.merged:
        notes.append(
            note("merged_cells", "The sheet has merged cells; each value is in its first cell.")
        )
    return notes


def _damaged(how: str) -> Refusal:
    return refusal(
        "damaged_workbook",
        f"The workbook is damaged: {how}.",
        "Open it in a spreadsheet program and save it again as .xlsx, or export it as CSV.",
    )
