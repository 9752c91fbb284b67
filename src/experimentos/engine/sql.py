"""`Question` to DuckDB SQL: sums shifted and compensated.

`fsum` is Kahan's compensated sum. Shift and compensation belong together: without the shift the
digits are lost when a square is rounded, without the compensation a zero-inflated column loses
them one equal addend after another. Whole numbers from integer columns are added plainly: their
sums are exact in doubles up to 2^53, and larger ones are asked for again with compensation.
"""

from experimentos.engine.need import Need, Term, Value
from experimentos.engine.placed import Placed
from experimentos.engine.port import SHIFT_ROWS, Exposed, Question, Ranks
from experimentos.engine.writer import (
    AT,
    ATTRIBUTED,
    FIRST_DAY,
    Writer,
    bound,
    day,
    extras,
    quoted,
    raw,
    text,
)
from experimentos.errors import ContractError


def units_sql(writer: Writer, question: Question) -> str:
    """Return the query of units: their state, cell, rows and numbers, named `v0, v1, …`."""
    values = question.need.values
    if question.exposed is not None:
        return exposed_units_sql(writer, question, question.exposed)
    if question.unit is None:
        columns = [
            "0 AS state",
            # As they stand: names are made of the few groups, not of every row.
            f"{raw(question.variant)} AS arm",
            f"{raw(question.segment)} AS segment",
            f"{day(question.day)} AS day",
            "1 AS rows",
            "FALSE AS strays",
        ]
        columns += [f"{writer.of_row(value)} AS v{i}" for i, value in enumerate(values)]
        return f"SELECT {', '.join(columns)} FROM {writer.relation} AS src"  # noqa: S608 - built from quoted parts only
    arm, segment = text(question.variant), text(question.segment)
    unit = f"src.{quoted(question.unit)}"
    lowest, highest = f"min({arm})", f"max({arm})"
    columns = [
        f"CASE WHEN {unit} IS NULL THEN 2 WHEN {lowest} <> {highest} THEN 1 ELSE 0 END AS state",
        f"CASE WHEN {lowest} = {highest} THEN {lowest} END AS arm",
        f"{bucket(unit, question)} AS segment"
        if question.buckets
        else f"min({segment}) AS segment",
        f"min({day(question.day)}) AS day",
        "count(*) AS rows",
        f"coalesce(min({segment}) <> max({segment}), FALSE) AS strays",
    ]
    columns += [f"{writer.of_unit(value)} AS v{i}" for i, value in enumerate(values)]
    columns += [extra for i, v in enumerate(values) for extra in extras(writer, v, i)]
    source = _dated(writer, question) if any(v.per_unit == "retained" for v in values) else None
    origin = source or writer.relation
    return f"SELECT {', '.join(columns)} FROM {origin} AS src GROUP BY {unit}"  # noqa: S608 - built from quoted parts only


def bucket(unit: str, question: Question) -> str:
    """Return the bucket of a unit as text."""
    return f"CAST(hash({unit}) % {int(question.buckets)} AS VARCHAR)"


def exposed_units_sql(writer: Writer, question: Question, exposed: Exposed) -> str:
    """Return the query of units that an exposure table names, each with its rows.

    Exposures are put together by unit, rows by unit with the bounds of their unit's periods beside
    them, and the two joined: what has no partner on either side is kept and counted.
    """
    values = question.need.values
    columns = [
        "CASE WHEN coalesce(first.key, own.key) IS NULL THEN 2 WHEN first.times IS NULL THEN 3 "
        "WHEN first.lowest <> first.highest THEN 1 ELSE 0 END AS state",
        "CASE WHEN first.lowest = first.highest THEN first.lowest END AS arm",
        bucket("coalesce(first.key, own.key)", question) + " AS segment"
        if question.buckets
        else "first.segment AS segment",
        "CAST(first.since AS DATE) AS day" if question.day else "NULL::DATE AS day",
        "coalesce(own.rows, 0) AS rows",
        "coalesce(first.strays, FALSE) AS strays",
        "coalesce(first.times, 0) AS exposures",
        *(f"coalesce(own.{name}, 0) AS {name}" for name in ("early", "late", "undated")),
        "own.rows IS NULL AS idle",
        "first.since IS NULL AS blind" if exposed.is_dated else "FALSE AS blind",
        f"{_unripe(exposed)} AS unripe",
    ]
    columns += [_without_rows(value, f"own.v{i}") + f" AS v{i}" for i, value in enumerate(values)]
    columns += [
        f"coalesce(own.{name}{i}, {'FALSE' if name == 'w' else '0'}) AS {name}{i}"
        for i, value in enumerate(values)
        for name in _extra_names(value)
    ]
    first, own = _first_exposures(writer, question, exposed), _own_rows(writer, question, exposed)
    return (
        f"WITH first AS MATERIALIZED ({first}), own AS MATERIALIZED ({own}) "  # noqa: S608 - built from quoted parts only
        f"SELECT {', '.join(columns)} FROM first FULL JOIN own ON first.key = own.key"
    )


