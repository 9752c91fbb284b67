"""`Question` to ibis expressions: units and sums as in `sql`, for any engine it compiles to.

Only what every engine has: count, sum, minimum, maximum, products of doubles, group by, CASE,
outer join, row_number. Sums are of distances from a shift but not compensated, which leaves about
11 digits of a variance.
"""

from collections.abc import Mapping
from dataclasses import fields
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from experimentos.engine.expression import Type
from experimentos.engine.need import Need, Term, Value
from experimentos.engine.placed import Placed
from experimentos.engine.port import SHIFT_ROWS, Attributed, Exposed, Question, Ranks
from experimentos.engine.reader import (
    AT,
    FIRST,
    FIRST_DAY,
    HIGHEST,
    IS_ROW,
    KEY,
    LOWEST,
    OWN_DAY,
    SEGMENT,
    STRAYS,
    TIMES,
    UNIT,
    Reader,
    counted,
    double,
)
from experimentos.errors import ContractError

ATTRIBUTED = tuple(field.name for field in fields(Attributed))


def units_of(
    table: ir.Table,
    types: Mapping[str, Type],
    question: Question,
    exposures: ir.Table | None = None,
) -> ir.Table:
    """Return the units: state, cell, rows and numbers, named `v0, v1, …`."""
    if question.exposed is not None and exposures is not None:
        joined = _joined(table, exposures, question, question.exposed)
        return _exposed(Reader(joined, types, is_joined=True), question, question.exposed)
    reader = Reader(table, types)
    values = question.need.values
    if question.unit is None:
        return table.select(
            state=ibis.literal(0, type="int64"),
            arm=_text(table, question.variant),
            segment=_text(table, question.segment),
            day=_day(table, question.day),
            rows=ibis.literal(1, type="int64"),
            strays=_none(),
            **{f"v{i}": _of_row(reader, value) for i, value in enumerate(values)},
        )
    if any(value.per_unit == "retained" for value in values):
        table = _dated(table, question)
        reader = Reader(table, types)
    return _grouped(reader, question)


def location_of(units: ir.Table, need: Need, *, sampled: bool) -> ir.Table:
    """Return each number's mean and how many are not whole, for the shifts: `m0, f0, m1, …`."""
    seen = units.limit(SHIFT_ROWS) if sampled else units
    found = {}
    for i in range(len(need.values)):
        number = seen[f"v{i}"]
        found[f"m{i}"] = number.mean()
        found[f"f{i}"] = counted(seen, number != number.floor())
    return seen.aggregate(**found)


def caps_of(units: ir.Table, need: Need) -> ir.Table:
    """Return the pooled quantiles that become caps: `q0, q1, …` where one is asked for."""
    counted = units.filter(units.state == 0, units.arm.notnull())
    return counted.aggregate(
        **{
            f"q{i}": counted[f"v{i}"].quantile(value.quantile)
            for i, value in enumerate(need.values)
            if value.quantile is not None
        }
    )


def moments_of(units: ir.Table, placed: Placed) -> ir.Table:
    """Return the grouped sums: a row per cell, its terms named `t0, t1, …`."""
    need = placed.need
    place = {value: i for i, value in enumerate(need.values)}
    distances = {}
    for i, value in enumerate(need.values):
        number = units[f"v{i}"]
        cap = placed.caps[i]
        if cap is not None:
            number = (number > double(cap)).ifelse(double(cap), number)
        for other in value.beside:
            there = units[f"v{place[other]}"].notnull()
            number = there.ifelse(number, ibis.null("float64"))
        distances[f"d{i}"] = number - double(placed.shifts[i]) if placed.shifts[i] else number
    moved = units.mutate(**distances)
    attributed = {
        name: moved[name].sum() if name in units.columns else _none() for name in ATTRIBUTED
    }
    return moved.group_by("state", "arm", "segment", "day").aggregate(
        units=moved.count(),
        read=moved.rows.sum(),
        varied=moved.strays.sum(),
        **attributed,
        **{f"t{i}": _term(moved, term) for i, term in enumerate(need.terms)},
    )


def _term(moved: ir.Table, term: Term) -> ir.Value:
    x = moved[f"d{term.x}"]
    if term.of in ("varies", "gaps"):
        name = f"{term.of[0]}x{term.x}"
        return moved[name].sum() if name in moved.columns else _none()
    if term.of == "stray":
        return counted(moved, (x != double(0)) & (x != double(1)))
    if term.of == "square":
        x = x * x
    elif term.y >= 0:
        x = x * moved[f"d{term.y}"]
    return x.count() if term.of in ("present", "both") else x.sum()


