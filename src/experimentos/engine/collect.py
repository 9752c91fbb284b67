"""Sums of distances to `Summary`: un-shifted exactly, everything left out counted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from math import fsum, isfinite, nan
from operator import add
from typing import TYPE_CHECKING

from experimentos.engine.expression import columns_of
from experimentos.engine.need import Need, Term, Value, Wanted
from experimentos.engine.port import Question, Row, Scanned, State
from experimentos.metrics.counts import Counts
from experimentos.metrics.mean import EMPTY
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Arm, Cell, Metric, Statistic

if TYPE_CHECKING:
    from experimentos.metrics.joint import JointMoments

MISSING_SEGMENT = "missing"


@dataclass(frozen=True, slots=True)
class Places:
    """Where the terms of one number stand in a row's totals; -1 where there is none.

    Attributes
    ----------
    shift : float
        What was subtracted from the number.
    """

    shift: float
    present: int
    sum: int
    square: int
    stray: int
    varies: int
    gaps: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One pass, with the metrics that are to be read from it; made by `answered`.

    Attributes
    ----------
    question : Question
    wanted : tuple[Wanted, ...]
    scanned : Scanned
    counted : tuple[Row, ...]
        The cells that belong to an arm.
    statistics : Mapping[str, tuple[Statistic | None, ...]]
        By metric, one per counted cell; None where it cannot be a finite number.
    ordered : Mapping[tuple[str, str], Moments]
        Quantiles by metric and arm, see `quantiles`.
    """

    question: Question
    wanted: tuple[Wanted, ...]
    scanned: Scanned
    counted: tuple[Row, ...]
    statistics: Mapping[str, tuple[Statistic | None, ...]]
    ordered: Mapping[tuple[str, str], Moments] = field(default_factory=dict)

    def named(self, metric: str) -> Wanted:
        """Return what is wanted of a metric; it is one of this answer's."""
        return next(one for one in self.wanted if one.metric.name == metric)

    def places(self, value: Value) -> Places:
        """Return where the terms of a number stand."""
        need = self.question.need
        x = need.values.index(value)
        found = {
            term.of: place for place, term in enumerate(need.terms) if (term.x, term.y) == (x, -1)
        }
        return Places(
            self.scanned.shifts[x],
            *(found.get(of, -1) for of in ("present", "sum", "square", "stray", "varies", "gaps")),
        )

    def joint_places(self, wanted: Wanted) -> tuple[tuple[int, int], ...]:
        """Return where "both" and "product" of each pair of a metric's numbers stand."""
        values, terms = self.question.need.values, self.question.need.terms
        places = [values.index(value) for value in wanted.values]
        return tuple(
            (
                terms.index(Term("both", places[i], places[j])),
                terms.index(Term("product", places[i], places[j])),
            )
            for i, j in wanted.pairs()
        )

    def counts(self, place: int) -> list[int]:
        """Return one term of every counted cell, an empty sum being 0."""
        if place < 0:
            return [0] * len(self.counted)
        return [int(row.totals[place] or 0) for row in self.counted]


def answered(
    question: Question,
    wanted: tuple[Wanted, ...],
    scanned: Scanned,
    ordered: Mapping[tuple[str, str], Moments] | None = None,
) -> Answer:
    """Return the answer to a question, every statistic of it computed once."""
    counted = tuple(
        row for row in scanned.rows if row.state is State.COUNTED and row.arm is not None
    )
    bare = Answer(question, wanted, scanned, counted, {}, ordered or {})
    return replace(bare, statistics={one.metric.name: _statistics(bare, one) for one in wanted})


def _statistics(answer: Answer, wanted: Wanted) -> tuple[Statistic | None, ...]:
    x = answer.places(wanted.x)
    if wanted.is_counted:
        return tuple(_count(row, x) for row in answer.counted)
    if wanted.is_ordered:
        name = wanted.metric.name
        return tuple(
            _ordered(row, x, answer.ordered.get((name, row.arm or ""))) for row in answer.counted
        )
    if wanted.y is None:
        return tuple(_moments(row, x) for row in answer.counted)
    if wanted.more:
        return _combined(answer, wanted)
    ((_, product),) = answer.joint_places(wanted)
    y = answer.places(wanted.y)
    return tuple(_joint(row, x, y, product) for row in answer.counted)


