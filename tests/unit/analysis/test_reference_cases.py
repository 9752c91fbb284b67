"""Agreement with the reference cases of tests/reference/statistics, each within its tolerance.

The cases come from R, statsmodels, scipy, tea-tasting and gbstats; `meta` in the file says how.
"""

import json
import math
from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from experimentos.analysis import beta_binomial as beta
from experimentos.analysis import lift as relative
from experimentos.analysis.agresti_caffo import agresti_caffo_interval
from experimentos.analysis.cuped import (
    adjusted_pair,
    ancova,
    theta_total,
    theta_within,
    variance_ratio,
)
from experimentos.analysis.delta import Pairs, ratio_arrays, ratio_estimates, unit_variance
from experimentos.analysis.exact import barnard_p, fisher_p
from experimentos.analysis.koopman import koopman_interval
from experimentos.analysis.mde import mde_mean, mde_rates
from experimentos.analysis.newcombe import newcombe_interval
from experimentos.analysis.non_inferiority import non_inferiority
from experimentos.analysis.normal_posterior import normal_posterior
from experimentos.analysis.one_proportion import clopper_pearson, jeffreys, wilson
from experimentos.analysis.pooled_z import (
    pooled_se,
    rate_estimates,
    two_sided_p,
    unpooled_se,
    wald_interval,
    z_statistic,
)
from experimentos.analysis.rates import Rates
from experimentos.analysis.score import score_interval
from experimentos.analysis.welch import Samples, mean_estimates, welch_arrays
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments

CASES = json.loads((Path(__file__).parents[2] / "reference/statistics/cases.json").read_text())[
    "cases"
]


def rates_of(i):
    return Rates.arrays(i["x_control"], i["n_control"], i["x_treatment"], i["n_treatment"])


def counts_of(i):
    return Counts(i["n_control"], i["x_control"]), Counts(i["n_treatment"], i["x_treatment"])


def critical(alpha):
    return -ndtri(alpha / 2)


def two_proportion_z(i):
    rates, q = rates_of(i), critical(i["alpha"])
    pooled, unpooled, estimates = pooled_se(rates), unpooled_se(rates), rate_estimates(rates)
    z_pooled, z_unpooled = z_statistic(rates, pooled), z_statistic(rates, unpooled)
    return {
        "p_control": rates.control,
        "p_treatment": rates.treatment,
        "diff": rates.difference,
        "se_pooled": pooled,
        "se_unpooled": unpooled,
        "z_pooled": z_pooled,
        "p_pooled": two_sided_p(z_pooled),
        "z_unpooled": z_unpooled,
        "p_unpooled": two_sided_p(z_unpooled),
        "ci_unpooled": wald_interval(rates, i["alpha"]),
        "rel_lift": relative.relative_lift(estimates),
        "rel_se_delta": relative.delta_se(estimates),
        "rel_ci_delta": relative.delta_lift(estimates, q),
        "rel_ci_log": relative.log_lift(estimates, q),
        "fieller_g": relative.fieller_g(estimates, q),
        "rel_ci_fieller": relative.fieller_lift(estimates, q),
    }


def two_proportion_interval(i):
    rates, alpha = rates_of(i), i["alpha"]
    result = {
        "diff": rates.difference,
        "miettinen_nurminen": score_interval(rates, alpha),
        "mee_farrington_manning": score_interval(rates, alpha, corrected=False),
        "newcombe": newcombe_interval(rates, alpha),
        "agresti_caffo": agresti_caffo_interval(rates, alpha),
    }
    if i["x_control"] + i["x_treatment"]:
        result["ratio_koopman"] = koopman_interval(rates, alpha)
    return result


def one_proportion_interval(i):
    methods = {"wilson": wilson, "clopper_pearson": clopper_pearson, "jeffreys": jeffreys}
    return {name: method(i["x"], i["n"], i["alpha"]) for name, method in methods.items()}


def exact_test(i):
    return {
        "fisher_p": fisher_p(*counts_of(i)),
        "barnard_wald_pooled_p": barnard_p(*counts_of(i)),
    }


