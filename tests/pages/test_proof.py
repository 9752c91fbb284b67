"""Calibration on the user's own data, and what a covariate did, on Results."""

import numpy as np
import pytest

from experimentos.analysis.cuped import variance_ratio
from experimentos.flows.calibrate import calibrate, in_words
from experimentos.flows.simulate import World
from experimentos.flows.unadjusted import unadjusted
from experimentos.metrics.contract import read_summary
from experimentos.ui import background, experiment

MEASURES = ("_sum", "_sum_sq", "_cov_sum", "_cov_sum_sq", "_cov_cross")


def with_covariate(correlation):
    """Two arms of 2,000 users whose revenue follows an earlier measure."""
    rng = np.random.default_rng(7)
    header = ["variant", "users", "conversions", *(f"revenue{end}" for end in MEASURES)]
    lines = [",".join(header)]
    for arm, shift in (("control", 0.0), ("treatment", 0.3)):
        before = rng.normal(10, 3, 2000)
        noise = rng.normal(0, 3, 2000) * np.sqrt(1 - correlation**2)
        now = shift + correlation * before + noise
        sums = (now.sum(), now @ now, before.sum(), before @ before, now @ before)
        lines.append(",".join([arm, "2000", "200", *(repr(float(value)) for value in sums)]))
    return "\n".join(lines).encode()


@pytest.fixture
def opened(tab):
    screen = tab().open().press("A clear win")
    screen.at.session_state["calibrate"] = True
    return screen.run()


def test_nothing_is_simulated_before_it_is_asked_for(tab, opened):
    assert "Like this data" not in tab().open().press("A clear win").words
    assert "Like this data: conversion 10.00% in the control, 25,012 and" in opened.words
    assert not background.board().jobs


def test_the_simulated_shares_are_those_of_the_same_call_without_a_screen(opened):
    opened.fill("Simulated experiments", 2_000).fill("True effect (points)", 1.0)
    screen = opened.press("Simulate").finished()
    arms = experiment.of(screen.at.session_state["session"].draft).reading.summary.arms
    rate = arms[0].statistics["conversion"].rate
    world = World(n_control=arms[0].users, n_treatment=arms[1].users, control=rate, effect=0.01)
    assert in_words(calibrate("score", world, 2_000, 1)) in screen.words
    rows = list(screen.at.table[-1].value["In the simulations"])
    assert rows[0] == "Found an effect where there is none"
    assert len(rows) == 4
    assert "Calibration as JSON" in [b.label for b in screen.at.get("download_button")]


def test_peeking_is_shown_to_break_its_promise(opened):
    opened.fill("Method", "peeking").fill("Simulated experiments", 2_000).fill("Looks", 10)
    words = opened.press("Simulate").finished().words
    assert "Not on data like yours" in words
    assert "too often" in words


def test_another_seed_is_another_simulation(opened):
    opened.fill("Simulated experiments", 2_000)
    opened.press("Simulate").finished()
    assert "Simulate" not in opened.labels
    opened.fill("Seed", 2)
    assert "Simulate" in opened.labels


def test_a_cancelled_simulation_reports_what_was_done(opened, monkeypatch):
    def cancelled(job, _done, _total):
        job.cancel()
        return False

    monkeypatch.setattr(background.Job, "report", cancelled)
    words = opened.fill("Simulated experiments", 100_000).press("Simulate").finished().words
    assert "Cancelled early" in words
    assert "2,000 simulated experiments" in words


def test_a_world_that_cannot_be_is_answered_with_a_sentence(opened):
    words = opened.fill("True effect (points)", 99.0).press("Simulate").finished().words
    assert "Rates lie between 0 and 1" in words
    assert "Simulate" in opened.labels


def test_the_plan_prefills_method_and_looks(tab):
    screen = tab().open().press("Two weeks, two devices")
    screen.at.session_state["calibrate"] = True
    screen.run()
    chosen = {w.label: w.value for w in (*screen.at.selectbox, *screen.at.number_input)}
    assert chosen["Method"] == "group_sequential"
    assert chosen["Looks"] == 14


def test_a_covariate_is_taken_away_on_request_and_its_gain_is_told(tab):
    content = with_covariate(0.8)
    screen = tab().open("health_check").upload("covariate.csv", content).go("results")
    summary = read_summary(content, "covariate.csv").summary
    arms = [arm.statistics["revenue"] for arm in summary.arms]
    left = round(100 * variance_ratio(*arms))
    assert f"The covariate leaves {left}% of the variance" in screen.words
    adjusted = screen.at.metric
    screen.at.segmented_control[0].set_value("Unadjusted")
    screen.run()
    assert "the decision reads the adjusted result" in screen.words
    assert [m.value for m in adjusted] != [m.value for m in screen.at.metric]


def test_without_its_covariate_a_metric_is_the_plain_welch_test(tab):
    screen = tab().open("health_check").upload("covariate.csv", with_covariate(0.8))
    test = experiment.of(screen.at.session_state["session"].draft)
    plain = dict(unadjusted(test)["revenue"].outcomes)["treatment"]
    adjusted = next(r for r in test.analysis.frequentist.metrics if r.metric == "revenue")
    beside = {a.method: a for a in dict(adjusted.outcomes)["treatment"].alongside}
    assert plain.method == "welch"
    assert plain.p_value == pytest.approx(beside["welch"].p_value, rel=1e-12)


def test_a_covariate_that_does_not_help_is_told(tab):
    screen = tab().open("health_check").upload("covariate.csv", with_covariate(0.0))
    assert "covariate leaves 100% of the variance" in screen.go("results").words
