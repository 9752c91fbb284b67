import shutil
from datetime import UTC, datetime, timedelta

from experimentos.store.duckdb import DuckDbStore
from experimentos.store.files import keep_for_recovery, wal_of
from experimentos.store.port import new_record

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROOM = 2**40


def unclosed(folder):
    """A history whose process ended without closing it, with the record it saved last."""
    live = DuckDbStore(folder / "live.duckdb")
    saved = live.save(new_record("draft", "only in the log", {}))
    path = folder / "history.duckdb"
    shutil.copyfile(live.path, path)
    shutil.copyfile(wal_of(live.path), wal_of(path))
    live.close()
    return path, saved


def test_an_unclosed_file_and_its_log_are_copied_before_they_are_opened(tmp_path):
    path, saved = unclosed(tmp_path)
    file, log = path.read_bytes(), wal_of(path).read_bytes()
    opened = DuckDbStore(path)
    assert opened.load("draft", saved.id) == saved
    opened.close()
    (kept,) = (tmp_path / "recovery").glob("*.duckdb")
    assert (kept.read_bytes(), wal_of(kept).read_bytes()) == (file, log)
    recovered = DuckDbStore(kept)
    assert recovered.load("draft", saved.id) == saved
    recovered.close()


def test_a_closed_file_is_not_copied(tmp_path):
    path = tmp_path / "history.duckdb"
    for _ in range(2):
        DuckDbStore(path).close()
    assert not (tmp_path / "recovery").exists()


def test_the_newest_three_copies_stay(tmp_path):
    path, _ = unclosed(tmp_path)
    kept = [
        keep_for_recovery(path, NOON + timedelta(hours=hour), lambda _folder: ROOM)
        for hour in range(5)
    ]
    folder = tmp_path / "recovery"
    assert sorted(folder.iterdir()) == sorted([*kept[2:], *map(wal_of, kept[2:])])


def test_a_disk_without_room_for_the_copy_does_not_keep_the_file_closed(tmp_path):
    path, saved = unclosed(tmp_path)
    opened = DuckDbStore(path, free_bytes=lambda _folder: 0)
    assert opened.load("draft", saved.id) == saved
    assert not (tmp_path / "recovery").exists()
    opened.close()
