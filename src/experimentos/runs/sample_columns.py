"""Which column of a file holds what: by its name, a known synonym, or a mapping."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.reading.grid import Refusal, blocked
from experimentos.metrics.reading.names import visible
from experimentos.runs.samples import SCORE

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "scenario": (
            "scenario_id", "task", "task_id", "item", "item_id", "question", "question_id",
            "prompt_id", "problem", "problem_id", "case", "case_id", "doc_id", "game", "id",
        ),
        "model": ("model_name", "model_id", "agent", "system", "variant", "llm"),
        "sample_index": ("sample", "epoch", "trial", "repeat", "attempt", "seed", "iteration"),
        SCORE: ("reward", "value", "correct", "accuracy", "passed", "success", "resolved"),
        "cluster": ("family", "category", "group", "cluster_id"),
        "transcript": ("output", "response", "completion", "answer", "text"),
        "tokens": ("total_tokens", "token_count"),
        "cost": ("total_cost", "cost_usd", "price"),
        "latency": ("latency_s", "duration", "total_time", "seconds"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """A table of samples before its numbers are read.

    Attributes
    ----------
    columns : Mapping[str, Any]
        Name as found to an Arrow array of strings (null for nothing there), shape (rows,).
    lines : list[int] | None
        Line or record number of each row; None when they are 1, 2, 3, … after `first`.
    first : int
        Number of the first row when `lines` is None.
    notes : tuple[Issue, ...]
    metrics : tuple[str, ...]
        Columns that the format itself calls scores; empty for a tidy table.
    """

    columns: Mapping[str, Any]
    lines: list[int] | None
    first: int
    notes: tuple[Issue, ...] = ()
    metrics: tuple[str, ...] = ()

    def line(self, row: int) -> int:
        """Return where a row stands in the file."""
        return self.first + row if self.lines is None else self.lines[row]


def folded(name: str) -> str:
    """Return a column name as the contract spells names: lower case, underscores."""
    return re.sub(r"[\s-]+", "_", name.strip().lower())


def find_columns(table: Columns, mapping: Mapping[str, str], issues: list[Issue]) -> dict[str, str]:
    """Return the contract's names to the columns of the file.

    Raises
    ------
    Refusal
        If a needed column is lacking, or several could be it.
    """
    by_name: dict[str, str] = {}
    for column in table.columns:
        if by_name.setdefault(folded(column), column) is not column:
            raise Refusal(
                blocked(
                    "duplicate_column",
                    f"Two columns are called {visible(column)}.",
                    "Rename or remove one of them.",
                    column=visible(column),
                )
            )
    places: dict[str, str] = {}
    for name, synonyms in SYNONYMS.items():
        if name in mapping:
            places[name] = _mapped(table, name, mapping[name])
        elif name in by_name:
            places[name] = by_name[name]
        elif not (name == SCORE and table.metrics):
            found = [by_name[s] for s in synonyms if s in by_name]
            _take_synonym(name, [c for c in found if c not in mapping.values()], places, issues)
    if "scenario" not in places or not (SCORE in places or table.metrics):
        lacking = "scenario" if "scenario" not in places else SCORE
        raise Refusal(
            blocked(
                f"no_{lacking}_column",
                f"There is no column {lacking}; the columns are "
                f"{visible(', '.join(table.columns), 200)}.",
                f"Say which column it is: on the command line --map {lacking}=COLUMN.",
                column=lacking,
            )
        )
    return places


def _mapped(table: Columns, name: str, column: str) -> str:
    if column in table.columns:
        return column
    raise Refusal(
        blocked(
            "mapped_column",
            f"There is no column {visible(column)} to read {name} from.",
            f"The columns are {visible(', '.join(table.columns), 200)}.",
            column=visible(column),
        )
    )


def _take_synonym(name: str, found: list[str], places: dict[str, str], issues: list[Issue]) -> None:
    if not found:
        return
    if len(found) > 1 and name in ("scenario", "model", SCORE):
        listed = ", ".join(found)
        raise Refusal(
            blocked(
                "ambiguous_column",
                f"Several columns could be {name}: {visible(listed, 200)}.",
                f"Say which: --map {name}={visible(found[0])}.",
                column=visible(found[0]),
            )
        )
    places[name] = found[0]
    message = f"The column {visible(found[0])} was read as {name}."
    issues.append(
        Issue(
            "column_synonym",
            Severity.NOTE,
            message,
            f"If it is not, say which is: --map {name}=COLUMN.",
            Where(column=visible(found[0])),
        )
    )