def _ordered(row: Row, at: Places, found: Moments | None) -> Moments | None:
    """Return a quantile; EMPTY where its error cannot be told, None where a value is not finite."""
    return found or EMPTY if isfinite(float(row.totals[at.sum] or 0)) else None


def _combined(answer: Answer, wanted: Wanted) -> tuple[Statistic | None, ...]:
    """Return outcome and combined covariates, with slopes from within arms and over all cells."""
    # numpy is loaded for several covariates only.
    from experimentos.metrics.joint import combined, slopes_within

    arms = merged_rows(replace(row, segment=None, day=None) for row in answer.counted)
    whole = [_all_joint(answer, wanted, row) for row in arms]
    if any(joint is None for joint in whole):
        return (None,) * len(answer.counted)
    slopes = slopes_within([joint for joint in whole if joint is not None])
    cells = (_all_joint(answer, wanted, row) for row in answer.counted)
    return tuple(None if joint is None else combined(joint, slopes) for joint in cells)


def _all_joint(answer: Answer, wanted: Wanted, row: Row) -> "JointMoments | None":
    import numpy as np

    from experimentos.metrics.joint import JointMoments

    places = [answer.places(value) for value in wanted.values]
    alone = [_moments(row, place) for place in places]
    known = [moments for moments in alone if moments is not None]
    if len(known) < len(alone):
        return None
    products = np.diag([moments.m2 for moments in known])
    for (i, j), (_, product) in zip(wanted.pairs(), answer.joint_places(wanted), strict=True):
        pair = _joint(row, places[i], places[j], product)
        if pair is None:
            return None
        products[i, j] = products[j, i] = pair.c_xy
    return JointMoments(known[0].n, np.array([moments.mean for moments in known]), products)


def _count(row: Row, at: Places) -> Counts | None:
    total = float(row.totals[at.sum] or 0)
    return Counts(int(row.totals[at.present] or 0), round(total)) if isfinite(total) else None


def _moments(row: Row, at: Places) -> Moments | None:
    n = int(row.totals[at.present] or 0)
    if n == 0:
        return Moments(0, 0.0, 0.0)
    total, squares = float(row.totals[at.sum] or 0), float(row.totals[at.square] or 0)
    if not (isfinite(total) and isfinite(squares)):
        return None
    return Moments(n, _mean(at.shift, total, n), max(0.0, _centred(squares, total, total, n)))


def _joint(row: Row, x: Places, y: Places, product: int) -> CrossMoments | None:
    first, second = _moments(row, x), _moments(row, y)
    if first is None or second is None:
        return None
    if first.n == 0:
        return CrossMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    products = float(row.totals[product] or 0)
    if not isfinite(products):
        return None
    sum_x, sum_y = float(row.totals[x.sum] or 0), float(row.totals[y.sum] or 0)
    return CrossMoments(
        n=first.n,
        mean_x=first.mean,
        mean_y=second.mean,
        m2_x=first.m2,
        m2_y=second.m2,
        c_xy=_centred(products, sum_x, sum_y, first.n),
    )


def _mean(shift: float, total: float, n: int) -> float:
    """Return shift + total / n, rounded once."""
    a, b = shift.as_integer_ratio()
    c, d = total.as_integer_ratio()
    return (a * d * n + c * b) / (b * d * n)


def _centred(products: float, x: float, y: float, n: int) -> float:
    """Return products - x * y / n, rounded once."""
    a, b = products.as_integer_ratio()
    c, d = x.as_integer_ratio()
    e, f = y.as_integer_ratio()
    return (a * n * d * f - c * e * b) / (b * n * d * f)


def disjoint(answer: Answer) -> tuple[Wanted, ...]:
    """Return the metrics of several numbers of which some unit has only a part."""
    apart = []
    for wanted in answer.wanted:
        if wanted.y is None:
            continue
        joint = [answer.counts(both) for both, _ in answer.joint_places(wanted)]
        alone = [answer.counts(answer.places(value).present) for value in wanted.values]
        if any(counts != alone[0] for counts in (*joint, *alone)):
            apart.append(wanted)
    return tuple(apart)


