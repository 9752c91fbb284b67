"""An experiment whose variants ask models: run, killed, resumed, retried, compared."""

import json
import math
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

import experimentos
from examples import local_endpoint
from experimentos.cli.guard import run
from experimentos.cli.status import Exit
from experimentos.errors import ContractError, LlmUnavailable
from experimentos.flows.evaluations import list_evaluations
from experimentos.flows.past_runs import runs_of
from experimentos.flows.projects import (
    change_project,
    create_experiment,
    create_project,
    load_experiment,
)
from experimentos.flows.run_matrix import Asked, execute, plan_runs
from experimentos.flows.variant_samples import analyze_variants
from experimentos.memo.run_words import asking_lines
from experimentos.runner.local import LocalRunner
from experimentos.runs.documents import Project
from experimentos.runs.experiment_file import read_experiment
from experimentos.store.evaluations import Evaluations
from experimentos.store.memory import MemoryStore
from experimentos.wiring import open_store
from tests.evaluation.endpoint import answer, error
from tests.evaluation.experiments import experiment

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CAPITALS = {"France": "Paris", "Peru": "Lima", "Chad": "N'Djamena", "Fiji": "Suva"}
PRICE = (10 * 1 + 5 * 2) / 1e6
"""Of an answer of `endpoint.answer`: 10 tokens in, 5 out, at 1 and 2 dollars a million."""


