"""`experiment run` beside other commands: they are answered while it works."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

SOURCE = str(Path(__file__).resolve().parents[3] / "src")
CODE = """
import time
def slow(step, run):
    print("begun")
    run.progress(1, 4)
    while True:
        time.sleep(0.1)
"""
EXPERIMENT = """
name: Slow
project: Shop
entry_point: toy:slow
variants: [{name: a, parameters: {step: 1}}, {name: b, parameters: {step: 2}}]
baseline: a
"""


def test_other_commands_see_what_a_command_runs_while_it_runs(tmp_path):
    (tmp_path / "toy.py").write_text(CODE)
    (tmp_path / "slow.yaml").write_text(EXPERIMENT)
    around = {
        **os.environ,
        "EXPERIMENTOS_HOME": str(tmp_path / "home"),
        "COLUMNS": "200",
        "PYTHONPATH": SOURCE,
    }

    def command(*words):
        return [sys.executable, "-m", "experimentos", *words]

    def told(*words):
        done = subprocess.run(
            command(*words), cwd=tmp_path, env=around, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    told("experiment", "create", "slow.yaml")
    running = subprocess.Popen(
        command("experiment", "run", "slow", "--json"),
        cwd=tmp_path, env=around, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        patience = time.monotonic() + 100
        while True:
            found = json.loads(told("experiment", "status", "slow", "--json"))
            working = found["running"][0]["working"] if found["running"] else []
            if working and working[0][0]["live"]:
                break
            assert time.monotonic() < patience
        run = working[0][0]
        assert (run["live"]["done"], run["live"]["total"]) == (1, 4)
        assert found["running"][0]["pace"]["waiting"] == 1
        shown = told("run", "show", run["run_id"])
        assert re.search(r"a 1: 25% \(1 of 4\)", shown)
        assert "begun" in shown
    finally:
        running.terminate()
        running.wait()
