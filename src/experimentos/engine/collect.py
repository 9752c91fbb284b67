"""Sums of distances to `Summary`: un-shifted exactly, everything left out counted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import fsum, isfinite, nan

from experimentos.engine.expression import columns_of
from experimentos.engine.need import Need, Term, TermKind, Value, Wanted
from experimentos.engine.port import Question, Row, Scanned, State
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Arm, Cell, Metric, Statistic

MISSING_SEGMENT = "missing"


@dataclass(frozen=True, slots=True)
class Answer:
    """One pass, with the metrics that are to be read from it.

    Attributes
    ----------
    question : Question
    wanted : tuple[Wanted, ...]
    scanned : Scanned
    """

    question: Question
    wanted: tuple[Wanted, ...]
    scanned: Scanned

    @property
    def counted(self) -> tuple[Row, ...]:
        """Return the cells that belong to an arm."""
        return tuple(
            row
            for row in self.scanned.rows
            if row.state is State.COUNTED and row.arm is not None and row.units
        )

    def total(
        self, row: Row, of: TermKind, value: Value, other: Value | None = None
    ) -> int | float:
        """Return one term of a cell; an empty sum is 0."""
        places = self.question.need.values
        y = -1 if other is None else places.index(other)
        term = Term(of, places.index(value), y)
        found = row.totals[self.question.need.terms.index(term)]
        return 0 if found is None else found

    def moments(self, row: Row, value: Value) -> Moments | None:
        """Return the moments of one number in a cell; None when a sum is not finite."""
        n = int(self.total(row, "present", value))
        if n == 0:
            return Moments(0, 0.0, 0.0)
        total = float(self.total(row, "sum", value))
        squares = float(self.total(row, "square", value))
        if not (isfinite(total) and isfinite(squares)):
            return None
        shift = self.scanned.shifts[self.question.need.values.index(value)]
        exact = Fraction(total)
        return Moments(
            n=n,
            mean=float(Fraction(shift) + exact / n),
            m2=max(0.0, float(Fraction(squares) - exact * exact / n)),
        )

    def joint(self, row: Row, x: Value, y: Value) -> CrossMoments | None:
        """Return the joint moments of two numbers that are present together."""
        first, second = self.moments(row, x), self.moments(row, y)
        if first is None or second is None:
            return None
        if first.n == 0:
            return CrossMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0)
        product = float(self.total(row, "product", x, y))
        if not isfinite(product):
            return None
        sum_x, sum_y = (Fraction(float(self.total(row, "sum", one))) for one in (x, y))
        return CrossMoments(
            n=first.n,
            mean_x=first.mean,
            mean_y=second.mean,
            m2_x=first.m2,
            m2_y=second.m2,
            c_xy=float(Fraction(product) - sum_x * sum_y / first.n),
        )

    def statistic(self, row: Row, wanted: Wanted) -> Statistic | None:
        """Return what a metric comes to in a cell; None when it cannot be a finite number."""
        if wanted.is_counted:
            total = float(self.total(row, "sum", wanted.x))
            n = int(self.total(row, "present", wanted.x))
            return Counts(n, round(total)) if isfinite(total) else None
        if wanted.y is None:
            return self.moments(row, wanted.x)
        return self.joint(row, wanted.x, wanted.y)


def disjoint(answer: Answer) -> tuple[Wanted, ...]:
    """Return the metrics of two numbers of which some unit has only one."""
    return tuple(
        wanted
        for wanted in answer.wanted
        if wanted.y is not None
        and any(
            answer.total(row, "both", wanted.x, wanted.y) != answer.total(row, "present", value)
            for row in answer.counted
            for value in wanted.values
        )
    )


def metric_of(wanted: Wanted) -> Metric:
    """Return the metric as a summary names it."""
    spec = wanted.metric
    kinds = {"count": "mean", "retention": "conversion"}
    kind = "adjusted" if spec.covariate is not None else kinds.get(spec.kind, spec.kind)
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
        for row in answer.counted:
            key = _key(row, answer.question, names)
            held = keyed.setdefault(key, {})
            if answer is first:
                units[key] = units.get(key, 0) + row.units
            for wanted in answer.wanted:
                statistic = answer.statistic(row, wanted)
                if statistic is None:
                    held.pop(wanted.metric.name, None)
                else:
                    held[wanted.metric.name] = statistic
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
    arms: dict[str | None, list[Row]] = {}
    for row in answer.counted:
        arms.setdefault(row.arm, []).append(row)
    rows = tuple(
        Row(
            State.COUNTED,
            arm,
            None,
            None,
            sum(row.units for row in own),
            sum(row.rows for row in own),
            0,
            tuple(_added(totals) for totals in zip(*(row.totals for row in own), strict=True)),
        )
        for arm, own in arms.items()
    )
    return replace(
        answer,
        question=replace(answer.question, segment=None, day=None),
        scanned=replace(answer.scanned, rows=rows),
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
    """Return the metric with each of its numbers present only where the other is."""
    assert wanted.y is not None  # noqa: S101 - asked for metrics of two numbers only
    return replace(
        wanted, x=replace(wanted.x, beside=wanted.y), y=replace(wanted.y, beside=wanted.x)
    )


def closed(need: Need) -> Need:
    """Return the need with the numbers that others stand beside, so that an engine has them."""
    beside = tuple(value.beside for value in need.values if value.beside is not None)
    return need | Need(tuple(dict.fromkeys(beside)), ())
