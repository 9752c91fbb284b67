"""From past samples to the next evaluation: scenarios and samples for a wanted difference."""

import math
from dataclasses import dataclass, replace

import numpy as np

from experimentos.analysis.result import Unavailable
from experimentos.runs.compare import Pairs, pairs_of
from experimentos.runs.planner import PairedDesign, detectable_difference, scenarios_needed
from experimentos.runs.samples import Samples
from experimentos.runs.variance import VarianceTable

SAMPLES_TRIED = (1, 2, 3, 5, 10, 20)
FEWEST_SCENARIOS = 2


@dataclass(frozen=True, slots=True)
class Option:
    """One way to find the difference.

    Attributes
    ----------
    samples_per_scenario, scenarios : int
    calls : int
        Scenarios x samples x two models.
    """

    samples_per_scenario: int
    scenarios: int
    calls: int


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """What a difference needs, learned from past samples of two models.

    Attributes
    ----------
    metric, baseline, model : str
        `model` is "" when only one was sampled.
    difference, alpha, power : float
    past_scenarios : int
    past_samples : float
        Mean samples of a scenario and model.
    var_within : float | None
        Variance of one sample within a scenario; None when nothing was repeated.
    var_between_difference : float
        Variance over scenarios of the true difference of the two models.
    detectable : float
        The difference that the past scenarios and samples find with this power.
    options : tuple[Option, ...]
        By samples per scenario.
    fewest_calls : Option
    assumptions : tuple[str, ...]
    """

    metric: str
    baseline: str
    model: str
    difference: float
    alpha: float
    power: float
    past_scenarios: int
    past_samples: float
    var_within: float | None
    var_between_difference: float
    detectable: float
    options: tuple[Option, ...]
    fewest_calls: Option
    assumptions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The difference to find, with what error rates."""

    difference: float
    alpha: float = 0.05
    power: float = 0.8


def plan_samples(
    samples: Samples,
    table: VarianceTable,
    wanted: Wanted,
    baseline: str | None = None,
    model: str | None = None,
) -> SamplePlan | Unavailable:
    """Return how many scenarios and samples find the wanted difference of two models.

    Parameters
    ----------
    baseline, model
        The two past models to learn from; None for the first and the second. With one model
        alone the two are assumed independent, which asks for more than two similar ones need.

    Raises
    ------
    ContractError
        If there is no such model, or the difference is zero.

    References
    ----------
    Miller (2024), Adding error bars to evals, section 5: var(d) = between + 2 within / K.
    """
    first = samples.models[0] if baseline is None else baseline
    others = [name for name in samples.models if name != first]
    second = model if model is not None else (others[0] if others else "")
    rows = {row.model: row for row in table.models}
    samples.model_code(first)
    within = _pooled([rows[name].var_within for name in (first, second) if name in rows])
    if not second:
        return _from_one(table, first, wanted)
    pairs = pairs_of(samples, table.metric, samples.model_code(first), samples.model_code(second))
    size = pairs.scenario.size
    if size < FEWEST_SCENARIOS:
        return Unavailable("sample_plan", "too_few_pairs", "Two scenarios of both are needed.")
    past = _past_samples(table, pairs, samples, first, second)
    observed = float(np.var(pairs.difference, ddof=1))
    between = observed if within is None else max(observed - 2 * within / past, 0.0)
    notes = ["The next scenarios and models vary as the past ones did."]
    if within is None:
        notes.append(
            "No scenario was sampled twice, so what repeats would gain is not known: "
            "only one sample per scenario is planned."
        )
    draft = _Draft(table.metric, first, second, size, past, within, between)
    return _plan(draft, wanted, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Draft:
    metric: str
    baseline: str
    model: str
    scenarios: int
    past: float
    within: float | None
    between: float


def _from_one(table: VarianceTable, name: str, wanted: Wanted) -> SamplePlan | Unavailable:
    row = next(row for row in table.models if row.model == name)
    if row.scenarios < FEWEST_SCENARIOS or row.sd is None:
        return Unavailable("sample_plan", "too_few_scenarios", "Two scenarios are needed.")
    between = 2 * (row.sd**2 if row.var_between is None else row.var_between)
    past = row.n / row.scenarios
    note = (
        "Only one model was sampled: the other is assumed to vary as much, and independently "
        "over scenarios. Two models that find the same scenarios hard need fewer."
    )
    draft = _Draft(table.metric, name, "", row.scenarios, past, row.var_within, between)
    return _plan(draft, wanted, (note,))


def _past_samples(
    table: VarianceTable, pairs: Pairs, samples: Samples, first: str, second: str
) -> float:
    """Return the harmonic mean of samples per cell: 1 / K is what enters the variance."""
    cells = table.cells
    codes = (samples.model_code(first), samples.model_code(second))
    use = np.isin(cells.model, codes) & np.isin(cells.scenario, pairs.scenario)
    return float(1 / np.mean(1 / cells.n[use]))


def _pooled(variances: list[float | None]) -> float | None:
    known = [v for v in variances if v is not None]
    return sum(known) / len(known) if known else None


def _plan(draft: _Draft, wanted: Wanted, notes: tuple[str, ...]) -> SamplePlan:
    within = draft.within or 0.0
    design = PairedDesign(1, draft.between, within, wanted.alpha, wanted.power)
    tried = SAMPLES_TRIED if draft.within is not None else (1,)
    options = tuple(_option(replace(design, samples_per_scenario=k), wanted) for k in tried)
    past = PairedDesign(1, draft.between + 2 * within / draft.past, 0.0, wanted.alpha, wanted.power)
    return SamplePlan(
        draft.metric,
        draft.baseline,
        draft.model,
        wanted.difference,
        wanted.alpha,
        wanted.power,
        draft.scenarios,
        draft.past,
        draft.within,
        draft.between,
        detectable_difference(past, draft.scenarios),
        options,
        min(options, key=lambda option: option.calls),
        notes,
    )


def _option(design: PairedDesign, wanted: Wanted) -> Option:
    k = design.samples_per_scenario
    scenarios = max(math.ceil(scenarios_needed(design, wanted.difference)), FEWEST_SCENARIOS)
    return Option(k, scenarios, scenarios * k * 2)
