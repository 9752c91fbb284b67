"""The variants of an experiment compared by their runs, and written down."""

from collections import Counter
from collections.abc import Mapping, Sequence

from experimentos import __version__
from experimentos.errors import ContractError, NotFound
from experimentos.flows.latest import Latest
from experimentos.flows.past_runs import query_of, runs_of, tallies_of_experiment
from experimentos.flows.projects import SavedExperiment, load_project
from experimentos.flows.run_report import comparison_json, export_json, report, runs_csv
from experimentos.flows.samples import SampleAnalysis
from experimentos.memo.document import Document
from experimentos.memo.run_words import runs_what
from experimentos.memo.sample_words import SampleWords
from experimentos.memo.variant_report import paired_section, variant_report
from experimentos.runs.documents import Experiment
from experimentos.runs.evidence import Evidence
from experimentos.runs.run_groups import RunComparison, compare_evidence, needed_metrics
from experimentos.store.port import Store

# A comparison of very many runs is made once for each state of the history, not for each look.
KNOWN: Latest[RunComparison] = Latest(64)


def compare_experiment(
    store: Store,
    saved: SavedExperiment,
    metrics: Sequence[str] = (),
    adjustment: str = "holm",
    pairing: str = "auto",
) -> RunComparison:
    """Compare the variants of an experiment by its completed runs.

    Raises
    ------
    ContractError
        As `runs.run_groups.compare_runs`.
    """
    experiment = saved.experiment
    try:
        quality = load_project(store, experiment.project_slug).project.quality
    except NotFound:
        quality = {}
    asked = (tuple(metrics), adjustment, pairing, repr(sorted(quality.items())))
    key = (store.runs.stamp(), experiment.model_dump_json(), *asked)
    return KNOWN.get(
        key,
        lambda: compare_evidence(
            experiment,
            evidence_in(store, experiment, metrics, quality),
            metrics=metrics,
            quality=quality,
            adjustment=adjustment,
            pairing=pairing,
        ),
    )


def evidence_in(
    store: Store,
    experiment: Experiment,
    metrics: Sequence[str] = (),
    quality: Mapping[str, bool | float] | None = None,
) -> Evidence:
    """Return what the store has of an experiment for a comparison by these metrics."""
    query = query_of(experiment)
    there = store.runs.metric_names(query)
    needed = needed_metrics(experiment, there, metrics, quality or {})
    failed: Counter[str] = Counter()
    for tally in tallies_of_experiment(store, experiment):
        failed[tally.variant] += tally.runs if tally.status == "failed" else 0
    scores = store.runs.scores(query, needed)
    return Evidence(there, {found.variant: found for found in scores}, failed)


def comparison_text(
    saved: SavedExperiment,
    comparison: RunComparison,
    form: str,
    paired: SampleAnalysis | None = None,
) -> str:
    """Return a comparison as "md", "html" or "json"; with `paired` by scenario as well."""
    document = _document(saved, comparison, paired)
    match form:
        case "md":
            from experimentos.memo.markdown import render_markdown

            return render_markdown(document)
        case "html":
            from experimentos.memo.html import render_html

            return render_html(document)
        case "json":
            import json

            content = report("run_comparison", **comparison_json(comparison, paired))
            return json.dumps(content, indent=2, allow_nan=False) + "\n"
        case _:
            raise ContractError(
                f"A comparison is not written as .{form[:20]}.", hint="Use .md, .html or .json."
            )


def export_text(store: Store, saved: SavedExperiment, form: str) -> str:
    """Return an experiment with all of its runs as "json" or "csv"."""
    runs = runs_of(store, saved)
    match form:
        case "csv":
            return runs_csv(runs)
        case "json":
            try:
                comparison = compare_experiment(store, saved)
            except ContractError:
                comparison = None
            return export_json(saved, runs, comparison)
        case _:
            raise ContractError(
                f"An experiment is not written as .{form[:20]}.", hint="Use .json or .csv."
            )


def _document(
    saved: SavedExperiment, comparison: RunComparison, paired: SampleAnalysis | None
) -> Document:
    experiment = saved.experiment
    facts = {
        "project": experiment.project_slug,
        "experiment": experiment.slug,
        "runs": runs_what(experiment),
        "metrics": ", ".join(comparison.metrics),
        "good is": experiment.evaluation.direction,
        "correction": comparison.adjustment,
        "pairing": comparison.pairing,
        "ExperimentOS": __version__,
    }
    by_scenario = (
        None
        if paired is None
        else paired_section(
            paired.of_metric, SampleWords(is_rate=paired.table.is_binary), paired.baseline
        )
    )
    return variant_report(experiment, comparison, facts, by_scenario)
