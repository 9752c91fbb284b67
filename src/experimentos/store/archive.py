"""One file that holds a history: a zip whose members are stored as they are, each with its hash.

Nothing in it is compressed, so that it cannot be larger inside than outside; its members have
fixed names or the name of a hash, so that none can lead anywhere.
"""

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from experimentos.errors import StoreError, UnreadableError
from experimentos.store.artefacts import sync_folder

MANIFEST = "manifest.json"
MEMBER = re.compile(r"history\.duckdb|(?:records|runs|samples)\.jsonl|artefacts/[0-9a-f]{64}")
VERSION = 1
MOST_MANIFEST_BYTES = 256 * 2**20
# An artefact is read into memory.
MOST_ARTEFACT_BYTES = 2**29
PIECE = 2**20
LONGEST_AGO = (1980, 1, 1, 0, 0, 0)


class ArchiveWriter:
    """Adds members to an archive and remembers their hashes for the manifest."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.members: dict[str, dict[str, int | str]] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write one member, piece by piece."""
        digest, size = hashlib.sha256(), 0
        with self._file.open(_entry(name), "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.members[name] = {"bytes": size, "sha256": digest.hexdigest()}


@contextmanager
def writing(target: Path, form: str, facts: Mapping[str, object]) -> Iterator[ArchiveWriter]:
    """Write an archive that is there whole or not at all.

    Parameters
    ----------
    target
    form
        "backup" or "workspace".
    facts
        What else the manifest says; read after the last member was added.

    Raises
    ------
    StoreError
        If it cannot be written; nothing is left behind.
    """
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as raw:
            part.chmod(0o600)
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED) as file:
                writer = ArchiveWriter(file)
                yield writer
                manifest = {
                    "format": f"experimentos-{form}",
                    "version": VERSION,
                    **facts,
                    "members": writer.members,
                }
                file.writestr(_entry(MANIFEST), json.dumps(manifest, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except OSError as exc:
        raise StoreError(
            f"{target} could not be written: {exc.strerror or exc}.",
            hint="Choose another place with -o.",
        ) from exc
    finally:
        part.unlink(missing_ok=True)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, LONGEST_AGO)
    entry.external_attr = 0o600 << 16
    return entry


class ArchiveReader:
    """An archive whose every member was checked against its manifest before it is used."""

    def __init__(self, file: zipfile.ZipFile, manifest: Mapping[str, Any]) -> None:
        self._file = file
        self.manifest = manifest
        self.members: Mapping[str, Any] = manifest["members"]

    def open(self, name: str) -> IO[bytes]:
        """Return a member for reading."""
        return self._file.open(name)

    def artefact(self, sha256: str) -> bytes:
        """Return the bytes of an artefact; its hash was checked."""
        return self._file.read(f"artefacts/{sha256}")

    @cached_property
    def artefacts(self) -> frozenset[str]:
        """Return the hashes of the artefacts in it."""
        return frozenset(n.removeprefix("artefacts/") for n in self.members if "/" in n)


@contextmanager
def reading(source: Path, form: str) -> Iterator[ArchiveReader]:
    """Open an archive after checking its names, sizes and hashes.

    Raises
    ------
    UnreadableError
        If it is no such archive, or any part is not what its manifest says.
    """
    try:
        with source.open("rb") as raw, zipfile.ZipFile(raw) as file:
            yield _checked(file, source, form)
    except OSError as exc:
        raise UnreadableError(
            f"{source} cannot be read: {exc.strerror or exc}.",
            hint="Check its name and rights.",
        ) from exc
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as exc:
        raise _refused(source, f"it is damaged or no archive at all ({exc})") from exc


def _checked(file: zipfile.ZipFile, source: Path, form: str) -> ArchiveReader:
    entries = file.infolist()
    for entry in entries:
        _check_entry(entry, source)
    if len({entry.filename for entry in entries}) != len(entries):
        raise _refused(source, "a name in it occurs twice")
    if sum(entry.file_size for entry in entries) > source.stat().st_size:
        raise _refused(source, "it says to be larger inside than outside")
    manifest = _manifest(file, source, form)
    sizes = {entry.filename: entry.file_size for entry in entries if entry.filename != MANIFEST}
    if sizes.keys() != manifest["members"].keys():
        raise _refused(source, "its files are not those that its manifest lists")
    for name, said in manifest["members"].items():
        _check_member(file, source, name, said)
    return ArchiveReader(file, manifest)


def _check_entry(entry: zipfile.ZipInfo, source: Path) -> None:
    name = entry.filename
    kind = entry.external_attr >> 16 & 0o170000
    if name != MANIFEST and MEMBER.fullmatch(name) is None:
        raise _refused(source, f"it holds a file named {name[:80]!r}")
    if kind not in (0, 0o100000) or entry.is_dir():
        raise _refused(source, f"{name} is a link or a folder")
    if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
        raise _refused(source, f"{name} is compressed or locked")
    if entry.compress_size != entry.file_size:
        raise _refused(source, f"{name} says to be larger inside than outside")
    if name.startswith("artefacts/") and entry.file_size > MOST_ARTEFACT_BYTES:
        raise _refused(source, f"{name} is larger than {MOST_ARTEFACT_BYTES:,} bytes")


def _manifest(file: zipfile.ZipFile, source: Path, form: str) -> dict[str, Any]:
    try:
        if file.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
            raise _refused(source, "its manifest is too large")
        said = json.loads(file.read(MANIFEST))
        found, version, members = said["format"], said["version"], said["members"]
        sound = all(isinstance(m["bytes"], int) and m["sha256"] for m in members.values())
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as exc:
        raise _refused(source, "it has no manifest that can be read") from exc
    if found != f"experimentos-{form}" or not sound:
        raise _refused(source, f"it is {str(found)[:40]!r}, not a {form}")
    if version != VERSION:
        raise _refused(source, f"it has version {str(version)[:10]}, this program knows {VERSION}")
    manifest: dict[str, Any] = said
    return manifest


def _check_member(file: zipfile.ZipFile, source: Path, name: str, said: Mapping[str, Any]) -> None:
    digest, size = hashlib.sha256(), 0
    with file.open(name) as member:
        while piece := member.read(PIECE):
            digest.update(piece)
            size += len(piece)
    whole = digest.hexdigest() == said["sha256"] and size == said["bytes"]
    if not whole or (name.startswith("artefacts/") and said["sha256"] != name[10:]):
        raise _refused(source, f"{name} is not what its hash says")


def _refused(source: Path, why: str) -> UnreadableError:
    return UnreadableError(
        f"{source.name} is not taken: {why}.",
        hint="Use the file as experimentos wrote it, and fetch it again if it was cut short.",
    )
