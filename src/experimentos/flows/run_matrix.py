"""A plan of runs to executed runs: recorded before they start, followed, cancelled, resumed."""

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from experimentos.errors import ContractError
from experimentos.flows.past_runs import runs_of, tallies_of_experiment, tallies_of_project
from experimentos.flows.projects import (
    SavedExperiment,
    change_experiment,
    load_experiment,
    load_project,
)
from experimentos.flows.run_beats import CANCELLED_WORDS, Beats, explained
from experimentos.flows.run_record import ended, prepare, queued, started, utc_now
from experimentos.flows.variant_runs import Asking, with_scenarios
from experimentos.ids import content_hash
from experimentos.issue import Issue, Severity
from experimentos.runner.port import Job, Outcome, Runner
from experimentos.runs.constraints import BROKEN, Spent, limit_reached, plan_issues, spent_by
from experimentos.runs.documents import OVER, Experiment, Parameters, Run
from experimentos.runs.expand import RunPlan, expand, unfinished
from experimentos.runs.tally import Tally
from experimentos.store.port import Store

HERE = Path()
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


def plan_runs(
    store: Store, name: str, asked: Asked, project: str | None = None, code: Path = HERE
) -> RunPlan:
    """Return what would be executed, with its count, cost and time.

    Nothing is written, but which earlier runs were interrupted.

    Parameters
    ----------
    code
        Folder of the code: a file of scenarios is read from there.

    Raises
    ------
    ContractError
        If the experiment names nothing to run or is archived, or nothing is left to do.
    """
    saved = load_experiment(store, name, project)
    experiment = with_scenarios(saved.experiment, code)
    owner = load_project(store, experiment.project_slug).project
    if experiment.entry_point is None and not experiment.asks:
        raise ContractError(
            f"The experiment {experiment.name} names no entry point and no evaluation that asks "
            "models, so nothing can be run.",
            hint="Give it entry_point: module:function, or the models, scenarios and scorer of "
            "its evaluation (docs/evaluations.md).",
        )
    if "archived" in (experiment.status, owner.status) or owner.status == "template":
        raise ContractError(
            f"The experiment {experiment.name}, or its project, is archived or a template.",
            hint="Restore it first.",
        )
    store.runs.interrupt_silent()
    if asked.resume or asked.retry:
        past = runs_of(store, saved)
        plan = unfinished(owner, experiment, past, failed=asked.retry, variants=asked.variants)
    else:
        tallies = tallies_of_experiment(store, experiment)
        plan = expand(owner, experiment, asked.repeats, variants=asked.variants, past=tallies)
    found = _issues(plan, tallies_of_project(store, owner))
    return replace(plan, issues=(*plan.issues, *found))


def _issues(plan: RunPlan, past: Sequence[Tally]) -> tuple[Issue, ...]:
    if plan.project is None:
        return ()
    planned = [(run.variant, run.params) for run in plan.runs]
    constraints = plan.project.constraints
    return plan_issues(constraints, plan.experiment, planned, past, plan.cost_usd)


def progress_of(experiment: Experiment, past: Sequence[Tally]) -> tuple[VariantProgress, ...]:
    """Return how far each variant is, in the order of the experiment."""
    return tuple(
        VariantProgress(
            variant.name,
            _done(past, variant.name),
            {tally.status: tally.runs for tally in past if tally.variant == variant.name},
        )
        for variant in experiment.variants
    )


def _done(past: Sequence[Tally], variant: str) -> int:
    return sum(t.repeats for t in past if t.variant == variant and t.status == "completed")


