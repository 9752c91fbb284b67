"""What the SQL of the history asks of a database: the statements are the same for all of them."""

from collections.abc import Collection, Sequence
from typing import Any, Literal, Protocol, Self

type Row = tuple[Any, ...]
type Dialect = Literal["duckdb", "postgres"]


class Cursor(Protocol):
    """A cursor inside the caller's transaction.

    Attributes
    ----------
    dialect : Dialect
        How it spells what the standard leaves open: a value inside JSON.
    """

    @property
    def dialect(self) -> Dialect:
        """Return whose SQL it speaks."""
        ...

    def execute(self, statement: str, values: Sequence[object] = ()) -> Self:
        """Run one statement; `?` marks a bound value."""
        ...

    def fetchone(self) -> Row | None:
        """Return the next row, None after the last."""
        ...

    def fetchall(self) -> list[Row]:
        """Return the rows that are left."""
        ...

    def fetchmany(self, size: int) -> list[Row]:
        """Return the next rows, none after the last."""
        ...

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Insert many rows at once; table and columns are names of ours."""
        ...

    def snapshot(self) -> None:
        """Begin to read as of one moment; `rollback` ends it."""
        ...


def one(cursor: Cursor, statement: str, values: Sequence[object] = ()) -> Row:
    """Return the only row of a statement that always has one, an aggregate."""
    row = cursor.execute(statement, values).fetchone()
    if row is None:
        raise AssertionError("an aggregate always has a row")
    return row


def marks(values: Collection[object]) -> str:
    """Return as many marks for bound values, separated by commas."""
    return ", ".join("?" for _ in values)
