"""What keeping a record costs a run: alone, and beside code that works for 0.3 s."""

import tempfile
from functools import cache
from itertools import count
from pathlib import Path as File

from measure import Case, Path

from experimentos.flows.projects import create_experiment
from experimentos.flows.run_matrix import Asked, execute, plan_runs
from experimentos.flows.run_record import prepare
from experimentos.runner.local import LocalRunner
from experimentos.runner.port import Job, Outcome
from experimentos.runs.documents import Experiment, Variant
from experimentos.store.duckdb import DuckDbStore

RUNS = 10
RECORDED = 40
CODE = """
import time

def works(step, run):
    print("step", step)
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    return {f"metric_{number}": number / 7 for number in range(10)}
"""


class Nothing:
    """Answers at once, in no process: what is left is the keeping of the record."""

    def __init__(self) -> None:
        self.numbers = count()

    def run(self, _job: Job, *_: object) -> Outcome:
        metrics = {f"metric_{number}": number / 7 for number in range(10)}
        log = f"step {next(self.numbers)}".encode()
        return Outcome(metrics=metrics, log=log, sources={"worked.py": CODE})


@cache
def _scene() -> tuple[DuckDbStore, File]:
    folder = File(tempfile.mkdtemp())
    (folder / "worked.py").write_text(CODE)
    store = DuckDbStore(folder / "history.duckdb")
    two = tuple(Variant(name=name, parameters={"step": at}) for at, name in enumerate("ab"))
    made = Experiment(
        name="Tracking", project="Bench", variants=two, baseline="a", entry_point="worked:works"
    )
    create_experiment(store, made, make_project=True)
    prepare(store.runs, plan_runs(store, "tracking", Asked(1)), folder)
    return store, folder


def _recorded() -> Case:
    store, folder = _scene()

    def ours() -> None:
        plan = plan_runs(store, "tracking", Asked(RECORDED // 2))
        execute(store, Nothing(), plan, folder)

    return Case(ours)


def _beside() -> Case:
    store, folder = _scene()
    job = Job("worked:works", folder, {"step": 0})

    def ours() -> None:
        execute(store, LocalRunner(), plan_runs(store, "tracking", Asked(RUNS // 2)), folder)

    def bare() -> None:
        for _ in range(RUNS):
            LocalRunner().run(job, lambda _event: None, lambda: True)

    return Case(ours, bare)


PATHS = [
    Path(
        name="runs.recorded",
        work=f"{RECORDED} runs on record, without their code",
        budget_ms=20 * RECORDED,
        make=_recorded,
    ),
    Path(
        name="runs.beside",
        work=f"{RUNS} runs that work 0.3 s each",
        reference="the same, not recorded",
        bound=1.10,
        make=_beside,
    ),
]