def knows(asked):
    """Answer rightly, but for the plain question on Fiji."""
    country = next(name for name in CAPITALS if name in asked.prompt)
    wrong = country == "Fiji" and asked.prompt.startswith("Answer")
    return answer("no idea" if wrong else CAPITALS[country])


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    for name in ("EXPERIMENTOS_LLM_BASE_URL", "EXPERIMENTOS_LLM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def serve(endpoint, monkeypatch):
    def start(script):
        server = endpoint(script)
        monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", server.url)
        return server

    return start


class Bench:
    """A history and a runner that keeps its answers in a folder."""

    def __init__(self, folder):
        self.store = MemoryStore()
        self.folder = folder
        self.runner = LocalRunner(folder / "home")

    def make(self, **changes):
        return create_experiment(self.store, experiment(**changes), make_project=True)

    def start(self, asked=Asked(), **how):  # noqa: B008 - frozen
        plan = plan_runs(self.store, "capitals", asked, code=self.folder)
        return execute(self.store, self.runner, plan, self.folder, **how)

    def runs(self):
        return runs_of(self.store, load_experiment(self.store, "capitals"))


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def by_variant(batch):
    return {(run.variant, run.repeat): run for run in batch.runs}


def test_the_plan_says_calls_and_cost_before_anything_is_asked(bench):
    bench.make()
    plan = plan_runs(bench.store, "capitals", Asked(repeats=3))
    assert (len(plan.runs), plan.size.calls) == (6, 6 * 8)
    assert plan.size.tokens_out_most == 48 * 512
    assert plan.cost_usd == pytest.approx(
        (plan.size.tokens_in + 2 * plan.size.tokens_out_most) / 1e6, rel=1e-12
    )


def test_every_variant_and_repeat_is_a_run_with_its_samples_and_metrics(bench, serve):
    server = serve(knows)
    bench.make()
    batch = bench.start(Asked(repeats=2))
    assert [(run.status, run.error) for run in batch.runs] == [("completed", "")] * 4
    assert len(server.calls) == 4 * 8
    found = by_variant(batch)
    plain, terse = found["plain", 1], found["terse", 1]
    assert (plain.kind, plain.sample_count, plain.primary_value) == ("evaluation", 8, 0.75)
    assert terse.metrics["mean_score"] == 1.0
    # Four scenarios as clusters, means 1, 1, 1, 0: sd / sqrt(4) of the scenario means.
    assert plain.metrics["mean_score_se"] == pytest.approx(0.5 / math.sqrt(4), rel=1e-12)
    assert plain.cost_usd == pytest.approx(8 * PRICE, rel=1e-12)
    assert (plain.metrics["tokens_in"], plain.metrics["tokens_out"]) == (80.0, 40.0)
    stored = list_evaluations(Evaluations(bench.folder / "home"))
    assert [(one.is_of_run, one.is_complete) for one in stored] == [(True, True)] * 4
    samples = bench.store.runs.samples_of(plain.run_id)
    assert {(s.scenario, s.model) for s in samples} == {(n, "small") for n in
        ("france", "peru", "chad", "fiji")}  # fmt: skip
    kept = bench.store.artefact(plain.outputs["samples.jsonl"]).decode().splitlines()
    assert json.loads(kept[0])["transcript"] == "Paris"


def test_variants_of_a_repeat_ask_with_the_same_seeds_and_repeats_with_others(bench, serve):
    server = serve(knows)
    bench.make()
    bench.start(Asked(repeats=2))
    seeds = {
        (call.prompt.split(":")[0], call.body["seed"], call.body["temperature"])
        for call in server.calls
    }
    assert seeds == {("Answer", s, 0.5) for s in (7, 8, 9, 10)} | {
        ("One word", s, 0.9) for s in (7, 8, 9, 10)
    }


def test_a_sample_that_fails_leaves_the_run_whole_and_is_retried_alone(bench, serve):
    failing = {"on": True}

    def script(asked):
        if "Chad" in asked.prompt and failing["on"]:
            return error(500)
        return knows(asked)

    server = serve(script)
    bench.make()
    batch = bench.start(Asked(variants=("terse",)))
    (run,) = batch.runs
    assert (run.status, run.error_kind, run.metrics["samples_failed"]) == (
        "completed",
        "server_fault",
        2.0,
    )
    with pytest.raises(ContractError, match="left undone"):
        plan_runs(bench.store, "capitals", Asked(resume=True))
    failing["on"] = False
    before = len(server.calls)
    plan = plan_runs(bench.store, "capitals", Asked(retry=True))
    assert (plan.size.calls, plan.size.tokens_out_most) == (2, 2 * 512)
    with pytest.raises(ContractError, match="left undone"):
        plan_runs(bench.store, "capitals", Asked(retry=True, variants=("plain",)))
    (again,) = bench.start(Asked(retry=True)).runs
    assert (again.parent_run_id, again.metrics["samples_failed"]) == (run.run_id, 0.0)
    assert len(server.calls) - before == 2
    assert again.sample_count == 8
    # What the two runs paid is what the answers cost, once.
    assert run.cost_usd + again.cost_usd == pytest.approx(8 * PRICE, rel=1e-12)


def test_too_many_requests_and_unreadable_replies_are_asked_again(bench, serve):
    def script(asked):
        if asked.attempt > 1:
            return knows(asked)
        if "Peru" in asked.prompt:
            return error(429, retry_after="0")
        reply = knows(asked)
        reply.body = reply.body[:20] if "Chad" in asked.prompt else reply.body
        return reply

    server = serve(script)
    bench.make()
    (run,) = bench.start(Asked(variants=("terse",))).runs
    assert (run.status, run.metrics["samples_failed"]) == ("completed", 0.0)
    assert len(server.calls) == 8 + 4


def test_a_key_that_is_refused_fails_the_run_and_says_why(bench, serve):
    serve(lambda _asked: error(401, "bad key"))
    bench.make()
    (run,) = bench.start(Asked(variants=("plain",))).runs
    assert (run.status, run.error_kind, run.primary_value) == ("failed", "not_allowed", None)
    assert "8 of 8 samples failed" in run.error


def test_without_an_endpoint_nothing_is_recorded(bench):
    bench.make()
    with pytest.raises(LlmUnavailable):
        bench.start()
    assert bench.runs() == ()


def test_cancelled_answers_are_kept_and_the_rest_is_asked_on_resuming(bench, serve):
    held, cancel = threading.Event(), threading.Event()

    def script(asked):
        if len(server.calls) > 3:
            cancel.set()
            reply = knows(asked)
            reply.hold = held
            return reply
        return knows(asked)

    server = serve(script)
    bench.make()
    batch = bench.start(
        Asked(variants=("terse",)), progress=lambda _done, _total: not cancel.is_set()
    )
    held.set()
    (run,) = batch.runs
    assert run.status == "cancelled"
    stored = Evaluations(bench.folder / "home").find(run.environment["evaluation"])
    answered = len(stored.entries())
    assert answered >= 3
    server.script, before = knows, len(server.calls)
    (again,) = bench.start(Asked(resume=True)).runs
    assert (again.status, again.sample_count) == ("completed", 8)
    assert len(server.calls) - before == 8 - answered
    assert run.cost_usd + again.cost_usd == pytest.approx(8 * PRICE, rel=1e-12)


def test_killed_with_all_that_it_started_it_resumes_without_paying_twice(
    serve, tmp_path, monkeypatch
):
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path / "home"))
    held, reached = threading.Event(), threading.Event()

    def script(asked):
        if len(server.calls) > 11:
            reached.set()
            reply = knows(asked)
            reply.hold = held
            return reply
        return knows(asked)

    server = serve(script)
    store = open_store()
    create_experiment(store, experiment(), make_project=True)
    store.close()
    program = textwrap.dedent(
        """
        import experimentos as xos
        xos.Experiment.load("capitals").run(1)
        """
    )
    source = str(Path(experimentos.__file__).parents[1])
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": source}
    )
    assert reached.wait(60)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    held.set()
    server.script = knows
    answered = [call for call in server.calls if call.attempt == 1][:11]
    asked_before = {(c.prompt, c.body["seed"]) for c in answered}

    before = len(server.calls)
    batch = experimentos.Experiment.load("capitals").run(resume=True, code=tmp_path)
    assert {run.status for run in batch.runs} == {"completed"}
    anew = [(c.prompt, c.body["seed"]) for c in server.calls[before:]]
    # Concurrency 2: at most two calls were under way and are asked again.
    assert len(anew) <= 16 - 11 + 2
    assert len(set(anew) & asked_before) <= 1


