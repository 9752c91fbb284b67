"""Numbers of a row and of a unit as DuckDB SQL: identifiers quoted, every value bound."""

from dataclasses import dataclass, field, fields

from experimentos.engine.columns import SourceColumns
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
from experimentos.engine.port import Attributed
from experimentos.errors import ContractError

FIRST_DAY = "experimentos first day"
# When a row happened, where its unit's exposures say what that means.
AT = '"experimentos at"'
ATTRIBUTED = tuple(field.name for field in fields(Attributed))


def quoted(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def bound(days: int) -> str:
    """Return the column that holds a moment so many days after a unit's first exposure."""
    return f'"experimentos {days:+} days"'


@dataclass(slots=True)
class Writer:
    """SQL text in the making, with the values that are bound to it.

    Attributes
    ----------
    relation : str
        What follows FROM, as written by the engine itself.
    columns : SourceColumns
    parameters : dict[str, object]
        By the name after `$`.
    exposures : str
        What follows FROM for the exposure table; "" when there is none.
    """

    relation: str
    columns: SourceColumns
    parameters: dict[str, object] = field(default_factory=dict)
    exposures: str = ""

    def bind(self, value: object) -> str:
        """Return the placeholder of a value; one value has one, so that parts can be shared."""
        for known, other in self.parameters.items():
            if type(other) is type(value) and other == value:
                return f"${known}"
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def expression(self, part: Expression) -> str:
        """Return an expression over the row `src`."""
        match part:
            case Column(name=name):
                return f"src.{quoted(name)}"
            case Number(value=value):
                return f"CAST({self.bind(float(value))} AS DOUBLE)"
            case Text(value=text):
                return f"CAST({self.bind(text)} AS VARCHAR)"
            case Flag(value=flag):
                return "TRUE" if flag else "FALSE"
            case _:
                return self.compound(part)

    def compound(self, part: Expression) -> str:
        """Return an expression that has parts."""
        match part:
            case Negative(operand=operand):
                return f"(-{self.expression(operand)})"
            case Not(operand=operand):
                return f"(NOT {self.expression(operand)})"
            case IsNull(operand=operand, negated=negated):
                return f"({self.expression(operand)} IS {'NOT ' if negated else ''}NULL)"
            case Comparison():
                return self.comparison(part)
            case _:
                return self.joined(part)

    def joined(self, part: Expression) -> str:
        """Return an expression of two parts."""
        if isinstance(part, Logic):
            left, right = self.expression(part.left), self.expression(part.right)
            return f"({left} {part.sign.upper()} {right})"
        assert isinstance(part, Arithmetic)  # noqa: S101 - the last case, for the type checker
        # In doubles throughout, so that integers neither overflow nor divide to an integer.
        left, right = self.number(part.left), self.number(part.right)
        if part.sign == "/":
            right = f"nullif({right}, 0)"
        return f"({left} {part.sign} {right})"

    def comparison(self, part: Comparison) -> str:
        """Return a comparison; a text beside a date column is that date."""
        left, right = self.expression(part.left), self.expression(part.right)
        types = {type_of(side, self.columns.types) for side in (part.left, part.right)}
        if Type.TIME in types and Type.TEXT in types:
            left = f"CAST({left} AS TIMESTAMP)"
            right = f"CAST({right} AS TIMESTAMP)"
        return f"({left} {part.sign} {right})"

    def number(self, part: Expression) -> str:
        """Return an expression as a double."""
        return f"CAST({self.expression(part)} AS DOUBLE)"

    def kept(self, value: Value) -> str:
        """Return which rows of a unit count for a number; "" when all do."""
        parts = []
        if value.period is not None:
            for sign, days in ((">=", value.period.first), ("<", value.period.last)):
                if days is not None:
                    parts.append(f"src.{AT} {sign} src.{bound(days)}")
        if value.filter is not None:
            parts.append(self.expression(value.filter))
        return " AND ".join(parts)

    def of_row(self, value: Value) -> str:
        """Return the number of a unit that is one row."""
        if value.per_unit == "retained":
            raise ContractError(
                "Retention from dated rows needs the unit and the date.",
                hint="Name both: --unit COLUMN --date COLUMN.",
            )
        kept = f"CASE WHEN {self.expression(value.filter)} THEN " if value.filter else ""
        number = self.number(value.expression)
        if value.per_unit == "rows":
            present = f"{self.expression(value.expression)} IS NOT NULL"
            number = f"CASE WHEN {present} THEN 1.0::DOUBLE ELSE 0.0::DOUBLE END"
        if kept:
            number = f"{kept}{number} ELSE 0.0::DOUBLE END"
        return f"coalesce({number}, 0.0::DOUBLE)" if value.zero else number

    def of_unit(self, value: Value) -> str:
        """Return the number of a unit that has several rows, as an aggregate."""
        kept = "" if value.per_unit == "constant" else self.kept(value)
        condition = f" FILTER (WHERE {kept})" if kept else ""
        match value.per_unit:
            case "rows" | "distinct":
                own = self.expression(value.expression)
                distinct = "DISTINCT " if value.per_unit == "distinct" else ""
                return f"CAST(count({distinct}{own}){condition} AS DOUBLE)"
            case "retained":
                return self.retained(value, kept)
            case "sum":
                number = f"fsum({self.number(value.expression)}){condition}"
            case _:
                number = f"max({self.number(value.expression)}){condition}"
        if kept:
            number = (
                f"CASE WHEN count(*) FILTER (WHERE {kept}) = 0 THEN 0.0::DOUBLE ELSE {number} END"
            )
        return f"coalesce({number}, 0.0::DOUBLE)" if value.zero else number

    def retained(self, value: Value, kept: str) -> str:
        """Return whether a unit has a row within so many days after its first day."""
        first = f"src.{quoted(FIRST_DAY)}"
        day = f"src.{quoted(FIRST_DAY + ' of row')}"
        within = f"{day} > {first} AND {day} <= {first} + {self.bind(value.days)}::INTEGER"
        also = f" AND {kept}" if kept else ""
        return f"CAST(count(*) FILTER (WHERE {within}{also}) > 0 AS DOUBLE)"


def raw(column: str | None) -> str:
    """Return a column as it stands."""
    return "NULL::VARCHAR" if column is None else f"src.{quoted(column)}"


def text(column: str | None) -> str:
    """Return a column as text, an empty one being none."""
    return "NULL::VARCHAR" if column is None else f"nullif(src.{quoted(column)}::VARCHAR, '')"


def day(column: str | None) -> str:
    """Return a column as a date."""
    return "NULL::DATE" if column is None else f"CAST(src.{quoted(column)} AS DATE)"


def extras(writer: Writer, value: Value, i: int) -> list[str]:
    """Return what else is counted of a unit's rows: disagreement, and rows without a value."""
    own = writer.number(value.expression)
    if value.per_unit == "constant":
        return [f"coalesce(min({own}) <> max({own}), FALSE) AS w{i}"]
    if value.per_unit == "sum":
        kept = writer.kept(value)
        also = f" AND {kept}" if kept else ""
        return [f"count(*) FILTER (WHERE {own} IS NULL{also}) AS g{i}"]
    return []
