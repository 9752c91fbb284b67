"""`experimentos samples evaluate`, `evaluations` and `transcripts`."""

import json

import pytest

from experimentos.cli.guard import run
from experimentos.cli.status import Exit
from tests.evaluation.endpoint import answer, error
from tests.evaluation.plans import plan


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("EXPERIMENTOS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("EXPERIMENTOS_LLM_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def command(*arguments):
        status = run(["samples", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(plan().model_dump_json())
    return path


@pytest.fixture
def answers(endpoint, monkeypatch):
    server = endpoint(
        lambda asked: error(400, "no such parameter") if "Peru" in asked.prompt else answer("Paris")
    )
    monkeypatch.setenv("EXPERIMENTOS_LLM_BASE_URL", server.url)
    return server


def test_the_estimate_needs_no_endpoint_and_makes_no_call(call, file):
    status, out, _ = call("evaluate", file, "--estimate")
    assert status == Exit.DONE
    assert "2 scenarios x 2 models x 2 samples = 8 calls." in out
    status, out, _ = call("evaluate", file, "--estimate", "--json")
    assert json.loads(out)["estimate"]["calls"] == 8


def test_without_an_endpoint_it_says_what_to_set(call, file):
    status, _, err = call("evaluate", file, "--yes")
    assert status == Exit.FAILED
    assert "EXPERIMENTOS_LLM_BASE_URL" in err


def test_calls_that_cost_are_not_made_unasked(call, file, answers):
    status, _, err = call("evaluate", file, "--json")
    assert (status, answers.calls) == (Exit.USAGE, [])
    assert "--yes" in err


def test_a_plan_with_a_defect_is_told_with_its_place(call, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("name: x\nprompt: hi\nmodels: [{name: m}]\nscenarios: []\nscorer: {kind: y}\n")
    status, out, _ = call("evaluate", path, "--estimate")
    assert status == Exit.NO
    assert "scorer" in out
    path.write_text("name: [")
    assert call("evaluate", path)[0] == Exit.UNREADABLE


@pytest.mark.usefixtures("answers")
def test_answers_are_kept_listed_shown_and_analysed(call, file, tmp_path):
    out_file = tmp_path / "out.jsonl"
    status, out, _ = call("evaluate", file, "--yes", "-o", out_file)
    assert status == Exit.NO
    assert "4 of 8 samples are scored." in out
    assert "4 failed: the endpoint did not take the request." in out

    _, out, _ = call("evaluations", "--json")
    listed = json.loads(out)["evaluations"]
    assert [(one["scored"], one["planned"]) for one in listed] == [(4, 8)]

    _, out, _ = call("transcripts", listed[0]["id"], "--model", "small", "--scenario", "france")
    assert out.count("Paris") >= 2
    assert "Peru" not in out
    _, out, _ = call("transcripts", listed[0]["id"], "--failed", "--json")
    shown = json.loads(out)["samples"]
    assert {one["failure"] for one in shown} == {"bad_request"}
    assert "no such parameter" in shown[0]["why"]

    status, out, _ = call("analyze", out_file, "--json")
    assert json.loads(out)["models"] == ["small", "large"]


def test_an_unknown_evaluation_is_told(call):
    status, _, err = call("transcripts", "zzz")
    assert status == Exit.NO
    assert "No evaluations begin with" in err
    assert "No evaluation was run here yet." in call("evaluations")[1]
