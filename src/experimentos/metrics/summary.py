"""The aggregated experiment: what every source of data is turned into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import add

from experimentos.issue import Issue
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments

type Statistic = Counts | Moments | CrossMoments


@dataclass(frozen=True, slots=True)
class Metric:
    """What a group of columns measures.

    Attributes
    ----------
    name : str
        As shown to people; `conversion` for the contract's conversions.
    kind : str
        Key of `metrics.KINDS`: "conversion" (Counts), "mean" (Moments), "ratio"
        (CrossMoments: x numerator, y denominator), "adjusted" (CrossMoments: x outcome,
        y covariate).
    columns : tuple[str, ...]
        Columns of the source that it was read from.
    unit : str
        What one observation is; "user" unless the source says otherwise (AOV: "order").
    centred : bool
        Whether squares were summed around a centre (raw rows), so that they cannot have cancelled.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    unit: str = "user"
    centred: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the source: an arm, possibly of one segment and one day.

    Attributes
    ----------
    arm : str
    users : int
        Units of randomisation in this cell, >= 0.
    statistics : Mapping[str, Statistic]
        One per metric name.
    row : int
        Where it stood in the source (see `issue.Where`).
    segment : str | None
    day : date | None
        Units are those first exposed on this day: cells are disjoint and pool by addition.
    """

    arm: str
    users: int
    statistics: Mapping[str, Statistic]
    row: int
    segment: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm, all its cells pooled.

    Attributes
    ----------
    name : str
    users : int
    statistics : Mapping[str, Statistic]
        One per metric name.
    row : int
        First row of the source that holds it.
    """

    name: str
    users: int
    statistics: Mapping[str, Statistic]
    row: int


@dataclass(frozen=True, slots=True)
class Scan:
    """How a summary was made from rows.

    Attributes
    ----------
    engine : str
    sql : str
        Every statement, with the values bound to it as comments.
    at : datetime
        When, in UTC.
    rows, units : int
        Read from the source; in an arm.
    passes : tuple[str, ...]
        What each pass over the source was for.
    issues : tuple[Issue, ...]
        What the rows say against the experiment, worst first.
    """

    engine: str
    sql: str
    at: datetime
    rows: int
    units: int
    passes: tuple[str, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a summary came from.

    Attributes
    ----------
    name : str
        File name or query, for people only: never a path that is opened.
    sha256 : str
        Hash of the bytes that were read.
    form : str
        "csv", "tsv", "xlsx", "parquet", "json", "pasted", or an engine's name.
    notes : tuple[str, ...]
        Harmless variety that was accepted, in words; the memo repeats them.
    scan : Scan | None
        How it was made from raw rows; None for a file of aggregates.
    """

    name: str
    sha256: str
    form: str
    notes: tuple[str, ...] = ()
    scan: Scan | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """An experiment in sufficient statistics.

    Attributes
    ----------
    cells : tuple[Cell, ...]
        In the order of the source; several per arm when segments or days are given.
    metrics : tuple[Metric, ...]
        Primary candidate first.
    control : str
        Name of the control arm.
    source : Source
    """

    cells: tuple[Cell, ...]
    metrics: tuple[Metric, ...]
    control: str
    source: Source
    _arms: list[tuple[Arm, ...]] = field(default_factory=list, repr=False, compare=False)

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Return the arms, the control first, then in the order of the source."""
        if not self._arms:
            names = dict.fromkeys((self.control, *(cell.arm for cell in self.cells)))
            self._arms.append(tuple(self._pooled(name) for name in names))
        return self._arms[0]

    @property
    def treatments(self) -> tuple[Arm, ...]:
        """Return every arm but the control."""
        return self.arms[1:]

    def arm(self, name: str) -> Arm:
        """Return the arm of that name; KeyError if there is none."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise KeyError(name)

    def metric(self, name: str) -> Metric:
        """Return the metric of that name; KeyError if there is none."""
        for metric in self.metrics:
            if metric.name == name:
                return metric
        raise KeyError(name)

    def _pooled(self, name: str) -> Arm:
        cells = [cell for cell in self.cells if cell.arm == name]
        statistics: dict[str, Statistic] = {
            metric.name: reduce(add, (cell.statistics[metric.name] for cell in cells))
            for metric in self.metrics
        }
        return Arm(name, sum(cell.users for cell in cells), statistics, cells[0].row)
