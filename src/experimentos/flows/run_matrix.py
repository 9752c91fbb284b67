"""A plan of runs to executed runs: recorded before they start, followed, cancelled, resumed."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from experimentos.errors import ContractError
from experimentos.flows.projects import (
    SavedExperiment,
    change_experiment,
    load_experiment,
    load_project,
)
from experimentos.flows.run_record import ended, prepare, queued, started, utc_now
from experimentos.ids import content_hash
from experimentos.runner.port import Event, Job, Runner
from experimentos.runs.documents import Experiment, Run
from experimentos.runs.expand import RunPlan, expand, unfinished
from experimentos.runs.run_groups import newest_of_each
from experimentos.store.port import Store
from experimentos.store.run_port import BEAT_SECONDS, RunQuery

PAGE = 500
TICK_SECONDS = 0.2

type Progress = Callable[[int, int], bool]
type OnRun = Callable[[Run], None]


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a plan.

    Attributes
    ----------
    runs : tuple[Run, ...]
        In the order of the plan.
    """

    runs: tuple[Run, ...]

    def count(self, status: str) -> int:
        """Return how many ended so."""
        return sum(run.status == status for run in self.runs)


@dataclass(frozen=True, slots=True)
class VariantProgress:
    """How many runs of a variant are in which state.

    Attributes
    ----------
    variant : str
    done : int
        Repeats that are completed.
    counts : Mapping[str, int]
        Status to runs.
    """

    variant: str
    done: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which runs of an experiment are wanted.

    Attributes
    ----------
    repeats : int
        New runs of each variant.
    variants : tuple[str, ...]
        None for all.
    resume, retry : bool
        Instead of new runs: those that were left undone; with `retry` the failed ones as well.
    """

    repeats: int = 1
    variants: tuple[str, ...] = ()
    resume: bool = False
    retry: bool = False


def plan_runs(store: Store, name: str, asked: Asked, project: str | None = None) -> RunPlan:
    """Return what would be executed, with its count, cost and time.

    Nothing is written, but which earlier runs were interrupted.

    Raises
    ------
    ContractError
        If the experiment names no entry point or is archived, or nothing is left to do.
    """
    saved = load_experiment(store, name, project)
    experiment = saved.experiment
    owner = load_project(store, experiment.project_slug).project
    if experiment.entry_point is None:
        raise ContractError(
            f"The experiment {experiment.name} names no entry point, so nothing can be run.",
            hint="Give it entry_point: module:function.",
        )
    if "archived" in (experiment.status, owner.status) or owner.status == "template":
        raise ContractError(
            f"The experiment {experiment.name}, or its project, is archived or a template.",
            hint="Restore it first.",
        )
    store.runs.interrupt_silent()
    past = runs_of(store, saved)
    if asked.resume or asked.retry:
        plan = unfinished(owner, experiment, past, failed=asked.retry)
        kept = tuple(r for r in plan.runs if not asked.variants or r.variant in asked.variants)
        return replace(plan, runs=kept) if kept else plan
    return expand(owner, experiment, asked.repeats, variants=asked.variants, past=past)


def runs_of(store: Store, saved: SavedExperiment) -> tuple[Run, ...]:
    """Return all runs of an experiment, newest first."""
    query = RunQuery(
        project=saved.experiment.project_slug, experiment=saved.experiment.slug, limit=PAGE
    )
    found: list[Run] = []
    while True:
        page = store.runs.page(query)
        found += page.rows
        if not page.next:
            return tuple(found)
        query = replace(query, after=page.next)


def progress_of(experiment: Experiment, runs: Sequence[Run]) -> tuple[VariantProgress, ...]:
    """Return how far each variant is, in the order of the experiment."""
    done = newest_of_each(runs)
    return tuple(
        VariantProgress(
            variant.name,
            sum(run.variant == variant.name for run in done),
            Counter(run.status for run in runs if run.variant == variant.name),
        )
        for variant in experiment.variants
    )


@dataclass(slots=True)
class _Batch:
    """A plan that is being executed by one or several threads."""

    store: Store
    runner: Runner
    plan: RunPlan
    code: Path
    waiting: deque[Run]
    on_run: OnRun
    over: dict[str, Run] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    cancelled: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Execute runs until none is left to take."""
        run = self._take()
        if run is not None:
            self.store.runs.save_run(run)
        while run is not None:
            beats = _Beats(self.store, run.run_id, self.cancelled)
            outcome = self.runner.run(self._job(run), _ignore, beats.goes_on)
            primary = self.plan.experiment.evaluation.primary_metric
            done = ended(self._keep, run, outcome, primary)
            run = self._take()
            # The end of one run and the start of the next are one transaction: half the cost.
            self.store.runs.save_runs([done] if run is None else [done, run])
            self._tell(done)

    def drop(self) -> None:
        """Record what was not begun as cancelled."""
        left = [
            r.model_copy(update={"status": "cancelled", "ended_at": utc_now()})
            for r in self.waiting
        ]
        self.waiting.clear()
        if left:
            self.store.runs.save_runs(left)
        for run in left:
            self._tell(run)

    def _take(self) -> Run | None:
        if self.cancelled.is_set():
            return None
        try:
            return started(self.waiting.popleft())
        except IndexError:
            return None

    def _keep(self, content: bytes) -> str:
        # The same source files, run after run: asked of the store once.
        sha256 = content_hash(content)
        if sha256 not in self.kept:
            self.kept.add(self.store.runs.keep(content))
        return sha256

    def _tell(self, run: Run) -> None:
        self.over[run.run_id] = run
        self.on_run(run)

    def _job(self, run: Run) -> Job:
        return Job(
            entry_point=self.plan.experiment.entry_point or "",
            code=self.code,
            params=run.params,
            seed=int(str(run.environment["seed"])),
            repeat=run.repeat,
            time_limit_seconds=self.plan.experiment.execution.time_limit_seconds,
            constraints=self.plan.project.constraints if self.plan.project else {},
        )


