"""A stored summary is read back to the last bit, and a forged one is not read at all."""

import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.flows.raw_rows import document_of
from experimentos.flows.warehouse import Summarized
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.contract import read_summary
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Cell, Metric, Scan, Source, Summary
from experimentos.plan.charter import EMPTY_CHARTER

METRICS = (
    Metric("bought", "conversion", ("bought",)),
    Metric("spend", "mean", ("spend",), centred=True),
    Metric("basket", "ratio", ("amount", "orders"), centred=True),
)
FOUND = Issue(
    "no_date", Severity.WARNING, "3 units have no day.", "Find out why.", Where(None, "d")
)
SCAN = Scan("duckdb", "SELECT 1", datetime(2026, 5, 1, tzinfo=UTC), 40, 38, ("one pass",), (FOUND,))

finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
squares = st.floats(0, 1e300)


@st.composite
def summaries(draw):
    cells = []
    for row, arm in enumerate(("control", "new", "new"), start=1):
        n = draw(st.integers(0, 10**9))
        statistics = {
            "bought": Counts(n, draw(st.integers(0, n))),
            "spend": Moments(n, draw(finite), draw(squares)),
            "basket": CrossMoments(
                n, draw(finite), draw(finite), draw(squares), draw(squares), draw(finite)
            ),
        }
        day = draw(st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)))
        cells.append(Cell(arm, n, statistics, row, draw(st.none() | st.text(max_size=5)), day))
    source = Source("rows.csv", "ab" * 32, "duckdb", ("Summed up.",), SCAN)
    whole = tuple(Cell(c.arm, c.users, c.statistics, c.row) for c in cells[:2])
    arms = tuple(Summary(whole, METRICS, "control", source).arms)
    return Summary(tuple(cells), METRICS, "control", source, [arms])


def document(summary):
    return json.loads(document_of(Summarized(summary, SCAN, EMPTY_CHARTER)))


@given(summaries())
def test_every_bit_comes_back(summary):
    content = document_of(Summarized(summary, SCAN, EMPTY_CHARTER))
    reading = read_summary(content, "whatever.csv")
    assert reading.summary == summary
    assert reading.summary.arms == summary.arms
    assert reading.issues == (FOUND,)
    assert (reading.name, reading.form) == ("rows.csv", "duckdb")


@pytest.fixture
def stored():
    statistics = {
        "bought": Counts(10, 3),
        "spend": Moments(10, 1.5, 2.0),
        "basket": CrossMoments(10, 1.0, 2.0, 3.0, 4.0, 0.5),
    }
    cells = (Cell("control", 10, statistics, 1), Cell("new", 10, statistics, 2))
    return document(Summary(cells, METRICS, "control", Source("r", "a" * 64, "duckdb", (), SCAN)))


def change(document, path, value):
    *way, last = path
    inner = document
    for step in way:
        inner = inner[step]
    inner[last] = value


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("cells", 0, "statistics", "bought", "k"), 11, "count is larger"),
        (("cells", 0, "statistics", "bought", "k"), "3", "cells.0"),
        (("cells", 0, "statistics", "spend", "m2"), -1.0, "cannot be"),
        (("cells", 0, "statistics", "spend", "n"), -1, "cannot be"),
        (("cells", 0, "statistics", "other"), {"n": 1, "k": 1}, "a metric that cannot be"),
        (("cells", 0, "users"), -1, "a number of users"),
        (("cells", 0, "arm"), "third", "its arms are not those"),
        (("control",), "new", "its first arm is not the control"),
        (("metrics",), [], "metrics"),
        (("source", "scan"), None, "does not say how"),
        (("schema_version",), 2, "schema_version"),
        (("more",), 1, "more"),
    ],
)
def test_a_document_that_cannot_be_is_refused_with_its_reason(stored, path, value, words):
    change(stored, path, value)
    reading = read_summary(json.dumps(stored).encode(), "s.json")
    assert reading.summary is None
    (issue,) = reading.issues
    assert issue.severity is Severity.UNREADABLE
    assert words in issue.message
    assert issue.fix


def test_an_arm_with_a_strange_name_is_read_only_when_the_rows_said_so(stored):
    for part in (*stored["cells"][1:], *stored["arms"][1:]):
        part["arm" if "arm" in part else "name"] = "=cmd|x"
    assert (
        "name that no report can carry"
        in read_summary(json.dumps(stored).encode(), "s").issues[0].message
    )
    stored["source"]["scan"]["issues"][0]["code"] = "arm_name"
    assert read_summary(json.dumps(stored).encode(), "s").summary is not None


def test_infinity_nan_and_broken_json_are_refused(stored):
    text = json.dumps(stored)
    for bad in (text.replace("1.5", "NaN"), text.replace("1.5", "1e999"), text[:-5]):
        assert read_summary(bad.encode(), "s.json").issues[0].code == "bad_summary"


def test_a_document_that_is_too_large_is_refused(stored, monkeypatch):
    monkeypatch.setattr("experimentos.metrics.reading.summed.MOST_BYTES", 100)
    assert read_summary(json.dumps(stored).encode(), "s.json").issues[0].code == "too_large"
