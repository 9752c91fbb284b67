"""Deleting for good, with the clock in our hand."""

from datetime import UTC, datetime, timedelta

import pytest

from experimentos.errors import StoreError
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore
from experimentos.store.port import new_record


class Clock:
    def __init__(self):
        self.now = datetime.now(UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(params=["memory", "duckdb"])
def store(request, tmp_path, clock):
    made = (
        MemoryStore(clock=clock)
        if request.param == "memory"
        else DuckDbStore(tmp_path / "history.duckdb", clock=clock)
    )
    yield made
    made.close()


def test_the_artefact_of_an_older_revision_stays_a_day_and_then_goes(store, clock):
    first = store.save(new_record("draft", "One", {}), {"input": b"older"})
    store.save(first, {"input": b"newer"})
    clock.now += timedelta(hours=23)
    assert store.collect(30).artefacts == 0
    clock.now += timedelta(hours=2)
    found = store.collect(30, dry_run=True)
    assert (found.artefacts, found.bytes) == (1, 5)
    assert store.artefact(first.artefacts["input"]) == b"older"
    assert store.collect(30) == found
    with pytest.raises(StoreError):
        store.artefact(first.artefacts["input"])
    assert store.collect(30).artefacts == 0
    assert store.diagnose().facts["artefacts"] == 1


def test_thirty_days_in_the_bin_are_counted_from_the_deletion(store, clock):
    saved = store.save(new_record("draft", "One", {}), {"input": b"x"})
    clock.now += timedelta(days=100)
    store.remove("draft", saved.id)
    clock.now += timedelta(days=29)
    assert store.collect(30).records == ()
    clock.now += timedelta(days=1)
    found = store.collect(30)
    assert (found.records, found.artefacts) == ((saved.id,), 1)


def test_the_account_keeps_a_line_of_what_went_and_a_return_by_hand_shows(tmp_path, clock):
    store = DuckDbStore(tmp_path / "history.duckdb", clock=clock)
    saved = store.save(new_record("draft", "One", {}))
    removed = store.remove("draft", saved.id)
    cursor = store._cursor()
    cursor.execute("create temp table kept as select * from document")
    store.collect(0)
    line = cursor.execute("select action, id, after_sha256 from audit order by seq desc").fetchone()
    assert line == ("purge", removed.id, "")
    assert store.examine() == ()
    cursor.execute("insert into document select * from kept")
    assert [issue.code for issue in store.examine()] == ["record_altered"]
    store.close()


def test_a_full_disk_still_gets_rid_of_what_nobody_names(tmp_path, clock):
    room = [2**40]
    store = DuckDbStore(tmp_path / "history.duckdb", clock=clock, free_bytes=lambda _: room[0])
    first = store.save(new_record("draft", "One", {}), {"input": b"older"})
    store.save(first, {"input": b"newer"})
    clock.now += timedelta(days=2)
    room[0] = 0
    with pytest.raises(StoreError, match="read-only"):
        store.collect(30)
    assert store.diagnose().facts["orphans"] == 0
    store.close()