def _of_row(reader: Reader, value: Value) -> ir.Value:
    if value.per_unit == "retained":
        raise ContractError(
            "Retention from dated rows needs the unit and the date.",
            hint="Name both: --unit COLUMN --date COLUMN.",
        )
    if value.per_unit in ("rows", "distinct"):
        number = reader.of(value.expression).notnull().ifelse(double(1), double(0))
    else:
        number = reader.number(value.expression)
    if value.filter is not None:
        number = reader.truth(value.filter).ifelse(number, double(0))
    return number.coalesce(double(0)) if value.zero else number


def _grouped(reader: Reader, question: Question) -> ir.Table:
    table, values = reader.table, question.need.values
    arm = _text(table, question.variant)
    segment = None if question.segment is None else _text(table, question.segment)
    day = None if question.day is None else _day(table, question.day)
    unit = table[question.unit or ""]
    found: dict[str, ir.Value] = {
        "lowest": arm.min(),
        "highest": arm.max(),
        "segment": _text(table, None) if segment is None else segment.min(),
        "day": _day(table, None) if day is None else day.min(),
        "rows": table.count(),
        "strays": _none() if segment is None else (segment.min() != segment.max()).ifelse(1, 0),
    }
    for i, value in enumerate(values):
        found |= {f"v{i}": _of_unit(reader, value)} | _extras(reader, value, i)
    units = table.group_by(**{UNIT: unit}).aggregate(**found)
    several = units.lowest != units.highest
    return units.mutate(
        **_buckets(units, question),
        state=ibis.cases((units[UNIT].isnull(), 2), (several, 1), else_=0),
        arm=several.ifelse(ibis.null("string"), units.lowest),
    )


def _joined(table: ir.Table, exposures: ir.Table, question: Question, exposed: Exposed) -> ir.Table:
    """Return all exposed units, each with its rows, and the rows of no exposed unit."""
    arm = _text(exposures, question.variant)
    found: dict[str, ir.Value] = {
        LOWEST: arm.min(),
        HIGHEST: arm.max(),
        TIMES: exposures.count(),
    }
    rows: dict[str, ir.Value] = {IS_ROW: ibis.literal(1, type="int64")}
    if question.segment is not None:
        segment = _text(exposures, question.segment)
        found[SEGMENT] = segment.min()
        found[STRAYS] = (segment.min() != segment.max()).ifelse(1, 0)
    if exposed.when is not None and exposed.at is not None:
        when, at = exposures[exposed.when], table[exposed.at]
        found[FIRST] = (when.cast("date") if exposed.by_day else when).min()
        rows[AT] = at.cast("date") if exposed.by_day else at
    units = exposures.group_by(**{KEY: exposures[exposed.unit]}).aggregate(**found)
    own = table.mutate(**rows)
    return units.outer_join(own, units[KEY] == own[question.unit or ""], rname="{name}_right")


def _exposed(reader: Reader, question: Question, exposed: Exposed) -> ir.Table:
    """Return the units that an exposure table names, and the strangers among the rows."""
    table, values = reader.table, question.need.values
    unit = ibis.coalesce(table[KEY], table[question.unit or ""])
    is_row = table[IS_ROW].notnull()
    found: dict[str, ir.Value] = {
        "lowest": table[LOWEST].min(),
        "highest": table[HIGHEST].min(),
        "exposures": table[TIMES].min().coalesce(0),
        "rows": table[IS_ROW].count(),
        "segment": table[SEGMENT].min() if question.segment else ibis.null("string"),
        "strays": table[STRAYS].min().coalesce(0) if question.segment else _none(),
        "idle": (table[IS_ROW].count() == 0).ifelse(1, 0),
    }
    if exposed.is_dated:
        first, at = table[FIRST], table[AT]
        found |= {
            "first": first.min(),
            "early": counted(table, at < first),
            "undated": counted(table, is_row & at.isnull()),
            "blind": first.min().isnull().ifelse(1, 0),
        }
        if exposed.late is not None:
            found["late"] = counted(table, at >= first + ibis.interval(days=exposed.late))
            found["last"] = at.max()
    for i, value in enumerate(values):
        found |= {f"v{i}": _of_unit(reader, value)} | _extras(reader, value, i)
    units = table.group_by(**{UNIT: unit}).aggregate(**found)
    several = units.lowest != units.highest
    return units.mutate(
        **_buckets(units, question),
        **_unripe(units, exposed),
        state=ibis.cases(
            (units[UNIT].isnull(), 2), (units.exposures == 0, 3), (several, 1), else_=0
        ),
        arm=several.ifelse(ibis.null("string"), units.lowest),
        day=units["first"].cast("date") if question.day else ibis.null("date"),
    )


