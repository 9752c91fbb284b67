"""Reference cases for repeated samples: each kind's inputs to the fields it is judged by."""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experimentos.analysis.multiplicity import adjust
from experimentos.analysis.result import Interval, Unavailable
from experimentos.errors import ContractError
from experimentos.runs.bootstrap import bootstrap
from experimentos.runs.clusters import clustered_mean, most_variable, variance_components
from experimentos.runs.describe import describe, pass_rate_interval
from experimentos.runs.families import all_pairs
from experimentos.runs.paired import mcnemar, paired_t, sign_flip, signed_rank
from experimentos.runs.planner import (
    PairedDesign,
    detectable_difference,
    detectable_effect_size,
    difference_se,
    scenarios_needed,
)
from experimentos.runs.reducers import (
    aggregate,
    pass_at_k,
    pass_hat_k,
    probability_of_improvement,
    stratified_interval,
)
from experimentos.runs.run_pairs import RunScore, compare_scores

type Inputs = Mapping[str, Any]
type Fields = dict[str, Any]
type Rows = list[dict[str, str]]


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _rows(inputs: Inputs, data: Path | None, model: str | None) -> Rows:
    """Return the rows of the case's data set, of one model when that is named."""
    if data is None:
        raise ContractError(
            f"The case reads {inputs['dataset']}.",
            hint="Name the folder that holds it: --data DIR.",
        )
    path = data / Path(str(inputs["dataset"])).name
    if not path.is_file():
        raise ContractError(f"{path.name} is not in the data folder.", hint="Check --data DIR.")
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if model is None or row["model"] == model]


def _by_scenario(rows: Rows, column: str = "score") -> dict[str, list[float]]:
    tasks: dict[str, list[float]] = {}
    for row in rows:
        tasks.setdefault(row["scenario"], []).append(float(row[column]))
    return tasks


def _known(scores: Sequence[float | None]) -> list[float]:
    """Return the scores that are there: missing ones are dropped, never imputed."""
    return [score for score in scores if score is not None]


def _scores(
    inputs: Inputs, data: Path | None, labels: str
) -> tuple[Sequence[float], Sequence[str]]:
    if "dataset" not in inputs:
        both = zip(inputs["score"], inputs[labels], strict=True)
        kept = [(score, label) for score, label in both if score is not None]
        return [score for score, _ in kept], [label for _, label in kept]
    rows = _rows(inputs, data, inputs.get("model"))
    label = inputs.get("cluster_by", "scenario")
    return [float(row["score"]) for row in rows], [row[label] for row in rows]


def described(inputs: Inputs, _data: Path | None) -> Fields:
    """Describe one cell."""
    cell = describe(inputs["samples"], inputs.get("level", 0.95))
    return {
        "n": cell.n,
        "missing": cell.missing,
        "mean": cell.mean,
        "sd": cell.sd,
        "se": cell.se,
        "min": cell.low,
        "max": cell.high,
        "ci": _ends(cell.interval),
    }


def pass_rate_ci(inputs: Inputs, _data: Path | None) -> Fields:
    """Give the interval of a pass rate."""
    k, n = inputs["successes"], inputs["n"]
    method = str(inputs.get("method", "wilson")).replace("_", "-")
    interval = pass_rate_interval(k, n, inputs.get("level", 0.95), method)
    return {"rate": k / n, "ci": _ends(interval)}


def bootstrapped(inputs: Inputs, _data: Path | None) -> Fields:
    """Resample one cell."""
    b = bootstrap(
        _known(inputs["samples"]), inputs.get("statistic", "mean"), inputs.get("level", 0.95)
    )
    chosen = b.bca if str(inputs.get("method", "")).lower() == "bca" else b.percentile
    return {
        "mean": b.estimate,
        "se": b.se,
        "percentile_ci_exact": _ends(b.percentile),
        "percentile_ci": _ends(b.percentile),
        "ci": _ends(chosen),
        "acceleration": b.acceleration,
        "bias_z0": b.bias_z0,
    }


def clustered_se(inputs: Inputs, data: Path | None) -> Fields:
    """Give the mean of clustered samples."""
    scores, clusters = _scores(inputs, data, "cluster")
    c = clustered_mean(scores, clusters, inputs.get("level", 0.95))
    return {
        "mean": c.mean,
        "n": c.n,
        "clusters": c.clusters,
        "naive_se": c.naive_se,
        "clustered_se": c.se,
        "clustered_se_uncorrected": c.se_uncorrected,
        "df": c.df,
        "ci": _ends(c.interval),
    }


