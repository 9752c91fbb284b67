"""The sums of each variant that a PostgreSQL server keeps: read, and held against the runs.

A million runs are grouped by a few rows. `migrations/p0003_sums.py` says how they are kept.
"""

from experimentos.issue import Issue, Severity
from experimentos.store.run_port import NEWEST, PRIMARY, Group, RunQuery
from experimentos.store.sql import Cursor, one

# Exact until the last division: what a large mean would eat of the spread is not lost.
GROUPED = """
    select variant, sum(runs)::bigint, sum(n)::bigint,
        (sum(total) / nullif(sum(n), 0))::double precision,
        sqrt(
            (sum(n) * sum(squares) - sum(total) * sum(total))
            / nullif(sum(n) * (sum(n) - 1), 0)
        )::double precision,
        min(low), max(high)
    from run_sum where {where} group by variant order by variant
"""
KEY = "project, experiment, variant, kind"
HELD = f"select {KEY}, runs, n, total, squares, low, high from run_sum"  # noqa: S608 - own names
ANEW = f"""
    select {KEY}, count(*), count(primary_value),
        coalesce(sum(primary_value::text::numeric), 0),
        coalesce(sum(primary_value::text::numeric * primary_value::text::numeric), 0),
        min(primary_value), max(primary_value)
    from run where deleted_at is null group by {KEY}
"""  # noqa: S608 - own names


def answers(cursor: Cursor, query: RunQuery) -> bool:
    """Return whether the sums that are kept answer a query for groups."""
    is_plain = query.where is None and not query.deleted
    return cursor.dialect == "postgres" and is_plain and query.order in (NEWEST, PRIMARY)


def grouped(cursor: Cursor, query: RunQuery) -> tuple[Group, ...]:
    """Return the matching runs by variant, in order of its name."""
    asked = {"project": query.project, "experiment": query.experiment, "kind": query.kind}
    named = {name: value for name, value in asked.items() if value is not None}
    where = " and ".join(f"{name} = ?" for name in named) or "true"
    cursor.execute(GROUPED.format(where=where), list(named.values()))
    return tuple(Group(*row) for row in cursor.fetchall())


def examine(cursor: Cursor) -> tuple[Issue, ...]:
    """Return whether the sums that are kept are not those of the runs."""
    off = f"(({HELD}) except all ({ANEW})) union all (({ANEW}) except all ({HELD}))"
    (count,) = one(cursor, f"select count(*) from ({off}) as off")  # noqa: S608 - own names
    if not count:
        return ()
    return (
        Issue(
            "sums_altered",
            Severity.BLOCKED,
            "The sums of variants that the server keeps are not those of their runs.",
            "Somebody changed the tables by hand. Restore a backup made before the change.",
        ),
    )
