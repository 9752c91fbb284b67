"""Connections to a PostgreSQL server, a few for all threads, and the shared SQL on them."""

import contextlib
import queue
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import psycopg

from experimentos.store.sql import Dialect, Row, marks

SCHEMA = "experimentos"
CONNECT_SECONDS = 5
# Writers take turns; one that waits longer than this is told so.
LOCK_MILLISECONDS = 30_000
MOST_CONNECTIONS = 8
# Below this, rows one by one are as fast as COPY.
FEW_ROWS = 20
# PostgreSQL holds every character but the zero byte. Two that Unicode reserves for inside use
# stand for it, and for the first of them.
MARK, ZERO_MARKED, MARK_MARKED = "\ufdd0", "\ufdd0\ufdd1", "\ufdd0\ufdd2"

type Connection = psycopg.Connection[Row]


def connected(url: str) -> Connection:
    """Open a connection whose tables are those of the history."""
    connection = psycopg.connect(
        url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="experimentos"
    )
    try:
        connection.execute(
            f"set search_path = {SCHEMA}; set timezone = 'UTC'; "
            f"set lock_timeout = {LOCK_MILLISECONDS}; set client_min_messages = warning"
        )
    except BaseException:
        connection.close()
        raise
    return connection


class Pool:
    """Connections that threads borrow; one that broke is not given out again."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._is_closed = False
        self._free: queue.LifoQueue[Connection | None] = queue.LifoQueue()
        for _ in range(MOST_CONNECTIONS):
            self._free.put(None)

    @contextlib.contextmanager
    def borrowed(self) -> Iterator[Connection]:
        """Lend a connection; a transaction that was left open on it is undone."""
        connection = self._free.get()
        try:
            if connection is None or connection.closed:
                connection = None
                connection = self._connect()
            yield connection
        finally:
            left = _usable(connection)
            if left is not None and self._is_closed:
                left.close()
                left = None
            self._free.put(left)

    def close(self) -> None:
        """Close the connections that nobody has, and those that come back later."""
        self._is_closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                connection = self._free.get_nowait()
                if connection is not None:
                    connection.close()


def _usable(connection: Connection | None) -> Connection | None:
    if connection is None or connection.closed:
        return None
    if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
        with contextlib.suppress(psycopg.Error):
            connection.rollback()
    if connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
        return connection
    connection.close()
    return None


class PostgresCursor:
    """The `Cursor` of the shared SQL on a PostgreSQL connection."""

    dialect: Dialect = "postgres"

    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.cursor()

    def execute(self, statement: str, values: Sequence[object] = ()) -> Self:
        """Run one statement; `?` marks a bound value."""
        marked = statement.replace("%", "%%").replace("?", "%s")
        self._cursor.execute(marked, [_held(value) for value in values])
        return self

    def fetchone(self) -> Row | None:
        """Return the next row, None after the last."""
        row = self._cursor.fetchone()
        return None if row is None else _read(row)

    def fetchall(self) -> list[Row]:
        """Return the rows that are left."""
        return [_read(row) for row in self._cursor.fetchall()]

    def fetchmany(self, size: int) -> list[Row]:
        """Return the next rows, none after the last."""
        return [_read(row) for row in self._cursor.fetchmany(size)]

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Insert many rows at once, by COPY."""
        names = ", ".join(columns)
        if len(rows) < FEW_ROWS:
            for row in rows:
                self.execute(f"insert into {table} ({names}) values ({marks(row)})", row)  # noqa: S608 - own names
            return
        statement = f"copy {table} ({names}) from stdin"
        with self._cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_held(value) for value in row])

    def snapshot(self) -> None:
        """Begin to read as of one moment; `rollback` ends it."""
        self.execute("begin isolation level repeatable read, read only")


def _held(value: object) -> object:
    if isinstance(value, str) and ("\x00" in value or MARK in value):
        return value.replace(MARK, MARK_MARKED).replace("\x00", ZERO_MARKED)
    return value


def _read(row: Row) -> Row:
    if any(isinstance(value, str) and MARK in value for value in row):
        return tuple(_told(value) for value in row)
    return row


def _told(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(ZERO_MARKED, "\x00").replace(MARK_MARKED, MARK)
    return value
