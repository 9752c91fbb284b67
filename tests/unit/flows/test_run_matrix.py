"""Experiments from their definition to executed, compared and reproduced runs."""

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

import pytest

from experimentos.errors import ContractError, NotFound
from experimentos.flows import projects, run_beats
from experimentos.flows.live_runs import cancel, ongoing
from experimentos.flows.past_runs import tallies_of_experiment
from experimentos.flows.reproduce import diff, log_of, reproduce, uncommitted_of
from experimentos.flows.run_list import (
    Wanted,
    count_runs,
    group_runs,
    list_runs,
    place_in,
)
from experimentos.flows.run_matrix import Asked, execute, plan_runs, progress_of
from experimentos.flows.variants import compare_experiment, comparison_text, export_text
from experimentos.runner.local import LocalRunner
from experimentos.runner.port import Outcome
from experimentos.runs.documents import Evaluation, Execution, Experiment, Project, Variant
from experimentos.runs.reproduction import Verdict
from experimentos.store.duckdb import DuckDbStore

CODE = """
import random
from pathlib import Path

def train(temperature, scale=1.0):
    print("training at", temperature)
    return {"score": scale * temperature + random.gauss(0, 0.01), "loss": float("nan")}

def reads(temperature, **rest):
    return len(Path("data/items.csv").read_text())

def drifts(temperature, run):
    import os
    return {"score": temperature + int.from_bytes(os.urandom(2)) / 65536 * 1e-3}
"""


def an_experiment(**changes):
    given = {
        "name": "Temperature",
        "project": "Shop",
        "variants": (
            Variant(name="low", parameters={"temperature": 0.3}),
            Variant(name="mid", parameters={"temperature": 0.7}),
            Variant(name="high", parameters={"temperature": 1.0}),
        ),
        "baseline": "mid",
        "entry_point": "toy:train",
        "evaluation": Evaluation(
            metrics=("score",), min_runs_per_variant=2, success_criteria={"min_score": 0.5}
        ),
        "execution": Execution(at_once=2, cost_per_run_usd=0.25),
    }
    return Experiment(**given | changes)


class ScriptedRunner:
    """Answers what a function of the job says, in no process."""

    def __init__(self, answer):
        self.answer = answer
        self.jobs = []

    def run(self, job, _on_event, goes_on):
        self.jobs.append(job)
        return self.answer(job) if goes_on() else Outcome("cancelled", "It was cancelled.")


def scored(job):
    return Outcome(metrics={"score": job.params["temperature"] + job.repeat / 100})


@pytest.fixture
def store(empty_store):
    made = empty_store
    projects.create_project(made, Project(name="Shop", defaults={"scale": 2.0}))
    return made


@pytest.fixture
def code(tmp_path):
    (tmp_path / "toy.py").write_text(CODE)
    return tmp_path


def executed(store, code, asked, runner=None, **changes):
    try:
        projects.load_experiment(store, "temperature")
    except NotFound:
        projects.create_experiment(store, an_experiment(**changes))
    plan = plan_runs(store, "temperature", asked)
    return execute(store, runner or ScriptedRunner(scored), plan, code)


def test_a_plan_is_counted_and_costed_before_anything_runs(store):
    projects.create_experiment(store, an_experiment())
    plan = plan_runs(store, "shop/temperature", Asked(5))
    assert (len(plan.runs), plan.cost_usd, plan.seconds) == (15, 3.75, None)
    assert [run.variant for run in plan.runs[:3]] == ["low", "mid", "high"]
    assert plan.runs[0].params == {"scale": 2.0, "temperature": 0.3}
    assert len({run.seed for run in plan.runs}) == 5
    assert count_runs(store, Wanted()) == 0


def test_real_processes_run_compare_and_reproduce(store, code):
    batch = executed(store, code, Asked(3), LocalRunner())
    assert batch.count("completed") == 9
    saved = projects.load_experiment(store, "temperature")
    assert saved.experiment.status == "completed"
    comparison = compare_experiment(store, saved)
    assert comparison.best == ("high",)
    assert [g.variant for g in comparison.groups] == ["high", "mid", "low"]
    first = batch.runs[0]
    assert first.metrics["loss"] == "NaN"
    assert log_of(store, first) == "training at 0.3\n"
    assert json.loads(store.artefact(first.inputs["code"])) == {"toy.py": CODE}
    (code / "toy.py").write_text(CODE.replace("scale *", "100 *"))
    again = reproduce(store, LocalRunner(), first.run_id, code)
    assert again.result.verdict is Verdict.IDENTICAL
    assert again.run.reproduces_run_id == first.run_id
    assert compare_experiment(store, saved) == comparison


