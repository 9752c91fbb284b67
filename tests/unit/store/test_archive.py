"""What an import refuses before it has written anything."""

import hashlib
import json
import zipfile

import pytest

from experimentos.errors import StoreError, UnreadableError
from experimentos.store.archive import MANIFEST, reading, writing
from experimentos.store.memory import MemoryStore
from experimentos.store.port import new_record

SECRET = hashlib.sha256(b"bytes").hexdigest()


@pytest.fixture
def packed(tmp_path):
    store = MemoryStore()
    store.save(new_record("draft", "One", {"x": 1}), {"input": b"bytes"})
    store.pack(tmp_path / "w.zip")
    return tmp_path / "w.zip"


def members(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rewritten(path, change, compression=zipfile.ZIP_STORED):
    """Write the archive again after `change` had its members, the manifest made to fit."""
    held = members(path)
    manifest = json.loads(held.pop(MANIFEST))
    change(held)
    manifest["members"] = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in held.items()
    }
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in held.items():
            file.writestr(name, content)
        file.writestr(MANIFEST, json.dumps(manifest))


def refused(path, why):
    store = MemoryStore()
    with pytest.raises(UnreadableError, match=why):
        store.take_in(path)
    assert store.diagnose().facts["records"] == 0


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "artefacts/../../x", "artefacts/short", "artefacts/", "a.py"]
)
def test_a_name_that_could_lead_anywhere_is_refused(packed, name):
    rewritten(packed, lambda held: held.update({name: b"x"}))
    refused(packed, "it holds a file named")


def test_a_link_is_refused(packed):
    held = members(packed)
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in held.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o120777 if "/" in name else 0o600) << 16
            file.writestr(entry, content)
    refused(packed, "is a link")


def test_a_bomb_is_refused_unopened(packed):
    rewritten(packed, len, zipfile.ZIP_DEFLATED)
    refused(packed, "is compressed")


def test_a_size_that_is_not_true_is_refused(packed):
    content = bytearray(packed.read_bytes())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (2**31).to_bytes(4, "little")
    packed.write_bytes(content)
    refused(packed, "larger inside|damaged")


def test_one_altered_bit_of_its_content_is_refused(packed):
    whole = packed.read_bytes()
    for place in (
        whole.index(b'"title"') + 10,
        whole.index(b"bytes"),
        whole.index(b"experimentos-w"),
    ):
        packed.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        refused(packed, "is not taken")


def test_a_file_cut_short_is_refused(packed):
    packed.write_bytes(packed.read_bytes()[:-100])
    refused(packed, "damaged or no archive")


def test_an_artefact_under_the_hash_of_another_is_refused(packed):
    rewritten(packed, lambda held: held.update({f"artefacts/{SECRET}": b"other"}))
    refused(packed, "not what its hash says")


def test_a_record_whose_artefact_is_missing_is_refused(packed):
    rewritten(packed, lambda held: held.pop(f"artefacts/{SECRET}"))
    refused(packed, "an artefact of it is missing")


def altered(old, new):
    def change(held):
        assert old in held["records.jsonl"]
        held["records.jsonl"] = held["records.jsonl"].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b'"One"', b'"Two"', "not what its hash says"),
        (b'"One"', b"[1]", "fields are not as expected"),
        (b'"revision":1', b'"revision":0', "fields are not as expected"),
        (b'"x":1', b'"x":NaN', "is not taken"),
        (b'"kind":"draft"', b'"kind":"../x"', "cannot be the name"),
        (b"+00:00", b"", "fields are not as expected"),
        (b"{", b"[", "fields are not as expected"),
    ],
)
def test_a_line_that_is_no_record_is_refused(packed, old, new, why):
    rewritten(packed, altered(old, new))
    refused(packed, why)


def test_a_record_that_stands_there_twice_is_refused(packed):
    rewritten(packed, lambda held: held.update({"records.jsonl": held["records.jsonl"] * 2}))
    refused(packed, "stands there twice")


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"format": "experimentos-workspace", "version": 1, "members": {"a": 1}}'],
)
def test_a_manifest_that_says_nothing_is_refused(packed, manifest):
    held = members(packed) | {MANIFEST: manifest}
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    refused(packed, "manifest")


def test_a_backup_is_no_workspace_and_a_newer_version_is_said_to_be_one(packed):
    with pytest.raises(UnreadableError, match="not a backup"), reading(packed, "backup"):
        raise AssertionError("it was read")
    held = members(packed)
    held[MANIFEST] = held[MANIFEST].replace(b'"version": 1', b'"version": 2')
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    refused(packed, "version 2")


def test_a_failed_export_leaves_the_file_that_was_there(tmp_path):
    target = tmp_path / "w.zip"
    target.write_bytes(b"the last one")
    with pytest.raises(TypeError), writing(target, "workspace", {}) as archive:
        archive.add("records.jsonl", (b"half", None))
    assert target.read_bytes() == b"the last one"
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(StoreError), writing(tmp_path / "no" / "w.zip", "workspace", {}):
        raise AssertionError("it was opened")
