"""Lists of runs in SQL: by page from where the last one ended, counted, and by variant."""

from collections.abc import Sequence

from experimentos.runs.documents import Run
from experimentos.store import run_sum
from experimentos.store.run_cursor import Place, checked_run_query, place_text
from experimentos.store.run_filter import Condition, condition
from experimentos.store.run_port import METRIC, NEWEST, PRIMARY, Group, RunPage, RunQuery
from experimentos.store.run_rows import READ, row_from
from experimentos.store.sql import Cursor, Row, one

# Newest runs that are looked at first, before all of them.
WINDOW = 20_000
NO_NUMBER = Condition("null")


def page(cursor: Cursor, query: RunQuery) -> RunPage:
    """Return the matching runs from `query.after` on."""
    begin = checked_run_query(query)
    wheres = wheres_of(cursor, query)
    if query.order == NEWEST:
        rows = _newest(cursor, wheres, begin, query.limit + 1)
    else:
        rows = _ranked(cursor, wheres, begin, query)
    shown = rows[: query.limit]
    following = ""
    if len(rows) > query.limit:
        following = place_text(Place(shown[-1][0], shown[-1][1].run_id))
    return RunPage(tuple(run for _, run in shown), following)


def count(cursor: Cursor, query: RunQuery) -> int:
    """Return how many runs match."""
    checked_run_query(query)
    where, values = all_of(wheres_of(cursor, query))
    (number,) = one(cursor, f"select count(*) from run where {where}", values)  # noqa: S608 - own names
    return int(number)


def grouped(cursor: Cursor, query: RunQuery) -> tuple[Group, ...]:
    """Return the matching runs by variant, in order of its name."""
    checked_run_query(query)
    if run_sum.answers(cursor, query):
        return run_sum.grouped(cursor, query)
    where, values = all_of(wheres_of(cursor, query))
    number = number_of(cursor, PRIMARY if query.order == NEWEST else query.order)
    numbers = f"select variant, {number.sql} as number from run where {where}"  # noqa: S608 - own names
    cursor.execute(
        f"select variant, count(*), count(number), avg(number), stddev_samp(number), min(number), "  # noqa: S608 - own names
        f"max(number) from ({numbers}) as matching group by variant order by variant",
        [*number.values, *values],
    )
    return tuple(Group(*row) for row in cursor.fetchall())


def wheres_of(cursor: Cursor, query: RunQuery) -> list[Condition]:
    """Return what a run must meet to be in a list."""
    found = [Condition(f"deleted_at is {'not ' if query.deleted else ''}null")]
    for name in ("project", "experiment", "kind"):
        wanted = getattr(query, name)
        if wanted is not None:
            found.append(Condition(f"{name} = ?", (wanted,)))
    if query.where is not None:
        found.append(condition(query.where, cursor.dialect))
    return found


def all_of(conditions: Sequence[Condition]) -> tuple[str, list[object]]:
    """Return conditions that must all hold as one, and its bound values."""
    sql = " and ".join(part.sql for part in conditions)
    return sql, [value for part in conditions for value in part.values]


def _newest(
    cursor: Cursor, wheres: Sequence[Condition], begin: Place | None, limit: int
) -> list[tuple[float | None, Run]]:
    before = [Condition("run_id < ?", (begin.run_id,))] if begin else []
    wanted = [*wheres, *before]
    window = _window(cursor, begin) if cursor.dialect == "duckdb" else None
    if window is not None:
        rows = _read(cursor, NO_NUMBER, [*wanted, window], "run_id desc", limit)
        if len(rows) == limit:
            return rows
    return _read(cursor, NO_NUMBER, wanted, "run_id desc", limit)


def _window(cursor: Cursor, begin: Place | None) -> Condition | None:
    """Return a bound on the id above which a page is likely to be full; None for a short list.

    Reading JSON of every run is what costs (measured: 215 ms at a million runs). Whether the
    bound is a good one or not, what is found above it is right when it fills the page.
    """
    last = cursor.execute(
        "select rowid from run where run_id = ?" if begin else "select max(rowid) from run",
        [begin.run_id] if begin else [],
    ).fetchone()
    if last is None or last[0] is None or last[0] < 2 * WINDOW:
        return None
    bound = cursor.execute(
        "select quantile_disc(run_id, 0.5) from run where rowid between ? and ?",
        [last[0] - WINDOW, last[0]],
    ).fetchone()
    return Condition("run_id >= ?", bound) if bound and bound[0] else None


def _ranked(
    cursor: Cursor, wheres: Sequence[Condition], begin: Place | None, query: RunQuery
) -> list[tuple[float | None, Run]]:
    """Return those with a number in its order, then the others, newest first."""
    number = number_of(cursor, query.order)
    limit = query.limit + 1
    rows: list[tuple[float | None, Run]] = []
    if begin is None or begin.value is not None:
        word, sign = ("desc", "<") if query.descending else ("asc", ">")
        further = [Condition(f"{number.sql} is not null", number.values)]
        if begin is not None:
            sql = f"({number.sql}, run_id) {sign} (?, ?)"
            further.append(Condition(sql, (*number.values, begin.value, begin.run_id)))
        rows = _read(cursor, number, [*wheres, *further], f"place {word}, run_id {word}", limit)
        begin = None
    if len(rows) < limit:
        without = [*wheres, Condition(f"{number.sql} is null", number.values)]
        rows += _newest(cursor, without, begin, limit - len(rows))
    return rows


def number_of(cursor: Cursor, order: str) -> Condition:
    """Return the finite number that an order goes by, null where a run has none."""
    if order == PRIMARY:
        return Condition("primary_value")
    name = order.removeprefix(METRIC)
    if cursor.dialect == "duckdb":
        sql = "try_cast(cast(json_extract(metrics, ?) as varchar) as double)"
        # A pointer (RFC 6901), since a path cannot name a metric with a quote in its name.
        pointer = name.replace("~", "~0").replace("/", "~1")
        return Condition(sql, (f"/{pointer}",))
    sql = (
        "(case when jsonb_typeof(metrics -> ?::text) = 'number' "
        "then (metrics -> ?::text)::double precision end)"
    )
    return Condition(sql, (name, name))


def _read(
    cursor: Cursor,
    number: Condition,
    wheres: Sequence[Condition],
    order: str,
    limit: int,
) -> list[tuple[float | None, Run]]:
    where, values = all_of(wheres)
    # The ids first: documents are read for the page alone, not for every row that is sorted.
    ids = f"select run_id, {number.sql} as place from run where {where} order by {order} limit ?"  # noqa: S608 - own names
    cursor.execute(ids, [*number.values, *values, limit])
    found: list[Row] = cursor.fetchall()
    if not found:
        return []
    runs = _runs(cursor, [row[0] for row in found])
    return [(value, runs[run_id]) for run_id, value in found if run_id in runs]


def _runs(cursor: Cursor, ids: Sequence[str]) -> dict[str, Run]:
    marked = ", ".join("?" for _ in ids)
    cursor.execute(f"select {READ} from run where run_id in ({marked})", ids)  # noqa: S608 - own names
    runs = (row_from(row).run for row in cursor.fetchall())
    return {run.run_id: run for run in runs}
