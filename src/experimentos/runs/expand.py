"""Variants x repeats to planned runs, counted and costed before anything is started."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from experimentos.errors import ContractError
from experimentos.ids import canonical_json, content_hash
from experimentos.issue import Issue, Severity, worst
from experimentos.runs.counted import newest_of_each
from experimentos.runs.documents import Experiment, Parameters, Project, Run, slug_of
from experimentos.runs.evaluation import Estimate, EvaluationPlan, estimate
from experimentos.runs.experiment_evaluation import SAMPLES_FAILED, SAMPLES_SCORED
from experimentos.runs.inherit import parameters_of
from experimentos.runs.tally import Tally, tallies_of
from experimentos.runs.variant_evaluation import cautions_of, evaluation_of, of_repeat, total

MOST_RUNS = 10_000


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run that is to be executed.

    Attributes
    ----------
    variant : str
    repeat : int
        From 1.
    params : Parameters
    seed : int
        The same for every variant of a repeat, so that they meet the same luck.
    config_sha256 : str
        Of entry point and parameters.
    parent_run_id : str | None
        The run that this one makes up for.
    evaluation : EvaluationPlan | None
        What it asks, where it asks models.
    continues : str
        The evaluation on the disk whose answers it goes on from; "" for none.
    paid_usd : float
        What earlier runs paid for those answers.
    answered : int
        How many of its samples have a score by now, as far as the history knows.
    """

    variant: str
    repeat: int
    params: Parameters
    seed: int
    config_sha256: str
    parent_run_id: str | None = None
    evaluation: EvaluationPlan | None = None
    continues: str = ""
    paid_usd: float = 0.0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What will be executed.

    Attributes
    ----------
    project : Project | None
    experiment : Experiment
    runs : tuple[PlannedRun, ...]
        Repeat by repeat, so that a plan that is cut short has as many of every variant.
    cost_usd : float
        Runs times the stated cost of one, or the mean of the past ones where none is stated.
    seconds : float | None
        Expected wall time, from past runs; None without any.
    issues : tuple[Issue, ...]
        What the constraints of the project have against it, and cautions about the samples; a
        blocked plan is not executed.
    size : Estimate | None
        Calls and tokens of all runs together, where models are asked.
    """

    project: Project | None
    experiment: Experiment
    runs: tuple[PlannedRun, ...]
    cost_usd: float
    seconds: float | None
    issues: tuple[Issue, ...] = ()
    size: Estimate | None = None

    @property
    def is_blocked(self) -> bool:
        """Return whether the project forbids it."""
        return worst(self.issues) is Severity.BLOCKED


def expand(
    project: Project | None,
    experiment: Experiment,
    repeats: int,
    *,
    variants: Sequence[str] = (),
    past: Sequence[Tally] = (),
) -> RunPlan:
    """Return so many further runs of each variant.

    Parameters
    ----------
    repeats
        New runs of each variant, at least 1; they are numbered on from the past ones.
    variants
        Names; none for all.
    past
        Of this experiment: for the numbers, the cost and the time.

    Raises
    ------
    ContractError
        If a variant is not there, or the plan has no run or too many.
    """
    names = checked_variants(experiment, variants)
    last = {
        name: max((t.last_repeat for t in past if t.variant == name), default=0) for name in names
    }
    planned = [
        planned_run(project, experiment, name, last[name] + step)
        for step in range(1, repeats + 1)
        for name in names
    ]
    return costed(project, experiment, planned, past)


def unfinished(
    project: Project | None,
    experiment: Experiment,
    past: Sequence[Run],
    *,
    failed: bool = False,
    variants: Sequence[str] = (),
) -> RunPlan:
    """Return what past runs left undone: queued, interrupted or cancelled, and failed if asked.

    A repeat of a variant that has a completed run by now is done. `variants` are names, none for
    all.

    Raises
    ------
    ContractError
        If a variant is not there, or nothing is left to do.
    """
    names = checked_variants(experiment, variants)
    over = {(run.variant, run.repeat) for run in past if run.status == "completed"}
    if failed:
        over -= {(run.variant, run.repeat) for run in newest_of_each(past) if lacks_answers(run)}
    wanted = {"queued", "interrupted", "cancelled", *(("failed",) if failed else ())}
    newest: dict[tuple[str, int], Run] = {}
    for run in sorted(past, key=lambda run: run.run_id):
        place = (run.variant, run.repeat)
        if place not in over and run.variant in names:
            newest[place] = run
    left = [run for run in newest.values() if run.status in wanted or lacks_answers(run)]
    if not left:
        raise ContractError("Nothing is left undone.", hint="Start new runs instead.")
    planned = [
        _going_on(planned_run(project, experiment, run.variant, run.repeat, run.run_id), run, past)
        for run in sorted(left, key=lambda run: (run.repeat, run.variant))
    ]
    return costed(project, experiment, planned, tallies_of(past))


def lacks_answers(run: Run) -> bool:
    """Return whether a completed run has samples that ended without an answer."""
    missing = run.metrics.get(SAMPLES_FAILED)
    return run.status == "completed" and isinstance(missing, float) and missing > 0


def _going_on(planned: PlannedRun, parent: Run, past: Sequence[Run]) -> PlannedRun:
    """Return the run as one that goes on from the answers of an earlier one."""
    begun = str(parent.environment.get("evaluation", ""))
    if not begun or planned.config_sha256 != parent.config_sha256:
        return planned
    earlier = [run for run in past if run.environment.get("evaluation") == begun]
    spent = math.fsum(run.cost_usd for run in earlier if run.cost_usd is not None)
    answered = max(_scored(run) for run in earlier)
    return replace(planned, continues=begun, paid_usd=spent, answered=answered)


def _scored(run: Run) -> int:
    """Return how many samples of a run have a score; of one cut off, as far as it had said."""
    said = run.metrics or (run.live.metrics if run.live else {})
    count = said.get(SAMPLES_SCORED)
    return int(count) if isinstance(count, float) else 0


def planned_run(
    project: Project | None,
    experiment: Experiment,
    variant: str,
    repeat: int,
    parent: str | None = None,
) -> PlannedRun:
    """Return one run of a variant that is there."""
    chosen = experiment.variant(variant)
    if chosen is None:
        raise no_variant(experiment, variant)
    params = parameters_of(project, experiment, chosen)
    seed = seed_of(experiment, repeat)
    if not experiment.asks:
        config = config_hash(experiment.entry_point or "", params)
        return PlannedRun(variant, repeat, params, seed, config, parent)
    name = f"{experiment.slug[:30]} {slug_of(variant)[:24]} {repeat}"
    asked = evaluation_of(experiment, params, name)
    return PlannedRun(variant, repeat, params, seed, asked.sha256, parent, of_repeat(asked, repeat))


def seed_of(experiment: Experiment, repeat: int) -> int:
    """Return the seed of a repeat: 32 bits of a hash, the same on every machine."""
    name = f"{experiment.project_slug}/{experiment.slug}/{repeat}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])


def config_hash(entry_point: str, params: Parameters) -> str:
    """Return the hash of what a run is: its entry point and its parameters."""
    return content_hash(canonical_json({"entry_point": entry_point, "params": params}))


def checked_variants(experiment: Experiment, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, or all of them for none; ContractError if one is not there."""
    for name in names:
        if experiment.variant(name) is None:
            raise no_variant(experiment, name)
    return tuple(dict.fromkeys(names)) or tuple(variant.name for variant in experiment.variants)


