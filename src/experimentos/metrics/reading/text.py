"""CSV, TSV and pasted text: decoding, delimiter, strict parsing."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator

from experimentos.issue import Issue
from experimentos.metrics.reading.grid import (
    Line,
    Refusal,
    note,
    refusal,
    too_many_columns,
    too_many_rows,
)
from experimentos.metrics.reading.sniff import empty
from experimentos.policy import Policy

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
EXPECTED = {"csv": ",", "tsv": "\t", "pasted": ",\t"}
UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
LINES_TO_SNIFF = 20
# Below the csv module's own limit for a field, so that sniffing never fails.
CHARACTERS_TO_SNIFF = 100_000
BLANK_LINES_PER_ROW = 10
SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*(?:\r\n|\r|\n|\Z)", re.IGNORECASE)
LINE_END = re.compile(r"\r\n|\r|\n")
JSON_START = re.compile(r"\s*(?:\[\s*(?:[\[{\"]|-?[0-9])|\{\s*[\"}])")
# Bytes that text does not hold; a few are tolerated so that the cell that has one is named.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
CONTROL_SHARE = 0.05

type Recognised = Callable[[str], bool]


def decode(content: bytes) -> tuple[str, list[Issue]]:
    """Return the text of a file with notes on its encoding.

    Raises
    ------
    Refusal
        If the bytes are not text in UTF-8, UTF-16 with a mark, or Windows-1252.
    """
    if content.startswith(UTF32):
        raise _encoding("The file is encoded in UTF-32.")
    for mark, codec in UTF16.items():
        if content.startswith(mark):
            return _strictly(content[2:], codec), [
                note("encoding", "The file is encoded in UTF-16 and was read as such.")
            ]
    if b"\x00" in content:
        raise _encoding(
            "The file holds NUL bytes: it is binary, or text in an encoding such as UTF-16 "
            "without a byte-order mark."
        )
    notes = []
    if content.startswith(codecs.BOM_UTF8):
        content = content[3:]
        notes.append(note("byte_order_mark", "The file begins with a byte-order mark (UTF-8)."))
    try:
        return content.decode("utf-8"), notes
    except UnicodeDecodeError:
        notes.append(
            note(
                "encoding",
                "The text is not UTF-8; it was read in the encoding Windows-1252.",
                "Check letters with accents and signs such as €, or export as UTF-8.",
            )
        )
        return content.decode("cp1252", errors="replace"), notes


def read_text(
    content: bytes, form: str, recognised: Recognised, policy: Policy
) -> tuple[list[Line], list[Issue], str]:
    """Return the rows of a text table as found, with notes and the delimiter.

    Parameters
    ----------
    recognised
        Says whether a cell is a column name that the contract or the mapping knows.
    """
    text, notes = decode(content)
    _refuse_other_text(text, policy)
    text, delimiter, named = _separator_line(text)
    first = 2 if named else 1
    if delimiter is None:
        delimiter = _sniff_delimiter(text, recognised)
    if named or delimiter not in EXPECTED[form]:
        notes.append(
            note(
                "delimiter",
                f"The delimiter is a {DELIMITERS[delimiter]}"
                + (", as the line sep= says." if named else "."),
            )
        )
    if "\r" in text and "\n" not in text:
        notes.append(note("line_ends", "Lines end with a carriage return alone."))
    return _parse(text, delimiter, first, policy), notes, delimiter


def _strictly(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as exc:
        raise _encoding("The file has a UTF-16 mark, but its bytes are no UTF-16.") from exc


def _encoding(message: str) -> Refusal:
    return refusal("encoding", message, "Export the table as CSV with the encoding UTF-8.")


def _refuse_other_text(text: str, policy: Policy) -> None:
    if not text.strip("\ufeff \t\r\n"):
        raise empty()
    if JSON_START.match(text):
        raise refusal(
            "json_under_text",
            "The file holds JSON, not a text table.",
            "Give it a name ending in .json, or export the table as CSV.",
        )
    if len(CONTROL.findall(text)) > 1 + CONTROL_SHARE * len(text):
        raise refusal(
            "not_text", "The file is binary, not a text table.", "Export the table as CSV."
        )
    longest = max(len(line) for line in LINE_END.split(text))
    if longest > policy.upload_line_bytes:
        raise refusal(
            "line_too_long",
            f"A line has {longest:,} characters; at most {policy.upload_line_bytes:,} are read.",
            "Export only the columns of this experiment, one row per line.",
        )


def _separator_line(text: str) -> tuple[str, str | None, bool]:
    """Return the text after Excel's `sep=` line, its delimiter, and whether it is there."""
    match = SEPARATOR_LINE.match(text)
    if match is None:
        return text, None, False
    if match[1] not in DELIMITERS:
        raise refusal(
            "delimiter",
            "The line sep= names a delimiter that is not a comma, semicolon, tab or bar.",
            "Export the table with commas.",
            row=1,
        )
    return text[match.end() :], match[1], True


def _sniff_delimiter(text: str, recognised: Recognised) -> str:
    lines = [
        line
        for line in LINE_END.split(text[:CHARACTERS_TO_SNIFF], maxsplit=10 * LINES_TO_SNIFF)
        if line.strip() and not line.startswith("#")
    ][:LINES_TO_SNIFF]
    return max(DELIMITERS, key=lambda delimiter: _fit(lines, delimiter, recognised))


def _fit(lines: list[str], delimiter: str, recognised: Recognised) -> tuple[int, int]:
    """Return how well a delimiter suits: names recognised in its best line, cells of the first."""
    rows = [next(csv.reader([line], delimiter=delimiter)) for line in lines]
    best = max((sum(map(recognised, row)) for row in rows), default=0)
    return best, len(rows[0]) if rows else 0


def _parse(text: str, delimiter: str, first: int, policy: Policy) -> list[Line]:
    lines: list[Line] = []
    filled = 0
    for line in _lines(text, delimiter, first):
        filled += not line.is_blank
        # The header and a few lines above it are not rows of data.
        if filled > policy.upload_rows + LINES_TO_SNIFF:
            raise too_many_rows(policy.upload_rows, f"more than {policy.upload_rows:,}")
        if len(lines) > BLANK_LINES_PER_ROW * policy.upload_rows:
            raise too_many_rows(policy.upload_rows, "too many blank")
        if len(line.cells) > policy.upload_columns:
            raise too_many_columns(policy.upload_columns, len(line.cells))
        if any(len(cell) > policy.upload_cell_characters for cell in line.cells):
            raise _cell_too_long(line.row)
        lines.append(line)
    return lines


def _lines(text: str, delimiter: str, first: int) -> Iterator[Line]:
    """Yield rows with the line each begins on; quoted cells may span lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = first
    try:
        for cells in reader:
            yield Line(row, tuple(cells))
            row = first + reader.line_num
    except csv.Error as exc:
        if "field limit" in str(exc):
            raise _cell_too_long(row) from exc
        raise refusal(
            "bad_quotes",
            f"The quotes of row {row} do not match ({exc}).",
            "Close each quoted cell with a quote, and write a quote inside a cell twice.",
            row=row,
        ) from exc


def _cell_too_long(row: int) -> Refusal:
    return refusal(
        "cell_too_long",
        "A cell is longer than any name or number can be.",
        "Remove the column with long text, or close the quote that was left open.",
        row=row,
    )
