"""What every engine answers: the columns of a source, and one grouped pass over its rows."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Protocol

from experimentos.engine.columns import SourceColumns
from experimentos.engine.need import Need

# Enough rows to stand for the scale of a column, few enough to cost nothing; the variance then
# keeps at least 12 digits up to 10^8 rows, because these rows are part of what is summed.
SHIFT_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Exposed:
    """Units and arms from an exposure table, joined to rows that know neither.

    Attributes
    ----------
    unit : str
        Column of the exposure table that names the unit.
    when : str | None
        Column of the exposure table that says when; None counts all rows of exposed units.
    at : str | None
        Column of the rows that says when; None where `when` is.
    by_day : bool
        Whether either of the two holds days without a time: a row of the day of the first exposure
        then counts.
    late : int | None
        Days from first exposure after which no metric counts a row.
    """

    unit: str
    when: str | None = None
    at: str | None = None
    by_day: bool = False
    late: int | None = None

    @property
    def is_dated(self) -> bool:
        """Return whether rows from before the first exposure are told apart."""
        return self.when is not None


@dataclass(frozen=True, slots=True)
class Question:
    """What one pass is asked.

    Attributes
    ----------
    variant : str
        Column that names the arm; of the exposure table where there is one, like `segment`.
    need : Need
    unit : str | None
        Column that names the unit of randomisation; None when each row is one.
    segment, day : str | None
        Columns that split the arms into cells; of a unit, its first (smallest) value counts.
    exposed : Exposed | None
    buckets : int
        When above 0, units are dealt into so many buckets by a hash of their name, and the buckets
        are the segments: "0", "1", …
    """

    variant: str
    need: Need
    unit: str | None = None
    segment: str | None = None
    day: str | None = None
    exposed: Exposed | None = None
    buckets: int = 0

    @property
    def has_segments(self) -> bool:
        """Return whether the arms are split by a column or into buckets."""
        return self.segment is not None or self.buckets > 0


class State(IntEnum):
    """Why units are counted in an arm, or are not."""

    COUNTED = 0
    SEVERAL_ARMS = 1
    NO_UNIT = 2
    NOT_EXPOSED = 3


@dataclass(frozen=True, slots=True)
class Attributed:
    """How rows and exposures of a cell came together; all 0 without an exposure table.

    Attributes
    ----------
    exposures : int
        Rows of the exposure table.
    early, late, undated : int
        Rows from before the unit's first exposure, from after the longest window, without a date.
    idle, blind, unripe : int
        Units without any row; units whose exposures have no date; units whose longest window ends
        after the last row of all, so that it is not over yet.
    """

    exposures: int = 0
    early: int = 0
    late: int = 0
    undated: int = 0
    idle: int = 0
    blind: int = 0
    unripe: int = 0

    def __add__(self, other: "Attributed") -> "Attributed":
        """Count two cells together."""
        return Attributed(
            self.exposures + other.exposures,
            self.early + other.early,
            self.late + other.late,
            self.undated + other.undated,
            self.idle + other.idle,
            self.blind + other.blind,
            self.unripe + other.unripe,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One cell of the answer.

    Attributes
    ----------
    state : State
    arm : str | None
        None for units without a variant.
    segment : str | None
    day : date | None
    units, rows : int
        Units of randomisation, and the rows of the source that they came from.
    strays : int
        Units that had more than one segment.
    totals : tuple[int | float | None, ...]
        One per `Need.terms`, sums being of distances from `Scanned.shifts`; None for an empty sum.
    attributed : Attributed
    """

    state: State
    arm: str | None
    segment: str | None
    day: date | None
    units: int
    rows: int
    strays: int
    totals: tuple[int | float | None, ...]
    attributed: Attributed = Attributed()


@dataclass(frozen=True, slots=True)
class Ranks:
    """Which order statistics of one number are asked for.

    Attributes
    ----------
    value : int
        Place in `Need.values`.
    arm : str
    ranks : tuple[int, ...]
        From 1 for the smallest to the number of units that have a value.
    count : int
        Units of the arm that have a value.
    """

    value: int
    arm: str
    ranks: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Scanned:
    """The answer of one pass.

    Attributes
    ----------
    rows : tuple[Row, ...]
    shifts : tuple[float, ...]
        One per `Need.values`: what was subtracted before summing.
    caps : tuple[float | None, ...]
        One per `Need.values`: the cap that was used.
    sql : str
        What was run, with its bound values named above it.
    passes : tuple[str, ...]
        What each pass over the source was for.
    """

    rows: tuple[Row, ...]
    shifts: tuple[float, ...]
    caps: tuple[float | None, ...]
    sql: str
    passes: tuple[str, ...]


class Engine(Protocol):
    """A source, opened; `close` it when done."""

    @property
    def name(self) -> str:
        """Return the word for this engine and the form of its sources, such as "duckdb"."""
        ...

    def columns(self) -> SourceColumns:
        """Return the columns; EngineError if the source cannot be read."""
        ...

    def exposure_columns(self) -> SourceColumns | None:
        """Return the columns of the exposure table, if the source was opened with one."""
        ...

    def preview(self, rows: int) -> tuple[tuple[str, ...], ...]:
        """Return the first rows as text, for a person to look at."""
        ...

    def distinct(self, column: str) -> tuple[int, int]:
        """Return (rows, about how many different values the column has)."""
        ...

    def scan(self, question: Question) -> Scanned:
        """Return the sums of one pass.

        Raises
        ------
        Unsupported
            If this engine cannot compute a part of it.
        EngineError
            If the engine failed.
        """
        ...

    def ordered(
        self, question: Question, asked: tuple[Ranks, ...]
    ) -> tuple[tuple[float, ...], str]:
        """Return the order statistics one after another, and the statement that was run.

        Parameters
        ----------
        question
            One that `scan` has answered.
        """
        ...

    def fingerprint(self) -> str | None:
        """Return a hash of what is read; None where only the answer can tell a change."""
        ...

    def close(self) -> None:
        """Let go of the source."""
        ...
