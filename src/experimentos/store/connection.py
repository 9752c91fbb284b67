"""A DuckDB connection that reaches nothing but its own file."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

import duckdb

from experimentos.store.sql import Dialect, Row, marks

CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "threads": "2",
    "memory_limit": "1GB",
    "max_temp_directory_size": "2GB",
}
# Below this, rows one by one are faster than loading pyarrow for them.
FEW_ROWS = 50

type Connection = duckdb.DuckDBPyConnection


def connected(path: Path) -> Connection:
    """Open a file, making it if it does not exist, with a configuration that stays."""
    connection = duckdb.connect(str(path), config=CONFIG)
    connection.execute("set lock_configuration = true")
    return connection


class DuckDbCursor:
    """The `Cursor` of the shared SQL on a DuckDB connection."""

    dialect: Dialect = "duckdb"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[object] = ()) -> Self:
        """Run one statement; `?` marks a bound value."""
        self._connection.execute(statement, list(values))
        return self

    def fetchone(self) -> Row | None:
        """Return the next row, None after the last."""
        return self._connection.fetchone()

    def fetchall(self) -> list[Row]:
        """Return the rows that are left."""
        return self._connection.fetchall()

    def fetchmany(self, size: int) -> list[Row]:
        """Return the next rows, none after the last."""
        return self._connection.fetchmany(size)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Insert many rows at once, as one Arrow table."""
        names = ", ".join(columns)
        if len(rows) < FEW_ROWS:
            for row in rows:
                self.execute(f"insert into {table} ({names}) values ({marks(row)})", row)  # noqa: S608 - own names
            return
        import pyarrow as pa

        arrow = pa.table([pa.array(list(values)) for values in zip(*rows, strict=True)], columns)
        with suppress(duckdb.Error):
            # Nothing can be registered while rows of the last answer were not fetched.
            self._connection.fetchall()
        self._connection.register("incoming_rows", arrow)
        try:
            self.execute(f"insert into {table} ({names}) select * from incoming_rows")  # noqa: S608 - own names
        finally:
            self._connection.unregister("incoming_rows")

    def snapshot(self) -> None:
        """Begin to read as of one moment; `rollback` ends it."""
        self.execute("begin")