def _unripe(exposed: Exposed) -> str:
    """Return whether a unit's window is not over when the last row of all was written."""
    if exposed.late is None:
        return "FALSE"
    last = "(SELECT max(last) FROM own)"
    return f"coalesce(first.{bound(exposed.late)} > {last}, FALSE)"


def _without_rows(value: Value, number: str) -> str:
    """Return a unit's number, which is 0 without any row, unless it describes the unit itself."""
    if value.per_unit == "constant":
        return f"coalesce({number}, 0.0::DOUBLE)" if value.zero else number
    return f"CASE WHEN own.rows IS NULL THEN 0.0::DOUBLE ELSE {number} END"


def _offsets(question: Question, exposed: Exposed) -> list[int]:
    """Return the days from first exposure at which some period begins or ends."""
    if not exposed.is_dated:
        return []
    periods = [value.period for value in question.need.values if value.period is not None]
    ends = {0, exposed.late, *(end for p in periods for end in (p.first, p.last))}
    return sorted(end for end in ends if end is not None)


def _first_exposures(writer: Writer, question: Question, exposed: Exposed) -> str:
    arm, segment = text(question.variant), text(question.segment)
    since = f"min({_moment(exposed.when, exposed)})"
    bounds = "".join(
        f", {since} + to_days({days}) AS {bound(days)}" for days in _offsets(question, exposed)
    )
    return (
        f"SELECT src.{quoted(exposed.unit)} AS key, min({arm}) AS lowest, max({arm}) AS highest, "  # noqa: S608 - built from quoted parts only
        f"{since} AS since, count(*) AS times, min({segment}) AS segment, "
        f"coalesce(min({segment}) <> max({segment}), FALSE) AS strays{bounds} "
        f"FROM {writer.exposures} AS src GROUP BY 1"
    )


def _own_rows(writer: Writer, question: Question, exposed: Exposed) -> str:
    unit = f"src.{quoted(question.unit or '')}"
    columns = [f"{unit} AS key", "count(*) AS rows"]
    early = late = undated = "0"
    origin = writer.relation
    if exposed.is_dated:
        early = f"count(*) FILTER (WHERE src.{AT} < src.{bound(0)})"
        undated = f"count(*) FILTER (WHERE src.{AT} IS NULL)"
        bounds = ", ".join(f"first.{bound(days)}" for days in _offsets(question, exposed))
        origin = (
            f"(SELECT src.*, {_moment(exposed.at, exposed)} AS {AT}, {bounds} "  # noqa: S608 - built from quoted parts only
            f"FROM {origin} AS src LEFT JOIN first ON first.key = {unit})"
        )
    if exposed.late is not None:
        late = f"count(*) FILTER (WHERE src.{AT} >= src.{bound(exposed.late)})"
        columns.append(f"max(src.{AT}) AS last")
    columns += [f"{early} AS early", f"{late} AS late", f"{undated} AS undated"]
    values = question.need.values
    columns += [f"{writer.of_unit(value)} AS v{i}" for i, value in enumerate(values)]
    columns += [extra for i, v in enumerate(values) for extra in extras(writer, v, i)]
    return f"SELECT {', '.join(columns)} FROM {origin} AS src GROUP BY 1"  # noqa: S608 - built from quoted parts only


def _moment(column: str | None, exposed: Exposed) -> str:
    if column is None:
        return "NULL::TIMESTAMP"
    return day(column) if exposed.by_day else raw(column)


def location_sql(units: str, need: Need, *, sampled: bool) -> str:
    """Return the query of each number's mean, whether all are whole, and their range."""
    parts = [
        part
        for i in range(len(need.values))
        for part in (
            f"avg(v{i})",
            f"bool_and(v{i} = floor(v{i}))",
            f"max(v{i}) - min(v{i})",
        )
    ]
    limit = f" LIMIT {SHIFT_ROWS}" if sampled else ""
    return f"SELECT {', '.join(parts)} FROM (SELECT * FROM {units}{limit})"  # noqa: S608 - built from quoted parts only


def caps_sql(writer: Writer, units: str, need: Need) -> str:
    """Return the query of the pooled quantiles that become caps; the others are NULL."""
    parts = [
        "NULL"
        if value.quantile is None
        else f"quantile_cont(v{i}, {writer.bind(value.quantile)}::DOUBLE)"
        for i, value in enumerate(need.values)
    ]
    counted = "state = 0 AND nullif(arm::VARCHAR, '') IS NOT NULL"
    return f"SELECT {', '.join(parts)} FROM {units} WHERE {counted}"  # noqa: S608 - built from quoted parts only


