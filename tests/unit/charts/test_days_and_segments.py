"""The course of an experiment and its segments, as pictures with words."""

from dataclasses import replace
from pathlib import Path

import pytest

from experimentos.analysis.over_time import over_time
from experimentos.analysis.result import Interval, Unavailable
from experimentos.analysis.segments import by_segment
from experimentos.charts.over_time import over_time_chart
from experimentos.charts.segments import segments_chart
from experimentos.flows.ab_test import run
from experimentos.plan.charter import Charter, Monitoring
from experimentos.policy import DEFAULT_POLICY

FILE = Path(__file__).resolve().parents[3] / ".tmp" / "samples" / "two_weeks.csv"
TEST = run(FILE.read_bytes(), FILE.name)
SUMMARY = TEST.reading.summary
METRIC = SUMMARY.metrics[0]


def course(kind):
    plan = Charter(planned_users=40_000, monitoring=Monitoring(kind=kind) if kind else None)
    return over_time(SUMMARY, METRIC, "treatment", plan, DEFAULT_POLICY)


@pytest.mark.parametrize("kind", [None, "group_sequential", "always_valid"])
def test_every_day_is_drawn_and_the_words_hold_the_answer(kind):
    found = course(kind)
    chart = over_time_chart(found, is_share=True)
    values = chart.spec["data"]["values"]
    assert [v["day"] for v in values] == [look.day.isoformat() for look in found.looks]
    assert values[-1]["estimate"] == pytest.approx(100 * found.looks[-1].estimate)
    assert found.sentence in chart.alt
    assert len(chart.spec["layer"]) == (3 if kind is None else 4)


def test_an_open_interval_stays_inside_the_frame():
    found = course("group_sequential")
    first = replace(found.looks[0], valid=Interval(-1e400, 1e400, 0.95))
    chart = over_time_chart(replace(found, looks=(first, *found.looks[1:])), is_share=False)
    values = chart.spec["data"]["values"]
    low, high = chart.spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert (values[0]["valid_low"], values[0]["valid_high"]) == (low, high)


def test_segments_are_drawn_with_the_effect_of_all_users():
    (view,) = by_segment(SUMMARY, METRIC, Charter(segments=("mobile",)), DEFAULT_POLICY)
    chart = segments_chart(view, is_share=True)
    values = chart.spec["data"]["values"]
    assert [(v["segment"], v["planned"]) for v in values] == [
        ("mobile", "planned"),
        ("desktop", "not planned"),
    ]
    assert len(chart.spec["layer"]) == 4
    assert "mobile: " in chart.alt


def test_a_segment_without_a_comparison_is_not_drawn():
    (view,) = by_segment(SUMMARY, METRIC, Charter(), DEFAULT_POLICY)
    gone = replace(view.segments[0], outcome=Unavailable("score", "no_users", "Nobody."))
    missing = replace(
        view,
        segments=(gone, view.segments[1]),
        poststratified=Unavailable("poststratification", "too_few_units", "Too few."),
    )
    chart = segments_chart(missing, is_share=False)
    assert [v["segment"] for v in chart.spec["data"]["values"]] == ["desktop"]
    assert len(chart.spec["layer"]) == 3
