"""Backups of a history file with its artefacts, and the way back."""

import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj

import duckdb

from experimentos.errors import StoreError, UnreadableError
from experimentos.ids import canonical_json, content_hash
from experimentos.store import documents, everything, run_tables
from experimentos.store.archive import ArchiveReader, reading, writing
from experimentos.store.artefacts import ArtefactFolder, sync_folder
from experimentos.store.connection import DuckDbCursor, connected
from experimentos.store.files import copy_durably, wal_of
from experimentos.store.migrations import MIGRATIONS, check_version, version_of
from experimentos.store.ownership import Ownership
from experimentos.store.port import Packed
from experimentos.store.sql import Cursor
from experimentos.store.surroundings import utc_now

DATABASE = "history.duckdb"
SUFFIX = ".experimentos-backup"
PIECE = 2**20
# The schema version that brought runs.
WITH_RUNS = 2
# Closing a second handle on an open file would release the lock that DuckDB holds on it, so the
# bytes are read by another process.
COPY = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"


def copy_open_file(source: Path, target: Path) -> None:
    """Copy a history that this process has open, its log included; nobody may write meanwhile."""
    for one, other in ((source, target), (wal_of(source), wal_of(target))):
        # What a killed backup left there; a log of another copy must not be read into this one.
        other.unlink(missing_ok=True)
        if not one.exists():
            continue
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own line
            [sys.executable, "-I", "-S", "-c", COPY, str(one), str(other)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise StoreError(f"The history could not be copied: {why}.", hint="Check the disk.")


def write_backup(copy: Path, target: Path, artefact: Callable[[str], bytes]) -> Packed:
    """Write a copied history and its artefacts to one file, with what a restore must find.

    Raises
    ------
    StoreError
        If an artefact is missing or damaged (an older backup is then the better one), or the
        file cannot be written.
    """
    with connected(copy) as connection:
        connection.execute("checkpoint")
        facts = _facts(DuckDbCursor(connection))
        named = _named(DuckDbCursor(connection))
    with writing(target, "backup", facts) as archive, copy.open("rb") as file:
        archive.add(DATABASE, iter(lambda: file.read(PIECE), b""))
        for sha256 in named:
            archive.add(f"artefacts/{sha256}", (artefact(sha256),))
    return _packed(target, facts, named)


def restore_backup(
    source: Path, path: Path, *, clock: Callable[[], datetime] = utc_now
) -> tuple[Packed, Path | None]:
    """Put the history of a backup in the place of this one; nobody may have it open.

    Every row and artefact is checked before anything is replaced. Returns what was restored and
    where the history that stood here was put, None when there was none.

    Raises
    ------
    Owned
        If a process has the history open.
    UnreadableError
        If the backup is not whole; nothing was changed.
    MigrationError
        If the backup is newer than this program; nothing was changed.
    StoreError
        If the disk refuses.
    """
    part = path.with_name(path.name + ".restored")
    ownership = Ownership(path)
    try:
        with reading(source, "backup") as archive:
            _extract(archive, part)
            packed = _verified(archive, source, part)
            folder = ArtefactFolder(path.parent / "artefacts")
            for sha256 in sorted(archive.artefacts):
                folder.put(archive.artefact(sha256))
        aside = _set_aside(path, clock())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as exc:
        raise StoreError(
            f"The backup could not be restored: {exc.strerror or exc}.",
            hint="The history is as it was. Check the disk and the rights of the workspace.",
        ) from exc
    finally:
        part.unlink(missing_ok=True)
        wal_of(part).unlink(missing_ok=True)
        ownership.release()
    return packed, aside


def keep_newest(folder: Path, keep: int) -> None:
    """Delete all but the newest backups of a folder."""
    for old in sorted(folder.glob(f"history-*{SUFFIX}"))[:-keep]:
        old.unlink(missing_ok=True)


def _facts(cursor: Cursor) -> dict[str, int | str]:
    version = version_of(cursor)
    held = sorted((id_, sha256) for (_, id_), sha256 in documents.contents(cursor).items())
    facts = {
        **documents.figures(cursor),
        "schema_version": version,
        "rows_sha256": content_hash(canonical_json(held)),
    }
    if version < WITH_RUNS:
        return facts
    runs = sorted((id_, sha256) for (_, id_), sha256 in run_tables.contents(cursor).items())
    runs_sha256 = content_hash(canonical_json(runs))
    return {**facts, **everything.figures(cursor), "runs_sha256": runs_sha256}


def _named(cursor: Cursor) -> dict[str, str]:
    if version_of(cursor) < WITH_RUNS:
        return documents.artefacts_named(cursor)
    return everything.artefacts_named(cursor)


def _packed(path: Path, facts: Mapping[str, int | str], named: Collection[str]) -> Packed:
    records, runs = int(facts["records"]), int(facts.get("runs", 0))
    return Packed(str(path), records, len(named), path.stat().st_size, runs)


def _extract(archive: ArchiveReader, part: Path) -> None:
    if DATABASE not in archive.members:
        raise UnreadableError("The backup holds no history.", hint="Use another backup.")
    wal_of(part).unlink(missing_ok=True)
    with archive.open(DATABASE) as member, part.open("wb") as file:
        part.chmod(0o600)
        copyfileobj(member, file, PIECE)


def _verified(archive: ArchiveReader, source: Path, part: Path) -> Packed:
    try:
        with connected(part) as connection:
            cursor = DuckDbCursor(connection)
            check_version(version_of(cursor), len(MIGRATIONS))
            facts, named = _facts(cursor), _named(cursor)
            connection.execute("checkpoint")
    except duckdb.Error as exc:
        raise UnreadableError(
            f"The history in {source.name} cannot be opened.", hint="Use another backup."
        ) from exc
    differing = [name for name, value in facts.items() if archive.manifest.get(name) != value]
    if differing or not archive.artefacts.issuperset(named):
        raise UnreadableError(
            f"{source.name} is not what was backed up: "
            f"{', '.join(differing) or 'artefacts'} differ. Nothing was changed.",
            hint="Use another backup.",
        )
    return _packed(source, facts, named)


def _set_aside(path: Path, now: datetime) -> Path | None:
    if not path.exists():
        wal_of(path).unlink(missing_ok=True)
        return None
    with suppress(duckdb.Error):
        # Takes what is in the log into the file; one that cannot be opened keeps its log.
        connected(path).close()
    folder = path.parent / "recovery"
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = folder / f"before-restore-{now:%Y%m%dT%H%M%S%f}.duckdb"
    if wal_of(path).exists():
        copy_durably(wal_of(path), wal_of(kept))
    copy_durably(path, kept)
    wal_of(path).unlink(missing_ok=True)
    return kept
