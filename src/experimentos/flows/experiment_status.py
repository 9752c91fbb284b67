"""How an experiment stands: what runs, what is done, what is met, what its project allows."""

from dataclasses import dataclass

from experimentos.errors import ContractError, NotFound
from experimentos.flows.live_runs import Ongoing, ongoing
from experimentos.flows.projects import SavedExperiment, load_project
from experimentos.flows.run_matrix import VariantProgress, progress_of, runs_of, runs_of_project
from experimentos.runs.constraint_checks import ConstraintState, states_of
from experimentos.runs.constraints import spent_by
from experimentos.runs.documents import Run
from experimentos.runs.run_groups import RunComparison, compare_runs
from experimentos.store.port import Store


@dataclass(frozen=True, slots=True)
class ExperimentStatus:
    """Everything that is to be known of an experiment at this moment.

    Attributes
    ----------
    saved : SavedExperiment
    runs : tuple[Run, ...]
        Newest first.
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
    runs = runs_of(store, saved)
    try:
        project = load_project(store, experiment.project_slug).project
    except NotFound:
        project = None
    return ExperimentStatus(
        saved,
        runs,
        progress_of(experiment, runs),
        running,
        _comparison(saved, runs, dict(project.quality) if project else {}),
        states_of(project.constraints, spent_by(runs_of_project(store, project)), runs)
        if project
        else (),
    )


def _comparison(
    saved: SavedExperiment, runs: tuple[Run, ...], quality: dict[str, bool | float]
) -> RunComparison | None:
    try:
        return compare_runs(saved.experiment, runs, quality=quality)
    except ContractError:
        return None
