"""Several commands that want one file get it in the order in which they came."""

import subprocess
import time

import pytest

from experimentos.errors import StoreError
from experimentos.store import turns
from experimentos.store.opening import open_store
from experimentos.store.ownership import Owned
from experimentos.store.port import new_record
from experimentos.store.turns import Turn


@pytest.fixture
def folder(path):
    found = path.with_name(f".{path.name}.turns")
    found.mkdir()
    return found


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.duckdb"


def test_who_came_first_is_first_until_it_leaves(path):
    with Turn(path) as first:
        with Turn(path) as second:
            assert first.is_first()
            assert not second.is_first()
        with Turn(path) as third:
            assert not third.is_first()
            first.__exit__(None, None, None)
            assert third.is_first()


def test_a_command_waits_for_one_that_came_before(path):
    waits = []

    with Turn(path) as before:

        def pause(seconds):
            waits.append(seconds)
            if len(waits) == 2:
                before.__exit__(None, None, None)

        store = open_store(path, pause=pause)
    store.save(new_record("draft", "One", {}))
    store.close()
    assert len(waits) == 2


def test_one_who_never_leaves_is_waited_for_as_long_as_was_said(path):
    with Turn(path), pytest.raises(Owned):
        open_store(path, timeout=0.0, pause=lambda _: None)


def ended():
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


@pytest.mark.parametrize(
    "left_behind",
    [
        lambda: f"{time.time_ns() - 10**9:020d}-{ended()}-0",
        lambda: f"{time.time_ns() - 10**9:020d}-{2**70}-0",
        lambda: f"{time.time_ns() - 200 * 10**9:020d}-1-0",
        lambda: "0-nonsense",
    ],
)
def test_a_place_that_was_left_behind_holds_nobody_up(path, folder, left_behind):
    (folder / left_behind()).touch()
    with Turn(path) as turn:
        assert turn.is_first()
    assert list(folder.iterdir()) == []


def test_the_process_of_somebody_else_is_waited_for(path, folder, monkeypatch):
    def not_ours(*_):
        raise PermissionError

    (folder / f"{time.time_ns() - 10**9:020d}-1-0").touch()
    monkeypatch.setattr(turns.os, "kill", not_ours)
    with Turn(path) as turn:
        assert not turn.is_first()


def test_without_room_for_places_everybody_tries(path):
    path.with_name(f".{path.name}.turns").write_text("in the way")
    store = open_store(path)
    with pytest.raises(StoreError, match="in use"):
        open_store(path)
    store.close()