def components(inputs: Inputs, data: Path | None) -> Fields:
    """Split the variance of scores."""
    scores, scenarios = _scores(inputs, data, "scenario")
    v = variance_components(scores, scenarios)
    return {
        "ms_between": v.ms_between,
        "ms_within": v.ms_within,
        "n0": v.n0,
        "var_within": v.var_within,
        "var_between": v.var_between,
        "var_between_raw": v.var_between_raw,
        "icc1": v.icc,
        "design_effect": v.design_effect,
    }


def pass_k(inputs: Inputs, data: Path | None) -> Fields:
    """Estimate pass@k and pass^k, of counts or averaged over the scenarios of a data set."""
    if "dataset" not in inputs:
        n, c, k = inputs["n"], inputs["c"], inputs["k"]
        return {
            "pass_at_k": pass_at_k(n, c, k),
            "pass_hat_k": pass_hat_k(n, c, k),
            "biased_plugin_pass_at_k": 1 - (1 - c / n) ** k,
        }
    threshold = float(inputs.get("threshold", 1.0))
    tasks = _by_scenario(_rows(inputs, data, inputs.get("model"))).values()
    counts = [(len(task), sum(score >= threshold for score in task)) for task in tasks]
    fields: Fields = {}
    for k in range(1, min(n for n, _ in counts) + 1):
        fields[f"pass_at_{k}"] = float(np.mean([pass_at_k(n, c, k) for n, c in counts]))
        fields[f"pass_hat_{k}"] = float(np.mean([pass_hat_k(n, c, k) for n, c in counts]))
    return fields


def _mcnemar(inputs: Inputs) -> Fields:
    outcome = mcnemar(inputs["only_a_right"], inputs["only_b_right"], inputs["n"])
    if isinstance(outcome, Unavailable):
        # Given no discordant item, no outcome is more extreme than the one seen.
        return {"accuracy_diff": 0.0, "p_exact": 1.0, "p_mid": None, "p_chi2_cc": None}
    return {
        "accuracy_diff": outcome.difference,
        "p_exact": outcome.p_exact,
        "p_mid": outcome.p_mid,
        "p_chi2_cc": outcome.p_chi_square,
    }


def _two_lists(inputs: Inputs, data: Path | None) -> tuple[list[float], list[float]]:
    if "dataset" not in inputs:
        both = zip(inputs["a"], inputs["b"], strict=True)
        kept = [(float(a), float(b)) for a, b in both if a is not None and b is not None]
        return [a for a, _ in kept], [b for _, b in kept]
    column = str(inputs.get("column", "score"))
    first, second = (_by_scenario(_rows(inputs, data, inputs[side]), column) for side in ("a", "b"))
    shared = [name for name in first if name in second]
    a = [float(np.mean(first[name])) for name in shared]
    b = [float(np.mean(second[name])) for name in shared]
    return a, b


UNDEFINED = ("se", "t", "df", "p_t", "ci", "wilcoxon_W", "p_wilcoxon_exact", "p_wilcoxon_normal")
"""Fields of a paired test that there may be nothing to compute for."""


def paired(inputs: Inputs, data: Path | None) -> Fields:
    """Compare two variants on the same items."""
    if "only_a_right" in inputs:
        return _mcnemar(inputs)
    fields: Fields = {}
    if "differences" in inputs:
        differences = _known(inputs["differences"])
    else:
        a, b = _two_lists(inputs, data)
        differences = [y - x for x, y in zip(a, b, strict=True)]
        fields = _unpaired(a, b)
    fields |= {"n_scenarios": len(differences), "mean_diff": float(np.mean(differences))}
    fields |= dict.fromkeys(UNDEFINED)
    t = paired_t(differences, inputs.get("level", 0.95))
    if not isinstance(t, Unavailable):
        fields |= {"se": t.se, "t": t.t, "df": t.df, "p_t": t.p_value, "ci": _ends(t.interval)}
    ranks = signed_rank(differences)
    if not isinstance(ranks, Unavailable):
        fields |= {
            "wilcoxon_W": ranks.w,
            "p_wilcoxon_exact": ranks.p_exact,
            "p_wilcoxon_normal": ranks.p_normal,
        }
    flipped = sign_flip(differences)
    # Where no pair differs, every pattern of signs gives the sum that was seen.
    return fields | {"p_sign_flip_exact": flipped if isinstance(flipped, float) else 1.0}


