"""Statistics: thousands of tests, posteriors, resamples and sizes, against loops over peers."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from measure import Case, Error, Path
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    power_proportions_2indep,
    proportions_ztest,
)
from tea_tasting import Mean as TeaMean
from tea_tasting.aggr import Aggregates

from experimentos.analysis.aa import split_at_random
from experimentos.analysis.beta_binomial import (
    BetaPair,
    posteriors,
    probability_treatment_higher,
)
from experimentos.analysis.bootstrap import bootstrap, bootstrap_quantile, bootstrap_ratio
from experimentos.analysis.bulk import compare_means, compare_rates
from experimentos.analysis.rates import Rates
from experimentos.analysis.score import score_interval, score_statistic
from experimentos.analysis.welch import Samples
from experimentos.plan.looks import boundary
from experimentos.plan.power import Mean, Rate, required_n
from experimentos.plan.scheme import Scheme

SEED = 20261120
TESTS = 1_000 * 50
DRAWS = 1_000_000
SPLITS = 2_000
RESAMPLES = 10_000


def _samples() -> tuple[Samples, Samples]:
    rng = np.random.default_rng(SEED)
    arms = []
    for _ in range(2):
        n = rng.integers(500, 50_000, TESTS)
        arms.append(Samples.arrays(n, rng.normal(10, 0.05, TESTS), rng.uniform(1, 99, TESTS) * n))
    return arms[0], arms[1]


def _rates() -> Rates:
    rng = np.random.default_rng(SEED)
    n = rng.integers(500, 50_000, (2, TESTS))
    rate = rng.uniform(0.01, 0.3, TESTS) * rng.uniform(0.95, 1.05, (2, TESTS))
    k = rng.binomial(n, rate)
    return Rates.arrays(k[0], n[0], k[1], n[1])


def _means_by_tea_tasting() -> Case:
    control, treatment = _samples()
    sample = 20
    metric = TeaMean("x")
    aggregates = [
        [
            Aggregates(
                count_=int(arm.n[i]),
                mean_={"x": float(arm.mean[i])},
                var_={"x": float(arm.m2[i] / (arm.n[i] - 1))},
            )
            for arm in (control, treatment)
        ]
        for i in range(sample)
    ]

    def loop() -> list[float]:
        return [metric.analyze_aggregates(*pair).pvalue for pair in aggregates]

    def error() -> Error:
        ours = compare_means(control, treatment, 0.05).p_value[:sample]
        return _relative(ours, loop(), 1e-9)

    return Case(lambda: compare_means(control, treatment, 0.05), loop, sample / TESTS, error)


def _means_by_scipy() -> Case:
    control, treatment = _samples()
    sample = 200
    sd = [np.sqrt(arm.m2 / (arm.n - 1)) for arm in (control, treatment)]

    def loop() -> list[tuple[float, float, float]]:
        out = []
        for i in range(sample):
            tested = stats.ttest_ind_from_stats(
                treatment.mean[i],
                sd[1][i],
                treatment.n[i],
                control.mean[i],
                sd[0][i],
                control.n[i],
                equal_var=False,
            )
            v = [s[i] ** 2 / arm.n[i] for s, arm in zip(sd, (control, treatment), strict=True)]
            df = (v[0] + v[1]) ** 2 / (
                v[0] ** 2 / (control.n[i] - 1) + v[1] ** 2 / (treatment.n[i] - 1)
            )
            half = stats.t.ppf(0.975, df) * math.sqrt(v[0] + v[1])
            difference = treatment.mean[i] - control.mean[i]
            out.append((tested.pvalue, difference - half, difference + half))
        return out

    def error() -> Error:
        seen = compare_means(control, treatment, 0.05)
        ours = np.column_stack((seen.p_value, *seen.interval))[:sample]
        return _relative(ours, loop(), 1e-9)

    return Case(lambda: compare_means(control, treatment, 0.05), loop, sample / TESTS, error)


def _rates_by_statsmodels() -> Case:
    rates = _rates()
    sample = 100
    rows = np.column_stack(rates).astype(int)[:sample]

    def loop() -> list[float]:
        out = []
        for k_c, n_c, k_t, n_t in rows:
            out.append(proportions_ztest([k_t, k_c], [n_t, n_c])[0])
            confint_proportions_2indep(k_t, n_t, k_c, n_c, method="newcomb")
        return out

    def error() -> Error:
        n = rates.n_control + rates.n_treatment
        pooled = compare_rates(rates, 0.05).statistic / np.sqrt((n - 1) / n)
        z = _relative(pooled[:sample], loop(), 1e-9)
        # The ends, against the definition: the score statistic at an end is its critical value.
        ends = score_interval(rates, 0.05)
        off = max(
            float(np.max(np.abs(np.abs(score_statistic(rates, end)) - stats.norm.ppf(0.975))))
            for end in ends
        )
        return Error(max(z.value, off), 1e-9, f"{off:.0e} in z at the ends")

    return Case(lambda: compare_rates(rates, 0.05), loop, sample / TESTS, error)


def _p_beat() -> Case:
    pair = posteriors(_rates())
    rng = np.random.default_rng(SEED)
    (a, b), (c, d) = ((arm.a[0], arm.b[0]) for arm in pair)

    def draws() -> float:
        return float(np.mean(rng.beta(c, d, DRAWS) > rng.beta(a, b, DRAWS)))

    def error() -> Error:
        small = np.random.default_rng(SEED).integers(0, 120, (4, 60))
        few = posteriors(Rates.arrays(small[0], small[0] + small[1], small[2], small[2] + small[3]))
        exact = [_exact(*(int(x) for x in row)) for row in np.column_stack((*few.control, *few[1]))]
        worst = float(np.max(np.abs(probability_treatment_higher(few) - exact)))
        # Large counts: both arms turned round is another integral, over the other variable.
        turned = BetaPair(pair.treatment, pair.control)
        both = probability_treatment_higher(pair) + probability_treatment_higher(turned)
        worst = max(worst, float(np.max(np.abs(both - 1))))
        return Error(worst, 1e-10, f"{worst:.0e} of fractions")

    return Case(lambda: probability_treatment_higher(pair), draws, 1 / TESTS, error)


def _exact(a: int, b: int, c: int, d: int) -> Fraction:
    """Return P(Beta(c, d) > Beta(a, b)) for whole parameters as a fraction."""
    # Sum over i < c of B(a + i, b + d) / ((d + i) B(1 + i, d) B(a, b)).
    term = Fraction(
        math.factorial(a + b - 1) * math.factorial(b + d - 1),
        math.factorial(b - 1) * math.factorial(a + b + d - 1),
    )
    total = Fraction(0)
    for i in range(c):
        total += term
        term *= Fraction((a + i) * (d + i), (a + b + d + i) * (i + 1))
    return total


def _aa() -> Case:
    rng = np.random.default_rng(SEED)
    n = 1_000_000
    units = np.column_stack(
        (rng.random(n) < 0.05, rng.lognormal(0, 1, n), rng.poisson(3, n))
    ).astype(float)
    sample = 3

    def loop() -> list[float]:
        out = []
        for _ in range(sample):
            side = rng.random(n) < 0.5
            out += [
                stats.ttest_ind(column[side], column[~side], equal_var=False).pvalue
                for column in units.T
            ]
        return out

    def error() -> Error:
        shares = split_at_random(units, SEED, SPLITS).rejected(0.05)
        worst = float(np.max(np.abs(shares - 0.05)))
        text = ", ".join(f"{100 * share:.1f}" for share in shares)
        return Error(worst, 0.015, f"{text} % rejected")

    return Case(lambda: split_at_random(units, SEED, SPLITS), loop, sample / SPLITS, error)


def _bootstrap(kind: str) -> Case:
    rng = np.random.default_rng(SEED)
    n = 500_000
    views = 1.0 + rng.poisson(4, (2, n))
    values = (
        rng.lognormal(0, 1, (2, n)) if kind != "ratio" else rng.binomial(views.astype(int), 0.1)
    )
    pairs = [np.column_stack(rows) for rows in zip(values, views, strict=True)]
    sample = 3
    of: dict[str, Callable[[int, np.ndarray], float]] = {
        "mean": lambda arm, at: values[arm][at].mean(),
        "ratio": lambda arm, at: values[arm][at].sum() / views[arm][at].sum(),
        "quantile": lambda arm, at: np.quantile(values[arm][at], 0.9),
    }
    ours = {
        "mean": lambda: bootstrap(*values, SEED, resamples=RESAMPLES),
        "ratio": lambda: bootstrap_ratio(*pairs, SEED, resamples=RESAMPLES),
        "quantile": lambda: bootstrap_quantile(tuple(values), 0.9, SEED, resamples=RESAMPLES),
    }

    def loop() -> list[float]:
        return [of[kind](arm, rng.integers(0, n, n)) for arm in (0, 1) for _ in range(sample)]

    def error() -> Error:
        exact = math.hypot(*(_exact_se(kind, values[arm], views[arm]) for arm in (0, 1)))
        off = ours[kind]().se / exact - 1
        return Error(abs(off), 0.03, f"se {100 * off:+.1f} %")

    return Case(ours[kind], loop, sample / RESAMPLES, error)


def _exact_se(kind: str, x: np.ndarray, y: np.ndarray) -> float:
    """Return the standard error that endless resamples would give."""
    if kind == "mean":
        return float(x.std() / math.sqrt(x.size))
    if kind == "ratio":
        ratio = x.sum() / y.sum()
        return float((x - ratio * y).std() / y.mean() / math.sqrt(x.size))
    # Chances that the value of this rank of a resample is the j-th of the sample.
    n, rank = x.size, math.ceil(0.9 * x.size)
    near = np.arange(rank - 3_000, rank + 3_001)
    weights = np.diff(stats.binom.sf(rank - 1, n, near / n))
    at = np.sort(x)[near[:-1]]
    centre = weights @ at
    return float(math.sqrt(weights @ (at - centre) ** 2))


def _size_of_rates() -> Case:
    effects = np.linspace(0.002, 0.02, 50)
    metric, scheme = Rate(0.05), Scheme()
    solver = NormalIndPower()
    standardised = effects / math.sqrt(0.05 * 0.95)

    def loop() -> list[float]:
        return [solver.solve_power(d, alpha=0.05, power=0.8) for d in standardised]

    def error() -> Error:
        sizes = required_n(metric, effects, scheme, 0.8)
        reached = [
            power_proportions_2indep(d, 0.05, nobs1=n).power
            for d, n in zip(effects, sizes, strict=True)
        ]
        worst = float(np.max(np.abs(np.array(reached) - 0.8)))
        return Error(worst, 1e-5, f"power off by {worst:.0e}")

    return Case(lambda: required_n(metric, effects, scheme, 0.8), loop, 1.0, error)


def _size_of_means() -> Case:
    effects = np.linspace(0.02, 0.5, 50)
    scheme = Scheme()
    metric = Mean(1.0, welch=False)
    solver = TTestIndPower()

    def loop() -> list[float]:
        return [solver.solve_power(d, alpha=0.05, power=0.8) for d in effects]

    def error() -> Error:
        return _relative(required_n(metric, effects, scheme, 0.8), loop(), 1e-5)

    return Case(lambda: required_n(metric, effects, scheme, 0.8), loop, 1.0, error)


def _design() -> Case:
    # Another design each time: bounds that were asked for before are remembered.
    days = iter(range(28, 100_000))

    def solve() -> object:
        last = next(days)
        looks = [(last - 27 + k) / last for k in range(28)]
        return boundary(looks, "obrien_fleming", 0.025)

    return Case(solve)


def _relative(ours: object, theirs: object, bound: float) -> Error:
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    worst = float(np.max(np.abs(ours - theirs) / np.abs(theirs)))
    return Error(worst, bound, f"{worst:.0e} relative")


PATHS = [
    Path(
        name="analysis.means",
        work="50,000 tests: d, CI, p, lift, CI",
        reference="tea-tasting, per test",
        bound=1 / 1_000,
        budget_ms=100,
        make=_means_by_tea_tasting,
    ),
    Path(
        name="analysis.means.scipy",
        work="the same",
        reference="scipy loop: p, CI",
        bound=1 / 100,
        budget_ms=100,
        make=_means_by_scipy,
    ),
    Path(
        name="analysis.rates",
        work="50,000 score tests with CI, lift",
        reference="statsmodels loop: z, Newcombe",
        bound=1 / 100,
        budget_ms=100,
        make=_rates_by_statsmodels,
    ),
    Path(
        name="bayes.p_beat",
        work="50,000 exact P(B > A)",
        reference="1e6 draws per pair",
        bound=1 / 1_000,
        make=_p_beat,
    ),
    Path(
        name="aa.splits",
        work="2,000 splits of 1e6 units, 3 metrics",
        reference="scipy loop",
        bound=1 / 300,
        make=_aa,
    ),
    *(
        Path(
            name=f"bootstrap.{kind}",
            work="1e6 units x 10,000 resamples",
            reference="numpy loop",
            bound=bound,
            make=lambda kind=kind: _bootstrap(kind),
        )
        for kind, bound in (("mean", 1 / 100), ("ratio", 1 / 100), ("quantile", 1 / 5_000))
    ),
    Path(
        name="power.z",
        work="required n, 50 points",
        reference="statsmodels solve_power",
        bound=1 / 1_000,
        make=_size_of_rates,
    ),
    Path(
        name="power.t",
        work="required n, 50 points",
        reference="statsmodels solve_power",
        bound=1 / 50,
        make=_size_of_means,
    ),
    Path(
        name="sequential.design", work="bounds of a 28-look design", budget_ms=1_000, make=_design
    ),
]
"""Every path of the statistics, in the order of the table."""