def welch_sufficient(i):
    arms = [
        Moments.from_sums(i[f"n_{arm}"], i[f"sum_{arm}"], i[f"sum_sq_{arm}"])
        for arm in ("control", "treatment")
    ]
    samples = [Samples.of(arm) for arm in arms]
    test, estimates = welch_arrays(*samples, i["alpha"]), mean_estimates(*samples)
    q = critical(i["alpha"])
    return {
        "mean_control": arms[0].mean,
        "mean_treatment": arms[1].mean,
        "var_control": arms[0].variance,
        "var_treatment": arms[1].variance,
        "diff": test.difference,
        "se": test.se,
        "df": test.df,
        "t": test.t,
        "p": test.p,
        "ci": test.interval,
        "rel_lift": relative.relative_lift(estimates),
        "rel_se_delta": relative.delta_se(estimates),
        "rel_ci_delta_z": relative.delta_lift(estimates, q),
        "fieller_g_z": relative.fieller_g(estimates, q),
        "rel_ci_fieller_z": relative.fieller_lift(estimates, q),
    }


def ratio_delta(i):
    arms = [
        Pairs.of(
            CrossMoments.from_sums(
                arm["n"],
                (arm["sum_num"], arm["sum_den"]),
                (arm["sum_sq_num"], arm["sum_sq_den"]),
                arm["sum_num_den"],
            )
        )
        for arm in (i["control"], i["treatment"])
    ]
    test, estimates = ratio_arrays(*arms, i["alpha"]), ratio_estimates(*arms)
    q = critical(i["alpha"])
    return {
        "ratio_control": estimates.control,
        "ratio_treatment": estimates.treatment,
        "var_control": unit_variance(arms[0]),
        "var_treatment": unit_variance(arms[1]),
        "diff": test.difference,
        "se": test.se,
        "z": test.z,
        "p_z": test.p,
        "ci_z": test.interval,
        "rel_lift": relative.relative_lift(estimates),
        "rel_se_delta": relative.delta_se(estimates),
        "rel_ci_delta_z": relative.delta_lift(estimates, q),
        "rel_ci_log_z": relative.log_lift(estimates, q),
        "rel_ci_fieller_z": relative.fieller_lift(estimates, q),
    }


def cuped(i):
    control, treatment = (
        CrossMoments.from_sums(
            arm["n"],
            (arm["sum_y"], arm["sum_x"]),
            (arm["sum_sq_y"], arm["sum_sq_x"]),
            arm["sum_xy"],
        )
        for arm in (i["control"], i["treatment"])
    )
    adjusted = adjusted_pair(control, treatment)
    after = welch_arrays(*(Samples.of(arm) for arm in adjusted), i["alpha"])
    raw = welch_arrays(Samples.of(control.x), Samples.of(treatment.x), i["alpha"])
    fit = ancova(control, treatment, i["alpha"])
    return {
        "theta_total": theta_total(control, treatment),
        "theta_within": theta_within(control, treatment),
        "adj_mean_control": adjusted[0].mean,
        "adj_mean_treatment": adjusted[1].mean,
        "adj_var_control": adjusted[0].variance,
        "adj_var_treatment": adjusted[1].variance,
        "adj_diff": after.difference,
        "adj_se": after.se,
        "adj_df": after.df,
        "adj_p": after.p,
        "adj_ci": after.interval,
        "raw_diff": raw.difference,
        "raw_se": raw.se,
        "variance_ratio": variance_ratio(control, treatment),
        "ancova_diff": fit.difference,
        "ancova_se": fit.se,
        "ancova_df": fit.df,
        "ancova_p": fit.p_value,
        "ancova_ci": (fit.low, fit.high),
    }


def mde_proportions(i):
    n = (i["n_control"], i["n_treatment"])
    size = mde_rates(i["p_control"], n, i["alpha"], i["power"])
    return {"mde_abs": size, "mde_rel": size / i["p_control"]}


def mde_means(i):
    n_c, n_t = i["n_control"], i["n_treatment"]
    se = math.sqrt(1 / n_c + 1 / n_t)
    return {"mde_sd": mde_mean(se, n_c + n_t - 2, i["alpha"], i["power"])}