def _unpaired(a: list[float], b: list[float]) -> Fields:
    """Say what ignoring the pairing would have cost."""
    first, second = ([RunScore(None, float(v)) for v in side] for side in (a, b))
    welch = compare_scores(first, second, pairing="unpaired")
    return {
        "mean_a": float(np.mean(a)),
        "mean_b": float(np.mean(b)),
        "p_unpaired_welch": None if isinstance(welch, Unavailable) else welch.p_value,
        "pearson_r": _finite(float(np.corrcoef(a, b)[0, 1])) if len(a) > 1 else None,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


CORRECTIONS = ("bonferroni", "holm", "hommel", "hochberg", "sidak", "bh", "by")


def corrected(inputs: Inputs, _data: Path | None) -> Fields:
    """Correct p-values, or compare all pairs of groups."""
    if "p" in inputs:
        return {method: adjust(inputs["p"], method) for method in CORRECTIONS}
    outcome = all_pairs(inputs["groups"])
    if isinstance(outcome, Unavailable):
        raise ContractError(outcome.why)
    pairs = {f"{first} vs {second}": p for (first, second), p in outcome.pairs.items()}
    return {"anova_F": outcome.f, "anova_p": outcome.p_value, "pairs": pairs}


def detectable(inputs: Inputs, _data: Path | None) -> Fields:
    """Plan scenarios and samples."""
    alpha, power = inputs.get("alpha", 0.05), inputs.get("power", 0.8)
    if "n_pairs" in inputs:
        size = detectable_effect_size(inputs["n_pairs"], alpha, power)
        return {"dz": size, "mde": size * inputs.get("sd_diff", 1.0)}
    design = PairedDesign(
        inputs["samples_per_scenario"],
        inputs["var_between_diff"],
        inputs["var_within_per_model"],
        alpha,
        power,
    )
    if "effect" in inputs:
        needed = scenarios_needed(design, inputs["effect"])
        return {"scenarios": math.ceil(needed), "scenarios_exact": needed}
    scenarios = inputs["scenarios"]
    return {
        "mde": detectable_difference(design, scenarios),
        "se": difference_se(design, scenarios),
    }


def aggregated(inputs: Inputs, data: Path | None) -> Fields:
    """Aggregate scores over tasks, or give the probability of improvement."""
    if "x" in inputs:
        x, y = _two_sides(inputs, data)
        return {"probability_of_improvement": probability_of_improvement(x, y)}
    if "dataset" in inputs:
        rows = _rows(inputs, data, inputs.get("model"))
        tasks = list(_by_scenario(rows, str(inputs.get("column", "score"))).values())
    else:
        tasks = _columns(inputs["scores_runs_by_tasks"])
    total = aggregate(tasks)
    fields: Fields = {
        "mean": total.mean,
        "median": total.median,
        "iqm": total.interquartile_mean,
        "optimality_gap": total.optimality_gap,
    }
    if "reps_at_least" in inputs:
        resamples = max(20_000, int(inputs["reps_at_least"]))
        interval = stratified_interval(tasks, inputs.get("level", 0.95), resamples)
        fields["iqm_ci"] = _ends(interval)
    return fields


def _columns(runs_by_tasks: Sequence[Sequence[float]]) -> list[list[float]]:
    return [_known(task) for task in zip(*runs_by_tasks, strict=True)]


def _two_sides(inputs: Inputs, data: Path | None) -> tuple[list[list[float]], list[list[float]]]:
    if "dataset" not in inputs:
        return _columns(inputs["x"]), _columns(inputs["y"])
    first, second = (_by_scenario(_rows(inputs, data, inputs[side])) for side in ("x", "y"))
    shared = [name for name in first if name in second]
    return [first[name] for name in shared], [second[name] for name in shared]


def variable_scenarios(inputs: Inputs, data: Path | None) -> Fields:
    """Rank scenarios by how much they vary."""
    scores, scenarios = _scores(inputs, data, "scenario")
    ranked = most_variable(scores, scenarios)
    variances = [row.variance for row in ranked]
    return {
        "n_zero_variance": sum(v == 0 for v in variances),
        "n_max_variance": sum(math.isclose(v, variances[0]) for v in variances),
        "max_variance": variances[0] if variances else None,
        "mean_within_variance": float(np.mean(variances)) if variances else None,
        "first": [row.scenario for row in ranked[:3]],
    }


VARIANCE_KINDS: Mapping[str, Callable[[Inputs, Path | None], Fields]] = {
    "describe": described,
    "pass_rate_ci": pass_rate_ci,
    "bootstrap": bootstrapped,
    "clustered_se": clustered_se,
    "variance_components": components,
    "pass_k": pass_k,
    "paired": paired,
    "multiplicity": corrected,
    "mde": detectable,
    "rliable": aggregated,
    "variable_scenarios": variable_scenarios,
}
