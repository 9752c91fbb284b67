"""Rows 1 to 4 and 21: tests and intervals of two rates."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from experimentos.analysis.exact import fisher_p
from experimentos.analysis.lift import delta_lift, fieller_g, fieller_lift, log_lift
from experimentos.analysis.newcombe import newcombe_interval
from experimentos.analysis.pooled_z import (
    pooled_se,
    rate_estimates,
    unpooled_se,
    wald_interval,
    z_statistic,
)
from experimentos.analysis.rates import Rates
from experimentos.analysis.score import score_interval, score_statistic
from experimentos.metrics.counts import Counts

pytestmark = pytest.mark.slow

Z = -float(ndtri(0.025))
DESIGNS = [(20, 20), (50, 50), (20, 60)]


def drawn(rng, size, arms, rates):
    (n_c, n_t), (p_c, p_t) = arms, rates
    return Rates.arrays(rng.binomial(n_c, p_c, size), n_c, rng.binomial(n_t, p_t, size), n_t)


def tables(n_c, n_t):
    k_c, k_t = np.meshgrid(np.arange(n_c + 1), np.arange(n_t + 1), indexing="ij")
    return Rates.arrays(k_c, n_c, k_t, n_t)


def probability(n_c, n_t, p_c, p_t):
    return np.outer(
        binom.pmf(np.arange(n_c + 1), n_c, p_c), binom.pmf(np.arange(n_t + 1), n_t, p_t)
    )


@pytest.mark.parametrize("n", [500, 5_000, 50_000])
@pytest.mark.parametrize("split", [(1, 1), (9, 1)])
def test_row_1_the_test_of_two_rates_keeps_its_level(n, split, band, random, repeats):
    rng, size = random(1), repeats(4_000, 100_000)
    arms = n * split[0], n * split[1]
    for p in (0.005, 0.02, 0.1, 0.5, 0.95):
        if n * min(p, 1 - p) < 10:
            continue
        z = score_statistic(drawn(rng, size, arms, (p, p)))
        slack = 3.2 * np.sqrt(0.05 * 0.95 / size) + 0.002
        case = f"n {arms[0]:,} v {arms[1]:,}, rate {p}"
        band(1, "A/A rejections, score", case, np.mean(np.abs(z) >= Z), 0.05 - slack, 0.05 + slack)


@pytest.mark.parametrize("design", DESIGNS)
def test_row_2_the_exact_size_at_small_n(design, band):
    rates = tables(*design)
    with np.errstate(all="ignore"):
        score = np.nan_to_num(np.abs(score_statistic(rates))) >= Z
        pooled = np.nan_to_num(np.abs(z_statistic(rates, pooled_se(rates)))) >= Z
        wald = np.nan_to_num(np.abs(z_statistic(rates, unpooled_se(rates)))) >= Z
    n_c, n_t = design
    fisher = np.array(
        [
            [fisher_p(Counts(n_c, i), Counts(n_t, j)) <= 0.05 for j in range(n_t + 1)]
            for i in range(n_c + 1)
        ]
    )
    grid = np.arange(1, 200) / 200
    weights = [probability(n_c, n_t, p, p) for p in grid]
    largest = {
        name: max(float((w * reject).sum()) for w in weights)
        for name, reject in (("score", score), ("pooled z", pooled), ("Wald", wald))
    }
    case = f"n {n_c} v {n_t}, 199 rates"
    band(2, "largest size, score", case, largest["score"], 0.03, 0.06)
    band(2, "largest size, pooled z", case, largest["pooled z"], 0.03, 0.06)
    exact = max(float((w * fisher).sum()) for w in weights)
    band(2, "largest size, Fisher", case, exact, None, 0.05)
    band(2, "largest size, unpooled z (control)", case, largest["Wald"], 0.0605)


@pytest.mark.parametrize("design", DESIGNS)
def test_row_3_the_exact_coverage_of_the_difference(design, band):
    rates = tables(*design)
    ends = {
        "score": score_interval(rates, 0.05),
        "Newcombe": newcombe_interval(rates, 0.05),
        "Wald": wald_interval(rates, 0.05),
    }
    covered = {name: [] for name in ends}
    coarse = []
    for step in range(31):
        d = step / 100
        holds = {k: (low <= d + 1e-12) & (d - 1e-12 <= high) for k, (low, high) in ends.items()}
        for p in np.arange(1, 100 - step) / 100:
            weight = probability(*design, p, p + d)
            for name, inside in holds.items():
                covered[name].append(float((weight * inside).sum()))
            if step % 10 == 0:
                coarse.append(covered["score"][-1])
    case = f"n {design[0]} v {design[1]}"
    band(3, "least coverage, score, differences 0, .1, .2, .3", case, min(coarse), 0.93)
    band(3, "least coverage, score, every 0.01", case, min(covered["score"]), 0.92)
    band(3, "mean coverage, score", case, np.mean(covered["score"]), 0.945, 0.972)
    band(3, "least coverage, Newcombe, every 0.01", case, min(covered["Newcombe"]), 0.92)
    band(3, "least coverage, Wald (control)", case, min(covered["Wald"]), None, 0.85)


def test_row_4_the_lift_is_covered_where_ten_conversions_are_expected(band, random, repeats):
    rng, size = random(4), repeats(20_000, 200_000)
    seen = {"log ratio": [], "Fieller": [], "delta, g < 0.1": [], "divided": []}
    for p in (0.01, 0.02, 0.05, 0.1):
        for n in (500, 2_000, 10_000):
            if n * p < 10:
                continue
            for lift in (0.0, 0.2, 1.0):
                for share in (1, 9):
                    rates = drawn(rng, size, (n, n * share), (p, p * (1 + lift)))
                    for name, value in covered_lifts(rates, lift).items():
                        seen[name].append(value)
    case = f"{len(seen['Fieller'])} cells, least"
    band(4, "lift coverage, log ratio", case, min(seen["log ratio"]), 0.94, 0.97)
    band(4, "lift coverage, Fieller", case, min(seen["Fieller"]), 0.925, 0.97)
    band(4, "lift coverage, delta where g < 0.1", case, min(seen["delta, g < 0.1"]), 0.90)
    band(4, "absolute interval / control rate (control)", case, min(seen["divided"]), None, 0.85)


def covered_lifts(rates, lift):
    estimates = rate_estimates(rates)
    with np.errstate(all="ignore"):
        g = fieller_g(estimates, Z)
        ends = {
            "log ratio": (log_lift(estimates, Z), True),
            "Fieller": (fieller_lift(estimates, Z), True),
            "delta, g < 0.1": (delta_lift(estimates, Z), g < 0.1),
        }
        low, high = wald_interval(rates, 0.05)
        ends["divided"] = ((low / rates.control, high / rates.control), rates.control > 0)
        return {name: held(pair, lift, usable) for name, (pair, usable) in ends.items()}


def held(ends, lift, usable):
    low, high = ends
    there = np.isfinite(low) & np.isfinite(high) & usable
    # A cell where the method hardly ever gives an interval says nothing of its coverage.
    if there.mean() < 0.5:
        return 1.0
    return float(np.mean(((low <= lift) & (lift <= high))[there]))


@pytest.mark.parametrize("n", [50, 500, 10_000])
@pytest.mark.parametrize("p", [0.3, 0.8])
def test_row_21_non_inferiority_at_the_margin(n, p, band, random, repeats):
    rng, size, margin, alpha = random(21), repeats(10_000, 100_000), 0.1, 0.025
    rates = drawn(rng, size, (n, n), (p, p - margin))
    p_value = ndtr(-score_statistic(rates, -margin, corrected=False))
    case = f"n {n:,}, rate {p}, margin {margin}"
    slack = 0.006 if n > 50 else 0.008
    found = np.mean(p_value < alpha)
    band(21, "non-inferior at the margin, score", case, found, alpha - slack, alpha + slack)
    low, _ = score_interval(rates, 2 * alpha, corrected=False)
    clear = np.abs(p_value - alpha) > 1e-9
    disagree = np.mean((p_value < alpha)[clear] != (low > -margin)[clear])
    band(21, "verdict and interval disagree", case, disagree, 0.0, 0.0)
