"""The pictures of repeated samples: what they hold and what they leave out."""

import json

import numpy as np
import pytest

from experimentos.charts.model_bars import model_bars
from experimentos.charts.scenario_plots import MOST, caterpillar, paired_differences
from experimentos.charts.score_profile import profile_of, score_profile
from experimentos.runs.compare import compare_variants
from experimentos.runs.leaderboard import leaderboard
from experimentos.runs.reducers import performance_profile
from experimentos.runs.samples import samples_of
from experimentos.runs.variance import variance_table


def drawn(scenarios=8, repeats=3, seed=0):
    rng = np.random.default_rng(seed)
    rows = [
        (f"s{s}", name, rng.normal(s / 4 + shift, 1))
        for s in range(scenarios)
        for name, shift in (("a", 0.0), ("b", 0.5))
        for _ in range(repeats)
    ]
    return samples_of(*zip(*rows, strict=True))


def values(chart):
    return chart.spec["data"]["values"]


def bars(samples):
    table = variance_table(samples)
    return model_bars(table, leaderboard(samples, table))


def test_every_bar_has_its_interval_and_mean_sd_range_and_count_for_the_pointer():
    chart = bars(drawn())
    assert [v["model"] for v in values(chart)] == ["b", "a"]
    assert all(v["low"] < v["mean"] < v["high"] for v in values(chart))
    shown = {t["field"] for t in chart.spec["layer"][0]["encoding"]["tooltip"]}
    assert shown == {"model", "mean", "interval", "sd", "range", "n"}


def test_a_bar_of_one_sample_has_no_error_bar_and_says_why():
    chart = bars(samples_of(["s", "s"], ["a", "b"], [1.0, 2.0]))
    assert [v["low"] for v in values(chart)] == [None, None]
    assert "One sample" in values(chart)[0]["interval"]
    assert all(
        layer["transform"] == [{"filter": "datum.low !== null"}]
        for layer in chart.spec["layer"][1:]
    )
    assert "no interval" in chart.alt


def test_the_caterpillar_is_sorted_and_single_samples_have_no_whiskers():
    samples = drawn(repeats=1)
    chart = caterpillar(samples, variance_table(samples), "a")
    means = [v["mean"] for v in values(chart)]
    assert means == sorted(means)
    assert {v["low"] for v in values(chart)} == {None}


def test_more_scenarios_than_a_screen_has_rows_are_thinned_with_both_ends_kept():
    samples = drawn(scenarios=5 * MOST, repeats=1)
    chart = caterpillar(samples, variance_table(samples), "a")
    ranks = [v["rank"] for v in values(chart)]
    assert len(ranks) == MOST
    assert (ranks[0], ranks[-1]) == (1, 5 * MOST)


def test_the_differences_are_those_of_the_comparison():
    samples = drawn()
    [found] = compare_variants(samples, "a")
    chart = paired_differences(samples, found)
    d = [v["difference"] for v in values(chart)]
    assert np.mean(d) == pytest.approx(found.difference)
    assert {v["side"] for v in values(chart)} <= {"higher", "equal", "lower"}
    assert f"{found.difference:+.4g}" in chart.alt


def test_a_profile_counts_scenarios_alike_and_falls():
    samples = drawn()
    score = samples.scores["score"]
    thresholds = np.linspace(-2, 4, 13)
    found = profile_of(samples, score, 0, thresholds)
    tasks = [score[(samples.model == 0) & (samples.scenario == s)] for s in range(8)]
    assert found == pytest.approx(performance_profile(tasks, thresholds))
    assert np.all(np.diff(found) <= 1e-12)


def test_every_chart_is_json_with_words():
    samples = drawn()
    table = variance_table(samples)
    [found] = compare_variants(samples, "a")
    charts = [
        bars(samples),
        caterpillar(samples, table, "b"),
        paired_differences(samples, found),
        score_profile(samples, "score"),
    ]
    for chart in charts:
        assert json.loads(json.dumps(chart.spec, allow_nan=False)) == chart.spec
        assert chart.alt.endswith(".")
