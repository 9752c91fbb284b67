"""What a metric computes from a row: a small tree of values, and the type that each part has.

The tree is all that reaches an engine: columns become quoted identifiers or column expressions,
numbers and texts become bound values, and there is nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from experimentos.errors import ContractError

type ArithmeticSign = Literal["+", "-", "*", "/"]
type ComparisonSign = Literal["=", "!=", "<", "<=", ">", ">="]


class Type(StrEnum):
    """What a column or an expression holds, as far as metrics care."""

    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    TIME = "date or time"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a column, by its exact name."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was written."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Text:
    """A text that was written, or the ISO date that a date column is compared with."""

    value: str


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus a number."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers to one; division by zero gives no value."""

    sign: ArithmeticSign
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values of one type to a truth; no value when either has none."""

    sign: ComparisonSign
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Logic:
    """Two truths to one."""

    sign: Literal["and", "or"]
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a truth."""

    operand: "Expression"


@dataclass(frozen=True, slots=True)
class IsNull:
    """Whether there is no value (or, negated, whether there is one)."""

    operand: "Expression"
    negated: bool


type Expression = (
    Column | Number | Text | Flag | Negative | Arithmetic | Comparison | Logic | Not | IsNull
)


def columns_of(expression: Expression) -> frozenset[str]:
    """Return the names of the columns that an expression reads."""
    match expression:
        case Column(name=name):
            return frozenset({name})
        case Negative(operand=operand) | Not(operand=operand) | IsNull(operand=operand):
            return columns_of(operand)
        case Arithmetic() | Comparison() | Logic():
            return columns_of(expression.left) | columns_of(expression.right)
        case _:
            return frozenset()


def type_of(expression: Expression, types: Mapping[str, Type]) -> Type:
    """Return what the expression gives over columns of these types.

    Raises
    ------
    ContractError
        If a column is not there, or parts do not fit: text in arithmetic, a number as a truth.
    """
    match expression:
        case Column(name=name):
            return _column_type(name, types)
        case Number():
            return Type.NUMBER
        case Text():
            return Type.TEXT
        case Flag():
            return Type.BOOLEAN
        case _:
            return _compound_type(expression, types)


def _compound_type(expression: Expression, types: Mapping[str, Type]) -> Type:
    match expression:
        case Negative(operand=operand):
            return _required(operand, Type.NUMBER, types)
        case Arithmetic(left=left, right=right):
            _required(left, Type.NUMBER, types)
            return _required(right, Type.NUMBER, types)
        case Comparison():
            return _comparison_type(expression, types)
        case _:
            return _truth_type(expression, types)


def _truth_type(expression: Expression, types: Mapping[str, Type]) -> Type:
    if isinstance(expression, Logic):
        _required(expression.left, Type.BOOLEAN, types)
        return _required(expression.right, Type.BOOLEAN, types)
    if isinstance(expression, Not):
        return _required(expression.operand, Type.BOOLEAN, types)
    assert isinstance(expression, IsNull)  # noqa: S101 - the last case, for the type checker
    type_of(expression.operand, types)
    return Type.BOOLEAN


def _column_type(name: str, types: Mapping[str, Type]) -> Type:
    if name not in types:
        shown = ", ".join(list(types)[:20])
        raise ContractError(
            f"The source has no column {name!r}; it has: {shown}.",
            hint="Correct the name; a name with spaces goes between double quotes.",
        )
    return types[name]


def _required(part: Expression, needed: Type, types: Mapping[str, Type]) -> Type:
    found = type_of(part, types)
    if found is not needed:
        raise ContractError(
            f"{describe(part)} is {_article(found)}, where {_article(needed)} is needed.",
            hint="Compare it first (status = 'paid', clicks > 0), or name another column.",
        )
    return needed


def _comparison_type(expression: Comparison, types: Mapping[str, Type]) -> Type:
    left, right = type_of(expression.left, types), type_of(expression.right, types)
    if left is right and left is not Type.OTHER:
        return Type.BOOLEAN
    sides = ((left, expression.right), (right, expression.left))
    for side, other in sides:
        if side is Type.TIME and isinstance(other, Text):
            _iso(other.value)
            return Type.BOOLEAN
    raise ContractError(
        f"{describe(expression)} compares {_article(left)} with {_article(right)}.",
        hint="Both sides must be of one type; dates are written '2025-03-31'.",
    )


def _iso(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as exc:
        raise ContractError(
            f"{text!r} is compared with a date and is none.", hint="Write '2025-03-31'."
        ) from exc


def describe(expression: Expression) -> str:
    """Return the expression as it would be written."""
    match expression:
        case Column(name=name):
            return name if name.isidentifier() else '"' + name.replace('"', '""') + '"'
        case Number(value=value):
            return repr(value)
        case Text(value=text):
            return "'" + text.replace("'", "''") + "'"
        case Flag(value=flag):
            return str(flag).lower()
        case _:
            return _described(expression)


def _described(expression: Expression) -> str:
    match expression:
        case Negative(operand=operand):
            return f"-{describe(operand)}"
        case Not(operand=operand):
            return f"not {describe(operand)}"
        case IsNull(operand=operand, negated=negated):
            return f"{describe(operand)} is {'not ' if negated else ''}null"
        case Arithmetic() | Comparison() | Logic():
            return f"({describe(expression.left)} {expression.sign} {describe(expression.right)})"
        case _:
            return describe(expression)


def _article(kind: Type) -> str:
    return {
        Type.NUMBER: "a number",
        Type.BOOLEAN: "true or false",
        Type.TEXT: "a text",
        Type.TIME: "a date or time",
        Type.OTHER: "of a type that metrics cannot use",
    }[kind]
