"""History on a PostgreSQL server, for several people and machines at once.

Everything is in the schema `experimentos` of the database, the bytes of artefacts included: what
one machine saved, another one reads, and one `pg_dump` holds it all.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import psycopg

from experimentos.errors import MigrationError, NotFound, StoreError
from experimentos.ids import content_hash
from experimentos.issue import Issue, Severity
from experimentos.store import everything, examination, run_sum
from experimentos.store.archive import reading
from experimentos.store.artefacts import SHA256
from experimentos.store.migrations import POSTGRES, Migration, check_version, migrate, version_of
from experimentos.store.port import (
    HEALTHY,
    Change,
    Collected,
    Diagnosis,
    Packed,
    State,
)
from experimentos.store.postgres_connection import (
    SCHEMA,
    Connection,
    Pool,
    PostgresCursor,
    connected,
)
from experimentos.store.run_rows import naive
from experimentos.store.sql import Cursor, one
from experimentos.store.sql_store import SqlStore
from experimentos.store.surroundings import random_bytes, utc_now
from experimentos.store.writing import collected_until

logger = logging.getLogger(__name__)

# Writers of one history take turns, so that its account of changes stays one chain.
TURN = 0x4578_5072
# After a failure the server is asked again only so often: a page must not wait each time.
BREATH_SECONDS = 5.0
LOST = (psycopg.OperationalError, psycopg.InterfaceError)


class _LostError(Exception):
    """The server hung up in the middle of something."""


class PostgresStore(SqlStore):
    """The `Store` port on a PostgreSQL database.

    Parameters
    ----------
    url
        `postgresql://user@host/database`.
    clock, entropy
        Where time and ids come from.
    migrations
        The steps to the schema of this program.

    Raises
    ------
    MigrationError
        If the history is newer than the program, or a step failed (nothing was changed).
    StoreError
        If the server cannot be reached, or the schema cannot be made.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = random_bytes,
        migrations: tuple[Migration, ...] = POSTGRES,
    ) -> None:
        super().__init__(clock, entropy)
        self._pool = Pool(lambda: connected(url))
        self._failed_at = -BREATH_SECONDS
        self._closed = False
        self._state = HEALTHY
        try:
            with _translated("opened"), self._pool.borrowed() as connection:
                _brought_up_to_date(connection, migrations)
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def storing(self, contents: Collection[bytes]) -> Iterator[None]:
        """Put the bytes of artefacts on the server, before the turn that others wait for."""
        self._put((content_hash(content), content) for content in contents)
        yield

    def holds(self, cursor: Cursor, sha256: str) -> bool:
        """Return whether the bytes of an artefact are there."""
        found = cursor.execute("select 1 from artefact where sha256 = ?", [sha256]).fetchone()
        return found is not None

    def keep(self, content: bytes) -> str:
        """Store the bytes of an artefact and return their SHA-256."""
        sha256 = content_hash(content)
        self._put([(sha256, content)])
        return sha256

    def artefact(self, sha256: str) -> bytes:
        """Return the bytes of an artefact after checking their hash; NotFound if absent."""
        if SHA256.fullmatch(sha256) is None:
            raise NotFound(f"No artefact has the hash {sha256[:64]!r}.")
        row = self.read(
            lambda cursor: cursor.execute(
                "select content from artefact where sha256 = ?", [sha256]
            ).fetchone()
        )
        if row is None:
            raise NotFound(f"No artefact has the hash {sha256[:64]!r}.")
        content = bytes(row[0])
        if content_hash(content) != sha256:
            raise StoreError(
                f"Artefact {sha256[:12]} is damaged: its bytes no longer match its hash.",
                hint="Bring the database back from a backup, or save the same content again.",
            )
        return content

    def state(self) -> State:
        """Return whether the history can be written just now."""
        if time.monotonic() - self._failed_at < BREATH_SECONDS:
            return self._state
        try:
            (standby,) = self.read(lambda cursor: one(cursor, "select pg_is_in_recovery()"))
        except StoreError as exc:
            self._failed_at = time.monotonic()
            self._state = State(f"The history is read-only: {exc.message}")
            return self._state
        if standby:
            return State("The history is read-only: the server is a copy that takes no changes.")
        return HEALTHY

    def diagnose(self) -> Diagnosis:
        """Read everything: every document against its audit, every artefact against its hash."""
        named = self.read(everything.artefacts_named)
        held, altered = self.read(_artefacts)
        orphans = held.keys() - named.keys()
        facts: dict[str, int | str] = {
            **self.read(everything.figures),
            "artefacts": len(held) - len(orphans),
            "artefact_bytes": sum(held[sha256] for sha256 in held.keys() - orphans),
            "orphans": len(orphans),
            "orphan_bytes": sum(held[sha256] for sha256 in orphans),
            "schema_version": self.read(version_of),
            **self.read(_server),
        }
        issues = (
            *examination.of_room(self.state()),
            *self.examine(),
            *self.read(run_sum.examine),
            *_defects(named, held, altered),
        )
        return Diagnosis(facts, tuple(sorted(issues, key=examination.worst_first)))

    def collect(self, days: int, *, dry_run: bool = False) -> Collected:
        """Delete for good; see `port.Store.collect`."""
        now = self._clock()
        binned_until, written_until = collected_until(now, days)

        def work(cursor: Cursor) -> Collected:
            gone = everything.binned_until(cursor, binned_until)
            left = everything.artefacts_named(cursor, gone)
            old = _written_until(cursor, written_until)
            swept = {sha256: size for sha256, size in old.items() if sha256 not in left}
            if not dry_run:
                everything.purge(cursor, gone, swept, now)
            return gone.collected(len(swept), sum(swept.values()))

        return self.read(work) if dry_run else self.write(work)

    def backup(self, target: Path) -> Packed:
        """Refuse: a server is backed up by its own tools."""
        raise StoreError(
            f"{target.name} was not written: this history is on a PostgreSQL server.",
            hint=f"Back the database up with pg_dump --schema={SCHEMA}, or write everything to one "
            "file with experimentos export.",
        )

    def pack(self, target: Path) -> Packed:
        """Write every record and artefact to one file; see `port.Store.pack`."""
        return self.read(lambda cursor: everything.pack(cursor, target, self.artefact))

    def take_in(self, source: Path, *, dry_run: bool = False) -> tuple[Change, ...]:
        """Take in what `pack` wrote; see `port.Store.take_in`."""
        now = self._clock()
        with reading(source, "workspace") as archive:
            taken = self.read(lambda cursor: everything.plan(cursor, archive))
            if dry_run or not taken.is_change:
                return taken.changes
            sizes = taken.sizes(archive)
            self._put((sha256, archive.artefact(sha256)) for sha256 in sizes)

            def work(cursor: Cursor) -> tuple[Change, ...]:
                # Planned again in its turn: others may have saved meanwhile.
                final = everything.plan(cursor, archive)
                everything.take_in(cursor, final, sizes, now)
                return final.changes

            return self.write(work)

    def close(self) -> None:
        """Hang up; doing so twice is harmless."""
        self._closed = True
        self._pool.close()

    def read[T](self, work: Callable[[Cursor], T]) -> T:
        """Do something that changes nothing, again when the connection was lost."""
        return self._done("read", work)

    def write[T](self, work: Callable[[Cursor], T]) -> T:
        """Do something whole or not at all; durable when this returns."""

        def transaction(cursor: Cursor) -> T:
            cursor.execute("begin")
            cursor.execute("select pg_advisory_xact_lock(?)", [TURN])
            result = work(cursor)
            cursor.execute("commit")
            return result

        return self._done("saved", transaction)

    def _done[T](self, what: str, work: Callable[[Cursor], T]) -> T:
        if self._closed:
            raise StoreError("The history is closed.", hint="Open it again with open_store.")
        with _translated(what):
            try:
                return self._once(work)
            except _LostError:
                # Every method of the port may be repeated, also when only its answer was lost.
                logger.warning("the connection to the history was lost; trying again")
            try:
                return self._once(work)
            except _LostError as exc:
                raise psycopg.OperationalError(str(exc)) from exc

    def _once[T](self, work: Callable[[Cursor], T]) -> T:
        with self._pool.borrowed() as connection:
            try:
                return work(PostgresCursor(connection))
            except LOST as exc:
                if connection.closed:
                    raise _LostError(str(exc)) from exc
                raise

    def _put(self, contents: Iterable[tuple[str, bytes]]) -> None:
        now = naive(self._clock())
        for sha256, content in contents:
            values = [sha256, len(content), now, now, content]

            def work(cursor: Cursor, values: list[object] = values) -> None:
                cursor.execute(
                    "insert into artefact (sha256, bytes, created_at, written_at, content) "
                    "values (?, ?, ?, ?, ?) on conflict (sha256) do update "
                    "set written_at = excluded.written_at, content = excluded.content",
                    values,
                )

            self._done("saved", work)