@dataclass(slots=True)
class _Beats:
    """Says now and then that a run is alive, and learns whether it is to go on."""

    store: Store
    run_id: str
    cancelled: threading.Event
    last: float = field(default_factory=monotonic)

    def goes_on(self) -> bool:
        if self.cancelled.is_set():
            return False
        if monotonic() - self.last < BEAT_SECONDS:
            return True
        self.last = monotonic()
        return self.store.runs.beat(self.run_id)


def execute(
    store: Store,
    runner: Runner,
    plan: RunPlan,
    code: Path,
    progress: Progress = lambda _done, _total: True,
    on_run: OnRun = lambda _run: None,
) -> Batch:
    """Execute a plan; every run is on record before the first of them starts.

    Parameters
    ----------
    store
        Taken for a moment at the start and the end of each run, never while its code works.
    code
        Folder of the code; data sources are relative to it.
    progress
        Told how many are over, several times a second; False cancels what is left, and kills
        what runs.
    on_run
        Told of every run that is over, from the thread that followed it.

    Raises
    ------
    ContractError
        If a data source is not as planned; nothing was started.
    """
    prepared = prepare(store.runs, plan, code)
    waiting = [queued(plan, at, prepared) for at in range(len(plan.runs))]
    store.runs.save_runs(waiting)
    saved = load_experiment(store, plan.experiment.slug, plan.experiment.project_slug)
    change_experiment(store, saved, status="running")
    batch = _Batch(store, runner, plan, code, deque(waiting), on_run)
    try:
        _follow(batch, len(waiting), progress)
    finally:
        _settle(store, plan.experiment)
    return Batch(tuple(batch.over[run.run_id] for run in waiting))


def _follow(batch: _Batch, total: int, progress: Progress) -> None:
    at_once = min(batch.plan.experiment.execution.at_once, total)
    futures: list[Future[None]] = []
    try:
        with ThreadPoolExecutor(at_once, "run") as pool:
            futures += [pool.submit(batch.work) for _ in range(at_once)]
            _watch(batch, futures, total, progress)
    finally:
        # Also when we are interrupted ourselves: no process lives on, and the records say so.
        batch.drop()
    for future in futures:
        future.result()


def _watch(batch: _Batch, futures: Sequence[Future[None]], total: int, progress: Progress) -> None:
    left = set(futures)
    try:
        while left:
            done, left = wait(left, TICK_SECONDS, FIRST_COMPLETED)
            is_broken = any(future.exception() for future in done)
            if is_broken or not progress(len(batch.over), total):
                batch.cancelled.set()
    finally:
        batch.cancelled.set()


def _settle(store: Store, experiment: Experiment) -> None:
    """Give the experiment the status that its runs have earned."""
    saved = load_experiment(store, experiment.slug, experiment.project_slug)
    change_experiment(store, saved, status=status_after(experiment, runs_of(store, saved)))


def status_after(experiment: Experiment, runs: Sequence[Run]) -> str:
    """Return the status of an experiment with these runs."""
    if any(not run.is_over for run in runs):
        return "running"
    done = newest_of_each(runs)
    have = {v.name: sum(run.variant == v.name for run in done) for v in experiment.variants}
    if all(n >= experiment.evaluation.min_runs_per_variant for n in have.values()):
        return "completed"
    return "failed" if runs and not done else "planned"


def _ignore(_event: Event) -> None:
    """Take no notice: what a run says while it lasts is shown by nobody yet."""
