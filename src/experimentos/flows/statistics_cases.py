"""Reference cases for two-arm statistics: each kind's inputs to the fields it is judged by."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scipy.special import ndtri

from experimentos.analysis.agresti_caffo import agresti_caffo_interval
from experimentos.analysis.beta_binomial import (
    difference_interval,
    expected_losses,
    lift_interval,
    posteriors,
    probability_treatment_higher,
)
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
from experimentos.analysis.lift import (
    Ends,
    Estimates,
    delta_lift,
    delta_se,
    fieller_g,
    fieller_lift,
    log_lift,
    relative_lift,
)
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
from experimentos.errors import ContractError
from experimentos.health.goodness_of_fit import chi_square
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments

type Inputs = Mapping[str, Any]
type Fields = dict[str, Any]


def _number(value: Any) -> float | None:
    """Return a number, or None where a method says nan: undefined."""
    number = float(value)
    return None if math.isnan(number) else number


def _ends(ends: Ends | tuple[Any, Any]) -> list[float | None] | None:
    low, high = (_number(end) for end in ends)
    return None if low is None and high is None else [low, high]


def _counts(inputs: Inputs) -> tuple[Counts, Counts]:
    arms = tuple(Counts(inputs[f"n_{arm}"], inputs[f"x_{arm}"]) for arm in ("control", "treatment"))
    if any(arm.n < 1 or not 0 <= arm.k <= arm.n for arm in arms):
        raise ContractError(
            "An arm needs at least one user, and no more conversions than users.",
        )
    return arms[0], arms[1]


def _relative(estimates: Estimates, alpha: float, suffix: str = "") -> Fields:
    """Return the relative lift by every method, on the normal quantile."""
    z = -float(ndtri(alpha / 2))
    return {
        "rel_lift": _number(relative_lift(estimates)),
        "rel_se_delta": _number(delta_se(estimates)),
        f"rel_ci_delta{suffix}": _ends(delta_lift(estimates, z)),
        f"rel_ci_log{suffix}": _ends(log_lift(estimates, z)),
        f"fieller_g{suffix}": _number(fieller_g(estimates, z)),
        f"rel_ci_fieller{suffix}": _ends(fieller_lift(estimates, z)),
    }


def two_proportion_z(inputs: Inputs, _data: Path | None) -> Fields:
    """Test two rates by pooled and unpooled z, with relative lifts."""
    control, treatment = _counts(inputs)
    rates, alpha = Rates.of(control, treatment), inputs["alpha"]
    pooled, unpooled = pooled_se(rates), unpooled_se(rates)
    z_pooled, z_unpooled = z_statistic(rates, pooled), z_statistic(rates, unpooled)
    return {
        "p_control": control.rate,
        "p_treatment": treatment.rate,
        "diff": float(rates.difference),
        "se_pooled": float(pooled),
        "se_unpooled": float(unpooled),
        "z_pooled": _number(z_pooled),
        "p_pooled": _number(two_sided_p(z_pooled)),
        "z_unpooled": _number(z_unpooled),
        "p_unpooled": _number(two_sided_p(z_unpooled)),
        "ci_unpooled": _ends(wald_interval(rates, alpha)),
    } | _relative(rate_estimates(rates), alpha)


def two_proportion_interval(inputs: Inputs, _data: Path | None) -> Fields:
    """Give every interval for a difference of rates, and Koopman's for the ratio."""
    control, treatment = _counts(inputs)
    rates, alpha = Rates.of(control, treatment), inputs["alpha"]
    some = control.k + treatment.k > 0
    return {
        "diff": float(rates.difference),
        "miettinen_nurminen": _ends(score_interval(rates, alpha)),
        "mee_farrington_manning": _ends(score_interval(rates, alpha, corrected=False)),
        "newcombe": _ends(newcombe_interval(rates, alpha)),
        "agresti_caffo": _ends(agresti_caffo_interval(rates, alpha)),
        "ratio_koopman": _ends(koopman_interval(rates, alpha)) if some else None,
    }


