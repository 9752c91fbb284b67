"""Runs summed up in SQL: counted by variant and status, and what a comparison needs."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import groupby
from operator import itemgetter

from experimentos.runs.counted import VariantScores
from experimentos.runs.tally import Tally
from experimentos.store.run_cursor import checked_run_query
from experimentos.store.run_filter import Condition
from experimentos.store.run_listing import all_of, number_of, wheres_of
from experimentos.store.run_port import METRIC, RunQuery
from experimentos.store.run_rows import aware
from experimentos.store.sql import Cursor, Row

# A number of a repeat, or the run itself where it has none.
REPEAT = "case when repeat > 0 then cast(repeat as varchar) else run_id end"
SECONDS = "cast(extract(epoch from (ended_at - started_at)) as double precision)"
COUNTS = (
    "count(*)",
    f"count(distinct case when reproduces_run_id is null then {REPEAT} end)",
    "max(repeat)",
    "count(case when started_at is not null or status in ('queued', 'running') then 1 end)",
    "count(cost_usd)",
    "coalesce(sum(cost_usd), 0)",
    f"count({SECONDS})",
    f"coalesce(sum({SECONDS}), 0)",
    "max(coalesce(ended_at, started_at, created_at))",
)
COUNTED = Condition("status = 'completed' and reproduces_run_id is null")


def tallied(cursor: Cursor, query: RunQuery) -> tuple[Tally, ...]:
    """Count the matching runs by experiment, variant and status."""
    checked_run_query(query)
    where, values = all_of(wheres_of(cursor, query))
    cursor.execute(
        f"select experiment, variant, status, {', '.join(COUNTS)} from run where {where} "  # noqa: S608 - own names
        "group by experiment, variant, status order by experiment, variant, status",
        values,
    )
    names = [each.name for each in fields(Tally)]
    found = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return tuple(Tally(**{**row, "latest": aware(row["latest"])}) for row in found)


def metric_names(cursor: Cursor, query: RunQuery) -> tuple[str, ...]:
    """Return the metrics that the matching runs which count have."""
    checked_run_query(query)
    newest, values = _newest(cursor, query, "metrics")
    keys = "select distinct jsonb_object_keys(metrics) from newest"
    if cursor.dialect == "duckdb":
        alike = "select distinct json_keys(metrics) as names from newest"
        keys = f"select distinct unnest(names) from ({alike}) as alike"  # noqa: S608 - own names
    cursor.execute(f"{newest} {keys}", values)
    return tuple(sorted(row[0] for row in cursor.fetchall()))


def scores(cursor: Cursor, query: RunQuery, names: Sequence[str]) -> tuple[VariantScores, ...]:
    """Return metrics of the matching runs which count, by variant."""
    checked_run_query(query)
    seed = "json_extract_string(document, '$.environment.seed')"
    if cursor.dialect == "postgres":
        seed = "document::jsonb #>> '{environment,seed}'"
    numbers = [number_of(cursor, f"{METRIC}{name}") for name in names]
    columns = "".join(f", {each.sql} as n{at}" for at, each in enumerate(numbers))
    newest, values = _newest(
        cursor, query, f"run_id, variant, repeat, {seed} as seed, inputs_sha256{columns}"
    )
    cursor.execute(
        f"{newest} select * from newest order by variant, run_id",  # noqa: S608 - own names
        [value for each in numbers for value in each.values] + values,
    )
    rows = groupby(cursor.fetchall(), key=itemgetter(1))
    return tuple(_scores(variant, list(some), names) for variant, some in rows)


def _scores(variant: str, rows: Sequence[Row], names: Sequence[str]) -> VariantScores:
    _, _, repeats, seeds, inputs, *numbers = zip(*rows, strict=True)
    keys = (
        None if repeat == 0 or seed is None else (repeat, seed, data)
        for repeat, seed, data in zip(repeats, seeds, inputs, strict=True)
    )
    return VariantScores(variant, tuple(keys), dict(zip(names, numbers, strict=True)))


def _newest(cursor: Cursor, query: RunQuery, columns: str) -> tuple[str, list[object]]:
    """Return a `with` of the runs that count, and its values after those of the columns."""
    where, values = all_of([*wheres_of(cursor, query), COUNTED])
    # By id once more: the documents of those that do not count are not read.
    ids = f"select max(run_id) from run where {where} group by variant, {REPEAT}"  # noqa: S608 - own names
    newest = f"select {columns} from run where run_id in ({ids})"  # noqa: S608 - own names
    return f"with newest as materialized ({newest})", values
