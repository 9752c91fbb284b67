"""A kept evaluation is a run with its samples, however often it goes on."""

import pytest

from experimentos.flows.evaluation_runs import MEAN_SCORE
from experimentos.flows.evaluations import (
    begin_or_go_on,
    progress_of,
    run_evaluation,
    save_evaluation,
)
from experimentos.llm.openai_completions import OpenAiCompleter
from experimentos.store.evaluations import Evaluations
from experimentos.store.memory import MemoryStore
from experimentos.store.run_port import RunQuery
from tests.evaluation.endpoint import answer, error
from tests.evaluation.plans import plan


def test_an_evaluation_that_goes_on_stays_one_run_and_logs_each_answer_once(endpoint, tmp_path):
    broken = True

    def script(asked):
        if asked.model == "large" and broken:
            return error(400)
        return answer("Paris" if asked.model == "small" else "Lima")

    completer = OpenAiCompleter(endpoint(script).url, "")
    stored = begin_or_go_on(Evaluations(tmp_path), plan(), fresh=False)
    store = MemoryStore()
    first = save_evaluation(store, stored, run_evaluation(stored, plan(), completer))
    run = store.runs.load_run(first.id)
    assert (run.kind, run.status, run.sample_count) == ("evaluation", "completed", 4)
    assert run.error_kind == "bad_request"
    # The small model says Paris twice for France and twice for Peru.
    assert run.primary_value == pytest.approx(0.5)

    broken = False
    second = save_evaluation(store, stored, run_evaluation(stored, plan(), completer))
    completer.close()
    assert second.id == first.id
    assert progress_of(stored).is_complete
    assert not progress_of(stored).is_of_run
    run = store.runs.load_run(first.id)
    assert (run.sample_count, run.error) == (8, "")
    scores = {"score small": 0.5, "score large": 0.5, MEAN_SCORE: 0.5}
    counts = {"samples_scored": 8.0, "samples_failed": 0.0, "tokens_in": 80.0, "tokens_out": 40.0}
    assert run.metrics.items() >= (scores | counts).items()
    assert run.metrics["cost_usd"] == pytest.approx(run.cost_usd)
    samples = store.runs.samples_of(run.run_id)
    assert len({(s.scenario, s.model, s.sample_index) for s in samples}) == len(samples) == 8
    assert {s.cluster for s in samples if s.scenario == "france"} == {"eu"}
    assert store.runs.count(RunQuery(kind="evaluation")) == 1
