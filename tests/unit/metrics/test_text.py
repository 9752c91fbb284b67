"""Text tables: encodings, delimiters, quotes, blank and comment lines, limits."""

import pytest

from experimentos.issue import Severity
from experimentos.metrics.contract import read_summary

GOOD = "variant,users,conversions\ncontrol,10000,1200\ntreatment,10000,1320\n"


def read(content, name="results.csv", **options):
    content = content.encode() if isinstance(content, str) else content
    return read_summary(content, name, **options)


def found(reading):
    return [(issue.severity.value, issue.code, issue.where.row) for issue in reading.issues]


def is_good(reading):
    return [(a.name, a.users, a.statistics["conversion"].k) for a in reading.summary.arms] == [
        ("control", 10_000, 1_200),
        ("treatment", 10_000, 1_320),
    ]


@pytest.mark.parametrize(
    ("content", "name", "codes"),
    [
        (GOOD, "a.csv", []),
        (GOOD.rstrip(), "a.csv", []),
        (GOOD, "pasted", []),
        (GOOD.replace(",", "\t"), "", []),
        (GOOD.replace(",", "\t"), "a.tsv", []),
        (GOOD, "a.tsv", ["delimiter"]),
        (GOOD.replace(",", ";"), "a.csv", ["delimiter"]),
        (GOOD.replace(",", "|"), "a.txt", ["delimiter"]),
        (b"\xef\xbb\xbf" + GOOD.encode(), "a.csv", ["byte_order_mark"]),
        (GOOD.encode("utf-16"), "a.csv", ["encoding"]),
        (b"\xfe\xff" + GOOD.encode("utf-16-be"), "a.csv", ["encoding"]),
        (GOOD.replace("\n", "\r"), "a.csv", ["line_ends"]),
        (GOOD.replace("\n", "\r\n"), "a.csv", []),
        ('sep=,\r\n"variant","users","conversions"\r\n' + GOOD[26:], "a.csv", ["delimiter"]),
        ("# made\n#\n" + GOOD, "a.csv", ["comments"]),
        ("Weekly report\n\n" + GOOD, "a.csv", ["blank_rows", "title"]),
        (GOOD + ",,\n", "a.csv", ["blank_rows"]),
        (GOOD.replace("\n", ",\n"), "a.csv", ["unnamed_column"]),
        (GOOD.replace("00\n", "00,,\n"), "a.csv", ["surplus_cells"]),
        (GOOD.replace("variant", ",variant").replace("\nc", "\n0,c").replace("\nt", "\n1,t"),
         "a.csv", ["unnamed_column"]),
        (GOOD.replace("variant", '"variant"').replace("control", '"control"'), "a.csv", []),
    ],
)  # fmt: skip
def test_harmless_variety_is_read_with_a_note_that_names_it(content, name, codes):
    reading = read(content, name)
    assert [(issue.severity, issue.code) for issue in reading.issues] == [
        (Severity.NOTE, code) for code in codes
    ]
    assert is_good(reading)
    assert reading.summary.source.notes == tuple(issue.message for issue in reading.issues)


@pytest.mark.parametrize(
    ("content", "code", "row", "word"),
    [
        (b"", "empty_file", None, "empty"),
        (" \n\t\n", "empty_file", None, "empty"),
        (b"\x89PNG\r\n", "not_text", None, "PNG"),
        (b"%PDF-1.7", "not_text", None, "PDF"),
        (b"<!DOCTYPE html><html></html>", "not_text", None, "web page"),
        (b"PK\x03\x04rest", "compressed", None, "compressed"),
        (b"\x1f\x8brest", "compressed", None, "gzip"),
        (GOOD.encode("utf-16-le"), "encoding", None, "UTF-16"),
        (GOOD.encode("utf-32"), "encoding", None, "UTF-32"),
        (b"\xff\xfev", "encoding", None, "UTF-16"),
        (b"ab\x01\x02\x03\x04\x05", "not_text", None, "binary"),
        ('{"variant": 1}', "json_under_text", None, "JSON"),
        ("sep=x\n" + GOOD, "delimiter", 1, "sep="),
        (GOOD + "x,1,2,3\n", "ragged_row", 4, "4 cells"),
        (GOOD + '"b,10000,1\n', "bad_quotes", 4, "quotes"),
        (GOOD + 'b,"1"2,1\n', "bad_quotes", 4, "quotes"),
        ("control,10000,1200\n", "no_header", 1, "header"),
        ("# a\n# b\n", "no_header", None, "header"),
        (GOOD + f"b,{'9' * 10_001},1\n", "cell_too_long", 4, "cell"),
        (GOOD + f"b,{'9' * 140_000},1\n", "cell_too_long", 4, "cell"),
        (GOOD + "b," + "9," * 600_000, "line_too_long", None, "line"),
        (GOOD + "b" + ",1" * 300, "too_many_columns", None, "columns"),
        (GOOD + "b,1,1\n" * 1_001, "too_many_rows", None, "aggregate"),
        (GOOD + "b,1,1\n" * 3_000, "too_many_rows", None, "aggregate"),
        (GOOD + "\n" * 20_000, "too_many_rows", None, "rows"),
        (b"x" * (5 * 2**20 + 1), "too_large", None, "bytes"),
    ],
)
def test_what_is_no_text_table_is_refused_and_said_what_it_is(content, code, row, word):
    reading = read(content)
    assert found(reading) == [("unreadable", code, row)]
    assert word in f"{reading.issues[0].message} {reading.issues[0].fix}"
    assert reading.summary is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("results.csv.exe", "unknown_format"),
        ("results.xls", "workbook_format"),
        ("results.XLSM", "workbook_format"),
        ("results.ods", "workbook_format"),
        ("results.csv.gz", "compressed"),
        ("results.xlsx", "not_what_it_says"),
        ("results.parquet", "not_what_it_says"),
    ],
)
def test_a_name_of_another_format_is_refused(name, code):
    assert found(read(GOOD, name)) == [("unreadable", code, None)]


def test_a_lost_quoted_line_break_still_counts_lines():
    reading = read('variant,users,conversions,note\ncontrol,1,1,"a\nb"\ntreatment,x,1,c\n')
    assert ("blocked", "not_a_number", 4) in found(reading)


def test_text_in_windows_1252_is_read_with_a_note():
    reading = read(
        GOOD.replace("conversions", "conversions,price €").replace("0\n", "0,€\n").encode("cp1252")
    )
    assert [issue.code for issue in reading.issues] == ["encoding", "ignored_column"]
    assert is_good(reading)


def test_a_byte_that_no_encoding_has_blocks_the_name_that_holds_it():
    reading = read(GOOD.encode().replace(b"control", b"contr\x81ol"))
    assert ("blocked", "bad_arm_name", 2) in found(reading)


def test_the_delimiter_is_the_one_that_shows_known_names():
    text = (
        GOOD.replace(",", ";")
        .replace("conversions", "conversions;a,b,c,d,e")
        .replace("0\n", "0;x\n")
    )
    assert is_good(read(text))
