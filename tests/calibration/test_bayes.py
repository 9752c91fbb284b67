"""Rows 19 and 20: the informational posteriors."""

import numpy as np
import pytest
from scipy.special import betaln

from experimentos.analysis.beta_binomial import (
    difference_interval,
    expected_losses,
    posteriors,
    probability_treatment_higher,
)
from experimentos.analysis.rates import Rates

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("a", "b", "n"), [(1, 1, 200), (20, 180, 2_000)])
def test_row_19_posteriors_are_calibrated_over_their_prior(a, b, n, band, random, repeats):
    rng, size, block = random(19), repeats(40_000, 200_000), 1_000
    found = {name: [] for name in ("covered", "p", "better", "loss", "realised")}
    for start in range(0, size, block):
        true = rng.beta(a, b, (2, block))
        k = rng.binomial(n, true)
        pair = posteriors(Rates.arrays(k[0], n, k[1], n), a, b)
        difference = true[1] - true[0]
        if start < size // 8:
            low, high = difference_interval(pair, 0.95)
            found["covered"].append((low <= difference) & (difference <= high))
        found["p"].append(probability_treatment_higher(pair))
        found["better"].append(difference > 0)
        found["loss"].append(expected_losses(pair).choose_treatment)
        found["realised"].append(np.maximum(-difference, 0))
    seen = {name: np.concatenate(parts) for name, parts in found.items()}
    case = f"prior Beta({a}, {b}), n {n:,}"
    covered = seen["covered"]
    slack = 3.2 * np.sqrt(0.95 * 0.05 / len(covered))
    band(19, "coverage, 95 % interval", case, covered.mean(), 0.95 - slack, 0.95 + slack)
    gap, error = deciles(seen["p"], seen["better"])
    band(19, "P(better) v how often, largest gap of a decile", case, gap.max(), None, 0.05)
    band(19, "the same in standard errors", case, (gap / error).max(), None, 3.5)
    missed = seen["realised"] - seen["loss"]
    error = np.std(missed) / np.sqrt(size)
    band(19, "realised - expected loss, standard errors", case, missed.mean() / error, -3, 3)


def deciles(p, better):
    decile = np.minimum((p * 10).astype(int), 9)
    groups = [(p[decile == d], better[decile == d]) for d in range(10)]
    gap = np.array([abs(hit.mean() - stated.mean()) for stated, hit in groups])
    error = [np.sqrt(stated.mean() * (1 - stated.mean()) / len(stated)) for stated, _ in groups]
    return gap, np.array(error)


@pytest.mark.parametrize(
    ("k_c", "n_c", "k_t", "n_t"),
    [
        (0, 50, 3, 50),
        (50, 50, 49, 50),
        (120, 1_000, 140, 1_000),
        (3, 100_000, 9, 100_000),
        (5_000, 100_000, 530, 10_000),
        (123_456, 1_000_000, 124_500, 1_000_000),
        (999_990, 1_000_000, 999_995, 1_000_000),
    ],
)
def test_row_20_the_quadrature_equals_the_closed_sum(k_c, n_c, k_t, n_t, band):
    found = probability_treatment_higher(posteriors(Rates.arrays(k_c, n_c, k_t, n_t)))
    gap = abs(float(found) - closed_sum(k_c, n_c, k_t, n_t))
    band(20, "P(better), quadrature - closed sum", f"{k_c}/{n_c} v {k_t}/{n_t}", gap, None, 1e-6)


def closed_sum(k_c, n_c, k_t, n_t):
    """Return P(p_t > p_c) by the finite sum over the treatment's first parameter."""
    a_c, b_c, a_t, b_t = k_c + 1, n_c - k_c + 1, k_t + 1, n_t - k_t + 1
    i = np.arange(a_t, dtype=float)
    terms = betaln(a_c + i, b_c + b_t) - np.log(b_t + i) - betaln(1 + i, b_t) - betaln(a_c, b_c)
    return float(np.exp(terms).sum())
