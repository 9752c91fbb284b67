import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest

from experimentos.errors import MigrationError, StoreError
from experimentos.runs.documents import Live
from experimentos.store import documents
from experimentos.store.duckdb import LEAST_FREE_BYTES, DuckDbStore
from experimentos.store.migrations import MIGRATIONS
from experimentos.store.ownership import Owned
from experimentos.store.port import Query, new_record
from tests.stores.test_runs_contract import run_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.duckdb"


@pytest.fixture
def store(path):
    opened = DuckDbStore(path)
    yield opened
    opened.close()


def raw(store, sql):
    return store._cursor().execute(sql).fetchall()


def test_records_and_artefacts_are_there_after_a_restart(store, path):
    saved = store.save(new_record("analysis", "One", {"x": 1}), {"input": b"1"})
    store.close()
    again = DuckDbStore(path)
    assert again.load("analysis", saved.id) == saved
    assert again.artefact(saved.artefacts["input"]) == b"1"
    again.close()


@pytest.mark.usefixtures("store")
def test_only_the_owner_may_read_the_file(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "copy document to 'stolen.csv'",
        "attach 'other.duckdb'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set memory_limit = '8GB'",
        "export database 'stolen'",
    ],
)
def test_the_connection_reaches_nothing_but_its_file(store, sql):
    with pytest.raises(duckdb.Error):
        raw(store, sql)


def test_a_second_opening_names_the_process_that_has_the_file(store, path):
    with pytest.raises(Owned, match="this process") as caught:
        DuckDbStore(path)
    assert caught.value.is_own
    store.save(new_record("draft", "the first one works on", {}))


