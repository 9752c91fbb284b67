"""How an experiment stands: what runs, what is done, what is met, what its project allows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from experimentos.errors import ContractError, NotFound
from experimentos.flows.live_runs import Ongoing, ongoing
from experimentos.flows.past_runs import (
    every_run,
    query_of,
    tallies_of_experiment,
    tallies_of_project,
)
from experimentos.flows.projects import SavedExperiment, load_project
from experimentos.flows.run_matrix import VariantProgress, progress_of, status_after
from experimentos.flows.variants import compare_experiment
from experimentos.runs.constraint_checks import ConstraintState, Finished, states_of
from experimentos.runs.constraints import BROKEN, spent_by
from experimentos.runs.documents import Experiment, Project, Run
from experimentos.runs.run_groups import RunComparison
from experimentos.runs.search import And, Compare, Field, FieldType, Operator
from experimentos.runs.tally import Tally
from experimentos.store.port import Store

# Runs that are shown, and whose names stand for those of all others.
NEWEST = 50


@dataclass(frozen=True, slots=True)
class ExperimentStatus:
    """Everything that is to be known of an experiment at this moment.

    Attributes
    ----------
    saved : SavedExperiment
    runs : tuple[Run, ...]
        The newest ones, newest first.
    variants : tuple[VariantProgress, ...]
    running : tuple[Ongoing, ...]
    comparison : RunComparison | None
        None while no run has a metric.
    constraints : tuple[ConstraintState, ...]
        Of its project.
    """

    saved: SavedExperiment
    runs: tuple[Run, ...]
    variants: tuple[VariantProgress, ...]
    running: tuple[Ongoing, ...]
    comparison: RunComparison | None
    constraints: tuple[ConstraintState, ...]


def status_of(store: Store, saved: SavedExperiment) -> ExperimentStatus:
    """Return how an experiment stands; runs whose process is gone are marked first."""
    experiment = saved.experiment
    running = ongoing(store, experiment.project_slug, experiment.slug)
    tallies = tallies_of_experiment(store, experiment)
    if experiment.status == "running" and not running:
        # Whoever executed it is gone, and wrote no other status.
        experiment = experiment.model_copy(update={"status": status_after(experiment, tallies)})
        saved = replace(saved, experiment=experiment)
    runs = store.runs.page(replace(query_of(experiment), limit=NEWEST)).rows
    try:
        project = load_project(store, experiment.project_slug).project
    except NotFound:
        project = None
    return ExperimentStatus(
        saved,
        runs,
        progress_of(experiment, tallies),
        running,
        _comparison(store, saved),
        _constraints(store, project, experiment, tallies, runs) if project else (),
    )


def _comparison(store: Store, saved: SavedExperiment) -> RunComparison | None:
    try:
        return compare_experiment(store, saved)
    except ContractError:
        return None


def _constraints(
    store: Store,
    project: Project,
    experiment: Experiment,
    tallies: Sequence[Tally],
    newest: Sequence[Run],
) -> tuple[ConstraintState, ...]:
    if not project.constraints:
        return ()
    done = tuple(
        Compare(Field((name,), FieldType.TEXT), Operator.EQUAL, value)
        for name, value in (("status", "completed"), ("error_kind", BROKEN))
    )
    found = Finished(
        sum(tally.runs for tally in tallies if tally.status == "completed"),
        every_run(store, replace(query_of(experiment), where=And(done))),
        [run for run in newest if run.status == "completed"],
    )
    return states_of(project.constraints, spent_by(tallies_of_project(store, project)), found)
