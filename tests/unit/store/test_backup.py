"""A backup is proven by restoring it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import experimentos
from experimentos.errors import StoreError, UnreadableError
from experimentos.store.backup import keep_newest, restore_backup
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore
from experimentos.store.migrations import MIGRATIONS
from experimentos.store.ownership import Owned
from experimentos.store.port import Query, new_record
from tests.stores.test_runs_contract import run_of

OPENS = """
import sys
from pathlib import Path
from experimentos.errors import StoreError
from experimentos.store.connection import connected
try:
    connected(Path(sys.argv[1]))
except Exception as exc:
    print(type(exc).__name__)
"""


@pytest.fixture
def store(tmp_path):
    opened = DuckDbStore(tmp_path / "history.duckdb")
    yield opened
    opened.close()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "one.experimentos-backup"


def filled(store):
    first = store.save(new_record("draft", "One", {"x": 0.1}), {"input": b"1"})
    gone = store.save(new_record("draft", "Two", {}), {"input": b"2"})
    return store.save(first, {"memo.md": b"3"}), store.remove("draft", gone.id)


def test_what_was_backed_up_is_there_after_a_restore_elsewhere(store, target, tmp_path):
    records = filled(store)
    packed = store.backup(target)
    assert (packed.records, packed.artefacts) == (2, 3)
    assert target.stat().st_mode & 0o777 == 0o600
    elsewhere = tmp_path / "elsewhere" / "history.duckdb"
    elsewhere.parent.mkdir()
    restored, aside = restore_backup(target, elsewhere)
    assert (restored.records, restored.artefacts, aside) == (2, 3, None)
    other = DuckDbStore(elsewhere)
    assert tuple(other.load("draft", record.id) for record in records) == records
    assert other.artefact(records[0].artefacts["memo.md"]) == b"3"
    assert other.diagnose().is_sound
    assert other.diagnose().facts["audit_head"] == store.diagnose().facts["audit_head"]
    other.close()


def test_the_file_stays_locked_and_writable_after_a_backup(store, target):
    filled(store)
    store.backup(target)
    said = subprocess.run(
        [sys.executable, "-c", OPENS, str(store.path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(experimentos.__file__).parents[1])},
    )
    assert said.stdout.strip() == "IOException", said
    store.save(new_record("draft", "after", {}))
    assert sorted(p.name for p in target.parent.glob(".one*")) == []


def test_what_a_killed_backup_left_behind_is_not_read_into_the_next(store, target):
    filled(store)
    for name in (f".{target.name}.duckdb", f".{target.name}.duckdb.wal", f".{target.name}.part"):
        (target.parent / name).write_bytes(b"half")
    assert store.backup(target).records == 2
    assert list(target.parent.glob(".one*")) == []


def test_a_restore_puts_the_history_back_and_what_stood_there_aside(store, target):
    first, _ = filled(store)
    store.backup(target)
    store.save(new_record("draft", "later", {}))
    with pytest.raises(Owned):
        restore_backup(target, store.path)
    store.close()
    _, aside = restore_backup(target, store.path)
    again = DuckDbStore(store.path)
    assert again.find(Query("draft")) == [first]
    again.close()
    kept = DuckDbStore(aside)
    assert [record.title for record in kept.find(Query("draft"))] == ["later", "One"]
    kept.close()


def test_a_damaged_history_is_replaced_and_kept(store, target):
    first, _ = filled(store)
    store.backup(target)
    store.close()
    store.path.write_bytes(b"damaged" * 1_000)
    _, aside = restore_backup(target, store.path)
    assert aside.read_bytes() == b"damaged" * 1_000
    again = DuckDbStore(store.path)
    assert again.load("draft", first.id) == first
    again.close()


def test_a_damaged_backup_changes_nothing(store, target):
    filled(store)
    store.backup(target)
    store.close()
    before = store.path.read_bytes()
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    with pytest.raises(UnreadableError):
        restore_backup(target, store.path)
    assert store.path.read_bytes() == before


def test_rows_that_are_not_those_of_the_manifest_are_refused(store, target):
    filled(store)
    store.backup(target)
    store.close()
    with zipfile.ZipFile(target) as file:
        held = {name: file.read(name) for name in file.namelist()}
    held["manifest.json"] = held["manifest.json"].replace(b'"rows_sha256": "', b'"rows_sha256": "0')
    with zipfile.ZipFile(target, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    with pytest.raises(UnreadableError, match="rows_sha256 differ"):
        restore_backup(target, store.path)


def test_a_history_with_a_lost_artefact_does_not_replace_a_good_backup(store, target):
    first, _ = filled(store)
    store.backup(target)
    good = target.read_bytes()
    store._artefacts._path(first.artefacts["input"]).unlink()
    with pytest.raises(StoreError):
        store.backup(target)
    assert target.read_bytes() == good


def test_memory_has_no_file_to_copy(target):
    with pytest.raises(StoreError, match="memory"):
        MemoryStore().backup(target)


def test_the_newest_backups_stay(tmp_path):
    for number in range(5):
        (tmp_path / f"history-2026010{number}.experimentos-backup").write_bytes(b"")
    keep_newest(tmp_path, 2)
    assert [path.name[8:16] for path in sorted(tmp_path.iterdir())] == ["20260103", "20260104"]


def test_a_backup_of_version_1_is_restored_and_a_backup_of_runs_as_well(tmp_path):
    path = tmp_path / "old.duckdb"
    old = DuckDbStore(path, migrations=MIGRATIONS[:1])
    saved = old.save(new_record("draft", "One", {}), {"input": b"1"})
    old.backup(tmp_path / "v1.experimentos-backup")
    old.close()
    packed, _ = restore_backup(tmp_path / "v1.experimentos-backup", path)
    assert (packed.records, packed.runs) == (1, 0)
    new = DuckDbStore(path)
    run = new.runs.save_run(run_of(outputs={"log": new.runs.keep(b"log")}))
    assert new.backup(tmp_path / "v2.experimentos-backup").artefacts == 2
    new.runs.remove_run(run.run_id)
    new.close()
    packed, _ = restore_backup(tmp_path / "v2.experimentos-backup", path)
    assert (packed.records, packed.runs) == (1, 1)
    again = DuckDbStore(path)
    assert again.runs.load_run(run.run_id) == run
    assert again.load("draft", saved.id) == saved
    again.close()
