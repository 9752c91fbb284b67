"""Row 10: the power that is promised is the rate at which the test itself rejects."""

import itertools

import numpy as np
import pytest
from scipy.special import stdtrit

from experimentos.analysis.rates import Rates
from experimentos.analysis.score import score_statistic
from experimentos.analysis.welch import Samples, welch_arrays
from experimentos.plan.power import Mean, Rate, power, sample_size
from experimentos.plan.rates import arcsine_n
from experimentos.plan.scheme import Scheme

pytestmark = pytest.mark.slow

CELLS = list(itertools.product((0.05, 0.2, 0.5), (1.0, 4.0, 9.0), (1, 2), (0.8, 0.9)))


@pytest.mark.parametrize(("p", "ratio", "sides", "wanted"), CELLS)
def test_row_10_rates(p, ratio, sides, wanted, band, random, repeats):
    rng, size = random(10), repeats(10_000, 100_000)
    scheme, effect = Scheme(ratio=ratio, sides=sides), 0.15 * p + 0.02
    plan = sample_size(Rate(p), effect, scheme, wanted)
    arms = plan.control, plan.treatment
    counts = rng.binomial(arms[0], p, size), rng.binomial(arms[1], p + effect, size)
    z = score_statistic(Rates.arrays(counts[0], arms[0], counts[1], arms[1]))
    found = np.mean((np.abs(z) if sides == 2 else z) >= scheme.critical)
    case = f"rate {p}, effect {effect:.3g}, 1:{ratio:g}, {sides}-sided, wanted {wanted}"
    stated = power(Rate(p), effect, plan.control, scheme)
    band(10, "simulated - stated power, score", case, found - stated, -0.015, 0.015)


@pytest.mark.parametrize(("p", "margin"), [(0.1, 0.02), (0.5, 0.05), (0.9, 0.03)])
def test_row_10_non_inferiority(p, margin, band, random, repeats):
    rng, size = random(10), repeats(10_000, 100_000)
    scheme = Scheme(sides=1, alpha=0.025, margin=margin)
    n = sample_size(Rate(p), 0.0, scheme).control
    rates = Rates.arrays(rng.binomial(n, p, size), n, rng.binomial(n, p, size), n)
    found = np.mean(score_statistic(rates, -margin, corrected=False) >= scheme.critical)
    difference = found - power(Rate(p), 0.0, n, scheme)
    case = f"rate {p}, margin {margin}"
    band(10, "simulated - stated power, non-inferiority", case, difference, -0.015, 0.015)


@pytest.mark.parametrize(("effect", "ratio"), [(1.0, 1.0), (0.5, 3.0), (0.2, 0.2)])
def test_row_10_means(effect, ratio, band, random, repeats):
    rng, size = random(10), repeats(10_000, 100_000)
    scheme = Scheme(ratio=ratio)
    plan = sample_size(Mean(1.0), effect, scheme)
    arms = []
    for n, mean in ((plan.control, 0.0), (plan.treatment, effect)):
        centre = mean + rng.standard_normal(size) / np.sqrt(n)
        arms.append(Samples.arrays(n, centre, rng.chisquare(n - 1, size)))
    result = welch_arrays(*arms, 0.05)
    found = np.mean(np.abs(result.t) >= stdtrit(result.df, 0.975))
    difference = found - power(Mean(1.0), effect, plan.control, scheme)
    case = f"effect {effect} sd, 1:{ratio:g}, n {plan.control}"
    band(10, "simulated - stated power, Welch", case, difference, -0.015, 0.015)


def test_row_10_the_arcsine_size_is_not_the_z_tests(band):
    z = sample_size(Rate(0.022), -0.021, Scheme(sides=1)).exact
    case = "2.2 % v 0.1 %, one-sided"
    band(10, "units by the z test", case, z, 317.6, 317.8)
    band(
        10,
        "units by the arcsine (control)",
        case,
        arcsine_n(0.022, 0.001, 1, 1.6448536, 0.8),
        224,
        226,
    )
