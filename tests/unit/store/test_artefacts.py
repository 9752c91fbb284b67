import os

import pytest

from experimentos.errors import NotFound, StoreError
from experimentos.store.artefacts import ArtefactFolder


@pytest.fixture
def folder(tmp_path):
    return ArtefactFolder(tmp_path / "artefacts")


def stored(folder):
    return sorted(path for path in folder.root.rglob("*") if path.is_file())


def test_the_same_bytes_are_stored_once_read_only_under_their_hash(folder):
    sha256 = folder.put(b"x")
    assert folder.put(b"x") == sha256
    assert stored(folder) == [folder.root / sha256[:2] / sha256[2:4] / sha256]
    assert stored(folder)[0].stat().st_mode & 0o777 == 0o444
    assert folder.holds(sha256)


def damage(path, content):
    path.chmod(0o600)
    path.write_bytes(content)


def test_damaged_bytes_are_never_handed_out(folder):
    sha256 = folder.put(b"the right bytes")
    damage(stored(folder)[0], b"the wrong bytes")
    with pytest.raises(StoreError, match="damaged"):
        folder.get(sha256)


def test_saving_the_same_content_again_heals_a_damaged_file(folder):
    sha256 = folder.put(b"the right bytes")
    damage(stored(folder)[0], b"")
    folder.put(b"the right bytes")
    assert folder.get(sha256) == b"the right bytes"


@pytest.mark.parametrize("sha256", ["", "../../../etc/passwd", "a" * 63, "g" * 64, "A" * 64])
def test_no_text_but_a_hash_leads_to_a_file(folder, sha256):
    assert not folder.holds(sha256)
    with pytest.raises(NotFound):
        folder.get(sha256)


def test_a_write_that_fails_leaves_nothing_behind(folder, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        folder.put(b"x")
    assert stored(folder) == []


def test_a_file_that_cannot_be_read_is_said_to_be_so(folder):
    sha256 = folder.put(b"x")
    path = stored(folder)[0]
    path.unlink()
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be read"):
        folder.get(sha256)