def ordered_of(units: ir.Table, asked: tuple[Ranks, ...]) -> ir.Table:
    """Return the order statistics as rows (value, arm, place, number), ranks as in `asked`."""
    parts = []
    for value in dict.fromkeys(one.value for one in asked):
        own = [one for one in asked if one.value == value]
        number = units[f"v{value}"]
        there = units.filter(units.state == 0, number.notnull())
        rank = ibis.row_number().over(group_by=there.arm, order_by=there[f"v{value}"])
        ranked = there.select(arm=there.arm, number=there[f"v{value}"], place=rank + 1)
        wanted = [(ranked.arm == one.arm) & ranked.place.isin(one.ranks) for one in own]
        found = ranked.filter(reduce(or_, wanted))
        parts.append(found.mutate(value=ibis.literal(value, type="int64")))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _buckets(units: ir.Table, question: Question) -> dict[str, ir.Value]:
    if not question.buckets:
        return {}
    rest = units[UNIT].hash() % question.buckets
    return {"segment": rest.abs().cast("string")}


def _unripe(units: ir.Table, exposed: Exposed) -> dict[str, ir.Value]:
    """Return whether a unit's window is not over when the last row of all was written."""
    if exposed.late is None:
        return {}
    over = units["first"] + ibis.interval(days=exposed.late)
    return {"unripe": (over > units["last"].max()).fill_null(False).ifelse(1, 0)}  # noqa: FBT003 - the value of a truth


def _of_unit(reader: Reader, value: Value) -> ir.Value:
    kept = None if value.per_unit == "constant" else reader.kept(value)
    if value.per_unit == "retained":
        day, first = reader.table[OWN_DAY], reader.table[FIRST_DAY]
        within = (day > first) & (day <= first + ibis.interval(days=value.days))
        within = within if kept is None else within & kept
        return (counted(reader.table, within) > 0).ifelse(double(1), double(0))
    if value.per_unit == "rows":
        present = reader.of(value.expression).notnull()
        present = present if kept is None else present & kept
        return counted(reader.table, present).cast("float64")
    if value.per_unit == "distinct":
        return reader.of(value.expression).nunique(where=kept).cast("float64")
    number = reader.number(value.expression)
    if not isinstance(number, ir.Column):
        total = _of_constant(counted(reader.table, kept), number, value)
    elif value.per_unit == "sum":
        total = number.sum(where=kept)
    else:
        total = number.max(where=kept)
    if kept is not None:
        total = (counted(reader.table, kept) == 0).ifelse(double(0), total)
    return total.coalesce(double(0)) if value.zero else total


def _of_constant(rows: ir.IntegerScalar, number: ir.NumericScalar, value: Value) -> ir.Value:
    """Return a unit's number of what is the same in every row, such as `true`."""
    if value.per_unit == "sum":
        return rows.cast("float64") * number
    return (rows > 0).ifelse(number, ibis.null("float64"))


def _extras(reader: Reader, value: Value, i: int) -> dict[str, ir.Value]:
    number = reader.number(value.expression)
    if not isinstance(number, ir.Column):
        return {}
    if value.per_unit == "constant":
        return {f"vx{i}": (number.min() != number.max()).ifelse(1, 0)}
    if value.per_unit == "sum":
        kept = reader.kept(value)
        gone = number.isnull() if kept is None else number.isnull() & kept
        return {f"gx{i}": counted(reader.table, gone)}
    return {}


def _dated(table: ir.Table, question: Question) -> ir.Table:
    if question.day is None:
        raise ContractError(
            "Retention from dated rows needs the date of a row.", hint="Name it: --date COLUMN."
        )
    table = table.mutate(**{OWN_DAY: _day(table, question.day)})
    window = ibis.window(group_by=table[question.unit or ""])
    return table.mutate(**{FIRST_DAY: table[OWN_DAY].min().over(window)})


def _none() -> ir.IntegerScalar:
    return ibis.literal(0, type="int64")


def _text(table: ir.Table, column: str | None) -> ir.StringColumn:
    if column is None:
        return ibis.null("string")
    return table[column].cast("string").nullif("")


def _day(table: ir.Table, column: str | None) -> ir.DateColumn:
    if column is None:
        return ibis.null("date")
    return table[column].cast("date")