def _brought_up_to_date(connection: Connection, migrations: tuple[Migration, ...]) -> None:
    cursor = PostgresCursor(connection)
    # One process at a time makes or migrates the tables.
    cursor.execute("select pg_advisory_lock(?)", [TURN])
    try:
        schemas = "select count(*) from information_schema.schemata where schema_name = ?"
        if one(cursor, schemas, [SCHEMA]) == (0,):
            cursor.execute(f"create schema {SCHEMA}")
        check_version(version_of(cursor), len(migrations))
        migrate(cursor, migrations)
    except psycopg.errors.InsufficientPrivilege as exc:
        raise StoreError(
            f"The schema {SCHEMA} cannot be made or used: {_first(exc)}.",
            hint=f"Let its owner run: create schema {SCHEMA} authorization THE_USER.",
        ) from exc
    except psycopg.errors.ProgrammingError as exc:
        raise MigrationError(
            f"The history could not be brought to version {len(migrations)}: {_first(exc)}.",
            hint="Nothing was changed.",
        ) from exc
    finally:
        if not connection.closed:
            cursor.execute("select pg_advisory_unlock(?)", [TURN])


def _artefacts(cursor: Cursor) -> tuple[dict[str, int], set[str]]:
    """Return the size of every artefact, and which are not what their hash says."""
    cursor.execute("select sha256, bytes, encode(sha256(content), 'hex') from artefact")
    rows = cursor.fetchall()
    return {row[0]: row[1] for row in rows}, {row[0] for row in rows if row[0] != row[2]}


