"""The runs that an experiment or a project has: all of them, or counted."""

from dataclasses import replace

from experimentos.flows.latest import Latest
from experimentos.flows.projects import SavedExperiment
from experimentos.runs.documents import Experiment, Project, Run
from experimentos.runs.tally import Tally
from experimentos.store.port import Store
from experimentos.store.run_port import RunQuery

PAGE = 500
COUNTED: Latest[tuple[Tally, ...]] = Latest(64)


def runs_of(store: Store, saved: SavedExperiment) -> tuple[Run, ...]:
    """Return all runs of an experiment, newest first."""
    return every_run(store, query_of(saved.experiment))


def every_run(store: Store, query: RunQuery) -> tuple[Run, ...]:
    """Return all runs that match, page after page."""
    query = replace(query, limit=PAGE)
    found: list[Run] = []
    while True:
        page = store.runs.page(query)
        found += page.rows
        if not page.next:
            return tuple(found)
        query = replace(query, after=page.next)


def query_of(experiment: Experiment) -> RunQuery:
    """Return the query for the runs of an experiment, newest first."""
    return RunQuery(project=experiment.project_slug, experiment=experiment.slug)


def tallies_of_experiment(store: Store, experiment: Experiment) -> tuple[Tally, ...]:
    """Return how many runs of an experiment there are, by variant and status."""
    query = query_of(experiment)
    key = (store.runs.stamp(), query)
    return COUNTED.get(key, lambda: store.runs.tallied(query))


def tallies_of_project(store: Store, project: Project) -> tuple[Tally, ...]:
    """Return the runs of a project that its constraints count; none when it has none."""
    if not project.constraints:
        return ()
    kinds = ("script", "evaluation")
    queries = (RunQuery(project=project.slug, kind=kind) for kind in kinds)
    return tuple(tally for query in queries for tally in store.runs.tallied(query))
