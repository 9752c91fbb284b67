"""Thousands at once are the same numbers as one at a time."""

import numpy as np
import pytest

from experimentos.analysis.beta_binomial import (
    BetaPair,
    posteriors,
    probability_treatment_higher,
)
from experimentos.analysis.bulk import (
    compare_means,
    compare_rates,
    compare_ratios,
    pairs_of,
    rates_of,
    samples_of,
)
from experimentos.analysis.delta import delta
from experimentos.analysis.method import Question
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Compared, Lift
from experimentos.analysis.score import score
from experimentos.analysis.welch import welch
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments

ASKED = Question("m", "b", 0.1, 0.9)
TIGHT = 1e-13
"""Relative: the two run the same operations on arrays of different shapes."""


def some_counts(seed, size=60):
    rng = np.random.default_rng(seed)
    n = np.exp(rng.uniform(0, 12, size)).astype(int)
    return [
        Counts(int(a), int(b)) for a, b in zip(n, rng.binomial(n, rng.random(size)), strict=True)
    ]


def some_moments(seed, size=60):
    rng = np.random.default_rng(seed)
    n = np.exp(rng.uniform(0, 10, size)).astype(int)
    return [
        Moments(int(a), mean, sd * sd * (int(a) - 1))
        for a, mean, sd in zip(n, rng.normal(1, 2, size), rng.uniform(0, 3, size), strict=True)
    ]


def some_pairs(seed, size=60):
    rng = np.random.default_rng(seed)
    made = []
    for n in np.exp(rng.uniform(0, 8, size)).astype(int):
        rows = rng.lognormal(size=(2, int(n))) - 0.2
        x, y = rows - rows.mean(axis=1, keepdims=True)
        made.append(CrossMoments(int(n), *rows.mean(axis=1), x @ x, y @ y, x @ y))
    return made


RATES = [
    *zip(some_counts(1), some_counts(2), strict=True),
    (Counts(50, 3), Counts(70, 0)),
    (Counts(50, 0), Counts(70, 5)),
    (Counts(50, 0), Counts(70, 0)),
    (Counts(50, 50), Counts(70, 70)),
    (Counts(0, 0), Counts(70, 7)),
]
MEANS = [
    *zip(some_moments(3), some_moments(4), strict=True),
    (Moments(9, 2.0, 0.0), Moments(8, 3.0, 0.0)),
    (Moments(9, 0.0, 2.0), Moments(8, 3.0, 1.0)),
    (Moments(1, 2.0, 0.0), Moments(8, 3.0, 1.0)),
    (Moments(900, -5.0, 100.0), Moments(800, -4.0, 90.0)),
]
RATIOS = [
    *zip(some_pairs(5), some_pairs(6), strict=True),
    (CrossMoments(4, 1.0, 0.0, 1.0, 1.0, 0.0), CrossMoments(4, 1.0, 2.0, 1.0, 1.0, 0.0)),
    (CrossMoments(4, 2.0, 1.0, 4.0, 1.0, 2.0), CrossMoments(4, 2.0, 1.0, 4.0, 1.0, 2.0)),
]


def arrays(pairs, of):
    return [of(arms) for arms in zip(*pairs, strict=True)]


@pytest.mark.parametrize(
    ("pairs", "one", "many"),
    [
        (RATES, score, compare_rates(rates_of(*zip(*RATES, strict=True)), ASKED.alpha)),
        (MEANS, welch, compare_means(*arrays(MEANS, samples_of), ASKED.alpha)),
        (RATIOS, delta, compare_ratios(*arrays(RATIOS, pairs_of), ASKED.alpha)),
    ],
    ids=["rates", "means", "ratios"],
)
def test_a_number_in_bulk_is_the_number_on_the_page(pairs, one, many):
    available = 0
    for at, (control, treatment) in enumerate(pairs):
        alone = one(control, treatment, ASKED)
        assert many.exists[at] == isinstance(alone, Compared)
        if not isinstance(alone, Compared):
            assert np.isnan([many.difference[at], many.p_value[at], many.lift[at]]).all()
            continue
        available += 1
        got = [
            many.difference[at],
            many.se[at],
            many.statistic[at],
            many.p_value[at],
            many.interval.low[at],
            many.interval.high[at],
        ]
        ends = alone.interval.low, alone.interval.high
        expected = [alone.difference, alone.se, alone.statistic, alone.p_value, *ends]
        assert got == pytest.approx(expected, rel=TIGHT, abs=1e-15)
        assert np.isnan(many.lift[at]) != isinstance(alone.lift, Lift)
        if isinstance(alone.lift, Lift):
            assert [
                many.lift[at],
                many.lift_interval.low[at],
                many.lift_interval.high[at],
            ] == pytest.approx(
                [alone.lift.estimate, alone.lift.interval.low, alone.lift.interval.high], rel=1e-11
            )
    assert available > len(pairs) / 2


def test_an_interval_in_bulk_excludes_zero_exactly_where_its_test_rejects():
    rng = np.random.default_rng(7)
    n = rng.integers(2, 5_000, (2, 3_000))
    arms = [samples_of([Moments(int(k), rng.normal(), float(k)) for k in row]) for row in n]
    seen = compare_means(arms[0], arms[1], 0.05)
    outside = (seen.interval.low > 0) | (seen.interval.high < 0)
    np.testing.assert_array_equal(outside[seen.exists], (seen.p_value < 0.05)[seen.exists])


def test_rates_in_bulk_need_no_arm_without_conversions():
    seen = compare_rates(Rates.arrays([5, 9], [50, 60], [7, 8], [55, 70]), 0.05)
    assert seen.exists.all()
    assert (seen.lift_interval.low < seen.lift).all()
    assert (seen.lift < seen.lift_interval.high).all()


@pytest.mark.parametrize("prior", [1.0, 0.5, 1.3, 2.0])
def test_the_two_ways_to_integrate_a_posterior_agree(prior):
    """Densities run along (smooth posteriors), or one distribution function per node (others)."""
    rng = np.random.default_rng(8)
    n = np.exp(rng.uniform(0, 14, (2, 400))).astype(int) + 1
    k = rng.binomial(n, np.where(rng.random((2, 400)) < 0.5, 1e-4, 0.3))
    pair = posteriors(Rates.arrays(k[0], n[0], k[1], n[1]), prior, prior)
    turned = BetaPair(pair.treatment, pair.control)
    above, below = probability_treatment_higher(pair), probability_treatment_higher(turned)
    np.testing.assert_allclose(above + below, 1, atol=1e-10)
    # A hair more prior takes the other way, and moves no probability by more than itself.
    near = posteriors(Rates.arrays(k[0], n[0], k[1], n[1]), prior + 1e-9, prior + 1e-9)
    np.testing.assert_allclose(above, probability_treatment_higher(near), atol=5e-9)
