"""Which sums a set of metrics needs, merged so that each is made once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from experimentos.engine.expression import Column, Expression, Flag, Type, describe, type_of
from experimentos.engine.grammar import parse
from experimentos.engine.port import SourceColumns
from experimentos.engine.spec import MetricSpec
from experimentos.errors import ContractError

type TermKind = Literal["present", "sum", "square", "product", "both", "stray", "varies", "gaps"]
type PerUnit = Literal["sum", "any", "constant", "rows", "retained"]


@dataclass(frozen=True, slots=True)
class Value:
    """One number per unit.

    Attributes
    ----------
    expression : Expression
        Of a row.
    per_unit : str
        How a unit's rows become its number: their sum; whether any is true; the one number that
        all have; how many rows have a value; whether one lies within `days` after the first day.
    filter : Expression | None
        Which rows count; a unit without such a row has 0.
    zero : bool
        Whether no value means 0.
    cap, quantile : float | None
        See `spec.Winsorise`; the quantile becomes a cap before the sums are made.
    beside : Value | None
        There is a number only where this one has one, too.
    days : int
        For "retained".
    """

    expression: Expression
    per_unit: PerUnit = "sum"
    filter: Expression | None = None
    zero: bool = False
    cap: float | None = None
    quantile: float | None = None
    beside: "Value | None" = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A metric by the numbers that it is made of.

    Attributes
    ----------
    metric : MetricSpec
    x : Value
        The outcome; a ratio's numerator.
    y : Value | None
        A ratio's denominator, a covariate.
    """

    metric: MetricSpec
    x: Value
    y: Value | None = None

    @property
    def is_counted(self) -> bool:
        """Return whether the number is 0 or 1."""
        return self.metric.kind in ("conversion", "retention")

    @property
    def values(self) -> tuple[Value, ...]:
        """Return the numbers of this metric."""
        return (self.x,) if self.y is None else (self.x, self.y)


@dataclass(frozen=True, slots=True)
class Term:
    """One sum over the units of a cell.

    Attributes
    ----------
    of : str
        "present": units that have the number. "sum": of its distances from the shift. "square":
        of their squares. "product": of the distances of two numbers. "both": units that have
        both. "stray": units whose number is neither 0 nor 1. "varies": units whose rows do not
        agree on it. "gaps": rows without a value among those that count.
    x, y : int
        Places in `Need.values`; y is -1 where there is one number only.
    """

    of: TermKind
    x: int
    y: int = -1


@dataclass(frozen=True, slots=True)
class Need:
    """Everything that one pass has to sum up.

    Attributes
    ----------
    values : tuple[Value, ...]
        Each once.
    terms : tuple[Term, ...]
        Each once.
    """

    values: tuple[Value, ...]
    terms: tuple[Term, ...]

    def __or__(self, other: "Need") -> "Need":
        """Merge two needs: what both want is made once."""
        values = tuple(dict.fromkeys((*self.values, *other.values)))
        place = {value: i for i, value in enumerate(values)}
        terms = [
            replace(
                term,
                x=place[need.values[term.x]],
                y=place[need.values[term.y]] if term.y >= 0 else -1,
            )
            for need in (self, other)
            for term in need.terms
        ]
        return Need(values, tuple(dict.fromkeys(terms)))


NOTHING = Need((), ())


def need_of(wanted: Wanted) -> Need:
    """Return the sums that one metric needs."""
    if wanted.is_counted:
        return Need((wanted.x,), (Term("present", 0), Term("sum", 0), Term("stray", 0)))
    alone = tuple(term for i, value in enumerate(wanted.values) for term in _alone(value, i))
    if wanted.y is None:
        return Need(wanted.values, alone)
    return Need(wanted.values, (*alone, Term("both", 0, 1), Term("product", 0, 1)))


def _alone(value: Value, i: int) -> tuple[Term, ...]:
    terms = (Term("present", i), Term("sum", i), Term("square", i))
    match value.per_unit:
        case "constant":
            return (*terms, Term("varies", i))
        case "sum":
            return (*terms, Term("gaps", i))
        case _:
            return terms


def merged(wanted: Iterable[Wanted]) -> Need:
    """Return the need of many metrics."""
    total = NOTHING
    for one in wanted:
        total |= need_of(one)
    return total


def wanted_of(metric: MetricSpec, columns: SourceColumns) -> Wanted:
    """Return a metric's numbers, checked against the columns that are there.

    Raises
    ------
    ContractError
        If a column is missing or of a type that does not fit.
    """
    kept = parse(metric.filter) if metric.filter else None
    if kept is not None:
        _require(kept, (Type.BOOLEAN,), metric, columns)
    base = Value(Flag(value=True), filter=kept, zero=metric.nulls == "zero")
    match metric.kind:
        case "conversion":
            return Wanted(metric, replace(base, expression=_truth(metric, columns), per_unit="any"))
        case "retention":
            return Wanted(metric, _retention(metric, base, columns))
        case "count":
            return Wanted(metric, _capped(_count(metric, base, columns), metric))
        case "ratio":
            x = replace(base, expression=_number(metric.numerator, metric, columns))
            y = replace(base, expression=_number(metric.denominator, metric, columns))
            return Wanted(metric, _capped(x, metric), y)
        case "mean" | "adjusted":
            return _mean(metric, base, columns)


def _mean(metric: MetricSpec, base: Value, columns: SourceColumns) -> Wanted:
    own = _own(metric)
    _require(own, (Type.NUMBER, Type.BOOLEAN), metric, columns)
    x = _capped(replace(base, expression=own), metric)
    if metric.covariate is None:
        return Wanted(metric, x)
    covariate = _number(metric.covariate, metric, columns)
    return Wanted(metric, x, Value(covariate, "constant", zero=base.zero))


def _retention(metric: MetricSpec, base: Value, columns: SourceColumns) -> Value:
    if metric.days is None:
        return replace(base, expression=_truth(metric, columns), per_unit="any")
    return replace(base, per_unit="retained", days=metric.days, zero=True)


def _count(metric: MetricSpec, base: Value, columns: SourceColumns) -> Value:
    if metric.column is None and metric.expression is None:
        return replace(base, per_unit="rows")
    own = _own(metric)
    type_of(own, columns.types)
    return replace(base, expression=own, per_unit="rows")


def _capped(value: Value, metric: MetricSpec) -> Value:
    if metric.winsorise is None:
        return value
    return replace(value, cap=metric.winsorise.cap, quantile=metric.winsorise.quantile)


def _own(metric: MetricSpec) -> Expression:
    if metric.column is not None:
        return Column(metric.column)
    return parse(metric.expression or "")


def _truth(metric: MetricSpec, columns: SourceColumns) -> Expression:
    own = _own(metric)
    _require(own, (Type.BOOLEAN, Type.NUMBER), metric, columns)
    return own


def _number(text: str | None, metric: MetricSpec, columns: SourceColumns) -> Expression:
    own = parse(text or "")
    _require(own, (Type.NUMBER, Type.BOOLEAN), metric, columns)
    return own


def _require(
    expression: Expression, allowed: tuple[Type, ...], metric: MetricSpec, columns: SourceColumns
) -> None:
    try:
        found = type_of(expression, columns.types)
    except ContractError as error:
        raise ContractError(f"Metric {metric.name}: {error.message}", hint=error.hint) from error
    if found not in allowed:
        raise ContractError(
            f"Metric {metric.name}: {describe(expression)} is a {found}, not a {allowed[0]}.",
            hint="Name another column, or write a comparison such as status = 'paid'.",
        )
