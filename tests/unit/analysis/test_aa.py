"""Tests of nothing reject as often as they say."""

import numpy as np
import pytest
from scipy import stats

from experimentos.analysis.aa import BUCKETS, split_at_random
from experimentos.errors import ContractError


@pytest.mark.parametrize("n", [400, 20 * BUCKETS])
@pytest.mark.parametrize("share", [0.5, 0.1])
def test_independent_units_are_rejected_at_the_level(n, share):
    rng = np.random.default_rng(1)
    units = np.column_stack((rng.normal(1e6, 1, n), rng.random(n) < 0.2, rng.exponential(size=n)))
    seen = split_at_random(units, seed=2, share=share)
    for alpha in (0.05, 0.2):
        # Four Monte Carlo standard errors.
        assert seen.rejected(alpha) == pytest.approx(alpha, abs=4 * seen.error(alpha))


def test_the_p_values_of_a_split_are_those_of_its_units():
    values = np.random.default_rng(3).exponential(size=30)
    seen = split_at_random(values, seed=4, splits=50)
    rng = np.random.default_rng(4)
    chosen = rng.random((50, 30), dtype=np.float32) < 0.5
    expected = [
        stats.ttest_ind(values[row], values[~row], equal_var=False).pvalue for row in chosen
    ]
    assert seen.p_values[0] == pytest.approx(expected, rel=1e-9)


def test_units_that_are_not_independent_are_found():
    # Every value stands there ten times, as when views are taken for users.
    rng = np.random.default_rng(5)
    users = rng.normal(size=300)
    views = np.repeat(users, 10)
    chosen = rng.random((1_000, 300)) < 0.5
    p = [
        stats.ttest_ind(views[side], views[~side]).pvalue
        for side in (np.repeat(row, 10) for row in chosen)
    ]
    honest = split_at_random(users, seed=6)
    assert np.mean(np.array(p) < 0.05) > 0.4
    assert honest.rejected(0.05)[0] < 0.07


def test_a_split_with_an_empty_arm_has_no_p_value():
    seen = split_at_random(np.arange(20.0), seed=1, splits=200, share=0.02)
    assert np.isnan(seen.p_values).any()


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (np.arange(19.0), {}),
        (np.ones((2, 30, 2)), {}),
        (np.full(30, np.nan), {}),
        (np.column_stack((np.arange(30.0), np.ones(30))), {}),
        (np.arange(30.0), {"splits": 0}),
        (np.arange(30.0), {"share": 1.0}),
    ],
)
def test_what_cannot_be_split_is_a_wrong_call(values, options):
    with pytest.raises(ContractError):
        split_at_random(values, seed=1, **options)
