"""Evaluations against a real HTTP server: every planned sample ends as a transcript or by name."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from experimentos.errors import StoreError
from experimentos.flows.evaluate import Evaluator, evaluate
from experimentos.flows.evaluations import (
    begin_or_go_on,
    list_evaluations,
    progress_of,
    run_evaluation,
)
from experimentos.flows.pacing import Pacer
from experimentos.llm.openai_completions import OpenAiCompleter
from experimentos.runs.evaluated import samples_jsonl
from experimentos.runs.sample_files import read_samples
from experimentos.runs.scorers import scorer_of
from experimentos.store.evaluations import Evaluations
from tests.evaluation.endpoint import Reply, answer, error
from tests.evaluation.plans import plan

ROOT = Path(__file__).resolve().parents[2]
RIGHT = {"France": "Paris", "Peru": "Lima"}


def right(asked):
    return answer(next(city for country, city in RIGHT.items() if country in asked.prompt))


class Waits:
    """A wait that takes no time and remembers how long it would have been."""

    def __init__(self):
        self.seconds = []

    def __call__(self, seconds):
        self.seconds.append(seconds)
        return False


@pytest.fixture
def run(endpoint, tmp_path):
    """Run a plan against a script; return what came of it, the server, and the waits."""

    def started(script, **changes):
        asked = plan(**changes)
        server = endpoint(script)
        waits = Waits()
        completer = OpenAiCompleter(server.url, "secret")
        evaluator = Evaluator(completer, scorer_of(asked.scorer), Pacer(wait=waits))
        stored = begin_or_go_on(Evaluations(tmp_path), asked, fresh=False)
        journal = stored.journal()
        try:
            found = evaluate(asked, evaluator, journal, entries=stored.entries())
        finally:
            journal.close()
            completer.close()
        return found, server, waits

    return started


def test_every_sample_is_asked_once_scored_and_priced(run):
    found, server, _ = run(right)
    assert len(server.calls) == found.planned == found.scored == 8
    assert {sample.score for sample in found.samples} == {1.0}
    assert found.cost == pytest.approx(4 * (10 * 1 + 5 * 2) / 1e6 + 4 * (10 * 10 + 5 * 20) / 1e6)
    assert {call.body["seed"] for call in server.calls} == {7, 8}
    assert {call.body["temperature"] for call in server.calls} == {0.5}


def test_what_comes_out_is_read_as_samples_with_transcripts_and_clusters(run):
    found, _, _ = run(lambda asked: error(400) if asked.model == "large" else right(asked))
    read = read_samples(samples_jsonl(found), "samples.jsonl").samples
    assert read is not None
    assert read.scenarios == ("france", "peru")
    assert read.models == ("small", "large")
    assert read.clusters == ("eu", "peru")
    assert sorted(set(read.transcripts)) == ["", "Lima", "Paris"]
    assert sum(score == 1 for score in read.scores["score"]) == 4


def test_too_many_requests_are_waited_for_as_long_as_the_endpoint_asks(run):
    def busy_once(asked):
        return error(429, "slow down", retry_after="7") if asked.attempt == 1 else right(asked)

    found, server, waits = run(busy_once, limits={"concurrency": 1})
    assert found.scored == 8
    assert len(server.calls) == 16
    assert sum(6 < seconds <= 7 for seconds in waits.seconds) >= 8
    assert {sample.attempts for sample in found.samples} == {2}


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (lambda: error(429), "rate_limited"),
        (lambda: error(503), "server_fault"),
        (lambda: Reply(body=b'{"choices": ['), "malformed_reply"),
        (lambda: Reply(body=b"<html>busy</html>"), "malformed_reply"),
        (lambda: Reply(body=b"{}"), "malformed_reply"),
    ],
)
def test_a_failure_that_never_passes_ends_by_name_after_the_retries(run, reply, code):
    found, server, waits = run(lambda _: reply(), limits={"retries": 2, "concurrency": 2})
    assert found.failures == {code: 8}
    assert len(server.calls) == 8 * 3
    assert not found.is_stopped
    assert all(sample.score is None and sample.why for sample in found.samples)
    assert waits.seconds


def test_a_slow_reply_is_timed_out_and_asked_again(run):
    never = threading.Event()

    def slow_once(asked):
        reply = right(asked)
        reply.hold = never if asked.attempt == 1 and asked.model == "small" else None
        return reply

    limits = {"timeout_seconds": 0.3, "concurrency": 8}
    found, _, _ = run(slow_once, limits=limits)
    never.set()
    assert found.scored == 8
    assert {s.attempts for s in found.samples if s.model == "small"} == {2}


def test_a_wrong_key_stops_the_calls_of_that_model_and_of_no_other(run):
    def locked(asked):
        return error(401, "bad key") if asked.model == "large" else right(asked)

    found, server, _ = run(locked, limits={"concurrency": 1})
    assert found.failures == {"not_allowed": 4}
    assert Counter(call.model for call in server.calls) == {"small": 4, "large": 1}
    assert "bad key" in next(s.why for s in found.samples if s.failure)


def test_a_refusal_is_a_failure_by_name_and_a_wrong_answer_a_zero(run):
    def declines(asked):
        if asked.model == "small":
            return answer("I do not know")
        refusal = {"role": "assistant", "content": None, "refusal": "No."}
        choice = {"index": 0, "message": refusal, "finish_reason": "stop"}
        body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
        return Reply(body=json.dumps(body | {"choices": [choice]}).encode())

    found, _, _ = run(declines)
    assert found.failures == {"refused": 4}
    assert {s.score for s in found.samples if s.model == "small"} == {0.0}


def test_no_more_calls_run_at_once_than_the_limit(run):
    gate = threading.Event()
    seen = threading.Semaphore(0)

    def held(asked):
        reply = right(asked)
        reply.hold = gate
        seen.release()
        return reply

    def open_gate():
        for _ in range(3):
            seen.acquire(timeout=20)
        gate.set()

    opener = threading.Thread(target=open_gate)
    opener.start()
    found, server, _ = run(held, limits={"concurrency": 3})
    opener.join()
    assert found.scored == 8
    assert server.most_at_once == 3


def test_a_budget_ends_the_calls_and_names_what_was_not_asked(run):
    found, server, _ = run(right, limits={"concurrency": 1, "budget_usd": 2e-4})
    assert found.failures["over_budget"] == 8 - len(server.calls)
    assert 0 < len(server.calls) < 8
    assert found.cost == pytest.approx(sum(s.cost or 0 for s in found.samples))


def test_going_on_asks_only_for_what_is_not_answered(run):
    first, _, _ = run(lambda asked: right(asked) if asked.model == "small" else error(503))
    assert first.failures == {"server_fault": 4}
    second, server, _ = run(right)
    assert {call.model for call in server.calls} == {"large"}
    assert (second.kept, second.scored, second.calls) == (4, 8, 4)


def test_an_answer_that_could_not_be_scored_is_not_paid_twice(endpoint, tmp_path):
    asked = plan(scorer={"kind": "function", "function": "m:f"})
    server = endpoint(right)
    completer = OpenAiCompleter(server.url, "")
    folder = Evaluations(tmp_path)

    def broken(answer, target):
        raise KeyError(answer, target)

    stored = begin_or_go_on(folder, asked, fresh=False)
    first = run_evaluation(stored, asked, completer, function=broken)
    assert first.failures == {"scorer_failed": 8}
    assert {s.transcript for s in first.samples} == {"Paris", "Lima"}
    again = run_evaluation(stored, asked, completer, function=lambda a, t: float(a == t))
    assert again.scored == 8
    assert len(server.calls) == 8
    completer.close()


def test_stopping_leaves_what_was_answered_and_says_how_far_it_came(endpoint, tmp_path):
    asked = plan(limits={"concurrency": 1})
    server = endpoint(right)
    completer = OpenAiCompleter(server.url, "")
    stored = begin_or_go_on(Evaluations(tmp_path), asked, fresh=False)
    found = run_evaluation(stored, asked, completer, report=lambda done, _: done < 3)
    assert found.is_stopped
    assert len(server.calls) == found.scored == 3
    listed = list_evaluations(Evaluations(tmp_path))
    assert [one.evaluated.scored for one in listed] == [3]
    assert begin_or_go_on(Evaluations(tmp_path), asked, fresh=False).id == stored.id
    assert begin_or_go_on(Evaluations(tmp_path), asked, fresh=True).id != stored.id
    completer.close()


def test_two_processes_never_run_the_same_evaluation(tmp_path):
    stored = begin_or_go_on(Evaluations(tmp_path), plan(), fresh=False)
    journal = stored.journal()
    with pytest.raises(StoreError, match="being run already"):
        stored.journal()
    journal.close()
    stored.journal().close()


def test_a_torn_last_line_is_dropped_and_a_damaged_one_is_told(tmp_path):
    stored = begin_or_go_on(Evaluations(tmp_path), plan(), fresh=False)
    path = stored.folder / "journal.jsonl"
    whole = {"scenario": "peru", "model": "small", "sample_index": 0, "status": "scored"}
    path.write_text(json.dumps(whole) + "\n" + '{"scenario": "pe')
    assert len(stored.entries()) == 1
    stored.journal().close()
    assert path.read_text() == json.dumps(whole) + "\n"
    path.write_text("{\n" + json.dumps(whole) + "\n")
    with pytest.raises(StoreError, match="damaged"):
        progress_of(stored)


def test_a_killed_evaluation_goes_on_without_paying_twice(endpoint, tmp_path):
    """The command is killed with -9 while calls are under way, then started again."""
    gate, answered = threading.Event(), threading.Semaphore(0)

    def first_five(asked):
        reply = right(asked)
        if len(server.calls) > 5:
            reply.hold = gate
            answered.release()
        return reply

    server = endpoint(first_five)
    path = tmp_path / "plan.json"
    path.write_text(plan(limits={"concurrency": 1}).model_dump_json())
    command = [sys.executable, "-m", "experimentos", "samples", "evaluate", str(path), "--yes"]
    environment = os.environ | {
        "EXPERIMENTOS_HOME": str(tmp_path / "home"),
        "EXPERIMENTOS_LLM_BASE_URL": server.url,
        "PYTHONPATH": str(ROOT / "src"),
    }
    killed = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert answered.acquire(timeout=60)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    gate.set()
    before = len(server.calls)
    again = subprocess.run(
        [*command, "--json"], env=environment, capture_output=True, text=True, check=False
    )
    report = json.loads(again.stdout)
    assert (again.returncode, report["scored"], report["kept"]) == (0, 8, 5)
    # The one under way when it was killed is all that was asked twice.
    assert len(server.calls) - before == 3
