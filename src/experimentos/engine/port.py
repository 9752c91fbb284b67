"""What every engine answers: the columns of a source, and one grouped pass over its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from experimentos.engine.expression import Type

if TYPE_CHECKING:
    from experimentos.engine.need import Need

# Enough rows to stand for the scale of a column, few enough to cost nothing; the variance then
# keeps at least 12 digits up to 10^8 rows, because these rows are part of what is summed.
SHIFT_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class SourceColumns:
    """The columns of a source.

    Attributes
    ----------
    types : Mapping[str, Type]
        By exact name, in the order of the source.
    declared : Mapping[str, str]
        The engine's own word for each type.
    """

    types: Mapping[str, Type]
    declared: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What one pass is asked.

    Attributes
    ----------
    variant : str
        Column that names the arm.
    need : Need
    unit : str | None
        Column that names the unit of randomisation; None when each row is one.
    segment, day : str | None
        Columns that split the arms into cells; of a unit, its first (smallest) value counts.
    """

    variant: str
    need: "Need"
    unit: str | None = None
    segment: str | None = None
    day: str | None = None


class State(IntEnum):
    """Why units are counted in an arm, or are not."""

    COUNTED = 0
    SEVERAL_ARMS = 1
    NO_UNIT = 2


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
    """

    state: State
    arm: str | None
    segment: str | None
    day: date | None
    units: int
    rows: int
    strays: int
    totals: tuple[int | float | None, ...]


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
        What was run, with its bound values named below it.
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

    def fingerprint(self) -> str | None:
        """Return a hash of what is read; None where only the answer can tell a change."""
        ...

    def close(self) -> None:
        """Let go of the source."""
        ...
