"""Rows of text cells with their place in the file, and the issues of reading them."""

from dataclasses import dataclass

from experimentos.errors import UnreadableError
from experimentos.issue import NOWHERE, Issue, Severity, Where

NOTHING_TO_DO = "Nothing to do; check that the data as read are what you meant."


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file.

    Attributes
    ----------
    row : int
        Line of the file, or record number from 1 (see `issue.Where`).
    cells : tuple[str, ...]
        Text as found, not stripped.
    """

    row: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Return whether no cell holds anything."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of text.

    Attributes
    ----------
    header : tuple[str, ...]
        Column names as found.
    header_row : int | None
        Line of the header; None where the format names its columns apart from the rows.
    lines : tuple[Line, ...]
        The rows, none of them blank.
    notes : tuple[Issue, ...]
        Harmless variety met on the way.
    semicolon : bool
        Whether semicolons separate the cells: then a comma may be a decimal mark.
    """

    header: tuple[str, ...]
    header_row: int | None
    lines: tuple[Line, ...]
    notes: tuple[Issue, ...] = ()
    semicolon: bool = False


class Refusal(UnreadableError):  # noqa: N818 - the reader refuses; not a kind of error
    """A file that cannot become a grid; carries the issue that says why."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.message, hint=issue.fix)
        self.issue = issue


def note(code: str, message: str, fix: str = NOTHING_TO_DO, where: Where = NOWHERE) -> Issue:
    """Return a note on harmless variety."""
    return Issue(code, Severity.NOTE, message, fix, where)


def counted(number: int, what: str) -> str:
    """Return "1 blank row" or "2 blank rows"."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def blocked(
    code: str, message: str, fix: str, *, row: int | None = None, column: str | None = None
) -> Issue:
    """Return a break of the contract."""
    return Issue(code, Severity.BLOCKED, message, fix, Where(row, column))


def refusal(code: str, message: str, fix: str, *, row: int | None = None) -> Refusal:
    """Return the exception that ends the reading of a file as unreadable."""
    return Refusal(Issue(code, Severity.UNREADABLE, message, fix, Where(row)))


def too_many_rows(most: int, found: str = "more") -> Refusal:
    """Return the refusal of a file with more rows than an aggregate can have."""
    return refusal(
        "too_many_rows",
        f"The file has {found} rows; aggregated results have at most {most:,}: one row per arm, "
        "or per arm and segment or day.",
        "If each row is one user or one event, bring the rows in with From raw data on Health "
        "check, or with experimentos summarize.",
    )


def too_many_columns(most: int, found: int) -> Refusal:
    """Return the refusal of a file with more columns than the policy allows."""
    return refusal(
        "too_many_columns",
        f"The file has {found:,} columns; at most {most:,} are read.",
        "Keep variant, users, conversions and the metric columns of this experiment.",
    )
