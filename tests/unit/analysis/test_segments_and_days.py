"""Segments and days: adjusted verdicts, an interaction test, and whether the plan lets one stop."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis.analyze import analyze
from experimentos.analysis.over_time import over_time
from experimentos.analysis.result import Compared, Unavailable
from experimentos.analysis.segments import by_segment
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Cell, Metric, Source, Summary
from experimentos.plan.charter import Charter, Monitoring
from experimentos.policy import DEFAULT_POLICY

METRIC = Metric("conversion", "conversion", ("conversions",))
SOURCE = Source("x.csv", "0" * 64, "csv")


def segmented(table, metric=METRIC):
    cells = tuple(
        Cell(arm, statistic.n, {metric.name: statistic}, 2, segment)
        for (arm, segment), statistic in table.items()
    )
    return Summary(cells, (metric,), "control", SOURCE)


def table(*rates, n=1_000, base=100):
    names = [f"s{i}" for i in range(len(rates))]
    control = {("control", name): Counts(n, base) for name in names}
    return control | {("b", name): Counts(n, k) for name, k in zip(names, rates, strict=True)}


def view(rows, charter=Charter()):  # noqa: B008 - frozen
    (found,) = by_segment(segmented(rows), METRIC, charter, DEFAULT_POLICY)
    return found


def test_data_without_segments_has_no_view():
    rows = {("control", None): Counts(10, 1), ("b", None): Counts(10, 2)}
    assert by_segment(segmented(rows), METRIC, Charter(), DEFAULT_POLICY) == ()


def test_the_interaction_sees_an_effect_that_turns_around():
    assert view(table(150, 60)).interaction.p_value < 1e-5
    assert view(table(120, 121)).interaction.p_value > 0.5


def test_segments_of_one_arm_are_one_family():
    found = view(table(130, 101, 99, 100))
    first = found.segments[0].outcome
    assert first.p_value == pytest.approx(min(1, 4 * first.unadjusted_p))
    assert first.adjustment


def test_only_segments_named_before_the_data_are_planned():
    found = view(table(120, 110), Charter(segments=("s1",)))
    assert [s.is_planned for s in found.segments] == [False, True]


def test_a_segment_without_one_arm_is_unavailable_and_named():
    rows = table(120, 110, 100)
    del rows["b", "s1"]
    outcome = view(rows).segments[1].outcome
    assert isinstance(outcome, Unavailable)
    assert "s1" in outcome.why


def test_one_shared_segment_allows_no_interaction():
    rows = table(120, 110)
    del rows["b", "s1"]
    assert view(rows).interaction.code == "too_few_segments"


def test_equal_segments_give_the_effect_of_all_users():
    found = view(table(120, 110))
    assert found.poststratified.difference == pytest.approx(0.015)


def test_a_ratio_is_compared_within_segments_only():
    metric = Metric("rate", "ratio", ("a", "b"))
    cross = CrossMoments(100, 1.0, 2.0, 30.0, 40.0, 5.0)
    rows = {(arm, s): cross for arm in ("control", "b") for s in ("x", "y")}
    (found,) = by_segment(segmented(rows, metric), metric, Charter(), DEFAULT_POLICY)
    assert found.interaction.code == "ratio"
    assert isinstance(found.segments[0].outcome, Compared)


def test_an_adjusted_metric_is_tested_without_its_covariate():
    metric = Metric("spend", "adjusted", ("a", "b"))
    rows = {
        (arm, s): CrossMoments(100, 1.0, 2.0, 30.0, 40.0, 5.0)
        for arm in ("control", "b")
        for s in ("x", "y")
    }
    (found,) = by_segment(segmented(rows, metric), metric, Charter(), DEFAULT_POLICY)
    assert found.interaction.p_value == pytest.approx(1)


def daily(control, treatment, n=500, arms=("control", "b")):
    start = date(2026, 1, 1)
    cells = tuple(
        Cell(arm, n, {"conversion": Counts(n, k)}, 2, None, start + timedelta(days=i))
        for arm, counts in zip(arms, (control, treatment), strict=True)
        for i, k in enumerate(counts)
    )
    return Summary(cells, (METRIC,), "control", SOURCE)


def look(summary, **charter):
    return over_time(summary, METRIC, "b", Charter(**charter), DEFAULT_POLICY)


GROUP = Monitoring(kind="group_sequential")
ALWAYS = Monitoring(kind="always_valid")


def test_one_day_is_no_course_of_time():
    assert look(daily([50], [60])).code == "no_days"


def test_the_last_look_is_the_whole_experiment():
    found = look(daily([50, 40, 60], [60, 70, 80]))
    assert found.looks[-1].users == 3_000
    assert found.looks[-1].estimate == pytest.approx(210 / 1_500 - 150 / 1_500)


def test_days_before_anybody_converted_are_left_out():
    found = look(daily([0, 5, 5], [0, 5, 5]))
    assert [k.day.day for k in found.looks] == [2, 3]


def test_a_day_with_only_one_arm_is_no_look():
    summary = daily([50, 50, 50], [60, 60, 60])
    late = Summary(
        tuple(c for c in summary.cells if c.arm == "control" or c.day.day > 1),
        summary.metrics,
        "control",
        SOURCE,
    )
    assert [k.day.day for k in look(late).looks] == [2, 3]


def test_without_planned_looks_only_the_end_decides():
    summary = daily([50, 50], [90, 90])
    assert not look(summary).may_stop
    assert not look(summary, planned_users=5_000).may_stop
    assert look(summary, planned_users=2_000).may_stop


@pytest.mark.parametrize("plan", [GROUP, ALWAYS])
def test_monitoring_needs_a_planned_size(plan):
    assert look(daily([50, 50], [60, 60]), monitoring=plan).code == "no_planned_users"


@pytest.mark.parametrize("plan", [GROUP, ALWAYS])
def test_a_large_effect_stops_early_and_none_does_not(plan):
    early = look(daily([50] * 4, [110] * 4), monitoring=plan, planned_users=10_000)
    assert early.may_stop
    assert early.sentence.startswith("Yes")
    none = look(daily([50] * 4, [52] * 4), monitoring=plan, planned_users=10_000)
    assert not none.may_stop
    assert none.sentence.startswith("Not yet")


def test_the_planned_end_without_a_crossing_ends_the_test():
    found = look(daily([50] * 4, [51] * 4), monitoring=GROUP, planned_users=3_000)
    assert found.may_stop
    assert len(found.looks) == 3
    assert "without an effect" in found.sentence


def test_early_boundaries_are_higher_and_their_intervals_wider():
    found = look(daily([50] * 4, [52] * 4), monitoring=GROUP, planned_users=4_000)
    assert list(found.boundary) == sorted(found.boundary, reverse=True)
    for k in found.looks:
        assert k.valid.high - k.valid.low >= (k.fixed.high - k.fixed.low) * 0.99


@given(st.lists(st.integers(20, 120), min_size=2, max_size=6), st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(treatment, seed):
    summary = daily([60] * len(treatment), treatment)
    order = np.random.default_rng(seed).permutation(len(summary.cells))
    shuffled = Summary(tuple(summary.cells[i] for i in order), summary.metrics, "control", SOURCE)
    assert look(summary).looks == look(shuffled).looks


def test_means_are_followed_too():
    metric = Metric("spend", "mean", ("a",))
    cells = tuple(
        Cell(arm, 100, {"spend": Moments(100, mean, 99.0)}, 2, None, date(2026, 1, day))
        for arm, mean in (("control", 1.0), ("b", 1.5))
        for day in (1, 2)
    )
    found = over_time(
        Summary(cells, (metric,), "control", SOURCE),
        metric,
        "b",
        Charter(monitoring=ALWAYS, planned_users=400),
        DEFAULT_POLICY,
    )
    assert found.may_stop


def test_rows_of_no_segment_stay_out_of_the_segments():
    rows = table(120, 110) | {("control", None): Counts(10, 1), ("b", None): Counts(10, 9)}
    assert [s.segment for s in view(rows).segments] == ["s0", "s1"]


def waits(summary, **charter):
    found = analyze(summary, Charter(**charter), DEFAULT_POLICY)
    return dict(found.frequentist.primary.waiting)


def test_nothing_waits_without_planned_looks():
    assert waits(daily([50, 50], [90, 90])) == {}


@pytest.mark.parametrize("plan", [GROUP, ALWAYS])
def test_an_arm_waits_until_a_planned_look_has_decided(plan):
    small, large = daily([50] * 4, [52] * 4), daily([50] * 4, [110] * 4)
    assert waits(small, monitoring=plan, planned_users=10_000)["b"].startswith("Not yet")
    assert waits(large, monitoring=plan, planned_users=10_000) == {}


def test_a_planned_end_without_a_crossing_still_decides_nothing():
    said = waits(daily([50] * 4, [51] * 4), monitoring=GROUP, planned_users=3_000)
    assert "without an effect" in said["b"]


def test_one_look_at_the_planned_end_may_decide_and_before_it_may_not():
    whole = daily([200], [280])
    assert waits(whole, monitoring=GROUP, planned_users=1_000) == {}
    assert "no days" in waits(whole, monitoring=GROUP, planned_users=5_000)["b"]
    assert "names no planned number" in waits(whole, monitoring=GROUP)["b"]
