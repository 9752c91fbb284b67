"""Runs that ask models: begun or gone on with, executed in a child, and what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from experimentos.errors import ContractError
from experimentos.flows.evaluation_child import ENTRY_POINT
from experimentos.flows.evaluation_runs import evaluation_metrics, log_scored
from experimentos.flows.evaluations import SAMPLES, progress_of
from experimentos.flows.run_record import inside
from experimentos.ids import content_hash
from experimentos.llm.settings import named_endpoint
from experimentos.runner.port import Job, Outcome, Runner
from experimentos.runs.documents import Experiment, Run
from experimentos.runs.evaluated import Evaluated, samples_jsonl
from experimentos.runs.expand import PlannedRun, RunPlan
from experimentos.runs.scenario_files import read_scenarios
from experimentos.store.evaluations import Evaluations, StoredEvaluation
from experimentos.store.run_port import RunStore


def with_scenarios(experiment: Experiment, code: Path) -> Experiment:
    """Return the experiment with the scenarios of its file in place.

    Raises
    ------
    ContractError
        If the file is not there, lies outside the folder of the code, or holds no scenarios.
    """
    asked = experiment.evaluation
    if asked.scenarios_file is None:
        return experiment
    path = inside(code, asked.scenarios_file)
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise ContractError(
            f"The file of scenarios {asked.scenarios_file} cannot be read: {exc.strerror}.",
            hint="Put it there, relative to the folder of the code.",
        ) from exc
    scenarios = read_scenarios(content, asked.scenarios_file)
    changed = asked.model_copy(update={"scenarios": scenarios})
    return experiment.model_copy(update={"evaluation": changed})


@dataclass(frozen=True, slots=True)
class Asking:
    """The evaluations that a plan of runs stands on.

    Attributes
    ----------
    folder : Evaluations
    planned : Mapping[str, PlannedRun]
        By the id of the run.
    """

    folder: Evaluations
    planned: Mapping[str, PlannedRun]

    @classmethod
    def of(cls, plan: RunPlan, run_ids: list[str], runner: Runner) -> "Asking | None":
        """Return those of a plan that asks models, None for one that does not."""
        if not plan.experiment.asks:
            return None
        if runner.workspace is None:
            raise ContractError("This runner keeps no answers.", hint="Use the local runner.")
        named_endpoint()
        return cls(Evaluations(runner.workspace), dict(zip(run_ids, plan.runs, strict=True)))

    def begun(self, run: Run) -> Run:
        """Return the run with the evaluation on the disk that it asks for or goes on with."""
        planned = self.planned[run.run_id]
        found = planned.continues or self._new(run, planned).id
        return run.model_copy(update={"environment": {**run.environment, "evaluation": found}})

    def _new(self, run: Run, planned: PlannedRun) -> StoredEvaluation:
        if planned.evaluation is None:
            raise ContractError(f"Run {run.run_id} asks nothing.", hint="Plan it anew.")
        # A name of its own: no other run, and no command, goes on with these answers unasked.
        place = f"{planned.evaluation.sha256} {run.project}/{run.experiment}/{run.run_id}"
        body = planned.evaluation.model_dump(mode="json")
        return self.folder.begin(body, content_hash(place.encode()))

    def job(self, run: Run, code: Path) -> Job:
        """Return what a child process does for a run."""
        return Job(
            entry_point=ENTRY_POINT,
            code=code,
            params={
                "workspace": str(self.folder.workspace),
                "evaluation": run.environment["evaluation"],
            },
            seed=int(str(run.environment["seed"])),
            repeat=run.repeat,
            time_limit_seconds=float(str(run.environment["time_limit_seconds"])),
        )

    def answered(self, run: Run) -> Evaluated:
        """Return the answers that a run stands on by now."""
        return progress_of(self.folder.find(str(run.environment["evaluation"]))).evaluated

    def outcome(self, run: Run, outcome: Outcome, evaluated: Evaluated) -> Outcome:
        """Return what came of a run: what its answers say, not what its process said of them.

        What it paid is what the answers cost, without what earlier runs paid for them.
        """
        paid = self.planned[run.run_id].paid_usd
        cost = None if evaluated.cost is None else max(0.0, evaluated.cost - paid)
        found = replace(outcome, metrics=evaluation_metrics(evaluated), cost_usd=cost)
        if found.error_kind or evaluated.scored:
            return found
        return replace(found, error_kind=_kind(evaluated), error=_said(evaluated))

    def kept(self, runs: RunStore, run: Run, evaluated: Evaluated) -> Run:
        """Return the record of a run that is over with its samples, which are kept and logged."""
        sha256 = runs.keep(samples_jsonl(evaluated))
        changes: dict[str, object] = {"outputs": {**run.outputs, SAMPLES: sha256}}
        if run.status == "completed":
            log_scored(runs, run.run_id, evaluated)
            changes["sample_count"] = evaluated.scored
            if evaluated.failures and not run.error:
                changes |= {"error_kind": _kind(evaluated), "error": _said(evaluated)}
        return run.model_copy(update=changes)


def _kind(evaluated: Evaluated) -> str:
    return next(iter(evaluated.failures), "")


def _said(evaluated: Evaluated) -> str:
    """Return how many samples failed, and why the first of them did."""
    kind, count = _kind(evaluated), sum(evaluated.failures.values())
    why = next((sample.why for sample in evaluated.samples if sample.failure == kind), "")
    return f"{count:,} of {evaluated.planned:,} samples failed. {why}".strip()[:2_000]
