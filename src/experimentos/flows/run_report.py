"""Projects, experiments, runs and their comparison as JSON values and as files."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from experimentos.flows.encode import Json, encode
from experimentos.flows.projects import SavedExperiment, SavedProject
from experimentos.flows.reproduce import Again
from experimentos.flows.run_list import GroupRow
from experimentos.flows.run_matrix import VariantProgress
from experimentos.flows.sample_report import samples_report
from experimentos.flows.samples import SampleAnalysis
from experimentos.memo.exports import guard_cell
from experimentos.memo.live_words import standing
from experimentos.runs.documents import Project, Run
from experimentos.runs.expand import RunPlan
from experimentos.runs.inherit import settings_of
from experimentos.runs.run_diff import RunDiff, flat
from experimentos.runs.run_groups import RunComparison

if TYPE_CHECKING:
    from experimentos.flows.experiment_status import ExperimentStatus

SCHEMA_VERSION = 1
PLAIN = (
    "run_id", "project", "experiment", "variant", "repeat", "status", "created_at", "seconds",
    "primary_value", "cost_usd", "error_kind", "reproduces_run_id", "code_sha256", "inputs_sha256",
)  # fmt: skip


def report(name: str, **content: Json) -> dict[str, Json]:
    """Return a JSON report."""
    return {"schema_version": SCHEMA_VERSION, "report": name, **content}


def project_json(saved: SavedProject) -> dict[str, Json]:
    """Return a project with its short name and times."""
    return _saved(saved.project.slug, saved.project, saved)


def experiment_json(saved: SavedExperiment) -> dict[str, Json]:
    """Return an experiment with its short name and times."""
    return _saved(saved.experiment.slug, saved.experiment, saved)


def settings_json(project: Project | None, saved: SavedExperiment) -> dict[str, Json]:
    """Return the parameters of every variant with where each comes from."""
    return {
        variant.name: encode(settings_of(project, saved.experiment, variant))
        for variant in saved.experiment.variants
    }


def run_json(run: Run) -> dict[str, Json]:
    """Return everything that is on record of a run."""
    return {**_object(encode(run)), "duration_seconds": run.seconds}


def plan_json(plan: RunPlan) -> dict[str, Json]:
    """Return what would be executed."""
    return {
        "runs": len(plan.runs),
        "cost_usd": plan.cost_usd,
        "seconds": plan.seconds,
        "issues": [encode(issue) for issue in plan.issues],
        "size": encode(plan.size),
        "planned": [
            {"variant": p.variant, "repeat": p.repeat, "seed": p.seed, "params": encode(p.params)}
            for p in plan.runs
        ],
    }


def comparison_json(
    comparison: RunComparison, paired: SampleAnalysis | None = None
) -> dict[str, Json]:
    """Return the variants of an experiment, described and compared.

    Where they ask models: `paired` by scenario, with the baseline's samples, beside it.
    """
    found = _object(encode(comparison))
    return found if paired is None else {**found, "paired": samples_report(paired)}


def diff_json(found: RunDiff) -> dict[str, Json]:
    """Return where two runs differ."""
    return {
        "first": found.first,
        "second": found.second,
        "differences": [{k: encode(v) for k, v in asdict(line).items()} for line in found.lines],
        "code": found.code,
    }


def again_json(again: Again) -> dict[str, Json]:
    """Return the verdict on a run that was executed again."""
    result = again.result
    return {
        "run_id": again.run.run_id,
        "reproduces_run_id": again.original.run_id,
        "verdict": result.verdict.value,
        "sentence": result.sentence,
        "metrics": encode(result.metrics),
        "outputs": list(result.outputs),
        "diff": diff_json(result.diff),
    }


def progress_json(row: VariantProgress) -> dict[str, Json]:
    """Return how far a variant is."""
    return {"variant": row.variant, "done": row.done, "runs": encode(row.counts)}


def status_json(found: "ExperimentStatus") -> dict[str, Json]:
    """Return how an experiment stands."""
    experiment = found.saved.experiment
    return {
        "experiment": experiment.slug,
        "status": experiment.status,
        "variants": [progress_json(row) for row in found.variants],
        "running": [encode(batch) for batch in found.running],
        "criteria": [encode(each) for each in found.comparison.criteria]
        if found.comparison
        else [],
        "constraints": [encode(each) for each in found.constraints],
        "standing": list(standing(experiment, found.comparison)),
    }


def groups_json(rows: Sequence[GroupRow]) -> Json:
    """Return runs by variant."""
    return [{**_object(encode(row.group)), "ci": encode(row.interval)} for row in rows]


def runs_csv(runs: Sequence[Run]) -> str:
    """Return runs as a table: one row each, parameters and metrics in columns of their own."""
    rows = [_row(run) for run in runs]
    inner = sorted({name for row in rows for name in row if name not in PLAIN})
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    header = (*PLAIN, *inner)
    writer.writerow([guard_cell(name) for name in header])
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in header])
    return text.getvalue()


def export_json(
    saved: SavedExperiment, runs: Sequence[Run], comparison: RunComparison | None
) -> str:
    """Return an experiment with all of its runs and their comparison as one JSON text."""
    return json.dumps(
        report(
            "experiment_export",
            experiment=experiment_json(saved),
            runs=[run_json(run) for run in runs],
            comparison=comparison_json(comparison) if comparison else None,
        ),
        ensure_ascii=False,
        indent=2,
        allow_nan=False,
    )


def _row(run: Run) -> dict[str, object]:
    row: dict[str, object] = {name: getattr(run, name) for name in PLAIN}
    for head, values in (("params", run.params), ("metrics", run.metrics), ("tags", run.tags)):
        row |= {f"{head}.{name}": value for name, value in flat(values).items()}
    return row


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value)
    return guard_cell(str(encode(value)))


def _saved(slug: str, document: object, saved: SavedProject | SavedExperiment) -> dict[str, Json]:
    return {
        "slug": slug,
        **_object(encode(document)),
        "saved_at": encode(saved.record.created_at),
        "updated_at": encode(saved.record.updated_at),
    }


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
