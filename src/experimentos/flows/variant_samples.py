"""The answers that variants got, as one table of samples: a variant stands where a model does."""

import json
from collections.abc import Iterator
from typing import Any

from experimentos.analysis.result import Direction
from experimentos.errors import ContractError
from experimentos.flows.evaluations import SAMPLES
from experimentos.flows.past_runs import runs_of
from experimentos.flows.projects import SavedExperiment
from experimentos.flows.samples import SampleAnalysis, SampleQuestion, analyze_samples
from experimentos.runs.counted import newest_of_each
from experimentos.runs.documents import Experiment, Run
from experimentos.runs.sample_files import read_samples
from experimentos.store.port import Store

MOST_SAMPLES = 100
"""Of a scenario in one run; the samples of the next repeat are numbered on from there."""


def variant_samples(store: Store, saved: SavedExperiment) -> bytes:
    """Return the samples of an experiment that asks models, as tidy JSON lines.

    Of each variant and repeat the newest completed run counts. The variant stands in the column
    `model`. Where a run asks several models, a scenario is one for each of them: variants are
    paired by scenario and model, and the models of a scenario lie in one cluster.

    Raises
    ------
    ContractError
        If it asks none, or no run is completed.
    """
    experiment = saved.experiment
    if not experiment.asks:
        raise ContractError(
            f"The experiment {experiment.name} asks no models: its runs have no samples.",
            hint="Compare its runs instead.",
        )
    runs = [run for run in newest_of_each(runs_of(store, saved)) if SAMPLES in run.outputs]
    if not runs:
        raise ContractError(
            "No run is completed, so there are no samples.", hint="Run the experiment first."
        )
    order = [experiment.baseline, *(variant.name for variant in experiment.variants)]
    runs.sort(key=lambda run: (order.index(run.variant), run.repeat))
    rows = [(run, row) for run in runs for row in _rows(store, run)]
    several = len({row["model"] for _, row in rows}) > 1 and _asks_several(rows)
    lines = (json.dumps(_row(run, row, several=several), ensure_ascii=False) for run, row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def analyze_variants(
    store: Store, saved: SavedExperiment, adjustment: str = "holm"
) -> SampleAnalysis:
    """Return how the variants score, each against the baseline, paired by scenario.

    Raises
    ------
    ContractError
        As `variant_samples`, or if the baseline has no completed run.
    """
    file = read_samples(variant_samples(store, saved), samples_name(saved.experiment))
    return analyze_samples(file, question_of(saved.experiment, adjustment))


def question_of(experiment: Experiment, adjustment: str = "holm") -> SampleQuestion:
    """Return what is asked of the samples of an experiment."""
    direction = Direction(experiment.evaluation.direction)
    return SampleQuestion(experiment.baseline, direction=direction, adjustment=adjustment)


def samples_name(experiment: Experiment) -> str:
    """Return the name of the file of an experiment's samples."""
    return f"{experiment.slug}.jsonl"


def _rows(store: Store, run: Run) -> Iterator[dict[str, Any]]:
    for line in store.artefact(run.outputs[SAMPLES]).splitlines():
        yield json.loads(line)


def _asks_several(rows: list[tuple[Run, dict[str, Any]]]) -> bool:
    """Return whether some run asked more than one model."""
    pairs = {(run.run_id, row["model"]) for run, row in rows}
    return len(pairs) > len({run_id for run_id, _ in pairs})


def _row(run: Run, row: dict[str, Any], *, several: bool) -> dict[str, Any]:
    place = {
        "model": run.variant,
        "sample_index": (max(run.repeat, 1) - 1) * MOST_SAMPLES + row["sample_index"],
    }
    if several:
        place["scenario"] = f"{row['scenario']} | {row['model']}"
        place["cluster"] = row.get("cluster", row["scenario"])
    return row | place
