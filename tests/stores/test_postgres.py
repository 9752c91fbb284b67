"""What only a history on a server has: many processes, lost connections, tools of its own."""

import subprocess
import sys
import threading

import psycopg
import pytest

from experimentos.errors import MigrationError, NotFound, StoreError
from experimentos.store.migrations import POSTGRES
from experimentos.store.opening import open_server
from experimentos.store.port import Query, new_record
from experimentos.store.postgres import PostgresStore
from experimentos.store.postgres_connection import MARK, Pool, connected
from experimentos.store.run_port import RunQuery
from experimentos.wiring import Settings, back_up, diagnose_workspace, open_services
from experimentos.wiring import restore_workspace as restore
from tests.postgres import HAS_POSTGRES, emptied
from tests.stores.test_durability import ENVIRONMENT
from tests.stores.test_runs_contract import run_of

pytestmark = [] if HAS_POSTGRES else [pytest.mark.slow]


@pytest.fixture
def store(postgres_url):
    opened = PostgresStore(postgres_url)
    yield opened
    again = PostgresStore(postgres_url)
    emptied(again)
    again.close()
    opened.close()


@pytest.fixture
def settings(postgres_url, tmp_path):
    return Settings(tmp_path / "home", store=postgres_url)


def raw(store, sql):
    store.write(lambda cursor: cursor.execute(sql))


