"""The bootstrap against closed forms and against scipy's."""

import numpy as np
import pytest
from scipy import stats

from experimentos.analysis.bootstrap import (
    BUCKETS,
    Buckets,
    bootstrap,
    bootstrap_buckets,
    bootstrap_quantile,
    bootstrap_ratio,
)
from experimentos.analysis.delta import delta
from experimentos.analysis.method import Question
from experimentos.errors import ContractError
from experimentos.metrics.moments import CrossMoments


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
    # 4,000 resamples: four Monte Carlo standard errors of 1.1 %.
    assert got.se == pytest.approx(expected, rel=0.05)
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


def visits(rng, n, rate):
    """Return clicks and views of n users: users differ in how much they click."""
    views = 1 + rng.poisson(4, n)
    return np.column_stack((rng.binomial(views, rng.beta(2, 2 / rate - 2, n)), views)).astype(float)


@pytest.mark.parametrize("n", [1_500, 30 * BUCKETS])
def test_a_ratio_has_the_standard_error_of_the_delta_method(n):
    rng = np.random.default_rng(21)
    arms = visits(rng, n, 0.1), visits(rng, n, 0.11)
    got = bootstrap_ratio(*arms, seed=2)
    joint = []
    for rows in arms:
        mean, (xx, xy, _, yy) = rows.mean(axis=0), (np.cov(rows.T) * (n - 1)).ravel()
        joint.append(CrossMoments(n, *mean, xx, yy, xy))
    exact = delta(*joint, Question("m", "b", 0.05, 0.95))
    assert got.difference == pytest.approx(exact.difference, rel=1e-9)
    assert got.se == pytest.approx(exact.se, rel=0.05)
    width = exact.interval.high - exact.interval.low
    assert ends(got.bca) == pytest.approx(ends(exact.interval), abs=0.08 * width)
    assert ends(got.percentile) == pytest.approx(ends(exact.interval), abs=0.08 * width)


def test_a_ratio_to_one_is_the_mean():
    rng = np.random.default_rng(22)
    values = rng.exponential(size=(2, 300))
    pairs = [np.column_stack((row, np.ones(300))) for row in values]
    assert bootstrap_ratio(*pairs, seed=5) == bootstrap(*values, seed=5)


@pytest.mark.parametrize("q", [0.5, 0.9])
def test_a_quantile_is_bootstrapped_as_if_it_had_been_resampled(q):
    rng = np.random.default_rng(23)
    control, treatment = np.round(rng.lognormal(size=(2, 400)), 1)
    got = bootstrap_quantile((control, treatment), q, seed=1, resamples=20_000)
    drawn = [
        np.quantile(arm[rng.integers(0, 400, (20_000, 400))], q, axis=1, method="inverted_cdf")
        for arm in (control, treatment)
    ]
    differences = drawn[1] - drawn[0]
    assert got.se == pytest.approx(differences.std(), rel=0.03)
    # One step of the rounding: the two Monte Carlo quantiles fall on a grid of 0.1.
    assert ends(got.percentile) == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=0.11)
    assert got.bca is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[1.0, 1.0]], "two or more"),
        ([1.0, 2.0], "two or more"),
        ([[1.0, -1.0], [2.0, 3.0]], "negative"),
        ([[1.0, 0.0], [2.0, 0.0]], "all 0"),
        ([[1.0, 2.0], [2.0, 4.0]], "same for every"),
        ([[1.0, 1.0], [2.0, 0.0]], "denominator of 0"),
    ],
)
def test_what_has_no_ratio_is_a_wrong_call(rows, words):
    fine = [[1.0, 1.0], [2.0, 1.0], [0.0, 1.0]]
    with pytest.raises(ContractError, match=words):
        bootstrap_ratio(rows, fine, seed=1)


@pytest.mark.parametrize("q", [0.0, 1.0])
def test_a_quantile_outside_the_sample_is_a_wrong_call(q):
    with pytest.raises(ContractError, match="does not exist"):
        bootstrap_quantile(([1.0, 2.0], [1.0, 2.0]), q, seed=1)


def test_buckets_dealt_elsewhere_give_the_error_of_all_units():
    rng = np.random.default_rng(5)
    arms, variances = [], []
    for shift in (0.0, 0.5):
        values = rng.exponential(3, 60_000) + shift
        mean = values.mean()
        bucket = rng.integers(0, 2_000, values.size)
        residual = np.bincount(bucket, weights=values - mean)
        units = np.bincount(bucket).astype(float)
        arms.append(Buckets(residual, units, float(mean), float(np.sum((values - mean) ** 2))))
        variances.append(values.var(ddof=1) / values.size)
    found = bootstrap_buckets(*arms, seed=3, resamples=4_000)
    assert found.difference == pytest.approx(arms[1].value - arms[0].value, rel=1e-12)
    # Four Monte Carlo errors of a standard error from 4,000 resamples.
    assert found.se == pytest.approx(np.sqrt(sum(variances)), rel=4 / np.sqrt(2 * 4_000))
    with pytest.raises(ContractError, match="100 buckets"):
        bootstrap_buckets(*(Buckets(a.residual[:50], a.denominator[:50], 1, 1) for a in arms), 1)