@dataclass(slots=True)
class _Batch:
    """A plan that is being executed by one or several threads."""

    store: Store
    runner: Runner
    plan: RunPlan
    code: Path
    waiting: deque[Run]
    on_run: OnRun
    spent: Spent
    over: dict[str, Run] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    beats: dict[str, Beats] = field(default_factory=dict)
    asking: Asking | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    is_told: bool = False
    why: str = ""

    def work(self) -> None:
        """Execute runs until none is left to take."""
        run = self._take()
        if run is not None:
            self.store.runs.save_run(run)
        while run is not None:
            beats = Beats(self.store.runs, run.run_id, self.reason_to_stop)
            self.beats[run.run_id] = beats
            outcome = explained(self.runner.run(self._job(run), beats.hear, beats.goes_on), beats)
            done = self._ended(run, outcome)
            del self.beats[run.run_id]
            self.is_told = self.is_told or beats.is_told
            self.over[run.run_id] = done
            self.reason_to_stop()
            run = self._take()
            # The end of one run and the start of the next are one transaction: half the cost.
            self.store.runs.save_runs([done] if run is None else [done, run])
            self._tell(done)

    def _ended(self, run: Run, outcome: Outcome) -> Run:
        primary = self.plan.experiment.evaluation.primary_metric
        if self.asking is None:
            return ended(self._keep, run, outcome, primary)
        answered = self.asking.answered(run)
        done = ended(self._keep, run, self.asking.outcome(run, outcome, answered), primary)
        return self.asking.kept(self.store.runs, done, answered)

    def drop(self) -> None:
        """Record what was not begun as cancelled."""
        left = [
            r.model_copy(update={"status": "cancelled", "ended_at": utc_now(), **self._account()})
            for r in self.waiting
        ]
        self.waiting.clear()
        if left:
            self.store.runs.save_runs(left)
        for run in left:
            self._tell(run)

    def reason_to_stop(self) -> str:
        """Return why nothing is to go on; "" while all may."""
        if not self.cancelled.is_set() and self.constraints:
            self.why = limit_reached(self.constraints, *self._used())
            if self.why:
                self.cancelled.set()
        return (self.why or CANCELLED_WORDS) if self.cancelled.is_set() else ""

    @property
    def constraints(self) -> Parameters:
        """Return those of the project."""
        return self.plan.project.constraints if self.plan.project else {}

    def _used(self) -> tuple[float, float]:
        """Return the money and the seconds that the project has used up by now."""
        over, running = list(self.over.values()), list(self.beats.values())
        usd = sum(run.cost_usd or 0.0 for run in over) + sum(each.cost_usd for each in running)
        seconds = sum(run.seconds or 0.0 for run in over) + sum(each.seconds for each in running)
        return self.spent.usd + usd, self.spent.seconds + seconds

    def _account(self) -> dict[str, str]:
        return {"error_kind": BROKEN, "error": self.why} if self.why else {}

    def _take(self) -> Run | None:
        while not self.cancelled.is_set() and self.waiting:
            with contextlib.suppress(IndexError):
                run = self.waiting.popleft()
                # Who cancels from elsewhere does so in the history: it is asked once that happened.
                there = self.store.runs.load_run(run.run_id) if self.is_told else run
                if not there.is_over:
                    begun = started(run)
                    return begun if self.asking is None else self.asking.begun(begun)
                self._tell(there)
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
        if self.asking is not None:
            return self.asking.job(run, self.code)
        return Job(
            entry_point=self.plan.experiment.entry_point or "",
            code=self.code,
            params=run.params,
            seed=int(str(run.environment["seed"])),
            repeat=run.repeat,
            time_limit_seconds=float(str(run.environment["time_limit_seconds"])),
            constraints=self.constraints,
        )


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
        If the project forbids it by now, or a data source is not as planned; nothing was started.
    LlmUnavailable
        If models are to be asked and no endpoint is named.
    """
    past = tallies_of_project(store, plan.project) if plan.project else ()
    _refuse(_issues(plan, past))
    prepared = prepare(store.runs, plan, code)
    waiting = [queued(plan, at, prepared) for at in range(len(plan.runs))]
    asking = Asking.of(plan, [run.run_id for run in waiting], runner)
    store.runs.save_runs(waiting)
    saved = load_experiment(store, plan.experiment.slug, plan.experiment.project_slug)
    change_experiment(store, saved, status="running")
    batch = _Batch(store, runner, plan, code, deque(waiting), on_run, spent_by(past), asking=asking)
    try:
        _follow(batch, len(waiting), progress)
    finally:
        _settle(store, plan.experiment)
    return Batch(tuple(batch.over[run.run_id] for run in waiting))


def _refuse(issues: Sequence[Issue]) -> None:
    for issue in issues:
        if issue.severity is Severity.BLOCKED:
            raise ContractError(issue.message, hint=issue.fix)


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


def restore_experiment(store: Store, saved: SavedExperiment) -> SavedExperiment:
    """Take an experiment out of the archive: it has the status that its runs have earned."""
    _settle(store, saved.experiment)
    place = f"{saved.experiment.project_slug}/{saved.experiment.slug}"
    return load_experiment(store, place)


def _settle(store: Store, experiment: Experiment) -> None:
    """Give the experiment the status that its runs have earned."""
    saved = load_experiment(store, experiment.slug, experiment.project_slug)
    change_experiment(
        store, saved, status=status_after(experiment, tallies_of_experiment(store, experiment))
    )


def status_after(experiment: Experiment, past: Sequence[Tally]) -> str:
    """Return the status of an experiment with these runs."""
    if any(tally.status not in OVER for tally in past):
        return "running"
    have = [_done(past, variant.name) for variant in experiment.variants]
    if all(n >= experiment.evaluation.min_runs_per_variant for n in have):
        return "completed"
    is_done = any(tally.repeats for tally in past if tally.status == "completed")
    return "failed" if past and not is_done else "planned"
