"""`Question` to ibis expressions: units and sums as in `sql`, for any engine it compiles to.

Only what every engine has: count, sum, minimum, maximum, products of doubles, group by, CASE. Sums
are of distances from a shift but not compensated, which leaves about 11 digits of a variance.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from experimentos.engine.expression import (
    Arithmetic,
    Column,
    Comparison,
    Expression,
    Flag,
    IsNull,
    Logic,
    Negative,
    Not,
    Number,
    Text,
    Type,
    type_of,
)
from experimentos.engine.need import Need, Term, Value
from experimentos.engine.placed import Placed
from experimentos.engine.port import SHIFT_ROWS, Question
from experimentos.errors import ContractError

COMPARE: Mapping[str, Callable[[ir.Value, ir.Value], ir.Value]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
COMPUTE: Mapping[str, Callable[[ir.Value, ir.Value], ir.Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
FIRST_DAY, OWN_DAY = "experimentos_first_day", "experimentos_day"


@dataclass(frozen=True, slots=True)
class Reader:
    """Expressions over one table of rows."""

    table: ir.Table
    types: Mapping[str, Type]

    def of(self, part: Expression) -> ir.Value:
        """Return an expression of a row."""
        match part:
            case Column(name=name):
                return self.table[name]
            case Number(value=value):
                return double(value)
            case Text(value=text):
                return ibis.literal(text, type="string")
            case Flag(value=flag):
                return ibis.literal(flag, type="boolean")
            case _:
                return self.compound(part)

    def compound(self, part: Expression) -> ir.Value:
        """Return an expression that has parts."""
        match part:
            case Negative(operand=operand):
                return -self.number(operand)
            case Not(operand=operand):
                return ~self.truth(operand)
            case IsNull(operand=operand, negated=negated):
                found = self.of(operand)
                return found.notnull() if negated else found.isnull()
            case Comparison():
                return self.comparison(part)
            case _:
                return self.joined(part)

    def joined(self, part: Expression) -> ir.Value:
        """Return an expression of two parts."""
        if isinstance(part, Logic):
            left, right = self.truth(part.left), self.truth(part.right)
            return left & right if part.sign == "and" else left | right
        assert isinstance(part, Arithmetic)  # noqa: S101 - the last case, for the type checker
        first, second = self.number(part.left), self.number(part.right)
        if part.sign == "/":
            second = second.nullif(0.0)
        return COMPUTE[part.sign](first, second)

    def comparison(self, part: Comparison) -> ir.Value:
        """Return a comparison; a text beside a date column is that date."""
        left, right = self.of(part.left), self.of(part.right)
        kinds = {type_of(side, self.types) for side in (part.left, part.right)}
        if Type.TIME in kinds and Type.TEXT in kinds:
            left, right = left.cast("timestamp"), right.cast("timestamp")
        return COMPARE[part.sign](left, right)

    def truth(self, part: Expression) -> ir.BooleanValue:
        """Return an expression as a truth."""
        return self.of(part)

    def number(self, part: Expression) -> ir.NumericValue:
        """Return an expression as a double; true is 1 and false is 0."""
        found = self.of(part)
        if type_of(part, self.types) is not Type.BOOLEAN:
            return found.cast("float64")
        truth = found
        return ibis.cases((truth, double(1)), (~truth, double(0)), else_=None)


def double(value: float) -> ir.FloatingValue:
    """Return a number as a double: cast from text, because PostgreSQL reads 1.5 as a decimal."""
    return ibis.literal(repr(float(value)), type="string").cast("float64")


def units_of(table: ir.Table, types: Mapping[str, Type], question: Question) -> ir.Table:
    """Return the units: state, cell, rows and numbers, named `v0, v1, …`."""
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
        found[f"f{i}"] = seen.count(where=number != number.floor())
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
        if value.beside is not None:
            number = units[f"v{place[value.beside]}"].notnull().ifelse(number, ibis.null("float64"))
        distances[f"d{i}"] = number - double(placed.shifts[i]) if placed.shifts[i] else number
    moved = units.mutate(**distances)
    return moved.group_by("state", "arm", "segment", "day").aggregate(
        units=moved.count(),
        read=moved.rows.sum(),
        varied=moved.strays.sum(),
        **{f"t{i}": _term(moved, term) for i, term in enumerate(need.terms)},
    )


def _term(moved: ir.Table, term: Term) -> ir.Value:
    x = moved[f"d{term.x}"]
    if term.of in ("varies", "gaps"):
        name = f"{term.of[0]}x{term.x}"
        return moved[name].sum() if name in moved.columns else _none()
    if term.of == "stray":
        return moved.count(where=(x != double(0)) & (x != double(1)))
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
    if value.per_unit == "rows":
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
    units = table.group_by(experimentos_unit=unit).aggregate(**found)
    several = units.lowest != units.highest
    return units.mutate(
        state=ibis.cases((units.experimentos_unit.isnull(), 2), (several, 1), else_=0),
        arm=several.ifelse(ibis.null("string"), units.lowest),
    )


def _of_unit(reader: Reader, value: Value) -> ir.Value:
    kept = None if value.filter is None else reader.truth(value.filter)
    if value.per_unit == "retained":
        day, first = reader.table[OWN_DAY], reader.table[FIRST_DAY]
        within = (day > first) & (day <= first + ibis.interval(days=value.days))
        within = within if kept is None else within & kept
        return (reader.table.count(where=within) > 0).ifelse(double(1), double(0))
    if value.per_unit == "rows":
        present = reader.of(value.expression).notnull()
        present = present if kept is None else present & kept
        return reader.table.count(where=present).cast("float64")
    number = reader.number(value.expression)
    total = number.sum(where=kept) if value.per_unit == "sum" else number.max(where=kept)
    if kept is not None:
        total = (reader.table.count(where=kept) == 0).ifelse(double(0), total)
    return total.coalesce(double(0)) if value.zero else total


def _extras(reader: Reader, value: Value, i: int) -> dict[str, ir.Value]:
    number = reader.number(value.expression)
    if value.per_unit == "constant":
        return {f"vx{i}": (number.min() != number.max()).ifelse(1, 0)}
    if value.per_unit == "sum":
        gone = number.isnull()
        gone = gone if value.filter is None else gone & reader.truth(value.filter)
        return {f"gx{i}": reader.table.count(where=gone)}
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
