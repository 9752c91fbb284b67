"""Tests and intervals of two rates, and of one."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.special import ndtri, xlog1py, xlogy

from experimentos.analysis.koopman import koopman_interval
from experimentos.analysis.non_inferiority import equivalence, non_inferiority
from experimentos.analysis.one_proportion import wilson
from experimentos.analysis.rates import Rates
from experimentos.analysis.score import (
    _bracketed_ends,
    newton_ends,
    score_interval,
    score_statistic,
    score_variance,
)
from experimentos.metrics.counts import Counts
from experimentos.plan.restricted import restricted_rates
from experimentos.plan.roots import find_roots


def log_likelihood(rates, control, treatment):
    return (
        xlogy(rates.k_control, control)
        + xlog1py(rates.n_control - rates.k_control, -control)
        + xlogy(rates.k_treatment, treatment)
        + xlog1py(rates.n_treatment - rates.k_treatment, -treatment)
    )


@pytest.mark.parametrize("difference", [-0.9, -0.2, -0.01, 0.0, 1e-6, 0.03, 0.5, 0.99])
def test_no_rates_with_this_difference_are_likelier_than_the_restricted_ones(difference):
    grid = np.linspace(max(0.0, -difference), min(1.0, 1 - difference), 20_001)
    for k_c, n_c, k_t, n_t in [(3, 10, 5, 9), (0, 20, 10, 10), (0, 7, 0, 9), (1, 40, 900, 1_000)]:
        rates = Rates.arrays(k_c, n_c, k_t, n_t)
        control, treatment = restricted_rates(rates, difference)
        assert float(treatment - control) == pytest.approx(difference, abs=1e-15)
        best = log_likelihood(rates, control, np.clip(treatment, 0, 1))
        assert np.all(log_likelihood(rates, grid, np.clip(grid + difference, 0, 1)) <= best + 1e-9)


def test_one_conversion_among_a_hundred_million_keeps_its_digits():
    # Without a difference the restricted rate is the pooled one, known exactly.
    rates = Rates.arrays(1, 1e8, 2, 1e8)
    control, treatment = restricted_rates(rates, 0.0)
    assert float(control) == float(treatment) == pytest.approx(1.5e-8, rel=1e-13)
    control, treatment = restricted_rates(rates, 1e-12)
    assert float(control) == pytest.approx(1.5e-8, rel=1e-3)


def exact_score(k_c, n_c, k_t, n_t, d):
    """Return z^2 of the score test in 60 digits, the restricted rates by bisection."""
    with localcontext() as context:
        context.prec = 60
        k = [Decimal(int(each)) for each in (k_c, k_t)]
        n = [Decimal(int(each)) for each in (n_c, n_t)]
        d = Decimal(d)
        low, high = max(Decimal(0), -d), min(Decimal(1), 1 - d)
        for _ in range(190):
            p = (low + high) / 2
            q = p + d
            slope = (k[0] - n[0] * p) * q * (1 - q) + (k[1] - n[1] * q) * p * (1 - p)
            low, high = (p, high) if slope > 0 else (low, p)
        q = p + d
        factor = (n[0] + n[1]) / (n[0] + n[1] - 1)
        variance = (p * (1 - p) / n[0] + q * (1 - q) / n[1]) * factor
        return (k[1] / n[1] - k[0] / n[0] - d) ** 2 / variance


@pytest.mark.parametrize("alpha", [0.3, 0.05, 0.001])
@pytest.mark.parametrize(
    "pair",
    [
        (48, 80, 56, 70),
        (2, 7, 6, 7),
        (1, 34, 7, 34),
        (31, 5_000, 52, 5_000),
        (10, 1_000_000, 90, 1_000_000),
        (1, 10**8, 900, 10**5),
        (4_980, 5_000, 4_991, 5_010),
        (20_000_000, 10**8, 20_005_000, 10**8),
    ],
)
def test_the_ends_are_where_exact_arithmetic_meets_the_critical_value(pair, alpha):
    critical = Decimal(float(ndtri(alpha / 2))) ** 2
    low, high = (float(end) for end in score_interval(Rates.arrays(*pair), alpha))
    step = 1e-11 * (high - low)
    assert exact_score(*pair, low - step) > critical > exact_score(*pair, low + step)
    assert exact_score(*pair, high - step) < critical < exact_score(*pair, high + step)


def test_newton_steps_and_the_bracketing_search_find_the_same_ends():
    rng = np.random.default_rng(5)
    n = np.concatenate([rng.integers(2, 40, (2, 400)), rng.integers(40, 10**7, (2, 400))], axis=1)
    k = rng.binomial(n, rng.beta(0.5, 0.5, n.shape))
    rates = Rates.arrays(k[0], n[0], k[1], n[1])
    for alpha in (0.05, 1e-5):
        newton = newton_ends(rates, -float(ndtri(alpha / 2)), corrected=True)
        settled = ~np.isnan(newton)
        slow = _bracketed_ends(rates, -float(ndtri(alpha / 2)), corrected=True)
        assert settled[:, 400:].mean() > 0.95
        assert np.max(np.abs(newton - slow)[settled]) < 1e-13
        assert not np.isnan(score_interval(rates, alpha)).any()


def test_an_interval_does_not_depend_on_its_neighbours():
    rng = np.random.default_rng(6)
    n = rng.integers(2, 5_000, (2, 300))
    k = rng.binomial(n, 0.1)
    together = score_interval(Rates.arrays(k[0], n[0], k[1], n[1]), 0.05)
    alone = [
        score_interval(Rates.arrays(*row), 0.05) for row in zip(k[0], n[0], k[1], n[1], strict=True)
    ]
    assert np.array_equal(np.array(together).T, np.array(alone, dtype=float))


def test_the_score_statistic_is_zero_at_the_estimate_also_without_variance():
    assert float(score_statistic(Rates.arrays(0, 20, 0, 10))) == 0
    assert float(score_statistic(Rates.arrays(0, 20, 10, 10), 1.0)) == 0


def test_the_corrected_variance_is_larger_by_n_over_n_minus_1():
    rates = Rates.arrays(3, 10, 5, 9)
    ratio = score_variance(rates, 0.1) / score_variance(rates, 0.1, corrected=False)
    assert float(ratio) == pytest.approx(19 / 18)


def test_an_interval_ends_where_a_difference_is_certain():
    low, high = score_interval(Rates.arrays(10, 10, 0, 20), 0.05)
    assert float(low) == -1
    assert float(high) == pytest.approx(-0.7156186604656225, abs=1e-12)


def test_many_intervals_are_those_of_each_pair():
    rates = Rates.arrays([3, 0, 10], [10, 20, 10], [5, 4, 2], [9, 20, 10])
    low, high = score_interval(rates, 0.05)
    for i in range(3):
        one = Rates(*(column[i] for column in rates))
        ends = [float(end) for end in score_interval(one, 0.05)]
        assert ends == pytest.approx([low[i], high[i]], rel=1e-13)


def test_a_ratio_is_unbounded_where_an_arm_has_no_conversions():
    assert float(koopman_interval(Rates.arrays(0, 50, 4, 50), 0.05).high) == math.inf
    assert float(koopman_interval(Rates.arrays(4, 50, 0, 50), 0.05).low) == 0


def test_a_ratio_turns_over_with_the_arms():
    low, high = koopman_interval(Rates.arrays(7, 34, 1, 34), 0.05)
    assert [1 / float(high), 1 / float(low)] == pytest.approx(
        [1.2208528535145406, 42.57571760976043], rel=1e-10
    )


def test_wilson_closes_at_nobody_and_at_everybody():
    assert float(wilson(0, 10, 0.05).low) == 0
    assert float(wilson(10, 10, 0.05).high) == 1


def test_non_inferiority_where_lower_is_better_mirrors_the_failures():
    higher = non_inferiority(Counts(105, 89), Counts(101, 84), 0.1, 0.025)
    lower = non_inferiority(Counts(105, 16), Counts(101, 17), 0.1, 0.025, higher_is_better=False)
    assert lower.z_score == pytest.approx(higher.z_score)
    assert lower.p_wald == pytest.approx(higher.p_wald)
    assert lower.bound_wald == pytest.approx(-higher.bound_wald)
    assert lower.bound_score == pytest.approx(-higher.bound_score)


@pytest.mark.parametrize("corrected", [True, False])
def test_the_one_sided_bound_passes_the_margin_exactly_when_non_inferior(corrected):
    for k in range(40, 101, 3):
        test = non_inferiority(Counts(100, 80), Counts(100, k), 0.1, 0.05, corrected=corrected)
        assert (test.bound_score > -0.1) == test.non_inferior
        assert (test.bound_wald > -0.1) == test.non_inferior_wald


def test_arms_that_do_not_vary_have_an_infinite_wald_statistic():
    assert non_inferiority(Counts(9, 9), Counts(9, 9), 0.1, 0.05).z_wald == math.inf
    assert non_inferiority(Counts(9, 9), Counts(9, 0), 0.1, 0.05).z_wald == -math.inf


@pytest.mark.parametrize("k", range(880, 1_130, 20))
def test_two_rates_are_equivalent_exactly_when_the_interval_lies_inside_the_region(k):
    result = equivalence(Counts(10_000, 1_000), Counts(10_000, k), 0.01, 0.05)
    inside = result.interval.low > -0.01 and result.interval.high < 0.01
    assert inside == result.equivalent == (result.p_value < 0.05)
    assert result.interval.level == pytest.approx(0.9)


def test_a_bracket_without_a_sign_change_gives_its_better_end():
    assert find_roots(lambda x: x + 1, [0.0], [5.0]).tolist() == [0.0]


def test_roots_are_found_to_the_last_digits_in_every_bracket():
    roots = find_roots(lambda x: x**3 - np.array([1e-9, 8.0, 1e9]), 0.0, np.full(3, 2_000.0))
    assert roots == pytest.approx([1e-3, 2.0, 1e3], rel=1e-14)


def test_a_root_at_the_end_of_a_bracket_is_that_end():
    assert float(find_roots(lambda x: x, 0.0, 1.0)) == 0
