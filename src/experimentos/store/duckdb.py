"""History in one DuckDB file, owned by one process."""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path

import duckdb

from experimentos.errors import MigrationError, StoreError
from experimentos.store import documents, everything, examination
from experimentos.store.archive import reading
from experimentos.store.artefacts import ArtefactFolder
from experimentos.store.backup import copy_open_file, write_backup
from experimentos.store.connection import Connection, DuckDbCursor
from experimentos.store.connection import connected as _connected
from experimentos.store.files import copy_durably, keep_for_recovery, size_of, wal_of
from experimentos.store.migrations import MIGRATIONS, Migration, check_version, migrate, version_of
from experimentos.store.ownership import Ownership
from experimentos.store.port import (
    HEALTHY,
    Change,
    Collected,
    Diagnosis,
    Packed,
    State,
)
from experimentos.store.sql import Cursor
from experimentos.store.sql_store import SqlStore
from experimentos.store.surroundings import free_bytes, random_bytes, utc_now
from experimentos.store.writing import collected_until

logger = logging.getLogger(__name__)

# A checkpoint needs room for the whole log: measured, a 24 MiB disk stayed unwritable after 6 MiB
# were freed. Below 512 MB of memory DuckDB fails on checkpoints.
LEAST_FREE_BYTES = 256 * 2**20
WAL_ROOM = 4
ATTEMPTS = 3
# After one of these the whole database instance refuses everything until it is opened again.
FATAL = (duckdb.FatalException, duckdb.InternalException)


