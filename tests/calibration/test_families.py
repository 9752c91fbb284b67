"""Row 18: families of arms and metrics."""

import numpy as np
import pytest
from scipy.special import ndtr

from experimentos.analysis.dunnett import dunnett_critical
from experimentos.analysis.multiplicity import adjust

pytestmark = pytest.mark.slow


def correlated(rng, size, metrics, rho):
    shared = rng.standard_normal((size, 1))
    return np.sqrt(rho) * shared + np.sqrt(1 - rho) * rng.standard_normal((size, metrics))


@pytest.mark.parametrize("metrics", [1, 5, 20])
@pytest.mark.parametrize("rho", [0.0, 0.8])
def test_row_18_metrics(metrics, rho, band, random, repeats):
    rng, size = random(18), repeats(4_000, 40_000)
    z = correlated(rng, size, metrics, rho)
    real = np.zeros(metrics, dtype=bool)
    real[: metrics // 5] = True
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / size)
    case = f"{metrics} metrics, correlation {rho}"
    p = 2 * ndtr(-np.abs(z))
    for method in ("holm", "hommel", "hochberg"):
        wrong = [min(adjust(row.tolist(), method)) <= 0.05 for row in p]
        low = 0.05 - 0.012 if rho == 0 else None
        band(18, f"any false positive, {method}, all null", case, np.mean(wrong), low, most)
    shifted = 2 * ndtr(-np.abs(z + 3 * real))
    found = np.array([adjust(row.tolist(), "bh") for row in shifted]) <= 0.05
    share = (found & ~real).sum(axis=1) / np.maximum(found.sum(axis=1), 1)
    band(18, "false discovery rate, bh, a fifth real", case, share.mean(), None, most)
    found = np.array([adjust(row.tolist(), "holm") for row in shifted]) <= 0.05
    wrong = (found & ~real).any(axis=1).mean()
    band(18, "any false positive, holm, a fifth real", case, wrong, None, most)


@pytest.mark.parametrize("arms", [1, 3, 10])
@pytest.mark.parametrize("n_control", [1_000, 5_000])
def test_row_18_arms(arms, n_control, band, random, repeats):
    rng, size = random(18), repeats(40_000, 400_000)
    n = [1_000] * arms
    control = rng.standard_normal((size, 1)) / np.sqrt(n_control)
    treatment = rng.standard_normal((size, arms)) / np.sqrt(1_000)
    z = (treatment - control) / np.sqrt(1 / n_control + 1 / 1_000)
    found = (np.abs(z) >= dunnett_critical(0.05, n_control, n)).any(axis=1).mean()
    case = f"{arms} arms of 1,000 against {n_control:,}"
    band(18, "any false positive, Dunnett", case, found, 0.0465, 0.0535)
