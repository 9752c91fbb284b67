"""What repeated samples may and may not say."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis.result import Unavailable
from experimentos.errors import ContractError
from experimentos.runs.bootstrap import bootstrap
from experimentos.runs.clusters import clustered_mean, most_variable, variance_components
from experimentos.runs.describe import PASS_RATE_METHODS, describe, pass_rate_interval
from experimentos.runs.families import all_pairs
from experimentos.runs.paired import mcnemar, paired_t, sign_flip, signed_rank
from experimentos.runs.planner import (
    PairedDesign,
    detectable_difference,
    detectable_effect_size,
    scenarios_needed,
)
from experimentos.runs.reducers import (
    aggregate,
    pass_at_k,
    pass_hat_k,
    performance_profile,
    probability_of_improvement,
)

scores = st.lists(st.integers(-20, 20).map(float), min_size=2, max_size=8)


def test_scores_whose_squares_no_double_holds_have_a_mean_and_no_spread():
    cell = describe([1e308, 1.5e308, None])
    assert (cell.n, cell.missing, cell.high) == (2, 1, 1.5e308)
    assert cell.mean == pytest.approx(1.25e308)
    assert (cell.sd, cell.se, cell.interval) == (None, None, None)


def test_no_sample_at_all_gives_no_number():
    cell = describe([None, math.nan])
    assert (cell.n, cell.missing, cell.mean, cell.interval) == (0, 2, None, None)


@given(scores)
def test_one_sample_gives_no_interval_and_more_give_one_around_the_mean(samples):
    assert describe(samples[:1]).interval is None
    cell = describe(samples)
    assert cell.interval.low <= cell.mean <= cell.interval.high


@given(st.integers(1, 60), st.data(), st.sampled_from(PASS_RATE_METHODS))
def test_pass_rate_intervals_mirror_when_passes_and_failures_swap(n, data, method):
    k = data.draw(st.integers(0, n))
    a, b = pass_rate_interval(k, n, 0.9, method), pass_rate_interval(n - k, n, 0.9, method)
    assert (a.low, a.high) == pytest.approx((1 - b.high, 1 - b.low), abs=1e-9)
    assert 0 <= a.low <= a.high <= 1


def test_a_wrong_pass_rate_call_is_refused():
    with pytest.raises(ContractError):
        pass_rate_interval(3, 2)
    with pytest.raises(ContractError, match="no interval method"):
        pass_rate_interval(1, 2, method="wald")


@given(scores)
def test_repeating_every_sample_in_its_cluster_leaves_the_clustered_error(samples):
    clusters = list(range(len(samples)))
    once = clustered_mean(samples, clusters)
    twice = clustered_mean(samples * 2, clusters * 2)
    assert twice.se == pytest.approx(once.se, rel=1e-9, abs=1e-12)
    assert twice.mean == pytest.approx(once.mean)


def test_one_sample_and_one_cluster_have_no_error():
    alone = clustered_mean([0.4], ["a"])
    assert (alone.naive_se, alone.se, alone.interval) == (None, None, None)


def test_variance_components_do_not_exist_without_repeats_or_without_groups():
    assert variance_components([1.0, 2.0], ["a", "b"]).icc is None
    assert variance_components([1.0, 2.0], ["a", "a"]).var_between is None
    assert variance_components([1.0, 1.0, 1.0, 1.0], ["a", "a", "b", "b"]).icc is None


def test_a_negative_between_component_is_shown_raw_and_cut_at_zero():
    parts = variance_components([0.0, 1.0, 1.0, 0.0], ["a", "a", "b", "b"])
    assert parts.var_between == 0
    assert parts.var_between_raw < 0


def test_scenarios_with_one_sample_cannot_be_ranked_by_variance():
    ranked = most_variable([1, 2, 3, 9, 5], ["b", "b", "a", "a", "c"])
    assert [row.scenario for row in ranked] == ["a", "b"]


@given(st.integers(1, 7), st.data())
def test_pass_at_k_and_pass_hat_k_are_means_over_all_subsets(n, data):
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    passed = [i < c for i in range(n)]
    subsets = list(itertools.combinations(passed, k))
    assert pass_at_k(n, c, k) == pytest.approx(np.mean([any(s) for s in subsets]))
    assert pass_hat_k(n, c, k) == pytest.approx(np.mean([all(s) for s in subsets]))


def test_impossible_counts_are_refused():
    with pytest.raises(ContractError):
        pass_at_k(5, 6, 1)


def test_probability_of_improvement_of_a_variant_over_itself_is_one_half():
    tasks = [[1.0, 2.0], [3.0, 5.0, 5.0]]
    assert probability_of_improvement(tasks, tasks) == pytest.approx(0.5)


def test_a_profile_falls_from_one_to_zero():
    profile = performance_profile([[0.1, 0.9], [0.4]], np.array([-1.0, 0.5, 2.0]))
    assert profile.tolist() == [1.0, 0.25, 0.0]
    assert aggregate([[0.5], [1.5]]).optimality_gap == pytest.approx(0.25)


@given(scores)
def test_swapping_two_variants_keeps_every_paired_p_value(differences):
    swapped = [-d for d in differences]
    for test in (paired_t, signed_rank, sign_flip):
        one, other = test(differences), test(swapped)
        if isinstance(one, Unavailable):
            assert isinstance(other, Unavailable)
        elif test is sign_flip:
            assert one == pytest.approx(other)
        else:
            p = "p_value" if test is paired_t else "p_normal"
            assert getattr(one, p) == pytest.approx(getattr(other, p))


def test_equal_pairs_have_no_test():
    assert paired_t([1.0]).code == "too_few_pairs"
    assert paired_t([1.0, 1.0]).code == "no_variation"
    assert sign_flip([0.0]).code == "no_variation"
    assert signed_rank([0.0]).code == "no_variation"
    assert mcnemar(0, 0, 4).code == "no_discordant"
    assert mcnemar(2, 2, 9).p_exact == 1
    with pytest.raises(ContractError):
        mcnemar(3, 3, 5)


def test_many_pairs_are_sampled_and_agree_with_the_t_test():
    rng = np.random.default_rng(4)
    differences = rng.normal(0.3, 1, 60)
    assert sign_flip(differences) == pytest.approx(paired_t(differences).p_value, abs=0.01)
    assert signed_rank(differences).p_exact is None


def test_a_bootstrap_needs_two_different_samples_and_a_known_statistic():
    with pytest.raises(ContractError):
        bootstrap([1.0, 1.0])
    with pytest.raises(ContractError):
        bootstrap([1.0, 2.0], "mode")


def test_a_large_bootstrap_agrees_with_the_standard_error_of_the_mean():
    x = np.random.default_rng(1).normal(size=400)
    b = bootstrap(x)
    assert b.se == pytest.approx(x.std() / 20, rel=0.03)
    assert not b.exact


def test_the_planner_inverts_itself():
    design = PairedDesign(4, 0.04, 0.09)
    difference = detectable_difference(design, 50)
    assert scenarios_needed(design, difference) == pytest.approx(50)
    with pytest.raises(ContractError):
        scenarios_needed(design, 0)
    with pytest.raises(ContractError):
        detectable_effect_size(1)


def test_groups_without_repeats_cannot_be_compared():
    assert all_pairs({"a": [1.0], "b": [2.0]}).code == "too_few"
    assert all_pairs({"a": [1.0, 1.0], "b": [2.0, 2.0]}).code == "no_variation"