def metric_of(wanted: Wanted) -> Metric:
    """Return the metric as a summary names it."""
    spec = wanted.metric
    kinds = {"count": "mean", "retention": "conversion"}
    kind = "adjusted" if spec.is_adjusted else kinds.get(spec.kind, spec.kind)
    kind = "ratio" if spec.sub_unit is not None else kind
    columns = sorted(
        {
            column
            for value in wanted.values
            for part in (value.expression, value.filter)
            if part is not None
            for column in columns_of(part)
        }
    )
    return Metric(spec.name, kind, tuple(columns), spec.unit, centred=True)


def cells_of(
    answers: tuple[Answer, ...], names: Mapping[str, str], control: str
) -> tuple[Cell, ...]:
    """Return the cells, the control first, then by name, segment and day.

    Parameters
    ----------
    answers
        The first holds every cell and every metric; the later ones replace metrics of it.
    names
        Variant as it stands in the source to the name of the arm.
    control
        Name of the control arm.
    """
    first = answers[0]
    keyed: dict[tuple[str, str | None, date | None], dict[str, Statistic]] = {}
    units: dict[tuple[str, str | None, date | None], int] = {}
    for answer in answers:
        for place, row in enumerate(answer.counted):
            key = _key(row, answer.question, names)
            held = keyed.setdefault(key, {})
            if answer is first:
                units[key] = row.units
            for name, statistics in answer.statistics.items():
                statistic = statistics[place]
                if statistic is None:
                    held.pop(name, None)
                else:
                    held[name] = statistic
    ordered = sorted(keyed, key=lambda k: (k[0] != control, k[0], k[1] or "", k[2] or date.min))
    return tuple(
        Cell(arm, units[arm, segment, day], keyed[arm, segment, day], i, segment, day)
        for i, (arm, segment, day) in enumerate(ordered, start=1)
    )


def arms_of(
    answers: tuple[Answer, ...], cells: tuple[Cell, ...], names: Mapping[str, str]
) -> tuple[Arm, ...]:
    """Return the arms of these cells, from sums over all of an arm's cells.

    Pooling cells by their means would be limited by the digits of a mean: of 10^8 plus noise
    a variance would keep nine.
    """
    control = cells[0].arm
    pooled = cells_of(tuple(_pooled(answer) for answer in answers), names, control)
    first = {cell.arm: cell.row for cell in reversed(cells)}
    return tuple(Arm(cell.arm, cell.users, cell.statistics, first[cell.arm]) for cell in pooled)


def _pooled(answer: Answer) -> Answer:
    """Return the answer as if it had been asked without segments and days."""
    whole = replace(answer.question, segment=None, day=None)
    bare = (replace(row, segment=None, day=None) for row in answer.counted)
    scanned = replace(answer.scanned, rows=merged_rows(bare))
    return answered(whole, answer.wanted, scanned, answer.ordered)


def merged_rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows with those of one cell added together, rounded once."""
    cells: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        cells.setdefault((row.state, row.arm, row.segment, row.day), []).append(row)
    return tuple(own[0] if len(own) == 1 else _merged(own) for own in cells.values())


def _merged(own: list[Row]) -> Row:
    return replace(
        own[0],
        units=sum(row.units for row in own),
        rows=sum(row.rows for row in own),
        strays=sum(row.strays for row in own),
        attributed=reduce(add, (row.attributed for row in own)),
        totals=tuple(_added(totals) for totals in zip(*(row.totals for row in own), strict=True)),
    )


def _added(totals: tuple[int | float | None, ...]) -> int | float:
    present = [total for total in totals if total is not None]
    if all(isinstance(total, int) for total in present):
        return sum(present)
    return fsum(present) if all(isfinite(total) for total in present) else nan


def _key(
    row: Row, question: Question, names: Mapping[str, str]
) -> tuple[str, str | None, date | None]:
    arm = row.arm or ""
    segment = row.segment
    if question.segment is not None and segment is None:
        segment = MISSING_SEGMENT
    return names.get(arm, arm), segment, row.day


def need_beside(wanted: Wanted) -> Wanted:
    """Return the metric with each of its numbers present only where the others are."""
    first, *others = (
        replace(value, beside=tuple(other for other in wanted.values if other is not value))
        for value in wanted.values
    )
    return replace(wanted, x=first, y=others[0], more=tuple(others[1:]))


def closed(need: Need) -> Need:
    """Return the need with the numbers that others stand beside, so that an engine has them."""
    beside = tuple(other for value in need.values for other in value.beside)
    return need | Need(tuple(dict.fromkeys(beside)), ())
