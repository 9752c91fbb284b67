"""Parquet: types become text, the footer is believed only within limits."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experimentos.metrics.contract import read_summary
from experimentos.policy import Policy

GOOD = {
    "variant": ["control", "treatment"],
    "users": [10_000, 10_000],
    "conversions": [1_200, 1_320],
}


def parquet(columns, **options):
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, **options)
    return buffer.getvalue()


def read(columns, name="results.parquet", **options):
    content = columns if isinstance(columns, bytes) else parquet(columns)
    return read_summary(content, name, **options)


def found(reading):
    return [(i.severity.value, i.code, i.where.row, i.where.column) for i in reading.issues]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"variant": pa.array(GOOD["variant"]).dictionary_encode()}, []),
        ({"variant": pa.array(GOOD["variant"], pa.large_string())}, []),
        ({"variant": [b"control", b"treatment"]}, []),
        ({"users": pa.array(GOOD["users"], pa.uint64())}, []),
        ({"users": [10_000.0, 10_000.0]}, ["decimals"]),
        ({"users": [Decimal("10000.000")] * 2}, ["decimals"]),
        ({"users": ["10000", "10000"]}, ["numbers_as_text"]),
        ({"note": ["x", None]}, ["ignored_column"]),
        ({"__index_level_0__": [0, 1]}, ["ignored_column"]),
        ({"share": [Decimal("0.5")] * 2}, ["ignored_column"]),
    ],
)
def test_column_types_are_read_as_their_text(change, codes):
    reading = read(GOOD | change)
    assert [issue.code for issue in reading.issues] == codes
    assert [arm.users for arm in reading.summary.arms] == [10_000, 10_000]
    assert reading.form == "parquet"


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"users": [10_000, None]}, ("blocked", "blank", 2, "users")),
        ({"users": [10_000, float("nan")]}, ("blocked", "blank", 2, "users")),
        ({"users": [True, True]}, ("blocked", "boolean", 1, "users")),
        ({"users": [1.5, 2.0]}, ("blocked", "not_whole", 1, "users")),
        ({"users": [[1], [2]]}, ("blocked", "nested_column", None, "users")),
        ({"variant": [b"contr\xffol", b"b"]}, ("blocked", "bad_arm_name", 1, "variant")),
    ],
)
def test_what_is_no_count_or_name_is_blocked_at_its_record(change, issue):
    assert issue in found(read(GOOD | change))


@pytest.mark.parametrize(
    "days",
    [
        [date(2026, 1, 1), date(2026, 1, 2)],
        [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)],
        ["2026-01-01", "2026-01-02"],
    ],
)
def test_dates_and_midnights_are_days(days):
    assert [c.day for c in read(GOOD | {"date": days}).summary.cells] == [
        date(2026, 1, 1),
        date(2026, 1, 2),
    ]


def test_an_invalid_text_is_a_cell_and_not_a_crash():
    bad = pa.Array.from_buffers(
        pa.string(),
        2,
        [None, pa.py_buffer(b"\0\0\0\0\x02\0\0\0\x03\0\0\0"), pa.py_buffer(b"\xff\xfeb")],
    )
    assert ("blocked", "bad_arm_name", 1, "variant") in found(read(GOOD | {"variant": bad}))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PAR1", "damaged_parquet"),
        (b"PAR1PAR1PAR1", "damaged_parquet"),
        (b"PAR1" + b"\xff\xff\xff\x7fPAR1", "damaged_parquet"),
        (b"PAR1" + b"x" * 100 + b"\x60\x00\x00\x00PAR1", "damaged_parquet"),
        (parquet(GOOD)[:-10], "damaged_parquet"),
        (parquet({f"c{i}": [1] for i in range(201)}), "too_many_columns"),
        (parquet({"users": list(range(1_001))}), "too_many_rows"),
    ],
)
def test_a_damaged_or_endless_file_is_refused(content, code):
    assert found(read(content)) == [("unreadable", code, None, None)]


def test_a_file_that_unpacks_to_too_much_is_refused():
    reading = read(GOOD, policy=Policy(zip_bytes=100))
    assert found(reading) == [("unreadable", "unpacks_to_too_much", None, None)]


def test_a_damaged_page_is_refused():
    content = bytearray(parquet(GOOD, compression="snappy"))
    content[4:60] = b"\xff" * 56
    assert found(read(bytes(content))) == [("unreadable", "damaged_parquet", None, None)]


def test_a_pasted_parquet_file_is_known_by_its_bytes():
    assert read(GOOD, "").form == "parquet"


@pytest.mark.parametrize("mask", [0x01, 0x02, 0x10])
def test_no_damage_to_the_footer_takes_the_process_down(mask):
    content = parquet(GOOD)
    outcomes = set()
    for place in range(len(content) - 8 - int.from_bytes(content[-8:-4], "little"), len(content)):
        damaged = bytearray(content)
        damaged[place] ^= mask
        outcomes.update(issue.severity.value for issue in read(bytes(damaged)).issues)
    assert "unreadable" in outcomes
