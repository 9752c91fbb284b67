"""The vectorised table says what the reference-tested functions say, cell by cell."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experimentos.analysis.result import Interval, Unavailable
from experimentos.errors import ContractError
from experimentos.runs.clusters import clustered_mean, most_variable, variance_components
from experimentos.runs.compare import ModelDifference, NotCompared, compare_variants
from experimentos.runs.describe import describe, pass_rate_interval
from experimentos.runs.interquartile import interquartile
from experimentos.runs.leaderboard import leaderboard
from experimentos.runs.paired import mcnemar, paired_t
from experimentos.runs.reducers import (
    pass_at_k,
    pass_hat_k,
    probability_of_improvement,
    stratified_interval,
)
from experimentos.runs.sample_plan import Wanted, plan_samples
from experimentos.runs.samples import samples_of
from experimentos.runs.variable_scenarios import most_variable_scenarios
from experimentos.runs.variance import variance_table


def drawn(seed=0, scenarios=6, models=("a", "b"), repeats=4, *, is_binary=False, missing=0.0):
    """Return columns of made-up samples, shuffled."""
    rng = np.random.default_rng(seed)
    rows = []
    for s in range(scenarios):
        for m, name in enumerate(models):
            for k in range(rng.integers(1, repeats + 1)):
                score = rng.normal(s / 3 + m, 1)
                score = float(score > 1) if is_binary else score
                rows.append((f"s{s}", name, k, math.nan if rng.random() < missing else score))
    rng.shuffle(rows)
    scenario, model, index, score = zip(*rows, strict=True)
    return scenario, model, score, [int(i) for i in index]


def cells_of(scenario, model, score, wanted):
    """Return the scores of one model by scenario."""
    found = {}
    for s, m, x in zip(scenario, model, score, strict=True):
        if m == wanted:
            found.setdefault(s, []).append(float(x))
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([0.0, 0.3]))
def test_every_cell_is_described_as_alone(seed, is_binary, missing):
    scenario, model, score, index = drawn(seed, is_binary=is_binary, missing=missing)
    samples = samples_of(scenario, model, score, index)
    table = variance_table(samples)
    cells = table.cells
    for i in range(cells.n.size):
        name = samples.models[cells.model[i]]
        own = cells_of(scenario, model, score, name)[samples.scenarios[cells.scenario[i]]]
        alone = describe(own)
        assert (cells.n[i], cells.missing[i]) == (alone.n, alone.missing)
        pairs = ((cells.mean, alone.mean), (cells.sd, alone.sd), (cells.low, alone.low))
        for values, expected in pairs:
            expected = math.nan if expected is None else expected
            assert values[i] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)
        interval = alone.interval
        if interval is not None and table.is_binary:
            interval = pass_rate_interval(round(alone.mean * alone.n), alone.n)
        low, high = (math.nan, math.nan) if interval is None else (interval.low, interval.high)
        assert cells.interval_low[i] == pytest.approx(low, rel=1e-9, abs=1e-12, nan_ok=True)
        assert cells.interval_high[i] == pytest.approx(high, rel=1e-9, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_a_model_has_the_clustered_error_and_the_components_of_the_reference_functions(seed):
    scenario, model, score, index = drawn(seed)
    samples = samples_of(scenario, model, score, index)
    for row in variance_table(samples).models:
        own = [(x, s) for s, m, x in zip(scenario, model, score, strict=True) if m == row.model]
        x, groups = zip(*own, strict=True)
        alone, parts = clustered_mean(x, groups), variance_components(x, groups)
        assert row.mean == pytest.approx(alone.mean)
        assert row.se == pytest.approx(alone.se)
        assert row.naive_se == pytest.approx(alone.naive_se)
        assert row.interval.low == pytest.approx(alone.interval.low)
        assert row.var_within == pytest.approx(parts.var_within)
        assert row.var_between == pytest.approx(parts.var_between)
        assert row.icc == pytest.approx(parts.icc)
        assert row.design_effect == pytest.approx(parts.design_effect)


def test_pass_figures_are_the_means_over_scenarios_of_the_unbiased_estimates():
    rng = np.random.default_rng(3)
    passed = rng.integers(0, 8, size=9)
    rows = [(f"s{s}", float(k < c)) for s, c in enumerate(passed) for k in range(7)]
    scenario, score = zip(*rows, strict=True)
    [row] = variance_table(samples_of(scenario, ["m"] * 63, score)).models
    assert [p.k for p in row.passes] == list(range(1, 8))
    for found in row.passes:
        at_least = np.mean([pass_at_k(7, int(c), found.k) for c in passed])
        every = np.mean([pass_hat_k(7, int(c), found.k) for c in passed])
        assert found.at_least_one == pytest.approx(at_least, abs=1e-12)
        assert found.all_pass == pytest.approx(every, abs=1e-12)


def test_pass_figures_stop_at_the_scenario_with_the_fewest_samples():
    scenario = ["a"] * 3 + ["b"] * 2
    [row] = variance_table(samples_of(scenario, ["m"] * 5, [1, 0, 1, 1, 0])).models
    assert [p.k for p in row.passes] == [1, 2]


def test_the_most_variable_scenarios_of_one_model_are_those_of_the_reference_function():
    scenario, _, score, index = drawn(7, models=("a",), scenarios=20)
    samples = samples_of(scenario, ["a"] * len(score), score, index)
    table = variance_table(samples)
    alone = [v for v in most_variable(score, scenario) if v.variance > 0][:5]
    found = most_variable_scenarios(samples, table, 5)
    assert [row.scenario for row in found] == [v.scenario for v in alone]
    assert [row.variance for row in found] == pytest.approx([v.variance for v in alone])
    assert most_variable_scenarios(samples, table, 5, model="a") == found


def test_single_samples_have_no_variable_scenario_no_interval_and_no_split():
    samples = samples_of(["a", "b"], ["m", "n"], [0.2, 0.4])
    table = variance_table(samples)
    assert most_variable_scenarios(samples, table) == ()
    for row in table.models:
        assert isinstance(row.interval, Unavailable)
        assert row.interval.code == "one_sample"
        assert row.icc is None
        assert row.sd is None


def test_one_scenario_has_a_spread_within_but_no_interval_for_new_scenarios():
    [row] = variance_table(samples_of(["a"] * 4, ["m"] * 4, [1.0, 2.0, 4.0, 3.5])).models
    assert row.interval.code == "one_cluster"
    assert row.var_within == pytest.approx(np.var([1.0, 2.0, 4.0, 3.5], ddof=1))


def test_a_model_without_any_score_is_there_and_unranked():
    samples = samples_of(["a", "b", "a"], ["m", "m", "lost"], [0.5, 0.7, math.nan])
    table = variance_table(samples)
    assert table.models[1].interval.code == "no_scores"
    places = leaderboard(samples, table)
    assert [(p.model, p.rank) for p in places] == [("m", 1), ("lost", None)]


def test_a_perfect_pass_rate_still_has_an_interval_from_its_scenarios():
    scenario = [f"s{i // 3}" for i in range(60)]
    [row] = variance_table(samples_of(scenario, ["m"] * 60, [1.0] * 60)).models
    assert row.interval_method == "wilson over clusters"
    assert row.interval == pass_rate_interval(20, 20)


def test_a_rate_over_single_samples_has_the_wilson_interval():
    scenario = [f"s{i}" for i in range(30)]
    [row] = variance_table(samples_of(scenario, ["m"] * 30, [1.0] * 21 + [0.0] * 9)).models
    assert row.interval_method == "wilson"
    assert row.interval == pass_rate_interval(21, 30)


def test_clusters_of_scenarios_widen_the_interval_when_families_move_together():
    rng = np.random.default_rng(0)
    family = [i // 10 for i in range(60)]
    score = [rng.normal(f, 0.1) for f in family]
    scenario = [f"s{i}" for i in range(60)]
    [alone] = variance_table(samples_of(scenario, ["m"] * 60, score)).models
    [joint] = variance_table(samples_of(scenario, ["m"] * 60, score, None, family)).models
    assert joint.clusters == 6
    assert joint.se > 2 * alone.se


def test_the_interquartile_interval_agrees_with_the_stratified_bootstrap():
    rng = np.random.default_rng(5)
    tasks = [rng.normal(i, 1 + i / 5, size=8) for i in range(12)]
    x, scenario = np.concatenate(tasks), np.repeat(np.arange(12), 8)
    found, alone = interquartile(x, scenario), stratified_interval(tasks)
    width = alone.high - alone.low
    assert found.method == "stratified bootstrap"
    assert found.interval.low == pytest.approx(alone.low, abs=0.1 * width)
    assert found.interval.high == pytest.approx(alone.high, abs=0.1 * width)


def test_the_linear_limit_agrees_with_the_stratified_bootstrap_where_samples_are_many():
    rng = np.random.default_rng(6)
    tasks = [rng.normal(i / 10, 1, size=100) for i in range(20)]
    x, scenario = np.concatenate(tasks), np.repeat(np.arange(20), 100)
    found, alone = interquartile(x, scenario), stratified_interval(tasks, resamples=2_000)
    assert found.method == "stratified, linearised"
    width = alone.high - alone.low
    assert found.interval.high - found.interval.low == pytest.approx(width, rel=0.1)


def test_without_repeats_the_interquartile_mean_has_no_interval():
    assert interquartile(np.arange(8.0), np.arange(8)).interval is None


@pytest.mark.parametrize("seed", range(4))
def test_a_comparison_is_the_paired_t_test_of_scenario_means(seed):
    scenario, model, score, index = drawn(seed, scenarios=15)
    samples = samples_of(scenario, model, score, index)
    [found] = compare_variants(samples, "a")
    a, b = (cells_of(scenario, model, score, name) for name in "ab")
    d = [np.mean(b[s]) - np.mean(a[s]) for s in a]
    alone = paired_t(d)
    assert found.p_value == found.adjusted_p == pytest.approx(alone.p_value)
    assert found.interval.low == pytest.approx(alone.interval.low)
    assert found.difference == pytest.approx(np.mean(d))
    better = probability_of_improvement([b[s] for s in a], [a[s] for s in a])
    assert found.better == pytest.approx(better)


def test_single_right_or_wrong_answers_are_compared_by_mcnemar():
    rng = np.random.default_rng(1)
    scenario = [f"s{i}" for i in range(40)]
    a, b = rng.integers(0, 2, 40).astype(float), rng.integers(0, 2, 40).astype(float)
    samples = samples_of(scenario * 2, ["a"] * 40 + ["b"] * 40, [*a, *b])
    [found] = compare_variants(samples, "a")
    alone = mcnemar(int(((a == 1) & (b == 0)).sum()), int(((a == 0) & (b == 1)).sum()), 40)
    assert found.method == "mcnemar exact"
    assert found.p_value == alone.p_exact
    assert found.mcnemar_mid == alone.p_mid


def test_swapping_model_and_baseline_turns_the_sign_and_leaves_the_p_value():
    samples = samples_of(*drawn(2, scenarios=12))
    [one], [other] = compare_variants(samples, "a"), compare_variants(samples, "b")
    assert one.difference == pytest.approx(-other.difference)
    assert one.p_value == pytest.approx(other.p_value)
    assert one.better == pytest.approx(1 - other.better)


def test_the_p_values_of_all_models_are_corrected_together():
    samples = samples_of(*drawn(4, scenarios=10, models=("a", "b", "c", "d")))
    found = compare_variants(samples, "a", adjustment="bonferroni")
    assert [f.adjusted_p for f in found] == pytest.approx([min(3 * f.p_value, 1) for f in found])


def test_a_constant_difference_has_no_t_test_but_a_sign_flip():
    scenario = [f"s{i}" for i in range(6)] * 2
    score = [*range(6), *(i + 0.5 for i in range(6))]
    [found] = compare_variants(samples_of(scenario, ["a"] * 6 + ["b"] * 6, score), "a")
    assert found.method == "sign flip"
    assert found.p_value == pytest.approx(2 / 2**6)
    assert isinstance(found.interval, Unavailable)


def test_models_without_a_common_scenario_are_not_compared_and_count_as_tied():
    samples = samples_of(["a", "b", "c", "d"], ["m", "m", "n", "n"], [1, 2, 3, 5])
    [found] = compare_variants(samples, "m")
    assert isinstance(found, NotCompared)
    assert all(place.is_tied for place in leaderboard(samples, variance_table(samples)))


def test_the_comparison_is_clustered_where_the_samples_name_clusters():
    rng = np.random.default_rng(0)
    family = [i // 5 for i in range(30)]
    scenario = [f"s{i}" for i in range(30)]
    d = [rng.normal(f / 3, 0.2) for f in family]
    rows = (scenario * 2, ["a"] * 30 + ["b"] * 30, [0.0] * 30 + d)
    [found] = compare_variants(samples_of(*rows, None, family * 2), "a")
    alone = clustered_mean(d, family)
    assert found.method == "clustered paired t"
    assert found.se == pytest.approx(alone.se)
    assert found.interval.high == pytest.approx(alone.interval.high)


def test_planning_from_past_samples_meets_its_own_detectable_difference():
    samples = samples_of(*drawn(9, scenarios=25))
    table = variance_table(samples)
    first = plan_samples(samples, table, Wanted(0.5))
    again = plan_samples(samples, table, Wanted(first.detectable))
    by_k = {o.samples_per_scenario: o.scenarios for o in again.options}
    assert by_k[1] >= 25 >= by_k[20]


def test_without_repeats_only_single_samples_are_planned():
    scenario = [f"s{i}" for i in range(8)] * 2
    score = np.random.default_rng(0).normal(size=16)
    samples = samples_of(scenario, ["a"] * 8 + ["b"] * 8, score)
    plan = plan_samples(samples, variance_table(samples), Wanted(0.2))
    assert [o.samples_per_scenario for o in plan.options] == [1]
    assert plan.var_between_difference == pytest.approx(np.var(score[8:] - score[:8], ddof=1))


def test_a_sample_given_twice_and_a_scenario_in_two_clusters_are_refused():
    with pytest.raises(ContractError, match="occurs twice"):
        samples_of(["a", "a"], ["m", "m"], [1, 2], [0, 0])
    with pytest.raises(ContractError, match="two clusters"):
        samples_of(["a", "a"], ["m", "m"], [1, 2], [0, 1], ["x", "y"])
    with pytest.raises(ContractError, match="differ in length"):
        samples_of(["a"], ["m", "m"], [1, 2])


def test_unknown_names_are_refused_with_the_known_ones():
    samples = samples_of(["a"], ["m"], [1.0])
    with pytest.raises(ContractError, match="no metric") as caught:
        variance_table(samples, "reward")
    assert "score" in caught.value.hint
    with pytest.raises(ContractError, match="no model"):
        compare_variants(samples, "n")


def test_the_tied_set_ends_where_the_difference_is_proven():
    rng = np.random.default_rng(8)
    hard = rng.normal(size=40)
    rows = {"best": 0.0, "close": -0.02, "far": -2.0}
    scenario = [f"s{i}" for i in range(40)] * 3
    score = np.concatenate([hard + shift + rng.normal(0, 0.3, 40) for shift in rows.values()])
    model = [name for name in rows for _ in range(40)]
    samples = samples_of(scenario, model, score)
    places = leaderboard(samples, variance_table(samples))
    assert {p.model for p in places if p.is_tied} == {"best", "close"}
    [far] = [p for p in places if p.model == "far"]
    assert isinstance(far.behind, ModelDifference)
    assert isinstance(far.interval, Interval)