def test_scenarios_come_from_a_file_and_its_content_is_on_record(bench, serve):
    serve(knows)
    rows = "\n".join(f'{n.lower()},{n},"{c}",all' for n, c in CAPITALS.items())
    (bench.folder / "capitals.csv").write_text(f"id,country,target,cluster\n{rows}\n")
    asked = experiment().evaluation.model_dump() | {
        "scenarios": (),
        "scenarios_file": "capitals.csv",
    }
    bench.make(evaluation=asked)
    (run,) = bench.start(Asked(variants=("terse",))).runs
    assert (run.sample_count, run.metrics["mean_score"]) == (8, 1.0)
    # One cluster: nothing is known of the spread.
    assert "mean_score_se" not in run.metrics
    assert "data/capitals.csv" in run.inputs
    assert run.environment["data"]["capitals.csv"] == run.inputs["data/capitals.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,country\na,France,x\n", "line 2"),
        ("name\nx\n", "names id"),
        ('id,country\n"a,b\n', "no CSV"),
        ("id,target\na,b\n\na,c\n", "named twice"),
    ],
)
def test_a_file_of_scenarios_that_is_wrong_is_told_before_anything_runs(bench, content, said):
    (bench.folder / "s.csv").write_text(content)
    asked = experiment().evaluation.model_dump() | {"scenarios": (), "scenarios_file": "s.csv"}
    bench.make(evaluation=asked)
    with pytest.raises(ContractError, match=said) as raised:
        bench.start()
    assert raised.value.hint


def test_a_scorer_of_ones_own_runs_in_the_child(bench, serve):
    serve(knows)
    (bench.folder / "judge.py").write_text(
        "import os\n\ndef score(answer, target):\n    return float(os.getpid())\n"
    )
    asked = experiment().evaluation.model_dump() | {
        "scorer": {"kind": "function", "function": "judge:score"}
    }
    bench.make(evaluation=asked)
    (run,) = bench.start(Asked(variants=("plain",))).runs
    assert run.status == "completed"
    assert run.metrics["mean_score"] != os.getpid()
    code = json.loads(bench.store.artefact(run.inputs["code"]))
    assert "judge.py" in code


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def command(*arguments):
        status = run(list(map(str, arguments)))
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


def test_commands_validate_estimate_run_compare_and_export_the_samples(call, serve, tmp_path):
    server = serve(knows)
    file = tmp_path / "capitals.json"
    file.write_text(experiment().model_dump_json())
    status, out, _ = call("experiment", "validate", file, "--json")
    assert (status, json.loads(out)["runs"]) == (Exit.DONE, "evaluation")
    assert call("experiment", "create", file)[0] == Exit.DONE

    status, out, _ = call("experiment", "run", "capitals", "-n", 2, "--dry-run", "--json")
    plan = json.loads(out)
    assert (plan["runs"], plan["size"]["calls"]) == (4, 32)
    _, out, _ = call("experiment", "run", "capitals", "-n", 2, "--dry-run")
    assert "4 runs of 2 variants, 32 calls, at most $" in out
    assert f"The prompts are sent to {server.url.split('/')[2]}." in out
    assert server.calls == []

    status, out, _ = call("experiment", "run", "capitals", "-n", 2, "--yes", "--json")
    assert status == Exit.DONE
    assert {r["status"] for r in json.loads(out)["runs"]} == {"completed"}
    _, out, _ = call("experiment", "status", "capitals", "--json")
    assert [row["done"] for row in json.loads(out)["variants"]] == [2, 2]

    _, out, _ = call("experiment", "compare", "capitals", "--json")
    found = json.loads(out)
    (paired,) = found["paired"]["comparisons"]
    # Fiji alone differs, by 1, in every sample: a quarter over four scenarios.
    assert (paired["model"], paired["scenarios"], paired["difference"]) == ("terse", 4, 0.25)
    assert paired["method"] == "paired t"
    assert found["metric"] == "mean_score"
    out_file = tmp_path / "report.md"
    _, out, _ = call("experiment", "compare", "capitals", "-o", out_file)
    assert "paired by scenario" in out
    assert "Against plain, paired by scenario" in out_file.read_text()

    run_id = json.loads(call("run", "list", "--json")[1])["runs"][0]["run_id"]
    _, out, _ = call("samples", "transcripts", run_id, "--scenario", "peru", "--json")
    assert {sample["transcript"] for sample in json.loads(out)["samples"]} == {"Lima"}

    samples = tmp_path / "answers.jsonl"
    assert call("experiment", "samples", "capitals", "-o", samples)[0] == Exit.DONE
    _, out, _ = call("samples", "analyze", samples, "--json")
    assert json.loads(out)["models"] == ["plain", "terse"]


