"""Run an evaluation: every planned sample ends as a transcript or as a failure with a name."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypedDict

from experimentos.flows.pacing import Pacer
from experimentos.llm.completions import CallFailed, Completer, Completion, Prompt
from experimentos.runs.evaluated import Evaluated, EvaluatedSample, Key, by_key
from experimentos.runs.evaluation import EvaluationPlan, PlannedSample, cost_of, planned_samples
from experimentos.runs.scorers import Scorer

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0

type Report = Callable[[int, int], bool]
type Entry = Mapping[str, object]


class Lines(Protocol):
    """Where finished samples are written durably."""

    def append(self, entry: Entry) -> None:
        """Write one; it is there after a crash when this returns."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluator:
    """What an evaluation works with.

    Attributes
    ----------
    completer : Completer
        Answers prompts.
    scorer : Scorer
        Of `runs.scorers.scorer_of`.
    pacer : Pacer | None
        Gives the turns; made from the plan's limits when None.
    """

    completer: Completer
    scorer: Scorer
    pacer: Pacer | None = None


def evaluate(
    plan: EvaluationPlan,
    evaluator: Evaluator,
    journal: Lines,
    *,
    entries: list[dict[str, object]] | None = None,
    report: Report = lambda _done, _total: True,
) -> Evaluated:
    """Ask every model every scenario, score the answers, and write each down as it comes.

    Parameters
    ----------
    plan
    evaluator
    journal
        Takes each sample the moment it ended.
    entries
        What an interrupted run wrote: answers in it are not asked for again, failures are.
    report
        Told (samples ended, samples planned) after each; False stops: no new call is started, and
        those under way are still written.

    Raises
    ------
    StoreError
        If the journal cannot be written; what it acknowledged before is there.
    """
    pacer = evaluator.pacer or Pacer(plan.limits.requests_per_minute)
    run = _Run(plan, evaluator.completer, evaluator.scorer, journal, report, pacer)
    run.begin(entries or [])
    workers = [
        # Daemons: a server that stops does not wait for a model's answer.
        threading.Thread(target=run.work, name=f"evaluation {n}", daemon=True)
        for n in range(min(plan.limits.concurrency, len(run.open)))
    ]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        # What is under way has been paid for: it is still written down.
        pacer.stopped.set()
        for worker in workers:
            worker.join()
    if run.fault is not None:
        raise run.fault
    return run.result()