def _written_until(cursor: Cursor, moment: datetime) -> dict[str, int]:
    cursor.execute("select sha256, bytes from artefact where written_at <= ?", [naive(moment)])
    return dict(cursor.fetchall())


def _server(cursor: Cursor) -> dict[str, int | str]:
    (size,) = one(cursor, "select pg_database_size(current_database())")
    (server,) = one(cursor, "select 'PostgreSQL ' || current_setting('server_version')")
    return {"file_bytes": size, "server": server}


def _defects(
    named: Mapping[str, str], held: Mapping[str, int], altered: Iterable[str]
) -> Iterator[Issue]:
    fix = "Save the same content again, or restore a backup made before."
    for sha256 in sorted(named.keys() - held.keys()):
        said = f"The bytes of {named[sha256]} ({sha256[:12]}) are gone."
        yield Issue("artefact_missing", Severity.BLOCKED, said, fix)
    for sha256 in sorted(altered):
        place = named.get(sha256, "an artefact of no record")
        said = f"The bytes of {place} ({sha256[:12]}) no longer match their hash."
        yield Issue("artefact_altered", Severity.BLOCKED, said, fix)


@contextlib.contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except LOST as exc:
        raise StoreError(
            f"The history could not be {what}: {_first(exc)}.",
            hint="Nothing was confirmed as saved. Check that the PostgreSQL server runs, has room "
            "and lets this user in.",
        ) from exc
    except psycopg.Error as exc:
        raise StoreError(
            f"The history could not be {what}: {_first(exc)}.",
            hint="Nothing was confirmed as saved.",
        ) from exc


def _first(exc: BaseException) -> str:
    return (str(exc).splitlines() or [type(exc).__name__])[0].rstrip(".")