def test_where_runs_ask_several_models_variants_are_paired_by_scenario_and_model(bench, serve):
    serve(knows)
    models = [{"name": name, "input_price": 1, "output_price": 2} for name in ("small", "large")]
    bench.make(evaluation=experiment().evaluation.model_dump() | {"models": models})
    bench.start()
    analysis = analyze_variants(bench.store, load_experiment(bench.store, "capitals"))
    (found,) = analysis.of_metric
    assert (found.scenarios, found.method) == (8, "clustered paired t")
    assert len(analysis.samples.clusters) == 4


def test_variants_that_choose_models_are_paired_by_scenario(bench, serve):
    serve(knows)
    models = [{"name": name} for name in ("small", "large")]
    variants = [
        {"name": name, "parameters": {"model": name, "manner": "Answer"}}
        for name in ("small", "large")
    ]
    asked = experiment().evaluation.model_dump() | {"models": models}
    bench.make(evaluation=asked, variants=variants, baseline="small")
    batch = bench.start()
    assert {run.cost_usd for run in batch.runs} == {None}
    analysis = analyze_variants(bench.store, load_experiment(bench.store, "capitals"))
    (found,) = analysis.of_metric
    assert (found.scenarios, found.difference) == (4, 0.0)


def test_that_text_leaves_the_machine_is_said_where_it_does(bench):
    bench.make()
    plan = plan_runs(bench.store, "capitals", Asked())
    assert asking_lines(plan, "api.example.org")[0].endswith("text leaves this machine.")
    assert "leaves" not in asking_lines(plan, "localhost:8000")[0]
    assert "leaves" in asking_lines(plan, "127.0.0.1.example.org")[0]


def test_many_samples_are_cautioned_against_before_the_start(bench):
    asked = experiment().evaluation.model_dump() | {"samples_per_scenario": 21}
    bench.make(evaluation=asked)
    plan = plan_runs(bench.store, "capitals", Asked())
    assert [issue.code for issue in plan.issues] == ["many_samples"]
    assert not plan.is_blocked


def test_the_example_runs_without_a_key(bench, monkeypatch):
    server = local_endpoint.serve(0)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    monkeypatch.setenv(
        "EXPERIMENTOS_LLM_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}/v1"
    )
    found = read_experiment((EXAMPLES / "capitals.yaml").read_bytes(), "capitals.yaml")
    assert found.issues == ()
    create_experiment(bench.store, found.plan, make_project=True)
    bench.folder = EXAMPLES.parent
    try:
        batch = bench.start(Asked(variants=("plain",)))
    finally:
        server.shutdown()
        server.server_close()
    assert [(run.status, run.sample_count) for run in batch.runs] == [("completed", 40)]


def test_a_default_of_the_project_fills_a_place_and_one_it_has_not_is_refused(bench, serve):
    serve(knows)
    create_project(bench.store, Project(name="Trials", defaults={"manner": "One word"}))
    variants = [{"name": "cool", "parameters": {"temperature": 0}}, {"name": "as is"}]
    bench.make(variants=variants, baseline="as is")
    batch = bench.start()
    assert {run.metrics["mean_score"] for run in batch.runs} == {1.0}
    assert by_variant(batch)["cool", 1].params == {"manner": "One word", "temperature": 0}
    change_project(bench.store, "trials", defaults={"manner": "One word", "count": 5})
    with pytest.raises(ContractError, match="count: an evaluation has no such parameter"):
        plan_runs(bench.store, "capitals", Asked())


def test_a_budget_of_the_project_forbids_a_plan_that_may_cost_more(bench, serve):
    server = serve(knows)
    create_project(bench.store, Project(name="Trials", constraints={"budget_usd": 0.001}))
    bench.make()
    plan = plan_runs(bench.store, "capitals", Asked())
    assert plan.is_blocked
    with pytest.raises(ContractError):
        execute(bench.store, bench.runner, plan, bench.folder)
    assert server.calls == []
