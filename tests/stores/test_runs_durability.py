"""The app, a command and a child that are killed at random moments; a disk that is full."""

import contextlib
import os
import random
import shutil
import subprocess

import pytest

from experimentos.errors import StoreError
from experimentos.ids import content_hash
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.run_port import RunQuery
from experimentos.wiring import Settings, open_services
from tests.stores.test_durability import acknowledged, rest_of, started
from tests.stores.test_runs_contract import run_of

ROLES = ("app", "command", "child")


def killed_at_work(workspace, seed):
    """Let the three work on one history, kill them one after the other, return what they said."""
    rng = random.Random(seed)
    writers, lines = {}, []
    for role in ROLES:
        writers[role] = started("run_writer.py", workspace, role, seed)
        lines.append(writers[role].stdout.readline())
    lines += [writers["app"].stdout.readline() for _ in range(rng.randint(0, 20))]
    for role in rng.sample(ROLES, 3):
        # Somewhere inside the next write; the wait places the kill, nothing depends on it.
        with contextlib.suppress(subprocess.TimeoutExpired):
            writers[role].wait(rng.uniform(0, 0.2))
        writers[role].kill()
    for writer in writers.values():
        rest, errors = rest_of(writer)
        assert writer.returncode == -9, errors
        lines += rest
    acks, problems = acknowledged(lines)
    assert problems == []
    return acks


def check_runs(store, acks):
    """Every acknowledged write is there, and what was left behind says that it was interrupted."""
    newest = {ack["id"]: ack for ack in acks}
    for run_id, ack in newest.items():
        run = store.runs.load_run(run_id)
        assert run.is_over
        assert run.status in ("completed", "interrupted")
        assert ack["status"] != "completed" or run.status == "completed"
        assert run.sample_count >= ack["samples"]
        assert len(store.runs.samples_of(run_id)) == run.sample_count
        for sha256 in run.outputs.values():
            assert content_hash(store.artefact(sha256)) == sha256
    assert store.diagnose().is_sound


def kill_and_check(workspace, rounds):
    acks = []
    for seed in range(rounds):
        acks += killed_at_work(workspace, seed)
    store = open_services(Settings(workspace)).store
    check_runs(store, acks)
    children = [ack for ack in acks if ack["status"] == "running"]
    assert any(store.runs.load_run(ack["id"]).status == "interrupted" for ack in children)
    store.close()


def test_nothing_acknowledged_is_lost_when_app_command_and_child_are_killed(tmp_path):
    kill_and_check(tmp_path, 2)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_forty_kills(tmp_path):
    kill_and_check(tmp_path, 14)


def can_mount():
    """Return whether this process may make a small disk of its own."""
    return os.geteuid() == 0 and shutil.which("mount") is not None


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(disk):
    """Take all the room that is left."""
    with (disk / "ballast").open("wb", buffering=0) as file:
        for size in (2**20, 2**12):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)


@pytest.mark.slow
@pytest.mark.parametrize("guarded", [True, False] if can_mount() else [])
def test_a_disk_that_is_full_loses_nothing_and_takes_more_when_there_is_room(small_disk, guarded):
    # Unguarded: as if another program took the room between our look and the commit.
    look = {} if guarded else {"free_bytes": lambda _: 2**40}
    store = DuckDbStore(small_disk / "history.duckdb", **look)
    acknowledged_runs = []

    def save(size):
        run = run_of(params={"noise": os.urandom(size).hex()})
        acknowledged_runs.append(store.runs.save_run(run))

    for _ in range(20):
        save(50_000)
    fill_up(small_disk)
    refused = 0
    for _ in range(40):
        try:
            save(200_000)
        except StoreError:
            refused += 1
    assert refused
    assert store.runs.count(RunQuery()) == len(acknowledged_runs)
    assert store.state().is_read_only == (guarded or bool(store._broken))
    if not guarded:
        # As after a restart, while the disk is still full.
        store.close()
        store = DuckDbStore(small_disk / "history.duckdb")
        assert store.state().is_read_only
        assert {run.run_id for run in acknowledged_runs} <= {
            run.run_id for run in store.runs.page(RunQuery(limit=500)).rows
        }
    (small_disk / "ballast").unlink()
    save(1_000)
    assert not store.state().is_read_only
    assert store.examine() == ()
    for run in acknowledged_runs:
        assert store.runs.load_run(run.run_id) == run
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("served", [True, False] if can_mount() else [])
def test_a_history_on_a_disk_with_nothing_left_is_opened_to_read(small_disk, served):
    store = open_services(Settings(small_disk)).store
    run = store.runs.save_run(run_of())
    store.close()
    fill_up(small_disk)
    again = open_services(Settings(small_disk), serve=served).store
    assert again.state().is_read_only
    assert again.runs.load_run(run.run_id) == run
    with pytest.raises(StoreError, match="read-only"):
        again.runs.save_run(run_of())
    again.close()
