"""The steps that bring a history file to this version, in order; a number is never reused."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from experimentos.errors import MigrationError
from experimentos.store.migrations import v0001_history

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

type Migration = Callable[["DuckDBPyConnection"], None]

MIGRATIONS: tuple[Migration, ...] = (v0001_history.apply,)


def version_of(connection: "DuckDBPyConnection") -> int:
    """Return the schema version of an open file; 0 when it is empty."""
    tables = connection.execute(
        "select count(*) from information_schema.tables where table_name = 'meta'"
    ).fetchone()
    if tables == (0,):
        return 0
    row = connection.execute("select value from meta where key = 'schema_version'").fetchone()
    return int(row[0]) if row else 0


def check_version(found: int, known: int) -> None:
    """Raise MigrationError when the file is newer than the program."""
    if found > known:
        raise MigrationError(
            f"This history was written by a newer ExperimentOS: its schema is version {found}, "
            f"this program knows {known}.",
            hint="Update ExperimentOS, or set EXPERIMENTOS_HOME to another folder.",
        )


def migrate(connection: "DuckDBPyConnection", steps: tuple[Migration, ...]) -> None:
    """Apply the steps that are missing, each in one transaction with its number."""
    for number, step in enumerate(steps, start=1):
        if number <= version_of(connection):
            continue
        connection.execute("begin")
        try:
            step(connection)
            connection.execute(
                "insert or replace into meta values ('schema_version', ?)", [str(number)]
            )
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise
