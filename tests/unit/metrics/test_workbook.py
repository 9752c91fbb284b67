"""Workbooks: which sheet and cells are read, and which workbooks are refused."""

import io
import re
import warnings
import zipfile
from datetime import date

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from experimentos.metrics.contract import read_summary

HEADER = ["variant", "users", "conversions"]
ROWS = [HEADER, ["control", 10_000, 1_200], ["treatment", 10_000, 1_320]]


def book(rows=ROWS, change=None):
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    if change is not None:
        change(workbook)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        workbook.save(buffer)
    return buffer.getvalue()


def repack(content, *, edit=None, add=None, drop=()):
    """Return the zip with its sheet's XML edited, parts added or dropped."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name in drop:
                continue
            text = source.read(name)
            if edit and name == edit[0]:
                text = re.sub(edit[1], edit[2], text.decode(), count=1, flags=re.DOTALL).encode()
            target.writestr(name, text)
        for name, text in (add or {}).items():
            target.writestr(name, text)
    return buffer.getvalue()


CONTROL = '<c r="A2" t="inlineStr"><is><t>control</t></is></c>'
JANUARY = date(2026, 1, 31)
SHEET = "xl/worksheets/sheet1.xml"


def read(content, name="results.xlsx"):
    return read_summary(content, name)


def found(reading):
    return [(i.severity.value, i.code, i.where.row, i.where.column) for i in reading.issues]


def codes(reading):
    return [issue.code for issue in reading.issues]


def users(reading):
    return [arm.users for arm in reading.summary.arms]


def test_a_plain_workbook_is_read_without_a_word():
    reading = read(book())
    assert (reading.issues, users(reading), reading.form) == ((), [10_000, 10_000], "xlsx")


def test_a_pasted_workbook_is_known_by_its_bytes():
    assert users(read(book(), "")) == [10_000, 10_000]


def test_numbers_stored_as_text_are_read_with_a_note():
    reading = read(book([HEADER, ["control", "10,000", 1_200], ["treatment", 10_000, 1_320]]))
    assert codes(reading) == ["numbers_as_text", "thousands"]
    assert users(reading) == [10_000, 10_000]


def test_hidden_rows_merged_cells_and_other_sheets_are_noted():
    def change(workbook):
        workbook.active.row_dimensions[3].hidden = True
        workbook.active.column_dimensions["B"].hidden = True
        workbook.active["E1"] = "title"
        workbook.active.merge_cells("E1:F2")
        workbook.create_sheet("later")
        workbook.create_sheet("secret").sheet_state = "veryHidden"

    reading = read(book(change=change))
    assert codes(reading) == [
        "sheet",
        "hidden_rows",
        "hidden_columns",
        "merged_cells",
        "unnamed_column",
        "ignored_column",
    ]
    assert "later, secret (hidden)" in reading.issues[0].message
    assert users(reading) == [10_000, 10_000]


def test_an_empty_first_sheet_is_passed_over():
    def change(workbook):
        workbook.active["A9"].fill = PatternFill("solid")
        for row in ROWS:
            workbook.create_sheet("results", 1) if "results" not in workbook else None
            workbook["results"].append(row)

    assert codes(read(book([], change))) == ["sheet"]


def test_a_workbook_without_anything_is_empty():
    assert found(read(book([]))) == [("unreadable", "empty_file", None, None)]


@pytest.mark.parametrize("value", [True, False, JANUARY, "moment"])
def test_a_yes_or_a_date_is_no_count(value):
    content = book([HEADER, ["control", value, 1_200], ["treatment", 10_000, 1_320]])
    if value == "moment":
        content = book(change=lambda b: setattr(b.active["B2"], "number_format", "d.m.yy h:mm"))
    reading = read(content)
    assert found(reading)[0][0] == "blocked"
    assert found(reading)[0][2:] == (2, "users")


@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
def test_dates_in_a_date_column_are_read_as_days(epoch):
    def change(workbook):
        workbook.epoch = epoch
        for row in ([*HEADER, "date"], ["control", 9, 1, JANUARY], ["b", 9, 1, JANUARY]):
            workbook.active.append(row)
        workbook.active["D2"].number_format = 'yyyy"y"-mm-dd'

    reading = read(book([], change))
    assert [cell.day for cell in reading.summary.cells] == [JANUARY] * 2


@pytest.mark.parametrize("serial", [-5, 3_000_000])
def test_a_serial_outside_the_calendar_is_no_date(serial):
    def change(workbook):
        workbook.active["D2"].number_format = "yyyy-mm-dd"

    rows = [[*HEADER, "date"], ["control", 1, 1, serial], ["b", 1, 1, "2026-01-01"]]
    assert ("blocked", "bad_date", 2, "date") in found(read(book(rows, change)))


@pytest.mark.parametrize(
    ("pattern", "replacement", "code"),
    [
        (r"<v>10000</v>", "<v>1E4</v>", None),
        (r"<v>10000</v>", "<v>10000.0</v>", None),
        (r"<v>10000</v>", "", "blank"),
        (r'<c r="B2" t="n"><v>10000', '<c r="B2" t="b"><v>', "blank"),
        (r"<v>10000</v>", "<v>ten</v>", "not_a_number"),
        (r"<v>10000</v>", "<v>1E400</v>", "out_of_range"),
        (r"<v>10000</v>", "<v>NaN</v>", "blank"),
        (r'<c r="B2" t="n"><v>10000</v>', '<c r="B2" t="e"><v>#REF!</v>', "sheet_error"),
        (r'<c r="B2" t="n"><v>10000</v>', '<c r="B2" t="str"><f>A1</f><v>x</v>', "not_a_number"),
        (r"<v>10000</v>", "<f>5000*2</f><v/>", "formula_text"),
        (r'<c r="B2" t="n"', '<c t="n"', None),
        (r'<row r="2"', "<row", None),
        (r'<row r="2"', '<row r="x"', "damaged_workbook"),
        (r'<row r="2"', '<row r="3"', "damaged_workbook"),
        (CONTROL, '<c r="A2" t="s"><v>99</v></c>', "damaged_workbook"),
        (CONTROL, '<c r="A2" t="s"><v>x</v></c>', "damaged_workbook"),
        ("<sheetData>", "<sheetData>" + "<row/>" * 10_001, "too_many_rows"),
        (r"</sheetData>", "", "damaged_workbook"),
        (r"<worksheet", "<!DOCTYPE x><worksheet", "xml_entities"),
        (r"<sheetData>", "<sheetData>" + "<a>" * 70 + "</a>" * 70, "unpacks_to_too_much"),
    ],
)
def test_a_cell_is_read_as_the_file_has_it(pattern, replacement, code):
    content = repack(book(), edit=(SHEET, pattern, replacement))
    reading = read(content)
    assert [i.code for i in reading.issues if i.severity.value != "note"] == [code] * (
        code is not None
    )


def test_rich_text_is_joined_and_phonetic_guides_are_left_out():
    rich = "<r><t>con</t></r><r><t>trol</t></r><rPh><t>y</t></rPh>"
    texts = f"<sst><si><t>x</t></si><si>{rich}</si></sst>"
    content = repack(
        book(),
        edit=(SHEET, CONTROL, '<c r="A2" t="s"><v>1</v></c>'),
        add={"xl/sharedStrings.xml": texts},
    )
    assert [arm.name for arm in read(content).summary.arms] == ["control", "treatment"]


def test_a_workbook_without_styles_or_shared_texts_is_read():
    rows = "".join(
        f'<row><c t="inlineStr"><is><t>{arm}</t></is></c><c><v>{n}</v></c><c><v>{k}</v></c></row>'
        for arm, n, k in (("control", 10, 1), ("b", 10, 2))
    )
    header = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEADER)
    sheet = f"<worksheet><sheetData><row>{header}</row>{rows}</sheetData></worksheet>"
    content = repack(
        book(), drop=("xl/styles.xml", "xl/sharedStrings.xml", SHEET), add={SHEET: sheet}
    )
    assert users(read(content)) == [10, 10]


def test_chart_sheets_are_no_tables():
    def change(workbook):
        workbook.create_chartsheet("picture", 0)

    assert users(read(book(change=change))) == [10_000, 10_000]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (repack(book(), add={"xl/vbaProject.bin": "x"}), "macros"),
        (repack(book(), add={"../evil": "x"}), "not_a_workbook"),
        (repack(book(), drop=("xl/workbook.xml",)), "not_a_workbook"),
        (repack(book(), drop=(SHEET,)), "damaged_workbook"),
        (repack(book(), add={"xl/big.xml": b" " * 30_000_000}), "unpacks_to_too_much"),
        (repack(book(), add={f"xl/{i}": "" for i in range(1_001)}), "unpacks_to_too_much"),
        (b"PK\x03\x04", "damaged_workbook"),
        (book()[:3_000], "damaged_workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "not_what_it_says"),
        (b"text", "not_what_it_says"),
    ],
)
def test_an_unsound_workbook_is_refused(content, code):
    reading = read(content)
    assert found(reading) == [("unreadable", code, None, None)]


def test_an_encrypted_workbook_is_refused():
    content = bytearray(book())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    assert codes(read(bytes(content))) == ["encrypted"]


def test_a_damaged_stream_is_refused():
    content = bytearray(book())
    place = content.index(SHEET.encode()) + len(SHEET)
    content[place : place + 40] = b"\xff" * 40
    assert codes(read(bytes(content))) == ["damaged_workbook"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[*HEADER, "x" * 10_001]], "cell_too_long"),
        ([["a"] * 201], "too_many_columns"),
        ([HEADER, *([["b", 1, 1]] * 1_001)], "too_many_rows"),
    ],
)
def test_a_sheet_beyond_the_limits_is_refused(rows, code):
    assert codes(read(book(rows))) == [code]
