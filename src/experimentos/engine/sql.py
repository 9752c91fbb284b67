"""`Question` to DuckDB SQL: identifiers quoted, every value bound, sums shifted and compensated.

`fsum` is Kahan's compensated sum. Shift and compensation belong together: without the shift the
digits are lost when a square is rounded, without the compensation a zero-inflated column loses
them one equal addend after another. Whole numbers from integer columns are added plainly: their
sums are exact in doubles up to 2^53, and larger ones are asked for again with compensation.
"""

from dataclasses import dataclass, field

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
from experimentos.engine.port import SHIFT_ROWS, Question, SourceColumns
from experimentos.errors import ContractError

FIRST_DAY = "experimentos first day"


def quoted(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


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
    """

    relation: str
    columns: SourceColumns
    parameters: dict[str, object] = field(default_factory=dict)

    def bind(self, value: object) -> str:
        """Return the placeholder of a value."""
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
        kept = self.expression(value.filter) if value.filter else ""
        condition = f" FILTER (WHERE {kept})" if kept else ""
        match value.per_unit:
            case "rows":
                own = self.expression(value.expression)
                return f"CAST(count({own}){condition} AS DOUBLE)"
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


def units_sql(writer: Writer, question: Question) -> str:
    """Return the query of units: their state, cell, rows and numbers, named `v0, v1, …`."""
    values = question.need.values
    if question.unit is None:
        columns = [
            "0 AS state",
            # As they stand: names are made of the few groups, not of every row.
            f"{_raw(question.variant)} AS arm",
            f"{_raw(question.segment)} AS segment",
            f"{_date(question.day)} AS day",
            "1 AS rows",
            "FALSE AS strays",
        ]
        columns += [f"{writer.of_row(value)} AS v{i}" for i, value in enumerate(values)]
        return f"SELECT {', '.join(columns)} FROM {writer.relation} AS src"  # noqa: S608 - built from quoted parts only
    arm, segment = _text(question.variant), _text(question.segment)
    unit = f"src.{quoted(question.unit)}"
    lowest, highest = f"min({arm})", f"max({arm})"
    columns = [
        f"CASE WHEN {unit} IS NULL THEN 2 WHEN {lowest} <> {highest} THEN 1 ELSE 0 END AS state",
        f"CASE WHEN {lowest} = {highest} THEN {lowest} END AS arm",
        f"min({segment}) AS segment",
        f"min({_date(question.day)}) AS day",
        "count(*) AS rows",
        f"coalesce(min({segment}) <> max({segment}), FALSE) AS strays",
    ]
    columns += [f"{writer.of_unit(value)} AS v{i}" for i, value in enumerate(values)]
    columns += [extra for i, v in enumerate(values) for extra in _extras(writer, v, i)]
    source = _dated(writer, question) if any(v.per_unit == "retained" for v in values) else None
    origin = source or writer.relation
    return f"SELECT {', '.join(columns)} FROM {origin} AS src GROUP BY {unit}"  # noqa: S608 - built from quoted parts only


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
        if value.beside is not None:
            beside = place[value.beside]
            number = f"CASE WHEN v{beside} IS NOT NULL THEN {number} END"
        shift = placed.shifts[i]
        if shift:
            number = f"({number} - CAST({writer.bind(shift)} AS DOUBLE))"
        inner.append(f"{number} AS d{i}")
        if by_unit:
            inner += [f"{extra}{i}" for extra in _extra_names(value)]
    keys = [key for key, is_used in _keys(question) if is_used]
    outer = ["state" if by_unit else "0", "nullif(arm::VARCHAR, '')"]
    outer += ["nullif(segment::VARCHAR, '')" if question.segment else "NULL"]
    outer += ["day" if question.day else "NULL"]
    outer += ["count(*)", "sum(rows)" if by_unit else "count(*)"]
    outer += ["count(*) FILTER (WHERE strays)" if by_unit else "0"]
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
        ("segment", question.segment is not None),
        ("day", question.day is not None),
    )


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


def _extras(writer: Writer, value: Value, i: int) -> list[str]:
    """Return what else is counted of a unit's rows: disagreement, and rows without a value."""
    own = writer.number(value.expression)
    if value.per_unit == "constant":
        return [f"coalesce(min({own}) <> max({own}), FALSE) AS w{i}"]
    if value.per_unit == "sum":
        kept = f" AND {writer.expression(value.filter)}" if value.filter else ""
        return [f"count(*) FILTER (WHERE {own} IS NULL{kept}) AS g{i}"]
    return []


def _extra_names(value: Value) -> tuple[str, ...]:
    return {"constant": ("w",), "sum": ("g",)}.get(value.per_unit, ())


def _dated(writer: Writer, question: Question) -> str:
    if question.day is None:
        raise ContractError(
            "Retention from dated rows needs the date of a row.", hint="Name it: --date COLUMN."
        )
    unit, day = f"src.{quoted(question.unit or '')}", _date(question.day)
    first, own = quoted(FIRST_DAY), quoted(FIRST_DAY + " of row")
    return (
        f"(SELECT src.*, {day} AS {own}, min({day}) OVER (PARTITION BY {unit}) AS {first} "  # noqa: S608 - built from quoted parts only
        f"FROM {writer.relation} AS src)"
    )


def _raw(column: str | None) -> str:
    return "NULL::VARCHAR" if column is None else f"src.{quoted(column)}"


def _text(column: str | None) -> str:
    return "NULL::VARCHAR" if column is None else f"nullif(src.{quoted(column)}::VARCHAR, '')"


def _date(column: str | None) -> str:
    return "NULL::DATE" if column is None else f"CAST(src.{quoted(column)} AS DATE)"
