"""Rows 11 to 15: looking early."""

import numpy as np
import pytest

from experimentos.analysis.confidence_sequence import cost, critical, tuned_rho
from experimentos.analysis.group_sequential import first_stage, stage_wise_tail
from experimentos.plan.looks import boundary
from experimentos.plan.power import Mean, sample_size
from experimentos.plan.scheme import Scheme

pytestmark = pytest.mark.slow

SPENDING = ("obrien_fleming", "pocock")


def brownian(rng, fractions, size, drift=0.0):
    """Return z at the looks of `size` experiments."""
    t = np.asarray(fractions)
    steps = np.sqrt(np.diff(t, prepend=0.0)) * rng.standard_normal((size, len(t)))
    return (np.cumsum(steps, axis=1) + drift * t) / np.sqrt(t)


def equal(looks):
    return [(k + 1) / looks for k in range(looks)]


@pytest.mark.parametrize(("looks", "known"), [(5, 0.141), (14, 0.223), (28, 0.270), (100, 0.371)])
def test_row_11_peeking_inflates_the_fixed_test(looks, known, band, random, repeats):
    # Armitage, McPherson and Rowe (1969): 5 looks 0.142.
    z = brownian(random(11), equal(looks), repeats(40_000, 400_000))
    found = np.mean((np.abs(z) >= 1.959964).any(axis=1))
    case = f"{looks} looks"
    band(11, "rejections, fixed test (control)", case, found, known - 0.008, known + 0.008)


@pytest.mark.parametrize("spending", SPENDING)
@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("5 looks", equal(5)),
        ("14 looks", equal(14)),
        ("28 looks", equal(28)),
        ("unequal", [0.11, 0.13, 0.5, 0.52, 0.9, 1.0]),
        ("late first look", [0.7, 0.8, 1.0]),
        ("overrun to 1.3", [0.3, 0.6, 1.3]),
    ],
)
def test_row_12_group_sequential_tests_keep_their_level(
    spending, name, looks, band, random, repeats
):
    size = repeats(40_000, 400_000)
    z = brownian(random(12), looks, size)
    found = np.mean((np.abs(z) >= boundary(looks, spending, 0.025).z).any(axis=1))
    slack = 3.2 * np.sqrt(0.05 * 0.95 / size) + 0.0005
    case = f"{spending}, {name}"
    band(12, "rejections, group sequential", case, found, 0.05 - slack, 0.05 + slack)


def batches(rng, kind, size, looks, per_look):
    if kind == "normal":
        sums = rng.standard_normal((size, looks)) * np.sqrt(per_look)
        squares = np.cumsum(rng.chisquare(per_look, (size, looks)), axis=1)
        return np.cumsum(sums, axis=1), squares
    if kind == "Bernoulli 0.01":
        hits = np.cumsum(rng.binomial(per_look, 0.01, (size, looks)), axis=1).astype(float)
        return hits, hits
    units = rng.lognormal(0, 1.5, (size, looks, per_look))
    return np.cumsum(units.sum(axis=2), axis=1), np.cumsum((units**2).sum(axis=2), axis=1)


@pytest.mark.parametrize("kind", ["normal", "Bernoulli 0.01", "log-normal (0, 1.5)"])
def test_row_13_the_confidence_sequence_holds_at_every_look(kind, band, random, repeats):
    rng, size, per_look, looks = random(13), repeats(2_000, 20_000), 50, 100
    n = per_look * np.arange(1, looks + 1)
    crossed = []
    for _ in range(size // 500):
        arms = [batches(rng, kind, 500, looks, per_look) for _ in range(2)]
        means = [sums / n for sums, _ in arms]
        variances = [(squares / n - (sums / n) ** 2) / n for sums, squares in arms]
        se = np.sqrt(variances[0] + variances[1])
        half = critical(2 * n, tuned_rho(5_000, 0.05), 0.05)
        over = np.abs(means[1] - means[0]) > half * se
        crossed.append((over & (se > 0))[:, n >= 500].any(axis=1))
    case = f"{kind}, every 50 users from 500 to 5,000 per arm"
    most = 0.05 + 3 * np.sqrt(0.05 * 0.95 / size)
    band(13, "rejections, confidence sequence", case, np.mean(crossed), None, most)


def test_row_14_the_cost_of_being_always_valid(band):
    band(14, "width over the fixed interval", "at the tuned size", cost(0.05), 1.548, 1.550)
    for spending in SPENDING:
        looks = tuple(equal(5))
        needed = sample_size(Mean(1.0), 0.02, Scheme(looks=looks, spending=spending)).exact
        case = f"{spending}, 5 looks"
        inflation = needed / sample_size(Mean(1.0), 0.02).exact
        band(14, "users over the fixed test's", case, inflation, 1.0, 1.3)


@pytest.mark.parametrize("lift", [0, 1, 2])
def test_row_15_intervals_cover_after_stopping(lift, band, random, repeats):
    rng, size, looks = random(15), repeats(10_000, 100_000), equal(5)
    # One MDE: the drift that the fixed test finds with power 0.8.
    drift = 2.8015853 * lift
    z = brownian(rng, looks, size, drift)
    t = np.asarray(looks)
    case = f"true effect {lift} MDE, 5 looks"
    for spending in SPENDING:
        bound = boundary(looks, spending, 0.025)
        stage = first_stage(z, bound)
        tail = stage_wise_tail(bound, stage, drift)
        covered = np.mean((tail >= 0.025) & (tail <= 0.975))
        band(15, f"coverage, stage-wise, {spending}", case, covered, 0.94, 0.96)
        naive = np.abs(stage.z - drift * np.sqrt(t[stage.look])) <= 1.959964
        most = 0.945 if spending == "pocock" and lift == 0 else None
        band(15, f"coverage, naive, {spending} (control)", case, np.mean(naive), None, most)
    half = critical(np.asarray(looks), tuned_rho(1.0, 0.05), 0.05)
    over = np.abs(z) >= half
    stop = np.where(over.any(axis=1), over.argmax(axis=1), len(looks) - 1)
    at = np.arange(size), stop
    inside = np.abs(z[at] - drift * np.sqrt(t[stop])) <= half[stop]
    band(15, "coverage, confidence sequence", case, np.mean(inside), 0.95 - 0.0065)