def beta_binomial(i):
    pair = beta.posteriors(rates_of(i), i["prior_alpha"], i["prior_beta"])
    losses = beta.expected_losses(pair)
    return {
        "mean_control": pair.control.mean,
        "mean_treatment": pair.treatment.mean,
        "prob_b_gt_a": beta.probability_treatment_higher(pair),
        "expected_loss_choose_b": losses.choose_treatment,
        "expected_loss_choose_a": losses.choose_control,
        "diff_ci": beta.difference_interval(pair, i["ci_level"]),
        "rel_lift_ci": beta.lift_interval(pair, i["ci_level"]),
    }


def posterior_of_normal(i):
    posterior = normal_posterior(i["estimate"], i["se"], i["prior_mean"], i["prior_sd"])
    interval = posterior.interval(i["ci_level"])
    return {
        "post_mean": posterior.mean,
        "post_sd": posterior.sd,
        "prob_gt_0": posterior.probability_positive,
        "ci": (interval.low, interval.high),
        "expected_loss_choose_treatment": posterior.loss_below,
        "expected_loss_choose_control": posterior.loss_above,
        "prob_in_rope": posterior.probability_between(*(i["rope"] or (0, 0))),
    }


def non_inferiority_proportion(i):
    test = non_inferiority(
        *counts_of(i),
        i["margin_abs"],
        i["alpha_one_sided"],
        higher_is_better=i["higher_is_better"],
    )
    return {
        "z_wald": test.z_wald,
        "p_wald": test.p_wald,
        "lower_bound_one_sided": test.bound_wald,
        "z_score_fm": test.z_score,
        "p_score_fm": test.p_score,
        "non_inferior_wald": test.non_inferior_wald,
    }


KINDS = {
    "two_proportion_z": two_proportion_z,
    "two_proportion_interval": two_proportion_interval,
    "one_proportion_interval": one_proportion_interval,
    "exact_test": exact_test,
    "welch_sufficient": welch_sufficient,
    "ratio_delta": ratio_delta,
    "cuped": cuped,
    "mde_proportions": mde_proportions,
    "mde_means": mde_means,
    "beta_binomial": beta_binomial,
    "normal_posterior": posterior_of_normal,
    "non_inferiority_proportion": non_inferiority_proportion,
}


WRONG_IN_THE_TABLE = {("welch_sufficient-07", "rel_ci_fieller_z")}
"""The textbook quadratic, subtracted in doubles at mean 1e6, has lost five of its digits."""


def test_fieller_at_a_mean_of_a_million_agrees_with_decimal_arithmetic():
    case = next(case for case in CASES if case["id"] == "welch_sufficient-07")
    i = case["inputs"]
    got = welch_sufficient(i)["rel_ci_fieller_z"]
    control, treatment = (
        Moments.from_sums(
            case["inputs"][f"n_{arm}"],
            case["inputs"][f"sum_{arm}"],
            case["inputs"][f"sum_sq_{arm}"],
        )
        for arm in ("control", "treatment")
    )
    with localcontext(prec=60):
        x, y, q = Decimal(control.mean), Decimal(treatment.mean), Decimal(float(critical(0.05)))
        var_x = Decimal(control.variance) / control.n
        var_y = Decimal(treatment.variance) / treatment.n
        root = (q * q * (x * x * var_y + y * y * var_x - q * q * var_x * var_y)).sqrt()
        below = x * x - q * q * var_x
        exact = [float((x * y - root) / below - 1), float((x * y + root) / below - 1)]
    np.testing.assert_allclose(np.asarray(got), exact, rtol=1e-8)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case["kind"] in KINDS], ids=lambda case: case["id"]
)
def test_agrees_with_the_reference_case(case):
    got = KINDS[case["kind"]](case["inputs"])
    tolerance = case["tolerance"]
    for field, expected in case["expected"].items():
        if (case["id"], field) in WRONG_IN_THE_TABLE:
            continue
        np.testing.assert_allclose(
            np.asarray(got[field], dtype=float),
            np.asarray(expected, dtype=float),
            rtol=tolerance["rel"],
            atol=tolerance["abs"],
            err_msg=field,
        )


def test_the_cases_of_this_package_are_all_read():
    assert len([case for case in CASES if case["kind"] in KINDS]) == 51
