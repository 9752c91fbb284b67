"""Reference cases for plans, families and early looks: inputs to the fields they are judged by."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from experimentos.analysis.confidence_sequence import AlwaysValid, asymptotic_cs, msprt
from experimentos.analysis.dunnett import dunnett_critical, dunnett_p
from experimentos.analysis.multiplicity import ADJUSTMENTS, adjust
from experimentos.analysis.result import Unavailable
from experimentos.errors import ContractError
from experimentos.health.srm_sequential import CONCENTRATION, srm_sequential
from experimentos.plan.looks import boundary, wang_tsiatis
from experimentos.plan.means import Spread, means_mde, means_n, means_power
from experimentos.plan.power import Rate, mde, power, required_n
from experimentos.plan.rates import arcsine_n, cohens_h, rates_power
from experimentos.plan.scheme import Scheme

type Inputs = Mapping[str, Any]
type Fields = dict[str, Any]

SPENDING_NAMES = {"obf": "obrien_fleming"}


def _scheme(inputs: Inputs, ratio: float) -> Scheme:
    return Scheme(alpha=inputs["alpha"], sides=inputs.get("sides", 2), ratio=ratio)


def power_proportions_n(inputs: Inputs, _data: Path | None) -> Fields:
    """Plan the size for two rates."""
    control, treatment = inputs["p_control"], inputs["p_treatment"]
    ratio = inputs.get("ratio_treatment_to_control", 1)
    scheme, wanted = _scheme(inputs, ratio), inputs["power"]
    effect = treatment - control
    return {
        "n_control_pooled_z": float(required_n(Rate(control), effect, scheme, wanted)),
        "n_control_unpooled_z": float(
            required_n(Rate(control, pooled=False), effect, scheme, wanted)
        ),
        "cohens_h": cohens_h(control, treatment),
        "n_control_arcsine": arcsine_n(control, treatment, ratio, scheme.critical, wanted),
    }


def power_proportions(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the power of the z test of two rates."""
    control, treatment, n = inputs["p_control"], inputs["p_treatment"], inputs["n_control"]
    ratio = inputs.get("ratio_treatment_to_control", 1)
    scheme = _scheme(inputs, ratio)
    effect = treatment - control
    return {
        "power_pooled_strict": power(Rate(control), effect, n, scheme),
        "power_pooled_one_tail": float(
            rates_power(control, treatment, n, ratio, scheme.critical),
        ),
        "power_unpooled": power(Rate(control, pooled=False), effect, n, scheme),
    }


def _spread(inputs: Inputs) -> Spread:
    return Spread(ratio=inputs["n_treatment"] / inputs["n_control"], welch=False)