def ordered_sql(writer: Writer, units: str, asked: tuple[Ranks, ...]) -> str:
    """Return the query of order statistics, one column for each entry of `asked`."""
    parts = []
    for one in asked:
        # The fraction in the middle of a rank's own share is that rank by any rounding.
        shares = writer.bind([(rank - 0.5) / one.count for rank in one.ranks])
        arm = f"state = 0 AND arm::VARCHAR = {writer.bind(one.arm)}"
        parts.append(f"quantile_disc(v{one.value}, {shares}::DOUBLE[]) FILTER (WHERE {arm})")
    return f"SELECT {', '.join(parts)} FROM {units}"  # noqa: S608 - built from quoted parts only


def moments_sql(writer: Writer, units: str, placed: Placed, question: Question) -> str:
    """Return the grouped query: a row per cell, its terms named `t0, t1, …`."""
    need, by_unit = placed.need, question.unit is not None
    place = {value: i for i, value in enumerate(need.values)}
    inner = ["state", "arm", "segment", "day", "rows", "strays"]
    for i, value in enumerate(need.values):
        number = f"v{i}"
        cap = placed.caps[i]
        if cap is not None:
            bound = f"CAST({writer.bind(cap)} AS DOUBLE)"
            number = f"CASE WHEN v{i} > {bound} AND NOT isnan(v{i}) THEN {bound} ELSE v{i} END"
        if value.beside:
            there = " AND ".join(f"v{place[other]} IS NOT NULL" for other in value.beside)
            number = f"CASE WHEN {there} THEN {number} END"
        shift = placed.shifts[i]
        if shift:
            number = f"({number} - CAST({writer.bind(shift)} AS DOUBLE))"
        inner.append(f"{number} AS d{i}")
        if by_unit:
            inner += [f"{extra}{i}" for extra in _extra_names(value)]
    if question.exposed is not None:
        inner += ATTRIBUTED
    keys = [key for key, is_used in _keys(question) if is_used]
    outer = ["state" if by_unit else "0", "nullif(arm::VARCHAR, '')"]
    outer += ["nullif(segment::VARCHAR, '')" if question.has_segments else "NULL"]
    outer += ["day" if question.day else "NULL"]
    outer += ["count(*)", "sum(rows)" if by_unit else "count(*)"]
    outer += ["count(*) FILTER (WHERE strays)" if by_unit else "0"]
    outer += _attributed() if question.exposed is not None else ["0"] * len(ATTRIBUTED)
    outer += [_term(term, placed, by_unit=by_unit) for term in need.terms]
    return (
        f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM {units}) "  # noqa: S608 - built from quoted parts only
        f"GROUP BY {', '.join(keys)}"
    )


def _keys(question: Question) -> tuple[tuple[str, bool], ...]:
    """Return each key of a cell and whether it can differ: a constant costs as much as a column."""
    return (
        ("state", question.unit is not None),
        ("arm", True),
        ("segment", question.has_segments),
        ("day", question.day is not None),
    )


def _attributed() -> list[str]:
    """Return how a cell's rows and exposures came together, as `port.Attributed` holds it."""
    return [
        f"count(*) FILTER (WHERE {name})" if name in ("idle", "blind", "unripe") else f"sum({name})"
        for name in ATTRIBUTED
    ]


def _term(term: Term, placed: Placed, *, by_unit: bool) -> str:
    x, y = f"d{term.x}", f"d{term.y}"
    add = "sum" if placed.is_exact(term.x, term.x if term.y < 0 else term.y) else "fsum"
    if term.of in ("varies", "gaps") and not by_unit:
        return "0"
    return {
        "present": f"count({x})",
        "sum": f"{add}({x})",
        "square": f"{add}({x} * {x})",
        "product": f"{add}({x} * {y})",
        "both": f"count({x} * {y})",
        "stray": f"count(*) FILTER (WHERE {x} <> 0 AND {x} <> 1)",
        "varies": f"count(*) FILTER (WHERE w{term.x})",
        "gaps": f"sum(g{term.x})",
    }[term.of]


def _extra_names(value: Value) -> tuple[str, ...]:
    return {"constant": ("w",), "sum": ("g",)}.get(value.per_unit, ())


def _dated(writer: Writer, question: Question) -> str:
    if question.day is None:
        raise ContractError(
            "Retention from dated rows needs the date of a row.", hint="Name it: --date COLUMN."
        )
    unit, date = f"src.{quoted(question.unit or '')}", day(question.day)
    first, own = quoted(FIRST_DAY), quoted(FIRST_DAY + " of row")
    return (
        f"(SELECT src.*, {date} AS {own}, min({date}) OVER (PARTITION BY {unit}) AS {first} "  # noqa: S608 - built from quoted parts only
        f"FROM {writer.relation} AS src)"
    )
