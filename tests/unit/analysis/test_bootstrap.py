"""The bootstrap against closed forms and against scipy's."""

import numpy as np
import pytest
from scipy import stats

from experimentos.analysis.bootstrap import BUCKETS, bootstrap
from experimentos.errors import ContractError


def ends(interval):
    return [interval.low, interval.high]


def test_a_small_sample_agrees_with_scipy():
    rng = np.random.default_rng(5)
    control, treatment = rng.lognormal(0, 1, 80), rng.lognormal(0.2, 1, 60)
    got = bootstrap(control, treatment, seed=1, resamples=20_000)
    for name, interval in (("percentile", got.percentile), ("bca", got.bca)):
        theirs = stats.bootstrap(
            (control, treatment),
            lambda x, y, axis: y.mean(axis=axis) - x.mean(axis=axis),
            n_resamples=20_000,
            method=name,
            rng=np.random.default_rng(2),
        )
        # Two runs of 20,000: the Monte Carlo error of a 2.5 % quantile is about 2 % of the se.
        expected = ends(theirs.confidence_interval)
        assert ends(interval) == pytest.approx(expected, abs=0.08 * got.se)


@pytest.mark.parametrize("n", [BUCKETS, 20 * BUCKETS])
def test_the_standard_error_is_that_of_a_mean(n):
    rng = np.random.default_rng(6)
    control, treatment = rng.exponential(size=n) + 100, rng.exponential(size=n) + 101
    got = bootstrap(control, treatment, seed=3)
    expected = np.sqrt(control.var(ddof=1) / n + treatment.var(ddof=1) / n)
    # Resampling 1.1 %, buckets 1.6 %: four standard errors of both.
    assert got.se == pytest.approx(expected, rel=0.08)
    assert got.difference in got.percentile
    assert got.difference in got.bca


def test_the_same_seed_gives_the_same_intervals():
    values = np.random.default_rng(7).exponential(size=(2, 50))
    assert bootstrap(*values, seed=4) == bootstrap(*values, seed=4)
    assert bootstrap(*values, seed=4) != bootstrap(*values, seed=5)


def test_bca_moves_towards_the_long_tail():
    rng = np.random.default_rng(8)
    treatment = rng.lognormal(0, 1.2, 60)
    got = bootstrap(rng.normal(0, 0.01, 60), treatment, seed=9, resamples=20_000)
    assert got.bca.low > got.percentile.low
    assert got.bca.high > got.percentile.high


@pytest.mark.parametrize("values", [[1.0], [1.0, np.inf], [2.0, 2.0], [[1.0, 2.0]]])
def test_what_cannot_be_resampled_is_a_wrong_call(values):
    with pytest.raises(ContractError):
        bootstrap(values, [1.0, 2.0], seed=1)


def test_few_resamples_are_a_wrong_call():
    with pytest.raises(ContractError, match="100 resamples"):
        bootstrap([1.0, 2.0], [1.0, 2.0], seed=1, resamples=99)
