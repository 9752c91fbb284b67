"""Neighbours of the reference cases: other n, ties, no spread, gaps, lopsided sizes, refusals.

Every expected value is written from the textbook in exact fractions or plain sums, or is scipy's;
none is this program's.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from experimentos.flows.verify import Case, Table, verify

REL = {"rel": 1e-9}
ABS = {"abs": 1e-9}


def exact(values):
    """Return mean and sample variance in fractions of the decimals as written."""
    x = [Fraction(str(float(v))) for v in values if v is not None]
    mean = sum(x) / len(x)
    return mean, sum((v - mean) ** 2 for v in x) / (len(x) - 1) if len(x) > 1 else None


def t_ends(mean, se, df, level):
    reach = float(stats.t.ppf((1 + level) / 2, df)) * se
    return [mean - reach, mean + reach]


def describing(samples, level=0.95):
    known = [float(v) for v in samples if v is not None]
    want = {"n": len(known), "missing": len(samples) - len(known)}
    if not known:
        return want | dict.fromkeys(("mean", "sd", "se", "min", "max", "ci"))
    mean, variance = exact(samples)
    want |= {"mean": float(mean), "min": min(known), "max": max(known)}
    if variance is None:
        return want | {"sd": None, "se": None, "ci": None}
    sd = math.sqrt(variance)
    se = sd / math.sqrt(len(known))
    ends = t_ends(float(mean), se, len(known) - 1, level)
    return want | {"sd": sd, "se": se, "ci": ends}


DESCRIBED = [
    ([0.1, 0.1, 0.1], 0.95), ([0.7] * 7, 0.99), ([True, False, True, True], 0.95),
    ([0, 1, 1, 0, 1], 0.9), ([None, None], 0.95), ([None, 0.3], 0.95), ([-5, 5], 0.95),
    ([1e6 + 0.1, 1e6 + 0.2, 1e6 + 0.4], 0.95), ([0.5, None, 0.25, 0.75, 0.5, 1, 0], 0.8),
]  # fmt: skip
PASSED = [(0, 1), (1, 1), (10, 10), (0, 50), (1, 20), (50, 100), (99, 100)]
CLUSTERED = [
    ([1, 0, 1, 1, 0, 1, 0], ["a", "a", "a", "a", "b", "c", "c"]),
    ([0.25, 0.5, 0.75, 1.0], ["a", "b", "c", "d"]),
    ([0.5, 0.5, 0.5, 0.5], ["a", "a", "b", "b"]),
    ([True, False, True, True, False, False], [1, 1, 2, 2, 3, 3]),
    ([0.2, None, 0.4, 0.9, 0.1], ["a", "a", "b", "b", "c"]),
    ([0.1, 0.1, 0.1, 0.7, 0.7, 0.7], ["x", "x", "x", "y", "y", "y"]),
]
SPLIT = [
    ([1, 0, 1, 1, 0, 0, 1, 0, 0], ["a", "a", "a", "b", "b", "c", "c", "c", "c"]),
    ([0.1, 0.1, 0.1, 0.4, 0.4], ["a", "a", "a", "b", "b"]),
    ([1, 3, 2, 4, 1, 3], ["a", "a", "b", "b", "c", "c"]),
    ([1, 3, 1, 3], ["a", "a", "b", "b"]),
    ([0.5, None, 0.75, 0.25, 1.0], ["a", "a", "a", "b", "b"]),
]
PASS_K = [(1, 1, 1), (5, 5, 3), (5, 1, 5), (10, 2, 7), (100, 37, 10), (20, 0, 20), (8, 4, 4)]
REFUSED = [(3, 2, 5), (0, 0, 1), (4, 5, 2), (4, 2, 0), (4, -1, 2)]
PAIRS = [
    ([1, 2, 3, 4], [2, 2, 5, 3]),
    ([0.5, 0.25, 0.75, 1.0, 0.0, 0.5], [0.75, 0.25, 1.0, 1.0, 0.25, 0.5]),
    ([0, 1, 0, 1, 0, 0, 1], [1, 1, 0, 1, 1, 1, 0]),
    ([True, False, False, True], [True, True, True, True]),
    ([0.1, None, 0.3, 0.7, 0.2], [0.2, 0.5, 0.6, 0.6, None]),
    ([3, 1], [1, 2]),
]
DISCORDANT = [(0, 1, 5), (3, 3, 10), (1, 1, 2), (5, 15, 40), (12, 0, 12), (40, 60, 400)]


def clustering(scores, clusters):
    kept = [(Fraction(str(float(s))), c) for s, c in zip(scores, clusters, strict=True)
            if s is not None]  # fmt: skip
    n, names = len(kept), dict.fromkeys(c for _, c in kept)
    mean = sum(s for s, _ in kept) / n
    totals = [sum(s - mean for s, c in kept if c == name) for name in names]
    raw = math.sqrt(sum(t * t for t in totals)) / n
    se = raw * math.sqrt(len(names) / (len(names) - 1))
    naive = math.sqrt(sum((s - mean) ** 2 for s, _ in kept) / (n - 1) / n)
    return {
        "mean": float(mean), "n": n, "clusters": len(names), "naive_se": naive,
        "clustered_se": se, "clustered_se_uncorrected": raw, "df": len(names) - 1,
        "ci": t_ends(float(mean), se, len(names) - 1, 0.95),
    }  # fmt: skip


def splitting(scores, scenarios):
    groups = {}
    for score, name in zip(scores, scenarios, strict=True):
        if score is not None:
            groups.setdefault(name, []).append(Fraction(str(float(score))))
    n, g = sum(map(len, groups.values())), len(groups)
    grand = sum(map(sum, groups.values())) / n
    means = {name: sum(v) / len(v) for name, v in groups.items()}
    between = sum(len(v) * (means[k] - grand) ** 2 for k, v in groups.items()) / (g - 1)
    within = sum((x - means[k]) ** 2 for k, v in groups.items() for x in v) / (n - g)
    n0 = (n - Fraction(sum(len(v) ** 2 for v in groups.values()), n)) / (g - 1)
    total = between + (n0 - 1) * within
    icc = float((between - within) / total) if total else None
    return {
        "ms_between": float(between), "ms_within": float(within), "n0": float(n0),
        "var_within": float(within), "var_between": float(max((between - within) / n0, 0)),
        "var_between_raw": float((between - within) / n0), "icc1": icc,
        "design_effect": None if icc is None else 1 + (float(n0) - 1) * icc,
    }  # fmt: skip


def passing(n, c, k):
    """Count the subsets of k samples with a pass among them, and with passes alone."""
    every = math.comb(n, k)
    return {
        "pass_at_k": float(1 - Fraction(math.comb(n - c, k), every)),
        "pass_hat_k": float(Fraction(math.comb(c, k), every)),
    }


def pairing(a, b):
    both = [(Fraction(str(float(x))), Fraction(str(float(y))))
            for x, y in zip(a, b, strict=True) if x is not None and y is not None]  # fmt: skip
    d = [y - x for x, y in both]
    mean, variance = exact([float(v) for v in d])
    se = math.sqrt(variance / len(d))
    t = float(mean) / se
    patterns = [abs(sum(s * v for s, v in zip(signs, d, strict=True)))
                for signs in itertools.product((1, -1), repeat=len(d))]  # fmt: skip
    moved = [v for v in d if v]
    ranks = stats.rankdata([abs(float(v)) for v in moved])
    plus = sum(r for r, v in zip(ranks, moved, strict=True) if v > 0)
    sums = [sum(r for r, s in zip(ranks, signs, strict=True) if s)
            for signs in itertools.product((0, 1), repeat=len(moved))]  # fmt: skip
    centre = sum(ranks) / 2
    return {
        "n_scenarios": len(d), "mean_diff": float(mean), "se": se, "t": t, "df": len(d) - 1,
        "p_t": 2 * float(stats.t.sf(abs(t), len(d) - 1)),
        "ci": t_ends(float(mean), se, len(d) - 1, 0.95),
        "p_sign_flip_exact": sum(p >= abs(sum(d)) for p in patterns) / len(patterns),
        "wilcoxon_W": min(plus, sum(ranks) - plus),
        "p_wilcoxon_exact": float(np.mean([abs(s - centre) >= abs(plus - centre) for s in sums])),
    }  # fmt: skip


def discordance(only_a, only_b, n):
    m, low = only_a + only_b, min(only_a, only_b)
    weights = [math.comb(m, i) for i in range(m + 1)]
    more = sum(w for i, w in enumerate(weights) if abs(i - m / 2) > abs(only_a - m / 2))
    same = sum(w for i, w in enumerate(weights) if abs(i - m / 2) == abs(only_a - m / 2))
    chi = max(abs(only_a - only_b) - 1, 0) ** 2 / m
    return {
        "accuracy_diff": (only_b - only_a) / n,
        "p_exact": min(1.0, 2 * sum(weights[: low + 1]) / 2**m),
        "p_mid": (more + same / 2) / 2**m,
        "p_chi2_cc": float(stats.chi2.sf(chi, 1)),
    }


def wilson(k, n, level):
    """Solve the score equation for both ends."""
    z, p = stats.norm.ppf((1 + level) / 2), k / n
    roots = np.roots([1 + z * z / n, -(2 * p + z * z / n), p * p])
    return sorted(float(r.real) for r in roots)


def clopper(k, n, level):
    found = stats.binomtest(k, n).proportion_ci(level, "exact")
    return [float(found.low), float(found.high)]


def effect_size(pairs, alpha, power):
    df = pairs - 1
    top = stats.t.ppf(1 - alpha / 2, df)

    def tail(v, shift):
        reach = top * math.sqrt(v / df)
        beyond = stats.norm.sf(reach - shift) + stats.norm.cdf(-reach - shift)
        return beyond * stats.chi2.pdf(v, df)

    def found(d):
        # The power given the sample variance, averaged over its chi-square law.
        ends = stats.chi2.ppf([1e-14, 1 - 1e-14], df)
        shift = d * math.sqrt(pairs)
        inner = [float(stats.chi2.ppf(q, df)) for q in (1e-6, 0.1, 0.5, 0.9)]
        power_at = integrate.quad(tail, *ends, args=(shift,), limit=500, points=inner)[0]
        return power_at - power

    return float(optimize.brentq(found, 1e-6, 30, xtol=1e-12))


def of(kind, inputs, expected, tolerance=REL):
    return Case(f"{kind} {inputs}"[:90], kind, inputs, expected, tolerance)


def planned(inputs):
    z = stats.norm.ppf(1 - inputs["alpha"] / 2) + stats.norm.ppf(inputs["power"])
    each = (
        inputs["var_between_diff"]
        + 2 * inputs["var_within_per_model"] / inputs["samples_per_scenario"]
    )
    if "effect" in inputs:
        needed = z**2 * each / inputs["effect"] ** 2
        return {"scenarios": math.ceil(needed), "scenarios_exact": needed}
    se = math.sqrt(each / inputs["scenarios"])
    return {"mde": z * se, "se": se}


PLAN = {"var_between_diff": 0.02, "var_within_per_model": 0.2, "alpha": 0.01, "power": 0.9}
PLANS = [
    PLAN | {"samples_per_scenario": 1, "scenarios": 2},
    PLAN | {"samples_per_scenario": 100, "scenarios": 1000},
    PLAN | {"samples_per_scenario": 5, "var_between_diff": 0.0, "scenarios": 30},
    PLAN | {"samples_per_scenario": 8, "effect": -0.05},
]
GAPS = [[0.1, 0.8, 0.4], [0.2, None, 0.3], [None, 0.7, 0.6]]


def improvement(x, y):
    shares = []
    for a, b in zip(zip(*x, strict=True), zip(*y, strict=True), strict=True):
        duels = [(p > q) + (p == q) / 2 for p in a for q in b if None not in (p, q)]
        shares.append(sum(duels) / len(duels))
    return {"probability_of_improvement": sum(shares) / len(shares)}


def cases():
    yield from (
        of("describe", {"samples": s, "level": level}, describing(s, level))
        for s, level in DESCRIBED
    )
    for k, n in PASSED:
        for level, method, ends in ((0.95, "wilson", wilson), (0.99, "clopper-pearson", clopper)):
            inputs = {"successes": k, "n": n, "level": level, "method": method}
            want = {"rate": k / n, "ci": ends(k, n, level)}
            yield of("pass_rate_ci", inputs, want, ABS)
    for score, cluster in CLUSTERED:
        inputs = {"score": score, "cluster": cluster}
        yield of("clustered_se", inputs, clustering(score, cluster))
    for score, scenario in SPLIT:
        inputs = {"score": score, "scenario": scenario}
        yield of("variance_components", inputs, splitting(score, scenario))
    yield from (of("pass_k", {"n": n, "c": c, "k": k}, passing(n, c, k), ABS) for n, c, k in PASS_K)
    yield from (of("pass_k", {"n": n, "c": c, "k": k}, {"error": ""}) for n, c, k in REFUSED)
    yield from (of("paired", {"a": a, "b": b}, pairing(a, b)) for a, b in PAIRS)
    for a, b, n in DISCORDANT:
        inputs = {"only_a_right": a, "only_b_right": b, "n": n}
        yield of("paired", inputs, discordance(a, b, n), ABS)
    yield from (of("mde", inputs, planned(inputs)) for inputs in PLANS)
    yield from (
        of("mde", {"n_pairs": n, "sd_diff": 2.0, "alpha": 0.05, "power": 0.8},
           {"dz": effect_size(n, 0.05, 0.8), "mde": 2 * effect_size(n, 0.05, 0.8)}, {"rel": 1e-5})
        for n in (2, 5, 200)
    )  # fmt: skip
    yield of("mde", PLANS[3] | {"effect": 0.0}, {"error": ""})
    yield of("rliable", {"x": GAPS, "y": GAPS[::-1]}, improvement(GAPS, GAPS[::-1]))
    yield of("rliable", {"scores_runs_by_tasks": [[0.5, 1.5]] * 3},
             {"mean": 1.0, "median": 1.0, "iqm": 1.0, "optimality_gap": 0.25})  # fmt: skip
    # Seven scores; floor(7 / 4) = 1 is cut from each end.
    yield of("rliable", {"scores_runs_by_tasks": GAPS},
             {"mean": (0.15 + 0.75 + 1.3 / 3) / 3, "median": 1.3 / 3,
              "iqm": (0.2 + 0.3 + 0.4 + 0.6 + 0.7) / 5, "optimality_gap": 1 - 3.1 / 7})  # fmt: skip


def no_pair_differs():
    same = {"mean_diff": 0.0, "se": None, "t": None, "p_t": None, "ci": None}
    yield of("paired", {"a": [0.1, 0.2], "b": [0.1, 0.2]}, same | {"p_sign_flip_exact": 1.0})
    shifted = {"a": [0.5, 0.6, 0.7], "b": [0.6, 0.7, 0.8]}
    yield of("paired", shifted, {"mean_diff": 0.1, "se": None, "p_t": None, "ci": None})
    none = {"accuracy_diff": 0.0, "p_exact": 1.0}
    yield of("paired", {"only_a_right": 0, "only_b_right": 0, "n": 9}, none)
    yield of("variable_scenarios", {"score": [0.1, 0.1, 0.1, 0.4], "scenario": list("aaab")},
             {"n_zero_variance": 1, "max_variance": 0.0, "first": ["a"]})  # fmt: skip
    yield of("clustered_se", {"score": [0.1] * 4, "cluster": list("aabb")},
             {"mean": 0.1, "naive_se": 0.0, "clustered_se": 0.0, "ci": [0.1, 0.1]})  # fmt: skip


@pytest.mark.parametrize("case", [*cases(), *no_pair_differs()], ids=lambda case: case.id)
def test_a_neighbour_of_the_reference_cases_agrees(case):
    (found,) = verify(Table((case,), "")).cases
    assert found.passed, found.why