def test_a_reproduction_within_the_noise_of_its_repeats_says_so(store, code):
    batch = executed(store, code, Asked(4, ("mid",)), LocalRunner(), entry_point="toy:drifts")
    again = reproduce(store, LocalRunner(), batch.runs[0].run_id, code)
    assert again.result.verdict is not Verdict.IDENTICAL
    assert again.result.metrics[0].repeats == 4
    assert again.result.metrics[0].p_value is not None


def test_changed_data_is_found_and_named(store, code):
    (code / "data").mkdir()
    (code / "data" / "items.csv").write_text("a,b\n")
    source = {"path": "data/items.csv"}
    batch = executed(
        store, code, Asked(1, ("low",)), LocalRunner(),
        entry_point="toy:reads", data_sources=(source,), evaluation=Evaluation(),
    )  # fmt: skip
    run = batch.runs[0]
    assert run.primary_value == 4.0
    assert store.artefact(run.inputs["data/data/items.csv"]) == b"a,b\n"
    (code / "data" / "items.csv").write_text("a,b,c\n")
    again = reproduce(store, LocalRunner(), run.run_id, code)
    assert again.result.verdict is Verdict.DIFFERENT
    assert [line.name for line in again.result.diff.section("inputs")] == ["data/items.csv"]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ({"path": "nothing.csv"}, "cannot be read"),
        ({"path": "toy.py", "hash": "sha256:" + "0" * 64}, "not the one that was planned"),
        ({"path": "out.py"}, "leads out"),
    ],
)
def test_a_data_source_that_is_not_as_planned_starts_nothing(store, code, tmp_path, source, says):
    (tmp_path / "out.py").symlink_to("/etc/hostname")
    with pytest.raises(ContractError, match=says):
        executed(store, code, Asked(1), data_sources=(source,))
    assert count_runs(store, Wanted()) == 0


def test_a_cancelled_plan_kills_what_runs_and_resumes_where_it_stopped(store, code):
    projects.create_experiment(store, an_experiment(execution=Execution()))
    plan = plan_runs(store, "temperature", Asked(2))

    class Patient(ScriptedRunner):
        def run(self, job, on_event, goes_on):
            while self.jobs and goes_on():
                pass
            return super().run(job, on_event, goes_on)

    batch = execute(store, Patient(scored), plan, code, lambda done, _total: done == 0)
    assert batch.count("cancelled") + batch.count("completed") == 6
    assert batch.count("cancelled") == 5
    done = batch.count("completed")
    rest = executed(store, code, Asked(resume=True))
    assert len(rest.runs) == 6 - done
    assert all(run.parent_run_id for run in rest.runs)
    with pytest.raises(ContractError, match="Nothing is left"):
        plan_runs(store, "temperature", Asked(resume=True))


def test_failed_runs_are_counted_shown_and_retried(store, code):
    def half(job):
        bad = job.params["temperature"] > 0.5
        return Outcome("ValueError", "upside down", log=b"oh") if bad else scored(job)

    batch = executed(store, code, Asked(2), ScriptedRunner(half))
    assert (batch.count("completed"), batch.count("failed")) == (2, 4)
    saved = projects.load_experiment(store, "temperature")
    rows = progress_of(saved.experiment, tallies_of_experiment(store, saved.experiment))
    assert [(row.done, dict(row.counts)) for row in rows] == [
        (2, {"completed": 2}),
        (0, {"failed": 2}),
        (0, {"failed": 2}),
    ]
    assert compare_experiment(store, saved).groups[0].variant == "low"
    with pytest.raises(ContractError, match="Nothing is left"):
        plan_runs(store, "temperature", Asked(resume=True))
    assert executed(store, code, Asked(retry=True)).count("completed") == 4
    assert projects.load_experiment(store, "temperature").experiment.status == "completed"


def test_runs_that_a_crash_left_behind_are_resumed(store, code):
    class PowerCut(BaseException):
        pass

    def cut(_job):
        raise PowerCut

    with pytest.raises(PowerCut):
        executed(store, code, Asked(2), ScriptedRunner(cut), execution=Execution())
    left = store.runs.page(list_query()).rows
    assert {run.status for run in left} <= {"running", "queued", "cancelled"}
    for run in left:
        # As it stands on record when the process that started it is gone.
        if not run.is_over:
            store.runs.save_run(run.model_copy(update={"pid": 2**22 + 1}))
    assert executed(store, code, Asked(resume=True)).count("completed") == 6


