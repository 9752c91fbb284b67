import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import experimentos
from experimentos.errors import StoreError
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.opening import open_store
from experimentos.store.owner import LONGEST_SOCKET_PATH, PROTOCOL, Broker, RemoteStore
from experimentos.store.ownership import Owned, Ownership, owner_of
from experimentos.store.port import Query, new_record


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.duckdb"


def never(_seconds):
    raise AssertionError("there is nothing to wait for")


def test_a_file_that_nobody_has_is_opened_here(path):
    store = open_store(path, pause=never)
    assert isinstance(store, DuckDbStore)
    store.close()


def test_the_owner_answers_when_it_serves(path):
    owner = open_store(path, serve=True)
    beside = open_store(path, pause=never)
    assert isinstance(beside, RemoteStore)
    saved = beside.save(new_record("draft", "One", {}))
    assert owner.load("draft", saved.id) == saved
    beside.close()
    owner.close()


def test_a_command_beside_the_app_neither_queues_nor_loads_the_database(path):
    owner = open_store(path, serve=True)
    place = path.parent / f".{path.name}.turns"
    place.rmdir()
    beside = (
        "import sys, pathlib; from experimentos.store.opening import open_store; "
        "open_store(pathlib.Path(sys.argv[1])).close(); "
        "sys.exit(' '.join({'duckdb', 'numpy', 'scipy'} & set(sys.modules)) or 0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(experimentos.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", beside, str(path)], check=True, env=environment)
    assert not place.exists()
    owner.close()


def test_waiting_for_a_process_that_serves_nobody_ends_when_it_closes(path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 1)
    other = DuckDbStore(path)
    monkeypatch.undo()
    waits = []

    def pause(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            other.close()

    open_store(path, pause=pause).close()
    assert len(waits) == 3
    assert all(0.01 <= wait <= 0.05 for wait in waits)


def test_waiting_for_ever_is_refused_and_the_process_is_named(path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 4711)
    other = DuckDbStore(path)
    monkeypatch.undo()
    with pytest.raises(Owned, match="process 4711") as caught:
        open_store(path, timeout=0, pause=never)
    assert caught.value.hint
    other.close()


def test_a_process_does_not_wait_for_itself(path):
    store = DuckDbStore(path)
    with pytest.raises(Owned, match="this process"):
        open_store(path, pause=never)
    store.close()


def test_an_owner_that_announced_a_socket_nobody_listens_on_is_waited_for(path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 4711)
    other = Ownership(path)
    monkeypatch.undo()
    other.announce(str(path.parent / "nothing"))
    with pytest.raises(Owned):
        open_store(path, timeout=0, pause=never)
    with pytest.raises(StoreError, match="does not answer"):
        RemoteStore(path)
    other.release()


def test_the_socket_is_for_its_user_alone_and_goes_with_its_owner(path):
    store = open_store(path, serve=True)
    place = path.parent / ".owner" / "socket"
    assert owner_of(path).socket == str(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    store.close()
    assert not place.parent.exists()
    assert owner_of(path).socket == ""


def test_a_socket_that_a_killed_owner_left_is_replaced(path):
    place = path.parent / ".owner" / "socket"
    place.parent.mkdir()
    place.write_text("left behind")
    owner = open_store(path, serve=True)
    beside = RemoteStore(path)
    assert not beside.state().is_read_only
    beside.close()
    owner.close()


def test_a_workspace_with_a_path_too_long_for_a_socket_is_served_too(tmp_path):
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    path = folder / "history.duckdb"
    owner = open_store(path, serve=True)
    place = owner_of(path).socket
    assert len(place) <= LONGEST_SOCKET_PATH
    beside = RemoteStore(path)
    saved = beside.save(new_record("draft", "One", {}), {"input": bytes(range(256))})
    assert owner.artefact(saved.artefacts["input"]) == bytes(range(256))
    beside.close()
    owner.close()
    assert not os.path.exists(os.path.dirname(place))  # noqa: PTH110, PTH120 - a text, as announced


def test_a_call_whose_connection_broke_is_repeated_on_the_next_owner(path):
    owner = open_store(path, serve=True)
    beside = RemoteStore(path)
    first = beside.save(new_record("draft", "One", {}))
    owner.close()
    following = open_store(path, serve=True)
    assert beside.save(new_record("draft", "Two", {})).revision == 1
    assert beside.load("draft", first.id) == first
    assert len(following.find(Query("draft"))) == 2
    following.close()
    with pytest.raises(StoreError, match="does not answer"):
        beside.find(Query("draft"))
    beside.close()


def test_whoever_outlives_the_owner_takes_over_and_answers_the_others(path):
    owner = open_store(path, serve=True)
    second, third = open_store(path), open_store(path)
    saved = second.save(new_record("draft", "One", {}))
    owner.close()
    assert second.load("draft", saved.id) == saved
    assert third.load("draft", saved.id) == saved
    renamed = third.save(replace(saved, title="Two"))
    second.close()
    assert third.load("draft", saved.id) == renamed
    third.close()
    DuckDbStore(path).close()


def test_an_owner_without_files_left_to_open_answers_again_when_it_has_some(path, monkeypatch):
    real, failures = socket.socket.accept, []

    def accept(listener):
        if not failures:
            failures.append(1)
            raise OSError(24, "Too many open files")
        return real(listener)

    monkeypatch.setattr(socket.socket, "accept", accept)
    monkeypatch.setattr("experimentos.store.owner.BREATH_SECONDS", 0)
    store = DuckDbStore(path)
    broker = Broker(store, path, store.ownership)
    beside = RemoteStore(path)
    assert not beside.state().is_read_only
    assert failures
    beside.close()
    broker.stop()
    store.close()


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"null\n",
        b"[]\n",
        b"select * from document\n",
        b'{"protocol": NOW, "method": "close"}\n',
        b'{"protocol": NOW, "method": "__init__"}\n',
        b'{"protocol": NOW, "method": "load"}\n',
        b'{"protocol": NOW, "method": "save", "record": {}, "artefacts": {}}\n',
        b'{"protocol": NOW, "method": "save", "record": null, "artefacts": {"a": "not base64"}}\n',
        b'{"protocol": NOW, "method": "find", "query": {"kind": "draft", "order": "x"}}\n',
        b'{"protocol": 1, "method": "state"}\n',
        b"\xff\xfe\n",
        b"[" * 10_000 + b"\n",
    ],
)
def test_what_is_no_method_of_the_store_is_refused_and_the_owner_goes_on(path, line):
    store = DuckDbStore(path)
    broker = Broker(store, path, store.ownership)
    line = line.replace(b"NOW", b"%d" % PROTOCOL)
    assert b'"error":"ContractError"' in broker.answer(line)
    state = b'{"protocol": %d, "method": "state"}\n' % PROTOCOL
    assert broker.answer(state) == b'{"ok":""}\n'
    broker.stop()
    store.close()


def test_a_store_that_was_forgotten_does_not_lock_its_own_process(path):
    store = DuckDbStore(path)
    del store
    DuckDbStore(path).close()


def test_a_socket_that_cannot_be_made_leaves_the_file_to_others(path):
    (path.parent / ".owner").write_text("in the way")
    with pytest.raises(StoreError, match="socket"):
        open_store(path, serve=True)
    DuckDbStore(path).close()
