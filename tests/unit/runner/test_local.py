"""Code in child processes: what comes back, what is stopped, what is not believed."""

import json
import os
import select
import signal
import subprocess
import sys
import threading

import pytest

from experimentos.errors import RunnerError
from experimentos.runner import port
from experimentos.runner.local import LocalRunner
from experimentos.runner.port import Job
from experimentos.runner.surroundings import repository_of, survey
from experimentos.runner.worker import RunContext

CODE = """
import os, random, subprocess, sys, time
import helper

def train(temperature, seed, run=None):
    print("temperature", temperature, "ACCURACY: 7.5")
    return {"score": temperature * helper.HALF + random.random(), "deep": {"loss": float("inf")}}

def everything(run, **rest):
    (run.out / "table.csv").write_text("a,b")
    run.progress(1, 4)
    run.metric("auc", 0.5)
    run.metric("auc", 0.75)
    run.cost(0.5)
    run.cost(0.25)
    return run.params["n"] + run.constraints["most"]

def slow(run):
    print("step one")
    run.progress(1, 100)
    run.metric("loss", 0.5)
    run.metric("loss", 0.25)
    time.sleep(60)

def strict(a):
    return a

def wrong(**rest):
    raise ValueError("the data is upside down")

def text(**rest):
    return {"score": "high"}

def no_return(**rest):
    return None

def leaves(**rest):
    os._exit(3)

def sleeps(**rest):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print(child.pid, flush=True)
    time.sleep(600)

def leaves_a_child(**rest):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    return child.pid

def links(run):
    os.symlink("/etc/hostname", run.out / "host.txt")

def forges(run, **rest):
    folder = run.out.parent
    run.say = None
    (folder / "result.json").write_text('{"metrics": {"score": 1e999}}')
    os._exit(0)

def reads(**rest):
    return len(sys.stdin.read())
"""


@pytest.fixture
def code(tmp_path):
    (tmp_path / "toy.py").write_text(CODE)
    (tmp_path / "helper.py").write_text("HALF = 0.5\n")
    return tmp_path


def go_on():
    return True


def run(code, name, params=None, **changes):
    events = []
    job = Job(f"toy:{name}", code, params or {}, **changes)
    return LocalRunner().run(job, events.append, go_on), events


