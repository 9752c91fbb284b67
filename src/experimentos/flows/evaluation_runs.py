"""An evaluation as a run of the history: found, ranked and compared like any other."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from pydantic import JsonValue

from experimentos.runs.documents import Metric, Run
from experimentos.runs.evaluated import Evaluated, EvaluatedSample
from experimentos.store.port import Record
from experimentos.store.run_port import RunSample, RunStore

MEAN_SCORE = "mean_score"
LONGEST_NAME = 60


def keep_run(runs: RunStore, record: Record, evaluated: Evaluated) -> Run:
    """Save the run that stands for a kept evaluation, and the samples that have a score.

    A sample that failed is not logged: it is asked again when the evaluation goes on, and what was
    logged never changes.
    """
    run = runs.save_run(run_of(record, evaluated))
    scored = [s for s in evaluated.samples if s.status == "scored"]
    clusters = {scenario.id: scenario.cluster or "" for scenario in evaluated.plan.scenarios}
    runs.log_samples(run.run_id, [_sample(s, clusters[s.scenario]) for s in scored])
    return run


def run_of(record: Record, evaluated: Evaluated) -> Run:
    """Return the run that stands for a kept evaluation."""
    metrics = _metrics(evaluated)
    mean = metrics.get(MEAN_SCORE)
    failed = sum(evaluated.failures.values())
    return Run(
        run_id=record.id,
        kind="evaluation",
        title=record.title,
        status="cancelled" if evaluated.is_stopped else "completed",
        created_at=record.created_at,
        ended_at=record.updated_at,
        sample_count=evaluated.scored,
        primary_value=mean if isinstance(mean, float) else None,
        error_kind=next(iter(evaluated.failures), ""),
        error=f"{failed:,} samples failed." if failed else "",
        params=_parameters(evaluated),
        metrics=metrics,
        outputs=dict(record.artefacts),
        config_sha256=evaluated.plan.sha256,
        cost_usd=evaluated.cost,
    )


def _metrics(evaluated: Evaluated) -> dict[str, Metric]:
    """Return the mean score of all samples and of each model."""
    by_model: dict[str, list[float]] = defaultdict(list)
    for sample in evaluated.samples:
        if sample.score is not None:
            by_model[sample.model].append(sample.score)
    means: dict[str, Metric] = {
        f"score {name[:LONGEST_NAME]}": fmean(scores) for name, scores in by_model.items()
    }
    if by_model:
        means[MEAN_SCORE] = fmean(_flat(by_model.values()))
    return means


def _flat(lists: Iterable[list[float]]) -> list[float]:
    return [value for one in lists for value in one]


def _parameters(evaluated: Evaluated) -> dict[str, JsonValue]:
    plan = evaluated.plan
    return {
        "models": [model.shown for model in plan.models],
        "scenarios": len(plan.scenarios),
        "samples_per_scenario": plan.samples_per_scenario,
        "scorer": plan.scorer.kind,
        **plan.generation.model_dump(mode="json", exclude_none=True),
    }


def _sample(sample: EvaluatedSample, cluster: str) -> RunSample:
    return RunSample(
        sample.scenario,
        sample.model,
        sample.sample_index,
        cluster,
        score=sample.score,
        latency_ms=None if sample.latency is None else sample.latency * 1000,
        tokens_in=sample.tokens_in,
        tokens_out=sample.tokens_out,
        cost_usd=sample.cost,
    )
