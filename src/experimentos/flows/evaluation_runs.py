"""An evaluation as a run of the history: found, ranked and compared like any other."""

from collections import defaultdict
from statistics import fmean

from pydantic import JsonValue

from experimentos.runs.clusters import clustered_mean
from experimentos.runs.documents import Metric, Run
from experimentos.runs.evaluated import Evaluated, EvaluatedSample
from experimentos.runs.experiment_evaluation import MEAN_SCORE, SAMPLES_FAILED, SAMPLES_SCORED
from experimentos.store.port import Record
from experimentos.store.run_port import RunSample, RunStore

LONGEST_NAME = 60


def keep_run(runs: RunStore, record: Record, evaluated: Evaluated) -> Run:
    """Save the run that stands for a kept evaluation, and the samples that have a score.

    A sample that failed is not logged: it is asked again when the evaluation goes on, and what was
    logged never changes.
    """
    run = runs.save_run(run_of(record, evaluated))
    log_scored(runs, run.run_id, evaluated)
    return run


def log_scored(runs: RunStore, run_id: str, evaluated: Evaluated) -> None:
    """Log the samples of a run that have a score."""
    scored = [s for s in evaluated.samples if s.status == "scored"]
    clusters = {scenario.id: scenario.cluster or "" for scenario in evaluated.plan.scenarios}
    runs.log_samples(run_id, [_sample(s, clusters[s.scenario]) for s in scored])


def run_of(record: Record, evaluated: Evaluated) -> Run:
    """Return the run that stands for a kept evaluation."""
    metrics = evaluation_metrics(evaluated)
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


def evaluation_metrics(evaluated: Evaluated) -> dict[str, Metric]:
    """Return mean score with its error, score of each model, counts, tokens, cost, latency.

    The error of the mean allows for samples of one scenario, or one cluster of scenarios, being
    alike.

    References
    ----------
    Miller (2024), Adding error bars to evals: cluster by question, or by family of questions.
    """
    found: dict[str, Metric] = {}
    scored = [sample for sample in evaluated.samples if sample.score is not None]
    if scored:
        family = {s.id: s.cluster or s.id for s in evaluated.plan.scenarios}
        scores = [sample.score or 0.0 for sample in scored]
        whole = clustered_mean(scores, [family[sample.scenario] for sample in scored])
        found[MEAN_SCORE] = whole.mean
        if whole.se is not None:
            found[f"{MEAN_SCORE}_se"] = whole.se
        by_model: dict[str, list[float]] = defaultdict(list)
        for sample in scored:
            by_model[sample.model].append(sample.score or 0.0)
        if len(by_model) > 1:
            found |= {f"score {name[:LONGEST_NAME]}": fmean(s) for name, s in by_model.items()}
    found[SAMPLES_SCORED] = float(len(scored))
    found[SAMPLES_FAILED] = float(sum(evaluated.failures.values()))
    return found | _used(evaluated)


def _used(evaluated: Evaluated) -> dict[str, Metric]:
    """Return tokens, cost and mean latency of the answers, as far as they are known."""
    answered = [sample for sample in evaluated.samples if sample.is_answered]
    found: dict[str, Metric] = {}
    for name in ("tokens_in", "tokens_out"):
        counts = [getattr(sample, name) for sample in answered]
        if counts and None not in counts:
            found[name] = float(sum(counts))
    if evaluated.cost is not None and answered:
        found["cost_usd"] = evaluated.cost
    waits = [sample.latency for sample in answered if sample.latency is not None]
    if waits:
        found["latency"] = fmean(waits)
    return found


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
