"""Rows 5 to 9: means, ratios and covariates."""

from fractions import Fraction

import numpy as np
import pytest

from experimentos.analysis.cuped import adjusted_pair, covariate_t, cuped, variance_ratio
from experimentos.analysis.delta import Pairs, ratio_arrays
from experimentos.analysis.method import Question
from experimentos.analysis.result import Unavailable
from experimentos.analysis.welch import Samples, welch_arrays
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.policy import DEFAULT_POLICY

pytestmark = pytest.mark.slow


def summarised(units):
    centre = units.mean(axis=1)
    return Samples.arrays(units.shape[1], centre, ((units - centre[:, None]) ** 2).sum(axis=1))


def in_blocks(size, units, draw):
    """Return Welch p-values of `size` experiments without holding all their units."""
    block = max(1, 4_000_000 // units)
    parts = []
    while sum(map(len, parts)) < size:
        control, treatment = draw(min(block, size - sum(map(len, parts))))
        parts.append(welch_arrays(summarised(control), summarised(treatment), 0.05).p)
    return np.concatenate(parts)


@pytest.mark.parametrize(
    ("n_c", "n_t", "sd"), [(30, 30, 3.0), (30, 270, 3.0), (270, 30, 3.0), (500, 500, 1.0)]
)
def test_row_5_welch_keeps_its_level_on_normal_data(n_c, n_t, sd, band, random, repeats):
    rng, size = random(5), repeats(10_000, 100_000)

    def draw(block):
        return rng.standard_normal((block, n_c)), sd * rng.standard_normal((block, n_t))

    found = np.mean(in_blocks(size, n_c + n_t, draw) < 0.05)
    case = f"normal, n {n_c} v {n_t}, sd 1 v {sd:g}"
    band(5, "A/A rejections, Welch", case, found, 0.044, 0.056)


def test_row_5_welch_on_skewed_and_zero_inflated_data(band, random, repeats):
    rng, size = random(5), repeats(4_000, 100_000)

    def skewed(n_c, n_t):
        return lambda b: (rng.lognormal(0, 1.5, (b, n_c)), rng.lognormal(0, 1.5, (b, n_t)))

    def buyers(block):
        def arm():
            return rng.lognormal(3, 1, (block, 2_000)) * (rng.random((block, 2_000)) < 0.05)

        return arm(), arm()

    small = np.mean(in_blocks(size, 200, skewed(100, 100)) < 0.05)
    band(5, "A/A rejections, Welch", "log-normal (0, 1.5), n 100 v 100", small)
    even = np.mean(in_blocks(size, 4_000, skewed(2_000, 2_000)) < 0.05)
    band(5, "A/A rejections, Welch", "log-normal (0, 1.5), n 2,000 v 2,000", even, 0.035, 0.065)
    zeros = np.mean(in_blocks(size, 4_000, buyers) < 0.05)
    band(5, "A/A rejections, Welch", "5 % buyers, n 2,000 v 2,000", zeros, 0.035, 0.065)


@pytest.mark.parametrize("centre", [1.0, 1e4, 1e6, 1e8])
def test_row_6_centred_moments_lose_nothing(centre, band, random):
    # Whole numbers, so that the units are exactly what the doubles say.
    units = np.round(random(6).standard_normal(1_000) * 1_000) + np.round(centre * 1_000)
    exact = [Fraction(int(value)) for value in units]
    mean = sum(exact) / 1_000
    true = float(sum((value - mean) ** 2 for value in exact))
    parts = [
        Moments(100, float(u.mean()), float(((u - u.mean()) ** 2).sum()))
        for u in np.split(units, 10)
    ]
    pooled = sum(parts[1:], parts[0])
    case = f"mean / sd {centre:.0e}"
    band(6, "relative error, pooled centred squares", case, abs(pooled.m2 / true - 1), None, 1e-9)
    squares = float((units**2).sum())
    lost = abs((squares - units.sum() ** 2 / 1_000) / true - 1)
    band(6, "relative error, sums in doubles (control)", case, lost)
    warns = squares / true > DEFAULT_POLICY.cancellation_digits
    band(6, "lost more than 1e-6 and not warned", case, float(lost > 1e-6 and not warns), 0, 0)


@pytest.mark.parametrize("icc", [0.0, 0.1, 0.3])
def test_row_7_ratio_metrics_are_tested_per_user(icc, band, random, repeats):
    rng, size, users, rate = random(7), repeats(4_000, 50_000), 400, 0.2

    def arm(block):
        views = rng.integers(1, 51, (block, users))
        spread = (1 - icc) / icc if icc else 0.0
        own = rng.beta(rate * spread, (1 - rate) * spread, views.shape) if icc else rate
        clicks = rng.binomial(views, own)
        x, y = clicks.mean(axis=1), views.mean(axis=1)
        dx, dy = clicks - x[:, None], views - y[:, None]
        squares = (dx**2).sum(axis=1), (dy**2).sum(axis=1), (dx * dy).sum(axis=1)
        return Pairs(np.full(block, float(users)), x, y, *squares)

    by_user, by_view = [], []
    for _ in range(size // 1_000):
        control, treatment = arm(1_000), arm(1_000)
        by_user.append(ratio_arrays(control, treatment, 0.05).p < 0.05)
        by_view.append(naive(control, treatment))
    case = f"intra-class correlation {icc}"
    band(7, "A/A rejections, delta method", case, np.mean(by_user), 0.04, 0.06)
    least = 0.15 if icc else None
    band(7, "A/A rejections, per view (control)", case, np.mean(by_view), least)


def naive(control, treatment):
    k, n = zip(*((a.n * a.mean_x, a.n * a.mean_y) for a in (control, treatment)), strict=True)
    p = (k[0] + k[1]) / (n[0] + n[1])
    return np.abs(k[1] / n[1] - k[0] / n[0]) >= 1.96 * np.sqrt(p * (1 - p) * (1 / n[0] + 1 / n[1]))


def joint(y, x):
    dy, dx = y - y.mean(), x - x.mean()
    return CrossMoments(len(y), y.mean(), x.mean(), float(dy @ dy), float(dx @ dx), float(dy @ dx))


@pytest.mark.parametrize("n", [20, 200, 2_000])
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_row_8_cuped_keeps_its_level_and_saves_what_it_promises(n, rho, band, random, repeats):
    rng, size = random(8), repeats(4_000, 50_000) if n < 2_000 else repeats(2_000, 50_000)
    rejected, ratios = [], []
    for _ in range(size):
        arms = []
        for _arm in range(2):
            x = rng.standard_normal(n)
            arms.append(joint(rho * x + np.sqrt(1 - rho * rho) * rng.standard_normal(n), x))
        after = adjusted_pair(*arms)
        result = welch_arrays(Samples.of(after[0]), Samples.of(after[1]), 0.05)
        rejected.append(float(result.p) < 0.05)
        ratios.append(variance_ratio(*arms))
    case = f"n {n:,} per arm, correlation {rho}"
    band(8, "A/A rejections, CUPED", case, np.mean(rejected), 0.04, 0.065 if n == 20 else 0.06)
    if n > 20:
        promise = 1 - rho * rho
        band(8, "variance ratio", case, np.mean(ratios), promise * 0.98 - 1 / n, promise * 1.02)
    if rho == 0:
        band(8, "variance ratio, useless covariate", case, np.mean(ratios), None, 1 + 2 / n)


@pytest.mark.parametrize(
    ("shift", "doubted", "refused"),
    [
        (0.0, (0.01, 0.0285), (None, 0.001)),
        (4.0, (0.93, 0.97), (0.45, 0.55)),
        (6.0, (0.99, None), (0.95, None)),
    ],
)
def test_row_9_a_covariate_that_the_treatment_moved(shift, doubted, refused, band, random, repeats):
    rng, size, n = random(9), repeats(4_000, 50_000), 500
    t = []
    for _ in range(size):
        arms = _arms(rng, n, 0.5, shift * np.sqrt(2 / n))
        t.append(abs(covariate_t(*arms)))
        is_refused = isinstance(cuped(*arms, REVENUE), Unavailable)
        assert is_refused == (t[-1] > DEFAULT_POLICY.balance_t)
    case = f"true t of the covariate {shift:g}"
    far = np.array(t)
    band(9, "covariate doubted", case, np.mean(far > DEFAULT_POLICY.balance_warning_t), *doubted)
    band(9, "CUPED refused", case, np.mean(far > DEFAULT_POLICY.balance_t), *refused)


def test_row_9_falling_back_on_the_plain_mean(band, random, repeats):
    rng, size, n = random(9), repeats(8_000, 50_000), 200
    rejected = {DEFAULT_POLICY.balance_warning_t: [], DEFAULT_POLICY.balance_t: []}
    for _ in range(size):
        arms = _arms(rng, n, 0.8, 0.0)
        t = abs(covariate_t(*arms))
        plain, adjusted = _p(arms[0].x, arms[1].x), _p(*adjusted_pair(*arms))
        for limit, rejections in rejected.items():
            rejections.append((plain if t > limit else adjusted) < 0.05)
    case = f"A/A, n {n} per arm, correlation 0.8"
    kept = np.mean(rejected[DEFAULT_POLICY.balance_t])
    band(9, "rejections, plain mean where t > 4", case, kept, 0.04, 0.06)
    lost = np.mean(rejected[DEFAULT_POLICY.balance_warning_t]) - kept
    band(9, "more of them where t > 2.355 (control)", case, lost, 0.004, 0.02)


REVENUE = Question("revenue", "treatment", 0.05, 0.95)


def _arms(rng, n, correlation, shift):
    """Both arms: the covariate of the treatment is shifted, and the outcome with it."""
    rest = np.sqrt(1 - correlation**2)
    x = [rng.standard_normal(n), rng.standard_normal(n) + shift]
    return [joint(correlation * each + rest * rng.standard_normal(n), each) for each in x]


def _p(control, treatment):
    return float(welch_arrays(Samples.of(control), Samples.of(treatment), 0.05).p)