def one_proportion_interval(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the intervals of a single rate."""
    k, n, alpha = inputs["x"], inputs["n"], inputs["alpha"]
    return {
        "wilson": _ends(wilson(k, n, alpha)),
        "clopper_pearson": _ends(clopper_pearson(k, n, alpha)),
        "jeffreys": _ends(jeffreys(k, n, alpha)),
    }


def exact_test(inputs: Inputs, _data: Path | None) -> Fields:
    """Test two rates exactly."""
    if inputs.get("alternative", "two-sided") != "two-sided":
        raise ContractError("Only the two-sided exact tests are offered.")
    control, treatment = _counts(inputs)
    return {
        "fisher_p": fisher_p(control, treatment),
        "barnard_wald_pooled_p": barnard_p(control, treatment),
    }


def _samples(inputs: Inputs, arm: str) -> Moments:
    n = inputs[f"n_{arm}"]
    if n < 2:
        raise ContractError(f"The {arm} has {n} units; a variance needs two.")
    return Moments.from_sums(n, inputs[f"sum_{arm}"], inputs[f"sum_sq_{arm}"])


def welch_sufficient(inputs: Inputs, _data: Path | None) -> Fields:
    """Run Welch's test from counts, sums and sums of squares."""
    control, treatment = _samples(inputs, "control"), _samples(inputs, "treatment")
    arms, alpha = (Samples.of(control), Samples.of(treatment)), inputs["alpha"]
    result = welch_arrays(*arms, alpha)
    return {
        "mean_control": control.mean,
        "mean_treatment": treatment.mean,
        "var_control": control.variance,
        "var_treatment": treatment.variance,
        "diff": float(result.difference),
        "se": float(result.se),
        "df": _number(result.df),
        "t": _number(result.t),
        "p": _number(result.p),
        "ci": _ends(result.interval),
    } | _relative(mean_estimates(*arms), alpha, "_z")


def _joint(arm: Inputs, first: str, second: str) -> CrossMoments:
    return CrossMoments.from_sums(
        arm["n"],
        (arm[f"sum_{first}"], arm[f"sum_{second}"]),
        (arm[f"sum_sq_{first}"], arm[f"sum_sq_{second}"]),
        arm["sum_num_den" if first == "num" else "sum_xy"],
    )


def ratio_delta(inputs: Inputs, _data: Path | None) -> Fields:
    """Compare two ratios of sums by the delta method."""
    control, treatment = (
        Pairs.of(_joint(inputs[arm], "num", "den")) for arm in ("control", "treatment")
    )
    alpha = inputs["alpha"]
    result = ratio_arrays(control, treatment, alpha)
    estimates = ratio_estimates(control, treatment)
    return {
        "ratio_control": float(estimates.control),
        "ratio_treatment": float(estimates.treatment),
        "var_control": float(unit_variance(control)),
        "var_treatment": float(unit_variance(treatment)),
        "diff": float(result.difference),
        "se": float(result.se),
        "z": _number(result.z),
        "p_z": _number(result.p),
        "ci_z": _ends(result.interval),
    } | _relative(estimates, alpha, "_z")


def cuped(inputs: Inputs, _data: Path | None) -> Fields:
    """Adjust two means for a covariate: CUPED and ANCOVA."""
    # The outcome is y in the table, the first column of the joint moments here.
    control, treatment = (_joint(inputs[arm], "y", "x") for arm in ("control", "treatment"))
    alpha = inputs["alpha"]
    after = adjusted_pair(control, treatment)
    adjusted = welch_arrays(Samples.of(after[0]), Samples.of(after[1]), alpha)
    raw = welch_arrays(Samples.of(control.x), Samples.of(treatment.x), alpha)
    regression = ancova(control, treatment, alpha)
    return {
        "theta_total": theta_total(control, treatment),
        "theta_within": theta_within(control, treatment),
        "adj_mean_control": after[0].mean,
        "adj_mean_treatment": after[1].mean,
        "adj_var_control": after[0].variance,
        "adj_var_treatment": after[1].variance,
        "adj_diff": float(adjusted.difference),
        "adj_se": float(adjusted.se),
        "adj_df": _number(adjusted.df),
        "adj_p": _number(adjusted.p),
        "adj_ci": _ends(adjusted.interval),
        "raw_diff": float(raw.difference),
        "raw_se": float(raw.se),
        "variance_ratio": variance_ratio(control, treatment),
        "ancova_diff": regression.difference,
        "ancova_se": regression.se,
        "ancova_df": regression.df,
        "ancova_p": regression.p_value,
        "ancova_ci": [regression.low, regression.high],
    }


def srm(inputs: Inputs, _data: Path | None) -> Fields:
    """Test the planned split by chi-square."""
    observed, weights = inputs["observed"], inputs["expected_weights"]
    result = chi_square(observed, weights)
    total, whole = sum(observed), math.fsum(weights)
    return {
        "chi2": result.statistic,
        "df": len(observed) - 1,
        "p": result.p_value,
        "expected": [total * weight / whole for weight in weights],
    }


def beta_binomial(inputs: Inputs, _data: Path | None) -> Fields:
    """Compare two Beta posteriors."""
    control, treatment = _counts(inputs)
    pair = posteriors(
        Rates.of(control, treatment), inputs.get("prior_alpha", 1), inputs.get("prior_beta", 1)
    )
    losses, level = expected_losses(pair), inputs.get("ci_level", 0.95)
    return {
        "mean_control": float(pair.control.mean),
        "mean_treatment": float(pair.treatment.mean),
        "prob_b_gt_a": float(probability_treatment_higher(pair)),
        "expected_loss_choose_b": float(losses.choose_treatment),
        "expected_loss_choose_a": float(losses.choose_control),
        "diff_ci": _ends(difference_interval(pair, level)),
        "rel_lift_ci": _ends(lift_interval(pair, level)),
    }


def normal(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the posterior of a normal estimate."""
    if not inputs["se"] > 0:
        raise ContractError("A posterior needs a positive standard error.")
    posterior = normal_posterior(
        inputs["estimate"], inputs["se"], inputs.get("prior_mean"), inputs.get("prior_sd")
    )
    interval = posterior.interval(inputs.get("ci_level", 0.95))
    rope = inputs.get("rope")
    return {
        "post_mean": posterior.mean,
        "post_sd": posterior.sd,
        "prob_gt_0": posterior.probability_positive,
        "ci": [interval.low, interval.high],
        "expected_loss_choose_treatment": posterior.loss_below,
        "expected_loss_choose_control": posterior.loss_above,
        "prob_in_rope": None if rope is None else posterior.probability_between(*rope),
    }


def non_inferiority_proportion(inputs: Inputs, _data: Path | None) -> Fields:
    """Test non-inferiority of a rate by Wald and by the score."""
    control, treatment = _counts(inputs)
    higher = inputs.get("higher_is_better", True)
    result = non_inferiority(
        control,
        treatment,
        inputs["margin_abs"],
        inputs["alpha_one_sided"],
        higher_is_better=higher,
    )
    return {
        "z_wald": result.z_wald,
        "p_wald": result.p_wald,
        # Of treatment - control where higher is better, else of control - treatment: the benefit.
        "lower_bound_one_sided": result.bound_wald if higher else -result.bound_wald,
        "upper_bound_one_sided": None if higher else result.bound_wald,
        "z_score_fm": result.z_score,
        "p_score_fm": result.p_score,
        "non_inferior_wald": result.non_inferior_wald,
        "non_inferior_score": result.non_inferior,
    }


STATISTICS_KINDS: Mapping[str, Callable[[Inputs, Path | None], Fields]] = {
    "two_proportion_z": two_proportion_z,
    "two_proportion_interval": two_proportion_interval,
    "one_proportion_interval": one_proportion_interval,
    "exact_test": exact_test,
    "welch_sufficient": welch_sufficient,
    "ratio_delta": ratio_delta,
    "cuped": cuped,
    "srm": srm,
    "beta_binomial": beta_binomial,
    "normal_posterior": normal,
    "non_inferiority_proportion": non_inferiority_proportion,
}
