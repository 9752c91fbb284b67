"""Processes that are killed, that run out of disk, and that come in crowds."""

import contextlib
import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import experimentos
from experimentos.ids import content_hash
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.opening import open_store
from experimentos.store.port import Query, new_record
from experimentos.store.run_port import RunQuery

HERE = Path(__file__).parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(experimentos.__file__).parents[1])}


def started(script, *arguments):
    return subprocess.Popen(
        [sys.executable, str(HERE / script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def rest_of(process):
    """The lines that were not read yet, and what went wrong; all of them, also those in a buffer.

    `communicate` reads past the buffer that `readline` has filled, and loses what is in it.
    """
    with process.stdout, process.stderr:
        lines = process.stdout.readlines()
        errors = process.stderr.read()
    process.wait()
    return lines, errors


def acknowledged(lines):
    """The acknowledgements among the lines that arrived whole, and what went wrong."""
    said = [json.loads(line) for line in lines if line.endswith("\n")]
    return [s for s in said if "id" in s], [s["error"] for s in said if "error" in s]


def killed_while_saving(workspace, seed):
    """Start a writer, kill it at a random moment, return every save it acknowledged."""
    rng = random.Random(seed)
    writer = started("writer.py", workspace, seed)
    lines = [writer.stdout.readline() for _ in range(rng.randint(1, 25))]
    # Somewhere inside the next save; the wait places the kill, nothing depends on its length.
    with contextlib.suppress(subprocess.TimeoutExpired):
        writer.wait(rng.uniform(0, 0.03))
    writer.kill()
    rest, errors = rest_of(writer)
    assert writer.returncode == -9, errors
    acks, problems = acknowledged([*lines, *rest])
    assert problems == []
    return acks


def check_everything(store, acks):
    """Every acknowledged save is there, whole, and nothing is half done."""
    newest = {}
    for ack in acks:
        newest[ack["id"]] = ack
    for ack in newest.values():
        record = store.load(ack["kind"], ack["id"])
        assert record.revision >= ack["revision"]
        if record.revision == ack["revision"]:
            assert record.artefacts["input"] == ack["input"]
    for kind in ("analysis", "draft"):
        for record in store.find(Query(kind, limit=500)):
            for sha256 in record.artefacts.values():
                assert content_hash(store.artefact(sha256)) == sha256
    assert store.examine() == ()


def kill_and_check(workspace, kills):
    acks = []
    for seed in range(kills):
        acks += killed_while_saving(workspace, seed)
    store = DuckDbStore(workspace / "history.duckdb")
    check_everything(store, acks)
    store.close()
    assert len(list((workspace / "recovery").glob("*.duckdb"))) <= 3
    return acks


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path):
    assert len(kill_and_check(tmp_path, 5)) >= 5


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_thirty_kills(tmp_path):
    assert len(kill_and_check(tmp_path, 30)) >= 30


def test_nothing_acknowledged_is_lost_when_the_disk_takes_no_more(tmp_path):
    limit = 6 * 2**20
    writer = started("writer.py", tmp_path, 1, limit)
    said, errors = writer.communicate()
    assert writer.returncode == 0, errors
    acks, problems = acknowledged(said.splitlines(keepends=True))
    assert len(acks) > 5
    assert len(problems) == 1
    assert "The history could not be saved" in problems[0]
    store = DuckDbStore(tmp_path / "history.duckdb")
    check_everything(store, acks)
    store.save(new_record("draft", "there is room again", {}))
    store.close()


def crowd(path, processes, saves):
    """Let several processes save at once, each by opening the history for every save."""
    writers = [started("crowd.py", path, name, saves) for name in range(processes)]
    ends = [writer.communicate() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * processes, ends
    return [float(out) for out, _ in ends]


@pytest.mark.parametrize("served", [True, False])
def test_commands_beside_the_app_and_beside_each_other_lose_nothing(tmp_path, served):
    path = tmp_path / "history.duckdb"
    owner = open_store(path, serve=True) if served else None
    crowd(path, 3, 4)
    store = owner or open_store(path)
    titles = Counter(record.title for record in store.find(Query("analysis", limit=500)))
    assert titles == {f"{name}/{number}": 1 for name in range(3) for number in range(4)}
    assert Counter(run.title for run in store.runs.page(RunQuery()).rows) == titles
    store.close()


@pytest.mark.slow
def test_four_commands_of_fifty_saves_lose_nothing_beside_the_app(tmp_path):
    path = tmp_path / "history.duckdb"
    store = open_store(path, serve=True)
    crowd(path, 4, 50)
    assert len(store.find(Query("analysis", limit=500))) == 200
    assert store.runs.count(RunQuery()) == 200
    store.close()
