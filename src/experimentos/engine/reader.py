"""Expressions of a row in ibis, for any engine it compiles to."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce

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
from experimentos.engine.need import Value

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
# Columns that an exposure table adds to the rows.
KEY, LOWEST, HIGHEST, FIRST, TIMES, SEGMENT, STRAYS, IS_ROW, AT, UNIT = (
    f"experimentos_{name}"
    for name in (
        "key", "lowest", "highest", "first", "times", "segment", "strays", "row", "at", "unit"
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Expressions over one table of rows."""

    table: ir.Table
    types: Mapping[str, Type]
    is_joined: bool = False

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

    def kept(self, value: Value) -> ir.BooleanValue | None:
        """Return which rows of a unit count for a number; None when all do."""
        parts = [self.table[IS_ROW].notnull()] if self.is_joined else []
        if value.period is not None:
            at, first = self.table[AT], self.table[FIRST]
            for compare, days in (
                (operator.ge, value.period.first),
                (operator.lt, value.period.last),
            ):
                if days is not None:
                    parts.append(compare(at, first + ibis.interval(days=days)))
        if value.filter is not None:
            parts.append(self.truth(value.filter))
        return reduce(operator.and_, parts) if parts else None


def counted(table: ir.Table, where: ir.BooleanValue | None) -> ir.IntegerScalar:
    """Return how many rows fulfil a condition: 0, not none, where nobody knows.

    Spark and Databricks add the condition up, and a sum of unknowns is unknown.
    """
    return table.count() if where is None else table.count(where=where.fill_null(False))  # noqa: FBT003 - the value of a truth


def double(value: float) -> ir.FloatingValue:
    """Return a number as a double: cast from text, because PostgreSQL reads 1.5 as a decimal."""
    return ibis.literal(repr(float(value)), type="string").cast("float64")