def test_a_process_that_locked_the_file_without_claiming_it_is_named(path):
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('has it', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline() == "has it\n"
    with pytest.raises(StoreError, match=rf"PID {other.pid}"):
        DuckDbStore(path)
    other.communicate("\n")
    DuckDbStore(path).close()


def test_a_closed_store_says_that_it_is_closed(store):
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.find(Query("draft"))
    with pytest.raises(StoreError, match="closed"):
        store.save(new_record("draft", "One", {}))


def test_a_file_that_is_no_history_is_left_alone(path):
    path.write_bytes(b"not a database" * 1_000)
    with pytest.raises(StoreError, match="not a valid DuckDB"):
        DuckDbStore(path)
    assert path.read_bytes() == b"not a database" * 1_000


def test_threads_that_save_at_once_all_succeed(store):
    def save(name):
        for number in range(5):
            store.save(new_record("analysis", f"{name}/{number}", {}))

    threads = [threading.Thread(target=save, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    titles = {record.title for record in store.find(Query("analysis", limit=500))}
    assert len(titles) == 30
    assert store.examine() == ()


def disk(path, free):
    return DuckDbStore(path, free_bytes=lambda _folder: free[0])


def test_a_full_disk_makes_the_history_read_only_until_there_is_room(path):
    free = [LEAST_FREE_BYTES]
    store = disk(path, free)
    saved = store.save(new_record("draft", "One", {}))
    free[0] -= 1
    assert store.state().is_read_only
    assert "256 MiB" in store.state().reason
    with pytest.raises(StoreError, match="read-only"):
        store.save(replace(saved, title="Two"))
    with pytest.raises(StoreError, match="read-only"):
        store.remove("draft", saved.id)
    assert store.load("draft", saved.id) == saved
    free[0] += 1
    assert not store.state().is_read_only
    assert store.save(replace(saved, title="Two")).revision == 2
    store.close()


def test_an_artefact_needs_its_own_room_and_is_not_written_without(path):
    store = disk(path, [LEAST_FREE_BYTES + 9])
    with pytest.raises(StoreError, match="read-only"):
        store.save(new_record("draft", "One", {}), {"input": b"0123456789"})
    assert not (path.parent / "artefacts").exists()
    store.save(new_record("draft", "One", {}), {"input": b"012345678"})
    store.close()


def test_the_room_asked_for_grows_with_the_log(path, monkeypatch):
    store = disk(path, [LEAST_FREE_BYTES])
    assert not store.state().is_read_only
    monkeypatch.setattr("experimentos.store.duckdb.size_of", lambda _path: 100 * 2**20)
    assert "400 MiB" in store.state().reason
    store.close()


def failing(monkeypatch, error, times):
    """Let the next saves fail inside their transaction, after they wrote."""
    real, left = documents.save, [times]

    def save(*arguments):
        saved = real(*arguments)
        if left[0]:
            left[0] -= 1
            raise error("simulated")
        return saved

    monkeypatch.setattr(documents, "save", save)


def test_two_failures_of_a_transaction_are_tried_again(store, monkeypatch):
    failing(monkeypatch, duckdb.TransactionException, 2)
    saved = store.save(new_record("draft", "One", {}))
    assert store.load("draft", saved.id) == saved
    assert store.examine() == ()


def test_the_third_failure_of_a_transaction_is_said_and_nothing_is_saved(store, monkeypatch):
    failing(monkeypatch, duckdb.TransactionException, 3)
    with pytest.raises(StoreError, match="could not be saved"):
        store.save(new_record("draft", "One", {}))
    assert store.find(Query("draft")) == []


def test_a_fatal_failure_reopens_the_file_and_saves(store, monkeypatch):
    failing(monkeypatch, duckdb.FatalException, 1)
    saved = store.save(new_record("draft", "One", {}), {"input": b"1"})
    assert store.load("draft", saved.id) == saved
    assert not store.state().is_read_only


def test_a_second_fatal_failure_is_read_only_until_a_save_succeeds(store, monkeypatch):
    failing(monkeypatch, duckdb.FatalException, 2)
    with pytest.raises(StoreError, match="could not be saved"):
        store.save(new_record("draft", "One", {}))
    assert "failed twice" in store.state().reason
    assert store.find(Query("draft")) == []
    store.save(new_record("draft", "Two", {}))
    assert not store.state().is_read_only


def test_reading_after_a_fatal_failure_reopens_the_file(store, monkeypatch):
    saved = store.save(new_record("draft", "One", {}))
    real, left = documents.load, [1]

    def load(*arguments):
        if left.pop() if left else 0:
            raise duckdb.FatalException("simulated")
        return real(*arguments)

    monkeypatch.setattr(documents, "load", load)
    assert store.load("draft", saved.id) == saved


def test_a_file_that_cannot_be_opened_again_is_read_only_and_says_so(store, monkeypatch):
    failing(monkeypatch, duckdb.FatalException, 1)

    def gone(_path):
        raise duckdb.IOException("the disk is gone")

    with monkeypatch.context() as broken:
        broken.setattr("experimentos.store.duckdb._connected", gone)
        with pytest.raises(StoreError, match="the disk is gone"):
            store.save(new_record("draft", "One", {}))
        assert "the disk is gone" in store.state().reason
    store.save(new_record("draft", "Two", {}))
    assert [record.title for record in store.find(Query("draft"))] == ["Two"]


def test_a_commit_whose_answer_was_lost_is_saved_once(store, monkeypatch):
    real, left = store._transaction, [1]

    def transaction(work):
        result = real(work)
        if left and left.pop():
            raise duckdb.FatalException("the answer was lost")
        return result

    monkeypatch.setattr(store, "_transaction", transaction)
    saved = store.save(new_record("draft", "One", {"x": 1}))
    assert store.find(Query("draft")) == [saved]
    assert saved.revision == 1


def add_note(connection):
    connection.execute("alter table document add column note varchar default 'from the next'")


def fail(connection):
    connection.execute("drop table audit")
    connection.execute("select * from nowhere")


def test_an_old_file_is_copied_then_brought_to_the_new_version(store, path):
    saved = store.save(new_record("draft", "One", {}))
    store.close()
    newer = DuckDbStore(path, migrations=(*MIGRATIONS, add_note))
    assert raw(newer, "select note from document") == [("from the next",)]
    assert newer.load("draft", saved.id) == saved
    newer.close()
    kept = path.with_name(f"history.duckdb.v{len(MIGRATIONS)}.bak")
    kept.rename(path)
    old = DuckDbStore(path)
    assert old.load("draft", saved.id) == saved
    old.close()


def test_a_history_made_before_runs_said_anything_takes_what_they_say(path):
    old = DuckDbStore(path, migrations=MIGRATIONS[:2])
    saved = old.save(new_record("draft", "One", {}))
    old.close()
    store = DuckDbStore(path)
    run = store.runs.save_run(run_of(status="running"))
    assert store.runs.beat(run.run_id, Live(done=1, total=2))
    assert store.runs.load_run(run.run_id).live == Live(done=1, total=2)
    assert store.load("draft", saved.id) == saved
    assert store.examine() == ()
    store.close()


def test_a_migration_that_fails_changes_nothing(store, path):
    saved = store.save(new_record("draft", "One", {}))
    store.close()
    with pytest.raises(MigrationError, match=f"version {len(MIGRATIONS) + 1}"):
        DuckDbStore(path, migrations=(*MIGRATIONS, fail))
    again = DuckDbStore(path)
    assert again.load("draft", saved.id) == saved
    assert again.examine() == ()
    again.close()


def test_a_file_of_a_newer_program_is_refused_and_left_as_it_is(path):
    DuckDbStore(path, migrations=(*MIGRATIONS, add_note)).close()
    before = path.read_bytes()
    with pytest.raises(MigrationError, match="newer ExperimentOS") as caught:
        DuckDbStore(path)
    assert "EXPERIMENTOS_HOME" in caught.value.hint
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("update document set title = 'forged'", "record_altered"),
        ("update document set content_sha256 = 'forged'", "record_altered"),
        ("update audit set after_sha256 = 'forged' where seq = 2", "audit_chain_broken"),
        ("update audit set moment = moment - interval 1 day where seq = 1", "audit_chain_broken"),
        ("delete from audit where seq = 1", "audit_chain_broken"),
        ("delete from audit where seq = 3", "record_unnoted"),
        ("delete from document where title = 'Two'", "record_altered"),
    ],
)
def test_changes_behind_the_back_of_the_store_are_found(store, sql, code):
    first = store.save(new_record("draft", "One", {}))
    store.save(replace(first, body={"x": 2}))
    store.save(new_record("draft", "Two", {}))
    assert store.examine() == ()
    raw(store, sql)
    assert code in {issue.code for issue in store.examine()}


def test_a_file_of_version_1_is_copied_and_gets_runs(path):
    first = DuckDbStore(path, migrations=MIGRATIONS[:1])
    saved = first.save(new_record("draft", "One", {}), {"input": b"1"})
    first.close()
    second = DuckDbStore(path)
    assert path.with_name("history.duckdb.v1.bak").exists()
    assert second.load("draft", saved.id) == saved
    assert second.runs.without_run("draft") == (saved.id,)
    assert second.diagnose().is_sound
    second.close()
