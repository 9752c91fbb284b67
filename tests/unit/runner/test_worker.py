"""The child's own steps, one by one, in this process."""

import functools
import json
import sys

import pytest

from experimentos.runner import worker

CODE = """
import numpy

def draws(n, run):
    run.progress(1, 0)
    run.metric("first", float(numpy.random.random()))
    run.cost(0.5)
    (run.out / "a.txt").write_text("a")
    return {"n": n, "deep": {"size": numpy.float32(0.5)}}

def fails():
    raise KeyError("gone")
"""


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A function from a name to the job that calls it, in a folder of code of its own."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "worked", raising=False)
    (tmp_path / "worked.py").write_text(CODE)
    (tmp_path / "out").mkdir()

    def make(name, **params):
        return {
            "entry_point": f"worked:{name}", "imports": str(tmp_path), "params": params,
            "constraints": {}, "seed": 7, "repeat": 1,
        }  # fmt: skip

    yield make
    sys.modules.pop("worked", None)


def test_a_result_holds_metrics_cost_and_sources(job, tmp_path):
    result = worker.work(job("draws", n=3), str(tmp_path))
    again = worker.work(job("draws", n=3), str(tmp_path))
    assert result["error"] == ""
    assert result["metrics"].keys() == {"first", "n", "deep.size"}
    assert result["metrics"] == again["metrics"]  # NumPy's old generator is seeded too
    assert (result["cost_usd"], result["sources"]) == (0.5, {"worked.py": CODE})
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [event["kind"] for event in events[:3]] == ["started", "progress", "metric"]


def test_an_exception_is_its_name_and_message(job, tmp_path, capsys):
    result = worker.work(job("fails"), str(tmp_path))
    assert (result["error_kind"], result["error"]) == ("KeyError", "'gone'")
    assert "Traceback" in capsys.readouterr().err
    assert worker.work(job("nowhere"), str(tmp_path))["error_kind"] == "AttributeError"


def test_arguments_are_found_with_and_without_a_wrapper():
    def plain(a, /, b, *, c=1):
        return a, b, c

    @functools.wraps(plain)
    def wrapped(*args, **kwargs):
        return plain(*args, **kwargs)

    def open_ended(**rest):
        return rest

    assert worker.arguments_of(plain) == ({"b", "c"}, False)
    assert worker.arguments_of(wrapped) == ({"b", "c"}, False)
    assert worker.arguments_of(open_ended) == (set(), True)


@pytest.mark.parametrize(
    ("answer", "metrics"),
    [
        (None, {}),
        (0.5, {"value": 0.5}),
        (True, {"value": 1.0}),
        ({"a": {"b": 1}}, {"a.b": 1.0}),
        ({"a": float("nan"), "b": float("-inf")}, {"a": "NaN", "b": "-Infinity"}),
    ],
)
def test_what_is_returned_becomes_metrics(answer, metrics):
    assert worker.collected(answer, {}) == metrics


@pytest.mark.parametrize(("answer", "says"), [("x", "returned is a str"), ({"a": []}, "metric a")])
def test_what_is_no_number_is_named(answer, says):
    with pytest.raises(TypeError, match=says):
        worker.collected(answer, {})
