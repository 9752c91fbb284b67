"""Exports open in a spreadsheet as text and exact numbers, never as formulas."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.memo.exports import COLUMNS, csv_bytes, download_name, guard_cell, results_csv
from tests.reference.markup.oracle import csv_unsafe
from tests.unit.charts.cases import CONVERSION, FREQUENTIST, NO_REVENUE

ROOT = Path(__file__).resolve().parents[2]
PAYLOADS = json.loads((ROOT / "reference" / "markup" / "payloads.json").read_text())["payloads"]
EXPORTED = [entry["payload"] for entry in PAYLOADS]
MORE = ("\t=1", "\r=1", "\n=1", "  =1", "|x", "%x", "+a", "-a", "\u200b=1", "＝1+1", "=\u202e1")  # noqa: RUF001


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", [*EXPORTED, *MORE])
def test_no_text_begins_like_a_formula(text):
    for row in read(csv_bytes((text,), ((text,),))):
        assert not csv_unsafe(row[0])
        assert not row[0].startswith("＝")  # noqa: RUF001


@given(st.text(max_size=20))
def test_no_text_at_all_begins_like_a_formula(text):
    assert not csv_unsafe(guard_cell(text))


@pytest.mark.parametrize("number", ["-2.5", "+3", "0", "1e-05", "-1.5E+3"])
def test_a_genuine_number_stays_a_number(number):
    assert guard_cell(number) == number


def test_results_are_exact_and_marked_as_utf8():
    content = results_csv(FREQUENTIST)
    assert content.startswith(b"\xef\xbb\xbf")
    header, first, *_ = read(content)
    assert tuple(header) == COLUMNS
    row = dict(zip(header, first, strict=True))
    assert float(row["p_value"]) == CONVERSION.p_value
    assert float(row["difference_low"]) == CONVERSION.interval.low
    assert row["n_control"] == "10000"


def test_a_missing_result_carries_its_reason_and_no_number():
    header, *rows = read(results_csv(FREQUENTIST))
    row = dict(zip(header, rows[-1], strict=True))
    assert row["not_available"] == NO_REVENUE.why
    assert row["p_value"] == ""


@given(st.text(max_size=300), st.text(max_size=40))
def test_a_download_name_is_plain_whatever_the_title(title, identifier):
    name = download_name(title, identifier, "html")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,90}\.html", name)


def test_a_download_name_tells_the_experiment():
    assert download_name("Checkout: Größe/../x", "01JNB", ".MD") == "checkout-grosse-x-01jnb.md"