def list_query():
    from experimentos.store.run_port import RunQuery

    return RunQuery(limit=100)


def test_more_runs_are_numbered_on_from_the_past_ones(store, code):
    executed(store, code, Asked(1))
    batch = executed(store, code, Asked(2, ("high",)))
    assert [(run.variant, run.repeat) for run in batch.runs] == [("high", 2), ("high", 3)]


@pytest.mark.parametrize(
    ("asked", "changes", "says"),
    [
        (Asked(1), {"entry_point": None}, "names no entry point"),
        (Asked(1, ("warm",)), {}, "no variant 'warm'"),
        (Asked(1), {"entry_point": "nowhere_at_all:f"}, "There is no module 'nowhere_at_all'"),
        (Asked(4_000), {}, "12,000 runs"),
        (Asked(1), {"status": "archived"}, "archived"),
    ],
)
def test_what_cannot_be_run_says_why(store, code, asked, changes, says):
    with pytest.raises(ContractError, match=says):
        executed(store, code, asked, **changes)


def test_runs_are_found_grouped_and_paged(store, code):
    executed(store, code, Asked(3))
    wanted = Wanted("score > 0.5 AND params.temperature >= 0.7", experiment="temperature", limit=4)
    assert count_runs(store, wanted) == 6
    first = list_runs(store, wanted)
    second = list_runs(store, wanted, first.next)
    assert (len(first.rows), len(second.rows), second.next) == (4, 2, "")
    rows = group_runs(store, Wanted())
    assert [(row.group.variant, row.group.n) for row in rows] == [
        ("high", 3),
        ("low", 3),
        ("mid", 3),
    ]
    mid = rows[2]
    assert mid.group.mean == pytest.approx(0.72)
    # t(2, 0.975) = 4.302653 (Student's table) times 0.01 / sqrt(3).
    assert mid.interval.high - mid.group.mean == pytest.approx(4.302653 * 0.01 / 3**0.5, rel=1e-6)
    assert ongoing(store) == ()
    run = first.rows[0]
    assert [place_in(run, c) for c in ("variant", "params.temperature", "tags.none")] == [
        run.variant, run.params["temperature"], None,
    ]  # fmt: skip
    later = Wanted(status="completed", since=datetime(2020, 1, 1), kind="script")  # noqa: DTZ001
    assert count_runs(store, later) == 9
    with pytest.raises(ContractError, match="never 'done'"):
        count_runs(store, Wanted(status="done"))
    with pytest.raises(ContractError, match=r"Did you mean params.temperature"):
        list_runs(store, Wanted("params.temprature = 1"))


def test_what_was_not_executed_or_is_not_over_is_not_reproduced(store, code):
    run = executed(store, code, Asked(1)).runs[0]
    for changes, says in (({"kind": "ab"}, "not executed"), ({"status": "cancelled"}, "no result")):
        store.runs.save_run(run.model_copy(update=changes))
        with pytest.raises(ContractError, match=says):
            reproduce(store, LocalRunner(), run.run_id, code)


def test_two_runs_differ_where_they_differ(store, code):
    batch = executed(store, code, Asked(1))
    found = diff(store, batch.runs[0].run_id, batch.runs[1].run_id)
    assert {(line.section, line.name) for line in found.lines} == {
        ("params", "temperature"),
        ("metrics", "score"),
    }
    assert uncommitted_of(store, batch.runs[0]) == ""


def test_an_experiment_is_exported_with_all_of_its_runs(store, code):
    executed(store, code, Asked(2))
    saved = projects.load_experiment(store, "temperature")
    rows = list(csv.DictReader(io.StringIO(export_text(store, saved, "csv"))))
    assert len(rows) == 6
    assert {row["params.temperature"] for row in rows} == {"0.3", "0.7", "1.0"}
    document = json.loads(export_text(store, saved, "json"))
    assert len(document["runs"]) == 6
    assert document["comparison"]["best"] == ["high"]
    comparison = compare_experiment(store, saved)
    for form in ("md", "html"):
        text = comparison_text(saved, comparison, form)
        assert "high has the highest mean score, apart from all others." in text
    assert json.loads(comparison_text(saved, comparison, "json"))["metric"] == "score"
    for make in (
        lambda: export_text(store, saved, "pdf"),
        lambda: comparison_text(saved, comparison, "pdf"),
    ):
        with pytest.raises(ContractError, match="pdf"):
            make()


LIVE = """
import time

def slow(temperature, run):
    print("warming up")
    run.metric("loss", 0.5)
    run.progress(3, 12)
    run.cost(2.0)
    time.sleep(60)
"""


