"""What a child process does for a run that asks models: every answer is on the disk at once."""

import signal
from contextlib import closing
from pathlib import Path
from typing import Protocol

from experimentos.errors import ContractError
from experimentos.flows.evaluate import Entry, Evaluator, Lines, evaluate
from experimentos.flows.evaluations import scoring_function
from experimentos.llm.settings import named_endpoint
from experimentos.runs.evaluated import by_key
from experimentos.runs.evaluation import EvaluationPlan
from experimentos.runs.experiment_evaluation import MEAN_SCORE, SAMPLES_SCORED
from experimentos.runs.scorers import scorer_of
from experimentos.store.evaluations import Evaluations

ENTRY_POINT = "experimentos.flows.evaluation_child:ask"


class Says(Protocol):
    """What a run tells while it works; see `runner.worker.RunContext`."""

    def metric(self, name: str, value: float) -> None:
        """Report a metric; the last value of a name counts."""
        ...

    def progress(self, done: float, total: float = 1.0) -> None:
        """Report how much is done."""
        ...

    def cost(self, usd: float) -> None:
        """Add to what the run cost."""
        ...


class _Told:
    """A journal that tells the run of the scores and costs that it takes down."""

    def __init__(self, journal: Lines, run: Says, entries: list[dict[str, object]]) -> None:
        self._journal = journal
        self._run = run
        there = [s.score for s in by_key(entries).values() if s.score is not None]
        self._sum = sum(there)
        self._scored = len(there)

    def append(self, entry: Entry) -> None:
        """Write one sample, then say what it adds."""
        self._journal.append(entry)
        score, cost = entry.get("score"), entry.get("cost")
        if isinstance(score, float):
            self._sum += score
            self._scored += 1
            self._run.metric(MEAN_SCORE, self._sum / self._scored)
            self._run.metric(SAMPLES_SCORED, self._scored)
        if isinstance(cost, float):
            self._run.cost(cost)


def ask(workspace: str, evaluation: str, run: Says) -> None:
    """Ask what is still open of an evaluation of this workspace.

    Raises
    ------
    ContractError
        If the scoring function is not there, or the work was stopped before its end.
    LlmUnavailable
        If no endpoint is named.
    StoreError
        If another process asks for the same evaluation, or the disk refuses.
    """
    # Only the child pays for the client; whoever starts it imports this module too.
    from experimentos.llm.openai_completions import OpenAiCompleter

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stored = Evaluations(Path(workspace)).find(evaluation)
    plan = EvaluationPlan.model_validate(stored.plan)
    function = None if plan.scorer.function is None else scoring_function(plan.scorer.function)

    def report(done: int, total: int) -> bool:
        run.progress(done, total)
        return True

    endpoint = named_endpoint()
    with (
        closing(OpenAiCompleter(endpoint.base_url, endpoint.key)) as completer,
        closing(stored.journal()) as journal,
    ):
        evaluator = Evaluator(completer, scorer_of(plan.scorer, function))
        entries = stored.entries()
        told = _Told(journal, run, entries)
        evaluated = evaluate(plan, evaluator, told, entries=entries, report=report)
    if evaluated.is_stopped:
        raise ContractError("It was stopped before its end.", hint="Resume it.")
