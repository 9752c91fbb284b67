"""What a run says while it works: a column beside its heartbeat, in both databases."""

from experimentos.store.sql import Cursor


def apply(cursor: Cursor) -> None:
    """Add the column to the table of runs."""
    cursor.execute("alter table run add column live varchar")
