"""Rows 23 and 24: quantiles and caps of values per unit; laws that need no truth."""

import numpy as np
import pytest

from experimentos.analysis.bulk import compare_means, compare_rates, compare_ratios
from experimentos.analysis.delta import Pairs
from experimentos.analysis.method import Question
from experimentos.analysis.quantile import quantile
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Compared
from experimentos.analysis.welch import Samples, welch_arrays
from experimentos.analysis.winsor import winsorize

pytestmark = pytest.mark.slow

ASKED = Question("m", "b", 0.05, 0.95)
ROUNDING = 1e-9


def beyond(alpha, size, allowed):
    """Return a band of the accepted bias and three Monte Carlo errors."""
    return allowed + 3 * np.sqrt(alpha * (1 - alpha) / size)


@pytest.mark.parametrize(("q", "name"), [(0.5, "median"), (0.95, "p95")])
@pytest.mark.parametrize(
    ("step", "low"),
    [(None, True), (0.1, True), (0.5, False), (1.0, False)],
    ids=["no ties", "ties at 0.1", "ties at 0.5", "ties at 1"],
)
def test_row_23_quantiles_are_covered_among_ties(q, name, step, low, band, random, repeats):
    size, n, shift = repeats(2_000, 20_000), 2_000, 2.0
    rng = random(23)
    held, made = 0, 0
    for _ in range(size):
        control, treatment = rng.lognormal(1, 1, (2, n))
        if step:
            control, treatment = (np.round(arm / step) * step for arm in (control, treatment))
        found = quantile(control, treatment + shift, q, ASKED)
        if isinstance(found, Compared):
            made += 1
            # Both arms are on one grid: half a step of rounding noise in the sums is no miss.
            held += found.interval.low - ROUNDING <= shift <= found.interval.high + ROUNDING
    slack = beyond(0.05, size, 0.015)
    case = f"n 2,000 per arm, {f'rounded to {step:g}' if step else 'no ties'}"
    # A coarse grid covers more than it says: a quantile then is one of few values. Never less.
    within = (0.95 - slack, 0.95 + slack) if low else (0.95 - slack, None)
    band(23, f"coverage of the difference, {name}", case, held / made, *within)


def test_row_23_one_cap_for_all_units(band, random, repeats):
    size, n = repeats(2_000, 20_000), 500
    rng = random(23)
    pooled, per_arm = {0.99: [], 0.9: []}, []
    for _ in range(size):
        arms = rng.lognormal(0, 1.5, (2, n))
        for share, p in pooled.items():
            capped = winsorize(*arms, share)
            p.append([capped.control, capped.treatment])
        per_arm.append([np.minimum(arm, np.quantile(arm, 0.9)) for arm in arms])
    for share, pairs in pooled.items():
        rejected = np.mean(welch_of_moments(pairs) < 0.05)
        slack = beyond(0.05, size, 0.01)
        case = f"lognormal, cap at p{100 * share:g}"
        band(23, "A/A false positives, pooled cap", case, rejected, 0.05 - slack, 0.05 + slack)
    values = np.array(per_arm)
    mean = values.mean(axis=2)
    m2 = ((values - mean[..., None]) ** 2).sum(axis=2)
    control, treatment = (Samples.arrays(n, mean[:, k], m2[:, k]) for k in (0, 1))
    rejected = np.mean(welch_arrays(control, treatment, 0.05).p < 0.05)
    what = "A/A false positives, cap per arm (control)"
    band(23, what, "lognormal, cap at p90", rejected, 0.06, None)


def welch_of_moments(pairs):
    arms = [
        Samples.arrays(*zip(*((m.n, m.mean, m.m2) for m in column), strict=True))
        for column in zip(*pairs, strict=True)
    ]
    return welch_arrays(*arms, 0.05).p


def drawn(rng, size):
    """Return both arms of rates, means and ratios, as columns of arrays."""
    n = rng.integers(20, 50_000, (2, size)).astype(float)
    k = rng.binomial(n.astype(int), rng.uniform(0.01, 0.99, size)).astype(float)
    means = [(n[a], rng.normal(5, 2, size), rng.uniform(0.1, 9, size) * n[a]) for a in (0, 1)]
    ratios = [
        (
            n[a],
            rng.uniform(1, 5, size),
            rng.uniform(5, 9, size),
            rng.uniform(1, 4, size) * n[a],
            rng.uniform(4, 9, size) * n[a],
            rng.uniform(-1.5, 1.5, size) * n[a],
        )
        for a in (0, 1)
    ]
    return [(k[a], n[a]) for a in (0, 1)], means, ratios


RULES = {
    "rates": lambda a, b: compare_rates(Rates.arrays(*a, *b), 0.05),
    "means": lambda a, b: compare_means(Samples(*a), Samples(*b), 0.05),
    "ratios": lambda a, b: compare_ratios(Pairs(*a), Pairs(*b), 0.05),
}


def off(found, expected):
    gap = np.abs(found - expected) / np.maximum(np.abs(expected), 1e-300)
    return float(np.nanmax(gap))


@pytest.mark.parametrize("kind", ["rates", "means", "ratios"])
def test_row_24_laws_that_need_no_truth(kind, band, random, repeats):
    size = repeats(500, 50_000)
    data = dict(zip(RULES, drawn(random(24), size), strict=True))
    (control, treatment), compare = data[kind], RULES[kind]
    seen, turned = compare(control, treatment), compare(treatment, control)
    case = f"{kind}, {size:,} experiments"
    band(
        24,
        "swapped arms: sign of the statistic",
        case,
        off(turned.statistic, -seen.statistic),
        0,
        ROUNDING,
    )
    low = off(-turned.interval.high, seen.interval.low)
    band(24, "swapped arms: interval", case, low, 0, 1e-6)
    copied = compare(
        *(
            tuple(2 * v if sums(kind, i) else v for i, v in enumerate(arm))
            for arm in (control, treatment)
        )
    )
    ratio = np.median(copied.se / seen.se) * np.sqrt(2)
    band(24, "every unit twice: standard error times sqrt 2", case, ratio, 0.999, 1.001)
    if kind == "rates":
        return
    scaled = compare(*(rescaled(kind, arm, 1_000.0) for arm in (control, treatment)))
    band(24, "another unit: p-value", case, off(scaled.p_value, seen.p_value), 0, ROUNDING)
    band(24, "another unit: lift", case, off(scaled.lift, seen.lift), 0, ROUNDING)


def sums(kind, place):
    """Return whether a column adds up over units (counts, squares) and is no mean."""
    return kind == "rates" or (place == 0 or place >= {"means": 2, "ratios": 3}[kind])


def rescaled(kind, arm, unit):
    """Return the arm with its metric, or the numerator of its ratio, in another unit."""
    if kind == "means":
        n, mean, m2 = arm
        return n, mean * unit, m2 * unit**2
    n, x, y, xx, yy, xy = arm
    return n, x * unit, y, xx * unit**2, yy, xy * unit
