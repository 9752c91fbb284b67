"""Quantiles and capping of values per unit."""

import numpy as np
import pytest

from experimentos.analysis.method import Question
from experimentos.analysis.quantile import quantile, quantile_of, winsorize
from experimentos.analysis.welch import welch
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


def test_a_quantile_among_ties_has_collapsed():
    assert quantile(np.zeros(500), np.arange(500), 0.5, ASKED).code == "collapsed"


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


def test_both_arms_are_capped_at_one_value():
    result = winsorize(np.arange(100.0), np.arange(100.0) + 50, 0.9)
    pooled = np.concatenate((np.arange(100.0), np.arange(100.0) + 50))
    assert result.cap == np.quantile(pooled, 0.9)
    assert result.capped == (pooled > result.cap).sum()
    capped = np.minimum(np.arange(100.0) + 50, result.cap)
    assert result.treatment.mean == pytest.approx(capped.mean())
    assert result.treatment.variance == pytest.approx(capped.var(ddof=1))


@pytest.mark.parametrize("q", [0.5, 0.95])
def test_quantiles_of_the_same_distribution_differ_as_seldom_as_alpha_says(q):
    rng = np.random.default_rng(11)
    draws = np.round(rng.lognormal(0, 1, size=(2, 1_000, 1_000)), 2)
    p = [quantile(a, b, q, ASKED).p_value for a, b in zip(*draws, strict=True)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.021)


def test_a_pooled_cap_keeps_the_size_of_the_test():
    rng = np.random.default_rng(12)
    a, b = rng.lognormal(0, 1.5, size=(2, 600, 500))
    pooled = [winsorize(x, y) for x, y in zip(a, b, strict=True)]
    p = np.array([welch(each.control, each.treatment, ASKED).p_value for each in pooled])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.027)