def is_gone(pid):
    """Return whether a process ends; the kernel tells, so nobody waits longer than that takes."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


def test_metrics_come_from_what_is_returned_and_never_from_what_is_printed(code):
    outcome, _ = run(code, "train", {"temperature": 2.0}, seed=7)
    again, _ = run(code, "train", {"temperature": 2.0}, seed=7)
    other, _ = run(code, "train", {"temperature": 2.0}, seed=8)
    assert outcome.error == ""
    assert set(outcome.metrics) == {"score", "deep.loss"}
    assert outcome.metrics["deep.loss"] == "Infinity"
    assert outcome.metrics == again.metrics != other.metrics
    assert b"ACCURACY: 7.5" in outcome.log


def test_the_source_of_every_local_module_is_kept(code):
    outcome, _ = run(code, "train", {"temperature": 1.0})
    assert outcome.sources == {"toy.py": CODE, "helper.py": "HALF = 0.5\n"}


def test_recorded_sources_are_run_instead_of_the_folder(code):
    before, _ = run(code, "train", {"temperature": 1.0})
    (code / "helper.py").write_text("HALF = 100\n")
    changed, _ = run(code, "train", {"temperature": 1.0})
    again, _ = run(code, "train", {"temperature": 1.0}, sources=before.sources)
    assert again.metrics == before.metrics != changed.metrics
    assert again.sources == before.sources


def test_a_run_reports_metrics_progress_cost_and_files(code):
    outcome, events = run(code, "everything", {"n": 3}, constraints={"most": 4})
    assert outcome.metrics == {"auc": 0.75, "value": 7.0}
    assert outcome.cost_usd == 0.75
    assert outcome.outputs == {"table.csv": b"a,b"}
    assert [e.kind for e in events] == ["started", "progress", "metric", "cost"]
    assert (events[1].value, events[1].total) == (1, 4)


def test_what_a_run_says_and_prints_is_told_while_it_works(code):
    heard = []

    def go_on():
        kinds = {event.kind for event in heard}
        return not {"progress", "metric", "printed"} <= kinds

    job = Job("toy:slow", code, {})
    outcome = LocalRunner().run(job, heard.append, go_on)
    assert outcome.error_kind == "cancelled"
    said = {event.kind: event for event in heard}
    assert said["printed"].text == "step one\n"
    assert (said["metric"].name, said["metric"].value) == ("loss", 0.25)


def test_a_million_reports_are_a_few_lines(tmp_path):
    run = RunContext({"params": {}, "seed": 0, "repeat": 1, "constraints": {}}, str(tmp_path))
    for step in range(100_000):
        run.progress(step + 1, 100_000)
    run.flush()
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert json.loads(lines[-1]) == {"kind": "progress", "value": 100_000.0, "total": 100_000.0}
    assert len(lines) < 1_000


@pytest.mark.parametrize(
    ("name", "params", "kind", "says"),
    [
        ("strict", {"a": 1, "b": 2}, "TypeError", "no argument 'b'"),
        ("strict", {}, "TypeError", "missing"),
        ("wrong", {}, "ValueError", "upside down"),
        ("text", {}, "TypeError", "score is a str, not a number"),
        ("nowhere", {}, "AttributeError", "nowhere"),
        ("leaves", {}, port.NO_RESULT, "status 3"),
        ("links", {}, port.BAD_RESULT, "host.txt"),
        ("forges", {}, port.BAD_RESULT, "metrics.score"),
    ],
)
def test_what_goes_wrong_is_named(code, name, params, kind, says):
    outcome, _ = run(code, name, params)
    assert outcome.error_kind == kind
    assert says in outcome.error


def test_nothing_returned_is_no_error_and_no_metric(code):
    outcome, _ = run(code, "no_return")
    assert (outcome.error, dict(outcome.metrics)) == ("", {})


def test_standard_input_is_empty(code):
    outcome, _ = run(code, "reads")
    assert outcome.metrics == {"value": 0.0}


def test_the_time_limit_ends_the_process_and_all_that_it_started(code):
    outcome, _ = run(code, "sleeps", time_limit_seconds=1.5)
    assert outcome.error_kind == port.TIMED_OUT
    assert "1.5 seconds" in outcome.error
    assert is_gone(int(outcome.log))


def test_cancelling_ends_the_process_and_all_that_it_started(code):
    events = []
    job = Job("toy:sleeps", code)
    outcome = LocalRunner().run(job, events.append, lambda: not events)
    assert outcome.error_kind == port.CANCELLED


def test_what_a_job_leaves_behind_ends_with_it(code):
    outcome, _ = run(code, "leaves_a_child")
    assert outcome.error == ""
    assert is_gone(int(outcome.metrics["value"]))


PARENT = """
import sys
from pathlib import Path
from experimentos.runner.local import LocalRunner
from experimentos.runner.port import Job
LocalRunner().run(Job("toy:writes", Path(sys.argv[1])), print, lambda: True)
"""

WRITES = """
import os, time
from pathlib import Path
def writes():
    Path("pid").write_text(str(os.getpid()))
    with open("ready", "w"):
        time.sleep(600)
"""


def test_a_job_ends_when_the_process_that_started_it_is_killed(code):
    (code / "toy.py").write_text(WRITES)
    os.mkfifo(code / "ready")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(code)], env=env)
    with (code / "ready").open() as ready:
        pid = int((code / "pid").read_text())
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert ready.read() == ""  # its end of the pipe is closed: the job is gone
    assert is_gone(pid)


def test_jobs_run_beside_each_other(code):
    outcomes = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(run(code, "train", {"temperature": 1.0})))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.error for outcome, _ in outcomes] == ["", ""]


def test_a_folder_that_is_not_there_is_an_error_of_the_call(tmp_path):
    with pytest.raises(RunnerError, match="No process could be started"):
        run(tmp_path / "nowhere", "train")


def git(folder, *arguments):
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_what_is_not_committed_is_part_of_the_surroundings(code):
    assert repository_of(code).commit == ""
    git(code, "init", "-q")
    git(code, "add", ".")
    git(code, "commit", "-qm", "one")
    clean = repository_of(code)
    assert len(clean.commit) == 40
    assert not clean.is_dirty
    (code / "helper.py").write_text("HALF = 0.25\n")
    (code / "new.py").write_text("")
    around = survey(code)
    assert "+HALF = 0.25" in around.repository.diff
    assert around.repository.untracked == ("new.py",)
    assert "numpy==" in around.packages
