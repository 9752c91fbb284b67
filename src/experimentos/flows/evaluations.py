"""Evaluations of a workspace: begin or go on, run, keep what came of them."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from experimentos.errors import ContractError, StoreError
from experimentos.flows.evaluate import Evaluator, Report, evaluate
from experimentos.flows.evaluation_runs import keep_run
from experimentos.llm.completions import Completer
from experimentos.runs.evaluated import Evaluated, by_key, samples_jsonl
from experimentos.runs.evaluation import EvaluationPlan, planned_samples
from experimentos.runs.scorers import scorer_of
from experimentos.store.evaluations import HASH_LETTERS, Evaluations, StoredEvaluation
from experimentos.store.port import Query, Record, Store, new_record

EVALUATION = "evaluation"
SAMPLES = "samples.jsonl"


@dataclass(frozen=True, slots=True)
class Progressed:
    """An evaluation on the disk, and how far it came.

    Attributes
    ----------
    stored : StoredEvaluation
    evaluated : Evaluated
    """

    stored: StoredEvaluation
    evaluated: Evaluated

    @property
    def last_written(self) -> float:
        """Return when something of it was last written, in seconds since 1970."""
        return self.stored.last_written

    @property
    def is_of_run(self) -> bool:
        """Return whether a run of an experiment stands on it: that run is resumed, not this."""
        return not self.stored.id.startswith(self.evaluated.plan.sha256[:HASH_LETTERS])

    @property
    def is_complete(self) -> bool:
        """Return whether every planned sample has an answer."""
        answered = sum(sample.is_answered for sample in self.evaluated.samples)
        return answered == self.evaluated.planned


def progress_of(stored: StoredEvaluation) -> Progressed:
    """Return how far an evaluation came.

    Raises
    ------
    StoreError
        If its plan or its journal is damaged.
    """
    try:
        plan = EvaluationPlan.model_validate(stored.plan)
        found = by_key(stored.entries())
    except ValidationError as exc:
        raise StoreError(
            f"The evaluation {stored.id} is damaged.", hint="Start it afresh."
        ) from exc
    order = [planned.key for planned in planned_samples(plan)]
    samples = tuple(found[key] for key in order if key in found)
    return Progressed(stored, Evaluated(plan, samples, len(order)))


def list_evaluations(folder: Evaluations) -> list[Progressed]:
    """Return the evaluations of a workspace; damaged ones are left out."""
    found = []
    for stored in folder.all():
        try:
            found.append(progress_of(stored))
        except StoreError:
            continue
    return found


def unfinished(folder: Evaluations, plan: EvaluationPlan) -> Progressed | None:
    """Return the last evaluation of this plan that lacks answers, None when there is none."""
    for stored in reversed(folder.of_plan(plan.sha256)):
        found = progress_of(stored)
        if not found.is_complete:
            return found
    return None


def begin_or_go_on(folder: Evaluations, plan: EvaluationPlan, *, fresh: bool) -> StoredEvaluation:
    """Return the unfinished evaluation of this plan, or a new one.

    Parameters
    ----------
    fresh
        Begin a new one in any case: every call is made, and paid, again.
    """
    begun = None if fresh else unfinished(folder, plan)
    if begun is not None:
        return begun.stored
    return folder.begin(plan.model_dump(mode="json"), plan.sha256)


def run_evaluation(
    stored: StoredEvaluation,
    plan: EvaluationPlan,
    completer: Completer,
    *,
    report: Report = lambda _done, _total: True,
    function: Callable[..., Any] | None = None,
) -> Evaluated:
    """Run what is still open of an evaluation; each sample is on the disk the moment it ended.

    Parameters
    ----------
    stored
        Of `begin_or_go_on`.
    plan
        With the limits of today.
    function
        The loaded scoring function, where the plan asks for one.

    Raises
    ------
    StoreError
        If another process runs it, or the disk refuses.
    """
    journal = stored.journal()
    try:
        evaluator = Evaluator(completer, scorer_of(plan.scorer, function))
        return evaluate(plan, evaluator, journal, entries=stored.entries(), report=report)
    finally:
        journal.close()


def save_evaluation(store: Store, stored: StoredEvaluation, evaluated: Evaluated) -> Record:
    """Keep an evaluation in the history, with its samples and transcripts, and as a run.

    Saving it again, when more of it has run, replaces what was there.
    """
    earlier = store.find(Query(EVALUATION, facets={"evaluation": stored.id}, limit=1))
    body: dict[str, object] = {
        "schema_version": 1,
        "plan": evaluated.plan.model_dump(mode="json"),
        "planned": evaluated.planned,
        "scored": evaluated.scored,
        "failures": dict(evaluated.failures),
        "cost_usd": evaluated.cost,
    }
    status = "stopped" if evaluated.is_stopped else "completed"
    record = new_record(
        EVALUATION,
        evaluated.plan.name,
        body,
        facets={"evaluation": stored.id, "status": status},
    )
    if earlier:
        record = replace(record, id=earlier[0].id, revision=earlier[0].revision)
    saved = store.save(record, {SAMPLES: samples_jsonl(evaluated)})
    keep_run(store.runs, saved, evaluated)
    return saved


def scoring_function(entry_point: str) -> Callable[..., Any]:
    """Load `module:function` from the path of Python: the person's own code, in this process.

    Raises
    ------
    ContractError
        If there is no such module or function.
    """
    module, _, name = entry_point.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as exc:
        raise ContractError(
            f"The scoring function {entry_point} cannot be loaded: {exc}.",
            hint="Run the command from the folder of its module, or set PYTHONPATH.",
        ) from exc
    if not callable(found):
        raise ContractError(f"{entry_point} is no function.", hint="Name a function.")
    function: Callable[..., Any] = found
    return function
