"""A summary written as CSV is read back as the same numbers, and no cell is a formula."""

import csv
import io
from datetime import date

import pytest

from experimentos.metrics.contract import read_summary
from experimentos.metrics.contract_csv import write_csv
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Cell, Metric, Source, Summary

METRICS = (
    Metric("conversion", "conversion", ("conversions",)),
    Metric("refunds", "conversion", ("refunds",)),
    Metric("pay", "mean", ("a", "b")),
    Metric("aov", "mean", ("aov_sum", "aov_sum_sq", "orders"), unit="order"),
    Metric("clicks", "ratio", ()),
    Metric("spend", "adjusted", ()),
)


def cell(arm, row, segment, day, scale):
    return Cell(
        arm,
        1_000,
        {
            "conversion": Counts(1_000, 117),
            "refunds": Counts(1_000, 3),
            "pay": Moments(1_000, 1e8 + scale / 7, 0.1 + scale / 3),
            "aov": Moments(117, 49.95 * scale, 1234.5),
            "clicks": CrossMoments(1_000, scale / 3, 2 / 3, 1.1, 2.2, -0.3),
            "spend": CrossMoments(1_000, -scale / 3, 2 / 3, 1.1, 2.2, 0.7),
        },
        row,
        segment,
        day,
    )


def summary(cells, metrics=METRICS):
    return Summary(cells, metrics, "control", Source("x", "0", "engine"))


def test_every_kind_of_metric_segment_and_day_survives_the_round_trip():
    original = summary(
        (
            cell("control", 2, "=1+1", date(2026, 1, 1), 1.0),
            cell("control", 3, "'quoted", date(2026, 1, 1), 2.0),
            cell("new page", 4, "US", date(2026, 1, 2), 3.0),
        )
    )
    reading = read_summary(write_csv(original).encode(), "x.csv")
    assert reading.issues == ()
    assert reading.summary.cells == original.cells
    assert [(m.name, m.kind, m.unit) for m in reading.summary.metrics] == [
        (m.name, m.kind, m.unit) for m in METRICS
    ]


def test_an_empty_cell_is_written_as_noughts():
    metrics = (METRICS[0], METRICS[2], METRICS[4])
    empty = {
        "conversion": Counts(0, 0),
        "pay": Moments(0, 0.0, 0.0),
        "clicks": CrossMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0),
    }
    cells = (Cell("control", 0, empty, 2), Cell("b", 0, empty, 3))
    reading = read_summary(write_csv(summary(cells, metrics)).encode(), "x.csv")
    assert reading.summary.cells == cells


@pytest.mark.parametrize("segment", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "|x", "%x"])
def test_no_written_cell_begins_like_a_formula(segment):
    plain = {"conversion": Counts(10, 1)}
    cells = (Cell("control", 10, plain, 2, segment), Cell("b", 10, plain, 3, segment))
    text = write_csv(summary(cells, METRICS[:1]))
    written = [value for row in csv.reader(io.StringIO(text)) for value in row]
    assert f"'{segment}" in written
    assert not [value for value in written if value.startswith(("=", "+", "@", "|", "%"))]


def test_a_mean_beyond_all_digits_of_its_spread_is_written_as_near_as_possible():
    cells = tuple(
        Cell(arm, 3, {"conversion": Counts(3, 1), "pay": Moments(3, 1e45, 1e-60)}, row)
        for row, arm in ((2, "control"), (3, "b"))
    )
    text = write_csv(summary(cells, (METRICS[0], METRICS[2])))
    found = read_summary(text.encode(), "x.csv").summary.arm("control").statistics["pay"]
    assert found.mean == 1e45
    assert abs(found.m2) < 1e15


def test_sums_that_were_short_stay_short():
    content = (
        b"variant,users,conversions,pay_sum,pay_sum_sq\ncontrol,7,1,50001,400000001\nb,9,1,3,2.5\n"
    )
    text = write_csv(read_summary(content, "x.csv").summary)
    assert [row[3:] for row in csv.reader(io.StringIO(text))][1:] == [
        ["50001", "400000001"],
        ["3", "2.5"],
    ]
