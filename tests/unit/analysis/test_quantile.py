"""Quantiles and capping of values per unit."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from experimentos.analysis.method import Question
from experimentos.analysis.quantile import quantile, quantile_of
from experimentos.analysis.result import Compared
from experimentos.errors import ContractError

ASKED = Question("m", "b", 0.05, 0.95)


def test_the_interval_of_a_median_lies_at_its_binomial_ranks():
    # n = 100: ranks 50 -+ 1.96 * 5, so the 40th and the 60th value.
    result = quantile_of(np.arange(1, 101), 0.5, 0.05)
    assert (result.low, result.high) == (40, 60)
    assert result.value == 50.5


def test_too_few_units_beyond_a_quantile_are_said_to_be_too_few():
    assert quantile_of(np.arange(20), 0.99, 0.05).code == "too_few_units"
    assert quantile(np.arange(20), np.arange(500), 0.99, ASKED).code == "too_few_units"


def test_two_quantiles_without_width_have_collapsed():
    assert quantile(np.zeros(500), np.ones(500), 0.5, ASKED).code == "collapsed"


def test_a_quantile_among_ties_is_compared_with_one_that_has_width():
    # Median 249.5, ranks 228 and 272 of 0..499; the control adds nothing: it is always 0.
    result = quantile(np.zeros(500), np.arange(500), 0.5, ASKED)
    assert (result.interval.low, result.interval.high) == pytest.approx((227, 271))
    assert result.p_value < 1e-9
    assert result.lift.code == "not_positive"


@pytest.mark.parametrize("step", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("q", [0.5, 0.95])
def test_ties_leave_the_interval_its_level(q, step):
    rng = np.random.default_rng(13)
    draws = np.round(rng.lognormal(1, 1, size=(2, 600, 1_000)) / step) * step
    seen = [quantile(a, b, q, ASKED) for a, b in zip(*draws, strict=True)]
    missed = [isinstance(each, Compared) and 0 not in each.interval for each in seen]
    assert np.mean(missed) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)


@given(st.integers(30, 300), st.integers(30, 300), st.floats(0.1, 0.9), st.integers(0, 2**32 - 1))
def test_the_interval_excludes_zero_exactly_when_p_is_below_alpha(n_c, n_t, q, seed):
    rng = np.random.default_rng(seed)
    control, treatment = (np.round(rng.exponential(3, n)) for n in (n_c, n_t))
    there = quantile(control, treatment, q, ASKED)
    assume(isinstance(there, Compared))
    assert (0 not in there.interval) == (there.p_value < ASKED.alpha)
    back = quantile(treatment, control, q, ASKED)
    assert back.difference == -there.difference
    assert (back.p_value, back.statistic) == (there.p_value, -there.statistic)
    assert (back.interval.low, back.interval.high) == (-there.interval.high, -there.interval.low)


def test_a_shift_of_all_values_is_the_difference_of_their_quantiles():
    values = np.random.default_rng(1).lognormal(size=2_000)
    result = quantile(values, values + 0.5, 0.9, ASKED)
    assert result.difference == pytest.approx(0.5)
    assert result.difference in result.interval
    assert result.lift.estimate == pytest.approx(0.5 / result.control_value)


@pytest.mark.parametrize(
    ("values", "q"), [([], 0.5), ([1.0, np.nan], 0.5), ([[1.0]], 0.5), ([1.0], 0.0), ([1.0], 1.0)]
)
def test_what_has_no_quantile_is_a_wrong_call(values, q):
    with pytest.raises(ContractError):
        quantile_of(values, q, 0.05)


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_quantiles_of_the_same_distribution_differ_as_seldom_as_alpha_says(q):
    rng = np.random.default_rng(11)
    draws = np.round(rng.lognormal(0, 1, size=(2, 1_000, 1_000)), 2)
    p = [quantile(a, b, q, ASKED).p_value for a, b in zip(*draws, strict=True)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.021)