def hung_up(url):
    """End every connection to the history, as a restart of the server does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'experimentos'"
        )


def test_a_lost_connection_is_made_again_and_nothing_is_saved_twice(store, postgres_url):
    first = store.save(new_record("draft", "One", {}), {"input": b"1"})
    hung_up(postgres_url)
    assert store.load("draft", first.id) == first
    hung_up(postgres_url)
    store.save(new_record("draft", "Two", {}))
    assert [record.title for record in store.find(Query("draft"))] == ["Two", "One"]
    assert store.diagnose().is_sound


def test_a_connection_that_is_in_use_when_the_history_closes_is_closed_afterwards(postgres_url):
    lent = []
    pool = Pool(lambda: connected(postgres_url))
    with pool.borrowed() as connection:
        pool.close()
        lent.append(connection)
        assert not connection.closed
    assert lent[0].closed


def test_a_server_that_is_away_makes_the_history_read_only(store, monkeypatch):
    def away(_url):
        raise psycopg.OperationalError("connection refused\nmore")

    with monkeypatch.context() as broken:
        broken.setattr("experimentos.store.postgres.connected", away)
        store._pool.close()
        for _ in range(8):
            store._pool._free.put(None)
        assert "connection refused" in store.state().reason
        assert store.state().is_read_only
        with pytest.raises(StoreError, match="could not be saved: connection refused"):
            store.save(new_record("draft", "One", {}))
    store._failed_at -= 60
    assert not store.state().is_read_only
    store.save(new_record("draft", "One", {}))


def test_threads_and_processes_that_save_at_once_all_succeed(store, postgres_url):
    def save(name):
        for number in range(5):
            store.save(new_record("draft", f"{name}/{number}", {}), {"input": name.encode()})
            store.runs.save_run(run_of(title=f"{name}/{number}"))

    script = (
        "import sys\n"
        "from experimentos.store.opening import open_server\n"
        "from experimentos.store.port import new_record\n"
        "store = open_server(sys.argv[1])\n"
        "for n in range(5): store.save(new_record('draft', f'p/{n}', {}), {'input': b'x'})\n"
        "store.close()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, postgres_url], env=ENVIRONMENT)
    threads = [threading.Thread(target=save, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert process.wait() == 0
    assert len(store.find(Query("draft", limit=500))) == 25
    assert store.runs.count(RunQuery()) == 20
    assert store.diagnose().is_sound


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("update document set title = 'forged'", "record_altered"),
        ("update artefact set content = 'forged'", "artefact_altered"),
        ("delete from artefact", "artefact_missing"),
        ("update run set document = replace(document, 'script', 'model')", "record_altered"),
        ("delete from audit where seq = 1", "audit_chain_broken"),
        ("update run_sum set total = total + 1", "sums_altered"),
    ],
)
def test_changes_behind_the_back_of_the_store_are_found(store, sql, code):
    store.save(new_record("draft", "One", {}), {"input": b"1"})
    store.runs.save_run(run_of())
    assert store.diagnose().is_sound
    raw(store, sql)
    assert code in {issue.code for issue in store.diagnose().issues}


def test_a_damaged_artefact_is_not_handed_out(store):
    saved = store.save(new_record("draft", "One", {}), {"input": b"1"})
    raw(store, "update artefact set content = 'forged'")
    with pytest.raises(StoreError, match="damaged"):
        store.artefact(saved.artefacts["input"])
    store.save(new_record("draft", "Two", {}), {"input": b"1"})
    assert store.artefact(saved.artefacts["input"]) == b"1"


def test_the_marks_of_a_zero_byte_are_themselves_kept(store):
    title = f"a\0b{MARK}c\ufdd1\ufdd2"
    saved = store.save(new_record("draft", title, {title: title}))
    assert store.load("draft", saved.id) == saved
    assert saved.title == title


def test_a_history_of_a_newer_program_is_refused(store, postgres_url):
    raw(store, "update meta set value = '99' where key = 'schema_version'")
    with pytest.raises(MigrationError, match="newer ExperimentOS"):
        PostgresStore(postgres_url)
    raw(store, f"update meta set value = '{len(POSTGRES)}' where key = 'schema_version'")


def test_a_migration_that_fails_changes_nothing(store, postgres_url):
    saved = store.save(new_record("draft", "One", {}))

    def fail(cursor):
        cursor.execute("drop table audit")
        cursor.execute("select * from nowhere")

    with pytest.raises(MigrationError, match=f"version {len(POSTGRES) + 1}"):
        PostgresStore(postgres_url, migrations=(*POSTGRES, fail))
    assert store.load("draft", saved.id) == saved
    assert store.examine() == ()


def test_somebody_who_may_not_make_the_schema_is_told_what_to_run(store, postgres_url):
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("drop role if exists reader")
        connection.execute("create role reader login")
    as_reader = postgres_url.replace("postgres@", "reader@", 1)
    try:
        with pytest.raises(StoreError) as caught:
            PostgresStore(as_reader)
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute("drop role reader")
    assert "create schema experimentos" in caught.value.hint
    assert store.find(Query("draft")) == []


def test_the_settings_choose_the_server_and_the_commands_say_what_works_there(settings, store):
    services = open_services(settings, serve=True)
    saved = services.store.save(new_record("draft", "One", {}))
    services.store.close()
    with pytest.raises(StoreError, match="closed"):
        services.store.find(Query("draft"))
    assert store.load("draft", saved.id) == saved
    found = diagnose_workspace(settings)
    assert found.is_sound
    assert str(found.facts["server"]).startswith("PostgreSQL ")
    with pytest.raises(StoreError, match="PostgreSQL server") as caught:
        back_up(settings)
    assert "pg_dump" in caught.value.hint
    assert "experimentos export" in caught.value.hint
    with pytest.raises(StoreError, match="not restored"):
        restore(settings, settings.workspace / "x.experimentos-backup")


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "postgresql", "secret"])
def test_an_address_of_another_kind_is_refused_without_repeating_it(url):
    with pytest.raises(StoreError, match="EXPERIMENTOS_STORE") as caught:
        open_server(url)
    assert "u:secret" not in caught.value.message


def test_a_server_that_is_not_there_is_said_without_the_password():
    with pytest.raises(StoreError, match="could not be opened") as caught:
        open_server("postgresql://somebody:geheim@127.0.0.1:9/nowhere")
    assert "geheim" not in str(caught.value)


def test_psycopg_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "experimentos.store.postgres", None)
    with pytest.raises(StoreError, match="psycopg") as caught:
        open_server("postgresql://h/d")
    assert "experimentos[postgres]" in caught.value.hint


def test_what_is_no_hash_is_not_found(store):
    for sha256 in ("", "0" * 64, "../x"):
        with pytest.raises(NotFound):
            store.artefact(sha256)