def power_means(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the power of Student's t test."""
    at = inputs["effect_sd"], inputs["n_control"], _spread(inputs)
    return {"power": float(means_power(*at, inputs["alpha"], inputs.get("sides", 2)))}


def power_means_n(inputs: Inputs, _data: Path | None) -> Fields:
    """Plan the size for two means."""
    ratio = inputs.get("ratio_treatment_to_control", 1)
    spread = Spread(ratio=ratio, welch=False)
    level = inputs["alpha"], inputs.get("sides", 2), inputs["power"]
    n = float(means_n(abs(inputs["effect_sd"]), spread, *level))
    return {"n_control": n, "n_treatment": ratio * n}


def mde_proportions(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the smallest change of a rate that is found."""
    control, n = inputs["p_control"], inputs["n_control"]
    scheme = _scheme(inputs, inputs["n_treatment"] / n)
    increase = inputs.get("direction", "increase") == "increase"
    found = mde(Rate(control), n, scheme, inputs["power"], increase=increase)
    if found is None:
        return {"mde_abs": None, "mde_rel": None}
    return {"mde_abs": abs(found), "mde_rel": abs(found) / control}


def mde_means(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the smallest difference of means that is found, in standard deviations."""
    level = inputs["alpha"], inputs.get("sides", 2), inputs["power"]
    return {"mde_sd": float(means_mde(inputs["n_control"], _spread(inputs), *level))}


def multiplicity(inputs: Inputs, _data: Path | None) -> Fields:
    """Adjust p-values by every correction."""
    return {method: adjust(inputs["p_values"], method) for method in ADJUSTMENTS}


def dunnett_z(inputs: Inputs, _data: Path | None) -> Fields:
    """Adjust z values for a shared control."""
    arms = inputs["n_control"], inputs["n_treatments"]
    return {
        "adjusted_p": dunnett_p(inputs["z"], *arms),
        "critical_z_05": dunnett_critical(0.05, *arms),
        "critical_z": dunnett_critical(inputs.get("alpha", 0.05), *arms),
    }


def _spending(inputs: Inputs) -> str:
    name = str(inputs["spending"]).lower()
    if name == "kim":
        exponent = next((inputs[key] for key in ("rho", "R", "gamma") if key in inputs), None)
        return f"kim{exponent}"
    return SPENDING_NAMES.get(name, name)


def group_sequential(inputs: Inputs, _data: Path | None) -> Fields:
    """Solve a Lan-DeMets boundary."""
    bound = boundary(inputs["information_fractions"], _spending(inputs), inputs["alpha_one_sided"])
    return {
        "cumulative_alpha": list(bound.spent),
        "z_bounds": list(bound.z),
        "nominal_p": list(bound.nominal_p),
    }


def group_sequential_classic(inputs: Inputs, _data: Path | None) -> Fields:
    """Solve a Wang-Tsiatis boundary."""
    constant, bound = wang_tsiatis(
        inputs["looks"], inputs["wang_tsiatis_delta"], inputs["alpha_two_sided"]
    )
    return {"C": constant, "z_bounds": list(bound.z)}


def _always_valid(look: AlwaysValid | Unavailable) -> AlwaysValid:
    if isinstance(look, Unavailable):
        raise ContractError(look.why)
    return look


def mixture(inputs: Inputs, _data: Path | None) -> Fields:
    """Run the mixture sequential probability ratio test."""
    at = inputs["estimate"], inputs["se"], inputs["tau2"]
    look = _always_valid(msprt(*at, inputs.get("alpha", 0.05)))
    return {
        "lambda_": look.evidence,
        "p_always_valid": look.p_value,
        "ci": [look.interval.low, look.interval.high],
    }


def confidence_sequence(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the asymptotic confidence sequence."""
    at = inputs["estimate"], inputs["se"], inputs["n_total"], inputs["n_tuning"]
    look = _always_valid(asymptotic_cs(*at, inputs.get("alpha", 0.05)))
    interval = look.interval
    return {
        "rho": look.rho,
        "half_width": (interval.high - interval.low) / 2,
        "ci": [interval.low, interval.high],
        "p_always_valid": look.p_value,
    }


def sequential_srm(inputs: Inputs, _data: Path | None) -> Fields:
    """Run the sequential SRM test."""
    weights = inputs["expected_weights"]
    concentration = inputs.get("dirichlet_concentration", CONCENTRATION)
    result = srm_sequential(inputs["batches"], weights, concentration)
    return {"p_sequence": list(result.p), "log_bf_final": result.log_bayes_factor}


PLAN_KINDS: Mapping[str, Callable[[Inputs, Path | None], Fields]] = {
    "power_proportions_n": power_proportions_n,
    "power_proportions": power_proportions,
    "power_means": power_means,
    "power_means_n": power_means_n,
    "mde_proportions": mde_proportions,
    "mde_means": mde_means,
    "multiplicity": multiplicity,
    "dunnett_z": dunnett_z,
    "group_sequential": group_sequential,
    "group_sequential_classic": group_sequential_classic,
    "msprt": mixture,
    "asymptotic_cs": confidence_sequence,
    "srm_sequential": sequential_srm,
}
