"""A rerun of the tabs Projects and Compare, with 100,000 runs in one experiment."""

import atexit
import tempfile
from functools import cache
from pathlib import Path as File

from measure import Case, Path
from store_paths import RUNS, fill

from experimentos.flows import past_runs, variants
from experimentos.flows.experiment_status import status_of
from experimentos.flows.projects import SavedExperiment, create_experiment, create_project
from experimentos.flows.run_matrix import Asked, plan_runs
from experimentos.runs.documents import Evaluation, Experiment, Project, Variant
from experimentos.store.duckdb import DuckDbStore


@cache
def opened() -> tuple[DuckDbStore, SavedExperiment]:
    """Return a history with one large experiment, made once."""
    folder = tempfile.TemporaryDirectory(prefix="experimentos-bench-")
    atexit.register(folder.cleanup)
    store = DuckDbStore(File(folder.name) / "history.duckdb")
    atexit.register(opened.cache_clear)
    atexit.register(store.close)
    fill(store.runs, store.write, RUNS)
    create_project(store, Project(name="Shop"))
    experiment = Experiment(
        name="Large",
        project="Shop",
        variants=tuple(Variant(name=f"v{number}") for number in range(5)),
        baseline="v0",
        entry_point="module:function",
        evaluation=Evaluation(metrics=("loss",), direction="lower"),
    )
    saved = create_experiment(store, experiment)
    store.write(
        lambda cursor: cursor.execute("update run set project = 'shop', experiment = 'large'")
    )
    return store, saved


def _projects() -> Case:
    store, saved = opened()

    def rerun() -> None:
        status_of(store, saved)
        plan_runs(store, "shop/large", Asked(5))

    rerun()
    return Case(rerun)


def _compare() -> Case:
    store, saved = opened()
    variants.compare_experiment(store, saved)
    return Case(lambda: variants.compare_experiment(store, saved))


def _anew() -> Case:
    store, saved = opened()

    def changed() -> None:
        variants.KNOWN.forget()
        past_runs.COUNTED.forget()
        variants.compare_experiment(store, saved)

    changed()
    return Case(changed)


PATHS = [
    Path(
        name="tabs.projects",
        work="1e5 runs of one experiment, Projects again",
        budget_ms=100,
        make=_projects,
    ),
    Path(
        name="tabs.compare",
        work="1e5 runs of one experiment, Compare again",
        budget_ms=30,
        make=_compare,
    ),
    Path(
        name="tabs.compare_anew",
        work="the same after a change",
        budget_ms=2_000,
        make=_anew,
    ),
]
