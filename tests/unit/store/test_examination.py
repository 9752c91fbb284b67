import pytest

from experimentos.store.artefacts import ArtefactFolder
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.examination import of_artefacts
from experimentos.store.migrations import MIGRATIONS
from experimentos.store.port import new_record


@pytest.fixture
def folder(tmp_path):
    return ArtefactFolder(tmp_path / "artefacts")


def test_what_is_gone_and_what_is_altered_are_told_apart_and_named(folder):
    whole, altered, gone = (folder.put(content) for content in (b"1", b"2", b"3"))
    folder._path(altered).chmod(0o600)
    folder._path(altered).write_bytes(b"other")
    folder._path(gone).unlink()
    named = {whole: "a", altered: "input of draft X", gone: "memo.md of analysis Y"}
    found = of_artefacts(folder, named)
    assert not found.is_sound
    said = {issue.code: issue.message for issue in found.issues}
    assert set(said) == {"artefact_altered", "artefact_missing"}
    assert "input of draft X" in said["artefact_altered"]
    assert "memo.md of analysis Y" in said["artefact_missing"]


def test_files_of_no_record_are_counted_and_are_nothing_wrong(folder):
    folder.put(b"left behind")
    (folder.root / ".new-half").write_bytes(b"half")
    found = of_artefacts(folder, {})
    assert found.is_sound
    assert [issue.code for issue in found.issues] == ["artefacts_orphaned"]
    assert (found.facts["orphans"], found.facts["orphan_bytes"]) == (2, 15)


def test_a_disk_without_room_is_the_first_thing_that_is_wrong(tmp_path):
    store = DuckDbStore(tmp_path / "history.duckdb")
    store.save(new_record("draft", "One", {}), {"input": b"1"})
    store._free_bytes = lambda _: 1
    found = store.diagnose()
    assert found.issues[0].code == "history_read_only"
    assert not found.is_sound
    assert found.facts["schema_version"] == len(MIGRATIONS)
    store.close()
