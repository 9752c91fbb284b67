"""Size and coverage at small n, by listing every table: no noise, no seed.

An interval is good when it covers at least 0.93 everywhere and 0.945 to 0.972 on average, for arms
of 20/20, 50/50 and 20/60, rates 0.01 to 0.99 and differences 0 to 0.3.
"""

import numpy as np
import pytest
from scipy.stats import binom

from experimentos.analysis.newcombe import newcombe_interval
from experimentos.analysis.pooled_z import pooled_se, two_sided_p, wald_interval, z_statistic
from experimentos.analysis.rates import Rates
from experimentos.analysis.score import score_interval, score_statistic


def tables(n_control, n_treatment):
    i, j = np.meshgrid(np.arange(n_control + 1), np.arange(n_treatment + 1), indexing="ij")
    return Rates.arrays(i, n_control, j, n_treatment)


def chances(n_control, n_treatment, p_control, p_treatment):
    left = binom.pmf(np.arange(n_control + 1), n_control, p_control)
    right = binom.pmf(np.arange(n_treatment + 1), n_treatment, p_treatment)
    return np.outer(left, right)


def coverage(interval, n):
    low, high = interval
    found = []
    for p_control in np.linspace(0.01, 0.99, 50):
        for difference in np.linspace(0.0, 0.3, 7):
            if p_control + difference < 1:
                covered = (low <= difference) & (difference <= high)
                found.append(chances(*n, p_control, p_control + difference)[covered].sum())
    return min(found), np.mean(found)


@pytest.mark.parametrize("n", [(20, 20), (50, 50), (20, 60)])
@pytest.mark.parametrize("interval", [score_interval, newcombe_interval])
def test_an_interval_of_the_score_family_covers_at_small_n(interval, n):
    least, average = coverage(interval(tables(*n), 0.05), n)
    assert least >= 0.93
    assert 0.945 <= average <= 0.972


def test_walds_interval_does_not_cover_at_small_n():
    assert coverage(wald_interval(tables(20, 20), 0.05), (20, 20))[0] < 0.71


@pytest.mark.parametrize("n", [(20, 20), (50, 50), (20, 60)])
def test_the_score_test_rejects_a_true_null_hardly_more_often_than_it_says(n):
    rates = tables(*n)
    p_score = two_sided_p(score_statistic(rates))
    z = z_statistic(rates, pooled_se(rates))
    p_pooled = np.where(np.isnan(z), 1.0, two_sided_p(z))
    for p in np.linspace(0.005, 0.995, 199):
        chance = chances(*n, p, p)
        assert chance[p_score < 0.05].sum() <= 0.058
        assert chance[p_score < 0.05].sum() <= chance[p_pooled < 0.05].sum() + 1e-12
