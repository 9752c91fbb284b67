"""The steps that bring a history to this version, in order; a number is never reused."""

from collections.abc import Callable

from experimentos.errors import MigrationError
from experimentos.store.migrations import (
    p0001_history,
    p0003_sums,
    v0001_history,
    v0002_runs,
    v0003_live,
)
from experimentos.store.sql import Cursor

type Migration = Callable[[Cursor], None]

MIGRATIONS: tuple[Migration, ...] = (v0001_history.apply, v0002_runs.apply, v0003_live.apply)
POSTGRES: tuple[Migration, ...] = (p0001_history.apply, v0003_live.apply, p0003_sums.apply)


def version_of(cursor: Cursor) -> int:
    """Return the schema version of an open file; 0 when it is empty."""
    tables = cursor.execute(
        "select count(*) from information_schema.tables "
        "where table_name = 'meta' and table_schema = current_schema()"
    ).fetchone()
    if tables == (0,):
        return 0
    row = cursor.execute("select value from meta where key = 'schema_version'").fetchone()
    return int(row[0]) if row else 0


def check_version(found: int, known: int) -> None:
    """Raise MigrationError when the file is newer than the program."""
    if found > known:
        raise MigrationError(
            f"This history was written by a newer ExperimentOS: its schema is version {found}, "
            f"this program knows {known}.",
            hint="Update ExperimentOS, or set EXPERIMENTOS_HOME to another folder.",
        )


def migrate(cursor: Cursor, steps: tuple[Migration, ...]) -> None:
    """Apply the steps that are missing, each in one transaction with its number."""
    for number, step in enumerate(steps, start=1):
        if number <= version_of(cursor):
            continue
        cursor.execute("begin")
        try:
            step(cursor)
            cursor.execute(
                "insert into meta values ('schema_version', ?) "
                "on conflict (key) do update set value = excluded.value",
                [str(number)],
            )
            cursor.execute("commit")
        except BaseException:
            cursor.execute("rollback")
            raise
