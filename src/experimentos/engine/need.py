"""Which sums a set of metrics needs, merged so that each is made once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import (
    Column,
    Comparison,
    Expression,
    Flag,
    Logic,
    Number,
    Text,
    Type,
    describe,
    type_of,
)
from experimentos.engine.grammar import parse
from experimentos.engine.spec import MetricSpec
from experimentos.errors import ContractError

type TermKind = Literal["present", "sum", "square", "product", "both", "stray", "varies", "gaps"]
type PerUnit = Literal["sum", "any", "constant", "rows", "retained", "distinct"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from a unit's first exposure.

    Attributes
    ----------
    first, last : int | None
        Rows count from `first` days after it on (negative: before it) and less than `last` days
        after it; None leaves that side open.
    """

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Value:
    """One number per unit.

    Attributes
    ----------
    expression : Expression
        Of a row.
    per_unit : str
        How a unit's rows become its number: their sum; whether any is true; the one number that
        all have; how many rows have a value; whether one lies within `days` after the first day;
        how many different values.
    filter : Expression | None
        Which rows count; a unit without such a row has 0.
    zero : bool
        Whether no value means 0.
    cap, quantile : float | None
        See `spec.Winsorise`; the quantile becomes a cap before the sums are made.
    beside : tuple[Value, ...]
        There is a number only where these have one, too.
    days : int
        For "retained".
    period : Period | None
        Which rows count by their distance from the first exposure; needs an exposure table.
    """

    expression: Expression
    per_unit: PerUnit = "sum"
    filter: Expression | None = None
    zero: bool = False
    cap: float | None = None
    quantile: float | None = None
    beside: "tuple[Value, ...]" = ()
    days: int = 0
    period: Period | None = None


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
    more : tuple[Value, ...]
        Further covariates.
    """

    metric: MetricSpec
    x: Value
    y: Value | None = None
    more: tuple[Value, ...] = ()

    @property
    def is_counted(self) -> bool:
        """Return whether the number is 0 or 1."""
        return self.metric.kind in ("conversion", "retention") and self.y is None

    @property
    def is_ordered(self) -> bool:
        """Return whether the metric is read from the order of the units' numbers."""
        return self.metric.kind == "quantile"

    @property
    def values(self) -> tuple[Value, ...]:
        """Return the numbers of this metric."""
        return (self.x,) if self.y is None else (self.x, self.y, *self.more)

    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Return the places in `values` whose products are summed."""
        return tuple(combinations(range(len(self.values)), 2))


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
    if wanted.is_ordered:
        return Need(wanted.values, tuple(term for term in alone if term.of != "square"))
    joint = (
        term for i, j in wanted.pairs() for term in (Term("both", i, j), Term("product", i, j))
    )
    return Need(wanted.values, (*alone, *joint))


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


def wanted_of(metric: MetricSpec, columns: SourceColumns, window: Period | None = None) -> Wanted:
    """Return a metric's numbers, checked against the columns that are there.

    Parameters
    ----------
    columns
        Of the rows.
    window
        Which rows count, where there is an exposure table with dates; a window of the metric's own
        goes before it.

    Raises
    ------
    ContractError
        If a column is missing or of a type that does not fit, or a window has no exposure to
        start from.
    """
    kept = parse(metric.filter) if metric.filter else None
    if kept is not None:
        _require(kept, (Type.BOOLEAN,), metric, columns)
    period = _period(metric, window)
    base = Value(Flag(value=True), filter=kept, zero=metric.nulls == "zero", period=period)
    match metric.kind:
        case "conversion":
            return _conversion(metric, base, columns)
        case "retention":
            return Wanted(metric, _retention(metric, base, columns))
        case "ratio":
            x = replace(base, expression=_number(metric.numerator, metric, columns))
            y = replace(base, expression=_number(metric.denominator, metric, columns))
            return Wanted(metric, _capped(x, metric), y)
        case _:
            return _mean(metric, base, columns)


def _mean(metric: MetricSpec, base: Value, columns: SourceColumns) -> Wanted:
    if metric.kind == "count":
        x = _count(metric, base, columns)
    else:
        x = replace(base, expression=_own(metric))
        _require(x.expression, (Type.NUMBER, Type.BOOLEAN), metric, columns)
    x = _capped(x, metric)
    if metric.sub_unit is not None:
        return Wanted(metric, x, _parts(metric, base, columns))
    if metric.pre_period is not None:
        return _before(metric, x, columns)
    return Wanted(metric, x, *_covariates(metric, base, columns))


def _period(metric: MetricSpec, window: Period | None) -> Period | None:
    if window is not None:
        return window if metric.window_days is None else Period(0, metric.window_days)
    if metric.window_days is not None:
        raise ContractError(
            f"Metric {metric.name} has a window, and nothing says when a unit was exposed.",
            hint="Name an exposure table and its date: --exposures SOURCE --exposure-date COLUMN.",
        )
    return None


def _conversion(metric: MetricSpec, base: Value, columns: SourceColumns) -> Wanted:
    own = _truth(metric, columns)
    if metric.sub_unit is None:
        return Wanted(metric, replace(base, expression=own, per_unit="any"))
    if type_of(own, columns.types) is Type.NUMBER:
        own = Comparison("=", own, Number(1))
    parts = _parts(metric, base, columns)
    kept = own if parts.filter is None else Logic("and", parts.filter, own)
    return Wanted(metric, replace(parts, filter=kept), parts)


def _parts(metric: MetricSpec, base: Value, columns: SourceColumns) -> Value:
    """Return how many parts a unit has."""
    column = Column(metric.sub_unit or "")
    type_of(column, columns.types)
    return replace(base, expression=column, per_unit="distinct", zero=False)


def _before(metric: MetricSpec, x: Value, columns: SourceColumns) -> Wanted:
    """Return the metric with the same number from before the experiment beside it."""
    asked = metric.pre_period
    assert asked is not None  # noqa: S101 - the caller has looked
    if asked.days is not None:
        if x.period is None:
            raise ContractError(
                f"Metric {metric.name} has a pre-period in days, and nothing says when a unit was "
                "exposed.",
                hint="Name an exposure table and its date, or write pre_period with column and "
                "before.",
            )
        return Wanted(metric, x, replace(x, period=Period(-asked.days, 0)))
    column, day = Column(asked.column or ""), Text(str(asked.before))
    _require(column, (Type.TIME,), metric, columns)
    earlier, later = Comparison("<", column, day), Comparison(">=", column, day)
    free = replace(x, period=None)
    return Wanted(metric, _only(x, later), _only(free, earlier))


def _only(value: Value, condition: Expression) -> Value:
    kept = condition if value.filter is None else Logic("and", value.filter, condition)
    return replace(value, filter=kept)


def _covariates(
    metric: MetricSpec, base: Value, columns: SourceColumns
) -> tuple[Value | None, tuple[Value, ...]]:
    texts = metric.covariates or ((metric.covariate,) if metric.covariate is not None else ())
    values = tuple(
        dict.fromkeys(
            Value(_number(text, metric, columns), "constant", zero=base.zero) for text in texts
        )
    )
    return (values[0] if values else None), values[1:]


def _retention(metric: MetricSpec, base: Value, columns: SourceColumns) -> Value:
    if metric.days is None:
        return replace(base, expression=_truth(metric, columns), per_unit="any")
    if base.period is not None:
        return replace(base, per_unit="any", period=Period(1, metric.days + 1))
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