@dataclass(slots=True)
class _Run:
    """One run of a plan by several threads."""

    plan: EvaluationPlan
    completer: Completer
    scorer: Scorer
    journal: Lines
    report: Report
    pacer: Pacer
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: dict[Key, EvaluatedSample] = field(default_factory=dict)
    open: list[PlannedSample] = field(default_factory=list)
    queue: Iterator[PlannedSample] = field(default_factory=lambda: iter(()))
    planned: int = 0
    kept: int = 0
    calls: int = 0
    spent: float = 0.0
    barred: dict[str, CallFailed] = field(default_factory=dict)
    fault: BaseException | None = None

    def begin(self, entries: list[dict[str, object]]) -> None:
        """Take over what an earlier run answered."""
        samples = planned_samples(self.plan)
        self.planned = len(samples)
        earlier = by_key(entries)
        for planned in samples:
            sample = earlier.get(planned.key)
            if sample is not None and sample.is_answered:
                self.kept += 1
                self.spent += sample.cost or 0.0
                self.ended[planned.key] = self._again(planned, sample)
            else:
                self.open.append(planned)
        self.queue = iter(self.open)
        self._tell()

    def _again(self, planned: PlannedSample, sample: EvaluatedSample) -> EvaluatedSample:
        """Return an earlier answer; one that could not be scored is scored anew, not asked anew."""
        if sample.status == "scored":
            return sample
        scored = self._score(planned, sample)
        self.journal.append(scored.model_dump())
        return scored

    def work(self) -> None:
        """Take samples until none is left; the thread's whole life."""
        try:
            while (planned := self._next()) is not None:
                sample = self._sample(planned)
                if sample is None:
                    return
                self._end(sample)
        except BaseException as fault:  # noqa: BLE001 - it is raised again where evaluate was called
            self.fault = self.fault or fault
            self.pacer.stopped.set()

    def _next(self) -> PlannedSample | None:
        with self.lock:
            return None if self.pacer.stopped.is_set() else next(self.queue, None)

    def _end(self, sample: EvaluatedSample) -> None:
        self.journal.append(sample.model_dump())
        with self.lock:
            self.ended[sample.key] = sample
            self._tell()

    def _tell(self) -> None:
        if not self.report(len(self.ended), self.planned):
            self.pacer.stopped.set()

    def _sample(self, planned: PlannedSample) -> EvaluatedSample | None:
        """Return what became of a sample; None when the work was stopped before it had begun."""
        attempt = 0
        while True:
            attempt += 1
            if barred := self._barred(planned):
                return _failed(planned, barred, attempt - 1)
            if not self.pacer.turn():
                return None
            try:
                return self._ask(planned, attempt)
            except CallFailed as failure:
                if failure.is_final_for_model:
                    with self.lock:
                        self.barred[planned.model.shown] = failure
                if not failure.may_pass or attempt > self.plan.limits.retries:
                    return _failed(planned, failure, attempt)
                self._hold(failure, attempt)

    def _barred(self, planned: PlannedSample) -> CallFailed | None:
        """Return why this sample is not asked for at all."""
        budget = self.plan.limits.budget_usd
        with self.lock:
            if budget is not None and self.spent >= budget:
                said = f"The budget of {budget:g} US dollars is used up."
                return CallFailed("over_budget", said, hint="Raise limits.budget_usd and resume.")
            return self.barred.get(planned.model.shown)

    def _ask(self, planned: PlannedSample, attempt: int) -> EvaluatedSample:
        generation = self.plan.generation_of(planned.model)
        if generation.seed is not None:
            generation = generation.model_copy(
                update={"seed": generation.seed + planned.sample_index}
            )
        prompt = Prompt(
            planned.model.name,
            self.plan.system,
            self.plan.prompt_of(planned.scenario),
            generation,
            self.plan.limits.timeout_seconds,
        )
        with self.lock:
            self.calls += 1
        began = time.monotonic()
        answer = self.completer.complete(prompt)
        sample = _answered(planned, answer, attempt, time.monotonic() - began)
        with self.lock:
            self.spent += sample.cost or 0.0
        return self._score(planned, sample)

    def _score(self, planned: PlannedSample, sample: EvaluatedSample) -> EvaluatedSample:
        try:
            scored = self.scorer(sample.transcript, planned.scenario.target or "")
        except Exception as exc:  # noqa: BLE001 - a scoring function is the person's own code
            said = f"The scorer failed: {type(exc).__name__}: {exc}"[:500]
            fault = {"status": "failed", "failure": "scorer_failed", "why": said}
            return sample.model_copy(update=fault)
        worth = {"status": "scored", "failure": "", "score": scored.score, "why": scored.why}
        return sample.model_copy(update=worth)

    def _hold(self, failure: CallFailed, attempt: int) -> None:
        """Wait before the next attempt: as long as asked, or twice as long as the last time."""
        asked = failure.retry_after
        doubled = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)  # noqa: S311 - it spreads calls, nothing more
        seconds = min(doubled if asked is None else asked, LONGEST_PAUSE_SECONDS)
        if failure.code == "rate_limited":
            self.pacer.hold_all(seconds)
        else:
            self.pacer.pause(seconds)

    def result(self) -> Evaluated:
        order = [p.key for p in planned_samples(self.plan)]
        samples = tuple(self.ended[key] for key in order if key in self.ended)
        return Evaluated(self.plan, samples, self.planned, self.calls, self.kept)


def _answered(
    planned: PlannedSample, answer: Completion, attempt: int, seconds: float
) -> EvaluatedSample:
    return EvaluatedSample(
        **_names(planned),
        status="scored",
        transcript=answer.text,
        finish_reason=answer.finish_reason,
        tokens_in=answer.tokens_in,
        tokens_out=answer.tokens_out,
        cost=cost_of(planned.model, answer.tokens_in, answer.tokens_out),
        latency=round(seconds, 4),
        attempts=attempt,
    )


def _failed(planned: PlannedSample, failure: CallFailed, attempts: int) -> EvaluatedSample:
    return EvaluatedSample(
        **_names(planned),
        status="failed",
        failure=failure.code,
        why=str(failure),
        attempts=attempts,
    )


class _Names(TypedDict):
    scenario: str
    model: str
    sample_index: int


def _names(planned: PlannedSample) -> _Names:
    scenario, model, index = planned.key
    return {"scenario": scenario, "model": model, "sample_index": index}
