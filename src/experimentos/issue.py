"""The one shape for anything that a reader must act on."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much an issue matters, mildest first."""

    NOTE = "note"
    WARNING = "warning"
    BLOCKED = "blocked"
    UNREADABLE = "unreadable"

    @property
    def rank(self) -> int:
        """Return 0 for a note up to 3 for an unreadable input."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Where:
    """The place that an issue speaks of.

    Attributes
    ----------
    row : int | None
        Line of the file with the header as line 1 (text, sheets), or record number from 1
        (Parquet, JSON).
    column : str | None
        Name of the column or field, as the reader of the file would look for it.
    """

    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = []
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)


NOWHERE = Where()


@dataclass(frozen=True, slots=True)
class Issue:
    """A defect of data, a design, code or a run, with what to do about it.

    Attributes
    ----------
    code : str
        Stable snake_case name of the rule that was broken.
    severity : Severity
    message : str
        What was found and what was needed, one or two sentences of plain text.
    fix : str
        What the reader can do; never empty.
    where : Where
    """

    code: str
    severity: Severity
    message: str
    fix: str
    where: Where = NOWHERE


def worst(issues: tuple[Issue, ...] | list[Issue]) -> Severity | None:
    """Return the highest severity among the issues, or None when there are none."""
    return max((issue.severity for issue in issues), key=lambda s: s.rank, default=None)
