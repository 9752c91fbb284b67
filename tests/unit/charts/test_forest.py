"""The forest plot shows every metric, its direction and its limits, and says so in words."""

import json
import math
from dataclasses import replace

import pytest

from experimentos.analysis.result import Direction, Frequentist, Interval, Lift, Unavailable
from experimentos.charts.forest import forest_alt, forest_chart
from experimentos.charts.rows import ForestRow, Span, drawn_range, forest_rows, state_of
from tests.unit.charts.cases import CONVERSION, ERRORS, FREQUENTIST, PRIMARY


def row(estimate: float, low: float, high: float) -> ForestRow:
    template = forest_rows(FREQUENTIST)[0]
    return replace(template, span=Span(estimate, low, high))


def test_each_metric_and_arm_is_a_row_with_the_primary_first():
    rows = forest_rows(FREQUENTIST)
    assert [r.label for r in rows] == ["conversion", "errors", "revenue"]
    assert [r.state for r in rows] == ["better", "unclear", "unavailable"]


def test_several_arms_are_named_in_the_label():
    primary = replace(PRIMARY, outcomes=(("green", CONVERSION), ("blue", CONVERSION)))
    rows = forest_rows(Frequentist(0.05, primary, (), ()))
    assert [r.label for r in rows] == ["conversion · green", "conversion · blue"]


@pytest.mark.parametrize(
    ("difference", "direction", "state"),
    [
        (0.01, Direction.HIGHER, "better"),
        (-0.01, Direction.HIGHER, "worse"),
        (0.01, Direction.LOWER, "worse"),
        (-0.01, Direction.LOWER, "better"),
    ],
)
def test_better_follows_the_direction_of_the_metric(difference, direction, state):
    assert state_of(replace(CONVERSION, difference=difference), direction, 0.05) == state


def test_a_difference_above_alpha_is_neither_better_nor_worse():
    assert state_of(ERRORS, Direction.LOWER, 0.05) == "unclear"


def test_the_harm_limit_of_a_rate_is_shown_on_the_relative_scale_towards_harm():
    guardrail = forest_rows(FREQUENTIST)[1]
    assert guardrail.harm == pytest.approx(0.001 / 0.02)
    assert guardrail.severe_harm == pytest.approx(0.003 / 0.02)


def test_a_metric_without_a_lift_is_scaled_by_its_control_value():
    bare = replace(CONVERSION, lift=Unavailable("log_ratio", "no_events", "No events."))
    (only,) = forest_rows(Frequentist(0.05, replace(PRIMARY, outcomes=(("t", bare),)), (), ()))
    assert only.span == Span(*(pytest.approx(v) for v in (0.12, 0.045, 0.195)))


def test_a_control_value_of_zero_leaves_nothing_to_draw_but_the_words():
    bare = replace(
        CONVERSION, control_value=0.0, lift=Unavailable("log_ratio", "no_events", "No events.")
    )
    rows = forest_rows(Frequentist(0.05, replace(PRIMARY, outcomes=(("t", bare),)), (), ()))
    assert rows[0].span is None
    assert "+1.20 points" in forest_alt(rows)


def test_the_axis_holds_zero_and_every_ordinary_interval():
    low, high = drawn_range((row(0.1, 0.05, 0.15), row(-0.05, -0.1, 0.01)))
    assert low < -0.1
    assert high > 0.15


def test_one_very_wide_interval_does_not_flatten_the_others():
    rows = (row(0.01, 0.0, 0.02), row(0.01, 0.0, 0.02), row(0.5, -9.0, 10.0))
    low, high = drawn_range(rows)
    assert high - low < 0.4
    values = forest_chart(rows).spec["data"]["values"]
    assert values[2]["leaves_left"]
    assert values[2]["leaves_right"]


def test_an_infinite_interval_still_gives_a_valid_picture():
    endless = Interval(-math.inf, math.inf, 0.95)
    wide = replace(CONVERSION, lift=Lift(0.1, endless, "fieller"))
    rows = forest_rows(Frequentist(0.05, replace(PRIMARY, outcomes=(("t", wide),)), (), ()))
    json.dumps(forest_chart(rows).spec, allow_nan=False)


def test_the_specification_is_json_and_its_words_name_every_metric():
    chart = forest_chart(forest_rows(FREQUENTIST))
    json.dumps(chart.spec, allow_nan=False)
    for name in ("conversion", "errors", "revenue", "not available: All values"):
        assert name in chart.alt


def test_colour_is_never_the_only_sign_of_the_direction():
    layers = forest_chart(forest_rows(FREQUENTIST)).spec["layer"]
    shape = layers[-1]["encoding"]["shape"]["scale"]["range"]
    assert len(set(shape)) == 3


def test_an_empty_analysis_draws_an_empty_axis():
    low, high = drawn_range(())
    assert low < 0 < high