@pytest.fixture
def duck(tmp_path):
    made = DuckDbStore(tmp_path / "history.duckdb")
    projects.create_project(made, Project(name="Shop"))
    yield made
    made.close()


def test_what_a_run_says_is_read_by_others_while_it_works(duck, code):
    (code / "toy.py").write_text(LIVE)
    projects.create_experiment(duck, an_experiment(entry_point="toy:slow", execution=Execution()))
    plan = plan_runs(duck, "temperature", Asked(1))
    seen = []

    def watch(_done, _total):
        found = ongoing(duck)
        if found and found[0].working and found[0].working[0][0].live:
            seen.append(found[0])
        return not seen

    batch = execute(duck, LocalRunner(), plan, code, watch)
    assert batch.count("cancelled") == 3
    (run, pace), pace_of_all = seen[0].working[0], seen[0].pace
    assert seen[0].place == "shop/temperature"
    assert (run.live.metrics, run.live.tail) == ({"loss": 0.5}, "warming up\n")
    assert (pace.share, run.live.cost_usd) == (0.25, 2.0)
    assert (pace_of_all.total, pace_of_all.running, pace_of_all.waiting) == (3, 1, 2)
    assert ongoing(duck) == ()
    over = {run.variant: run for run in batch.runs}
    assert (over["low"].live, over["low"].cost_usd) == (None, 2.0)


def test_a_batch_is_cancelled_from_elsewhere_by_the_history(store, code, monkeypatch):
    monkeypatch.setattr(run_beats, "BEAT_SECONDS", 0.0)
    projects.create_experiment(store, an_experiment(execution=Execution()))

    plan = plan_runs(store, "temperature", Asked(3))

    class Told(ScriptedRunner):
        def run(self, job, _on_event, goes_on):
            assert cancel(store, ongoing(store)[0]) == 9
            self.jobs.append(job)
            while goes_on():
                pass
            return Outcome("cancelled", "It was cancelled.")

    runner = Told(scored)
    batch = execute(store, runner, plan, code)
    assert len(runner.jobs) == 1
    assert batch.count("cancelled") == 9


def test_a_budget_stops_what_is_left_and_each_run_says_why(store, code):
    projects.change_project(store, "shop", constraints={"budget_usd": 5})
    dear = ScriptedRunner(lambda job: replace(scored(job), cost_usd=2.0))
    batch = executed(store, code, Asked(2), dear, execution=Execution())
    assert (batch.count("completed"), batch.count("cancelled")) == (3, 3)
    for run in batch.runs[3:]:
        assert (run.error_kind, run.started_at) == ("constraint", None)
        assert "budget_usd 5) is spent: 6 USD" in run.error
    with pytest.raises(ContractError, match="is spent: 6 USD"):
        executed(store, code, Asked(1))


def test_a_run_is_stopped_while_it_works_when_the_budget_is_spent(store, code):
    (code / "toy.py").write_text(LIVE)
    projects.change_project(store, "shop", constraints={"budget_usd": 1})
    batch = executed(
        store, code, Asked(1, ("low",)), LocalRunner(), entry_point="toy:slow",
        execution=Execution(),
    )  # fmt: skip
    (run,) = batch.runs
    assert (run.status, run.error_kind, run.cost_usd) == ("cancelled", "constraint", 2.0)
    assert "budget_usd 1) is spent" in run.error


def test_a_forbidden_plan_is_shown_and_starts_nothing(store, code):
    projects.create_experiment(store, an_experiment())
    projects.change_project(store, "shop", constraints={"max_runs": 4, "temperature_range": [0, 1]})
    plan = plan_runs(store, "temperature", Asked(2))
    assert plan.is_blocked
    assert [issue.code for issue in plan.issues] == ["constraint_max_runs"]
    with pytest.raises(ContractError, match="allows 4 in all"):
        execute(store, ScriptedRunner(scored), plan, code)
    assert count_runs(store, Wanted()) == 0
    assert executed(store, code, Asked(1)).count("completed") == 3


def test_a_completed_run_that_breaks_a_constraint_says_which(store, code):
    projects.change_project(store, "shop", constraints={"max_score": 0.5})
    batch = executed(store, code, Asked(1))
    kinds = {run.variant: (run.status, run.error_kind) for run in batch.runs}
    assert kinds["low"] == ("completed", "")
    assert kinds["high"] == ("completed", "constraint")
    assert "score is 1.01, not at most 0.5" in batch.runs[2].error