class DuckDbStore(SqlStore):
    """The `Store` port on one DuckDB file and a folder of artefacts beside it.

    One connection, a cursor per call, one lock round writes. A save is acknowledged after its
    commit and never before.

    Parameters
    ----------
    path
        The file; its folder must exist. Artefacts go to `artefacts/` beside it.
    clock, entropy, free_bytes
        Where time, ids and the room on the disk come from.
    migrations
        The steps to the schema of this program.

    Attributes
    ----------
    path : Path
    ownership : Ownership
        The claim on the file, and where others learn whom to ask.
    closing : list
        What else ends when the store is closed.

    Raises
    ------
    Owned
        If another process has the file.
    MigrationError
        If the file is newer than the program, or a step failed (the file is unchanged).
    StoreError
        If the file cannot be opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = random_bytes,
        free_bytes: Callable[[Path], int] = free_bytes,
        migrations: tuple[Migration, ...] = MIGRATIONS,
    ) -> None:
        super().__init__(clock, entropy)
        self.path = path
        self._free_bytes = free_bytes
        self._lock = threading.RLock()
        # Held before the other: no artefact goes while the whole history is being copied.
        self._upkeep = threading.RLock()
        self._broken = ""
        self.closing: list[Callable[[], None]] = []
        self._artefacts = ArtefactFolder(path.parent / "artefacts")
        self.ownership = Ownership(path)
        try:
            with _translated("opened"):
                keep_for_recovery(path, clock(), free_bytes)
                self._connection: Connection | None = _opened(path, migrations)
        except BaseException:
            self.ownership.release()
            raise

    @contextlib.contextmanager
    def storing(self, contents: Collection[bytes]) -> Iterator[None]:
        """Put the bytes of artefacts into their folder, where none goes before the end."""
        with self._lock:
            self._require_room(sum(map(len, contents)))
            for content in contents:
                self._artefacts.put(content)
            yield

    def holds(self, cursor: Cursor, sha256: str) -> bool:  # noqa: ARG002 - the folder knows
        """Return whether the bytes of an artefact are there."""
        return self._artefacts.holds(sha256)

    def keep(self, content: bytes) -> str:
        """Store the bytes of an artefact and return their SHA-256."""
        now = self._clock()
        with self._lock:
            self._require_room(len(content))
            sha256 = self._artefacts.put(content)
            sizes = {sha256: len(content)}
            self.write(lambda cursor: documents.register_artefacts(cursor, sizes, now))
        return sha256

    def artefact(self, sha256: str) -> bytes:
        """Return the bytes of an artefact after checking their hash; NotFound if absent."""
        return self._artefacts.get(sha256)

    def state(self) -> State:
        """Return whether the history can be written just now."""
        if self._broken:
            return State(self._broken)
        return self._room(0)

    def diagnose(self) -> Diagnosis:
        """Read everything: every document against its audit, every artefact against its hash."""
        named = self.read(everything.artefacts_named)
        artefacts = examination.of_artefacts(self._artefacts, named)
        rows = self.read(everything.figures)
        files = {
            "schema_version": self.read(version_of),
            "file_bytes": size_of(self.path),
            "wal_bytes": size_of(wal_of(self.path)),
            "free_bytes": self._free_bytes(self.path.parent),
            "owner": os.getpid(),
        }
        issues = (
            *examination.of_room(self.state()),
            *self.examine(),
            *artefacts.issues,
        )
        return Diagnosis(
            {**rows, **artefacts.facts, **files}, tuple(sorted(issues, key=examination.worst_first))
        )

    def collect(self, days: int, *, dry_run: bool = False) -> Collected:
        """Delete for good; see `port.Store.collect`."""
        now = self._clock()
        binned_until, written_until = collected_until(now, days)
        with self._upkeep, self._lock:
            gone = self.read(lambda cursor: everything.binned_until(cursor, binned_until))
            left = self.read(lambda cursor: everything.artefacts_named(cursor, gone))
            swept = self._artefacts.unnamed(left, written_until)
            if not dry_run:
                self._sweep(written_until)
                names = [path.name for path in swept]
                self.write(lambda cursor: everything.purge(cursor, gone, names, now))
                self._sweep(written_until)
        return gone.collected(len(swept), sum(swept.values()))

    def _sweep(self, written_until: datetime) -> None:
        """Unlink what no document names: first without any write, for a disk that is full."""
        named = self.read(everything.artefacts_named)
        with _translated("cleared"):
            for path in self._artefacts.unnamed(named, written_until):
                path.unlink(missing_ok=True)

    def backup(self, target: Path) -> Packed:
        """Copy the history file and its artefacts to one file; see `port.Store.backup`."""
        copy = target.with_name(f".{target.name}.duckdb")
        with self._upkeep, _translated("backed up"):
            try:
                with self._lock:
                    self._cursor().execute("checkpoint")
                    copy_open_file(self.path, copy)
                return write_backup(copy, target, self._artefacts.get)
            finally:
                copy.unlink(missing_ok=True)
                wal_of(copy).unlink(missing_ok=True)

    def pack(self, target: Path) -> Packed:
        """Write every record and artefact to one file; see `port.Store.pack`."""
        with self._upkeep:
            return self.read(lambda cursor: everything.pack(cursor, target, self._artefacts.get))

    def take_in(self, source: Path, *, dry_run: bool = False) -> tuple[Change, ...]:
        """Take in what `pack` wrote; see `port.Store.take_in`."""
        now = self._clock()
        with self._upkeep, reading(source, "workspace") as archive, self._lock:
            taken = self.read(lambda cursor: everything.plan(cursor, archive))
            if not dry_run and taken.is_change:
                sizes = taken.sizes(archive)
                self._require_room(sum(sizes.values()))
                with _translated("saved"):
                    self._artefacts.put_all(sizes, archive.artefact)
                self.write(lambda cursor: everything.take_in(cursor, taken, sizes, now))
        return taken.changes

    def close(self) -> None:
        """Checkpoint and release the file; doing so twice is harmless."""
        while self.closing:
            self.closing.pop()()
        with self._lock:
            self._disconnect()
            self.ownership.release()

    def _room(self, incoming: int) -> State:
        needed = max(LEAST_FREE_BYTES, WAL_ROOM * size_of(wal_of(self.path))) + incoming
        free = self._free_bytes(self.path.parent)
        if free >= needed:
            return HEALTHY
        return State(
            f"The history is read-only: the disk has {free / 2**20:,.0f} MiB left and saving "
            f"needs {needed / 2**20:,.0f} MiB."
        )

    def _require_room(self, incoming: int) -> None:
        state = self._room(incoming)
        if state.is_read_only:
            raise StoreError(state.reason, hint="Free some disk space, then save again.")

    def read[T](self, work: Callable[[Cursor], T]) -> T:
        with _translated("read"):
            try:
                return work(self._cursor())
            except FATAL:
                self._reconnect()
                return work(self._cursor())

    def write[T](self, work: Callable[[Cursor], T]) -> T:
        with self._lock, _translated("saved"):
            self._require_room(0)
            try:
                if self._broken:
                    self._reconnect()
                return self._transaction(work)
            except FATAL:
                self._reconnect()
            try:
                return self._transaction(work)
            except FATAL as exc:
                self._broken = f"The history is read-only: its file failed twice ({_first(exc)})."
                raise

    def _transaction[T](self, work: Callable[[Cursor], T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            cursor = self._cursor()
            try:
                cursor.execute("begin")
                result = work(cursor)
                cursor.execute("commit")
            except duckdb.TransactionException:
                _roll_back(cursor)
                if attempt == ATTEMPTS:
                    raise
            except BaseException:
                _roll_back(cursor)
                raise
            else:
                return result
        raise AssertionError("the last attempt returns or raises")

    def _cursor(self) -> DuckDbCursor:
        connection = self._connection
        if connection is None:
            raise StoreError("The history is closed.", hint="Open it again with open_store.")
        return DuckDbCursor(connection.cursor())

    def _reconnect(self) -> None:
        with self._lock:
            logger.warning("history reopened after a fatal error")
            self._disconnect()
            try:
                self._connection = _connected(self.path)
            except duckdb.Error as exc:
                self._broken = f"The history cannot be opened again ({_first(exc)})."
                raise
            self._broken = ""

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(duckdb.Error):
                self._connection.close()
            self._connection = None


def _opened(path: Path, migrations: tuple[Migration, ...]) -> Connection:
    connection = _connected(path)
    try:
        path.chmod(0o600)
        version = version_of(DuckDbCursor(connection))
        check_version(version, len(migrations))
        if 0 < version < len(migrations):
            connection.execute("checkpoint")
            connection.close()
            copy_durably(path, path.with_name(f"{path.name}.v{version}.bak"))
            connection = _connected(path)
        _migrated(connection, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrated(connection: Connection, migrations: tuple[Migration, ...]) -> None:
    try:
        migrate(DuckDbCursor(connection), migrations)
    except duckdb.Error as exc:
        raise MigrationError(
            f"The history could not be brought to version {len(migrations)}: {_first(exc)}.",
            hint="Nothing was changed; a copy of the file ends in .bak.",
        ) from exc


def _roll_back(cursor: Cursor) -> None:
    # A transaction that failed to commit is already gone, and so is an invalid instance.
    with contextlib.suppress(duckdb.Error):
        cursor.execute("rollback")


@contextlib.contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as exc:
        raise StoreError(
            f"The history could not be {what}: {_first(exc)}.",
            hint="Nothing was confirmed as saved. Check the disk and the rights of the workspace.",
        ) from exc
    except OSError as exc:
        raise StoreError(
            f"The history could not be {what}: {exc.strerror or exc}.",
            hint="Check the disk and the rights of the workspace.",
        ) from exc


def _first(exc: BaseException) -> str:
    return (str(exc).splitlines() or [type(exc).__name__])[0].rstrip(".")