def no_variant(experiment: Experiment, name: str) -> ContractError:
    """Return the error for a variant that the experiment does not have."""
    known = ", ".join(variant.name for variant in experiment.variants)
    return ContractError(
        f"The experiment {experiment.name} has no variant {name!r}.", hint=f"It has {known}."
    )


def costed(
    project: Project | None,
    experiment: Experiment,
    planned: Sequence[PlannedRun],
    past: Sequence[Tally],
) -> RunPlan:
    """Return the plan with what it is expected to cost."""
    if not 1 <= len(planned) <= MOST_RUNS:
        raise ContractError(
            f"A plan of {len(planned):,} runs.", hint=f"Plan 1 to {MOST_RUNS:,} at a time."
        )
    done = [tally for tally in past if tally.status == "completed"]
    usual = _mean([(tally.costed, tally.cost_usd) for tally in done])
    each = experiment.execution.cost_per_run_usd or usual or 0.0
    long = _mean([(tally.timed, tally.seconds) for tally in done])
    waves = math.ceil(len(planned) / experiment.execution.at_once)
    seconds = None if long is None else long * waves
    # The repeats of a variant differ by their seeds alone: one of them is measured.
    asked = {run.config_sha256: run.evaluation for run in planned if run.evaluation is not None}
    sizes = {config: estimate(evaluation) for config, evaluation in asked.items()}
    size = total([_left(sizes[run.config_sha256], run) for run in planned if run.evaluation])
    cost = each * len(planned)
    if size is not None and size.cost_most is not None:
        cost = size.cost_most
    issues = cautions_of(asked.values())
    return RunPlan(project, experiment, tuple(planned), cost, seconds, issues, size)


def _left(size: Estimate, run: PlannedRun) -> Estimate:
    """Return what is still to be asked of an evaluation; never less than it may come to."""
    calls = max(0, size.calls - run.answered)
    share = calls / size.calls if size.models == 1 else 1.0
    cost = None if size.cost_most is None else size.cost_most * share
    if cost is not None and size.cost_most is not None:
        cost = min(cost, max(0.0, size.cost_most - run.paid_usd))
    return replace(
        size,
        calls=calls,
        tokens_in=math.ceil(size.tokens_in * share),
        tokens_out_most=math.ceil(size.tokens_out_most * share),
        cost_most=cost,
    )


def _mean(sums: Sequence[tuple[int, float]]) -> float | None:
    """Return the mean of all that counts and sums stand for."""
    n = sum(count for count, _ in sums)
    return math.fsum(total for _, total in sums) / n if n else None
