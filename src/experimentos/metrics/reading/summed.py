"""A stored summary of raw rows: the JSON document that keeps every bit, and how it was made."""

import math
import re
from dataclasses import asdict, is_dataclass
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from experimentos.issue import Issue
from experimentos.metrics.counts import Counts
from experimentos.metrics.reading.grid import refusal
from experimentos.metrics.reading.names import NAME, safe_name
from experimentos.metrics.summary import Arm, Cell, Metric, Source, Summary

SUMMARY: Literal["experimentos.summary"] = "experimentos.summary"
MARK = re.compile(rb'\s*\{\s*"document"\s*:\s*"experimentos\.summary"')
MOST_BYTES = 64 * 2**20
_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class SummaryDocument(BaseModel):
    """A summary as it is stored.

    Attributes
    ----------
    document, schema_version
        What this is.
    control : str
    metrics : tuple[Metric, ...]
    cells : tuple[Cell, ...]
    arms : tuple[Arm, ...]
        All cells of an arm, summed up before they were rounded.
    source : Source
        With its scan.
    recipe : dict
        What was asked of the rows, for those who ask it again; see `flows.raw_rows.Recipe`.
    """

    model_config = _STRICT

    document: Literal["experimentos.summary"] = SUMMARY
    schema_version: Literal[1] = 1
    control: str
    metrics: tuple[Metric, ...] = Field(min_length=1, max_length=200)
    cells: tuple[Cell, ...] = Field(min_length=1)
    arms: tuple[Arm, ...] = Field(min_length=1)
    source: Source
    recipe: dict[str, JsonValue] = {}

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        names = {metric.name for metric in self.metrics}
        if self.source.scan is None:
            raise ValueError("it does not say how it was made")
        if self.arms[0].name != self.control:
            raise ValueError("its first arm is not the control")
        if {arm.name for arm in self.arms} != {cell.arm for cell in self.cells}:
            raise ValueError("its arms are not those of its cells")
        told = any(issue.code == "arm_name" for issue in self.source.scan.issues)
        if not (told or all(NAME.fullmatch(arm.name) for arm in self.arms)):
            raise ValueError("an arm has a name that no report can carry")
        parts: tuple[Cell | Arm, ...] = (*self.cells, *self.arms)
        for part in parts:
            if part.users < 0 or not set(part.statistics) <= names:
                raise ValueError("a cell holds a number of users or a metric that cannot be")
            for statistic in part.statistics.values():
                _refuse_impossible(statistic)
        return self

    def summary(self) -> Summary:
        """Return the summary, its arms as they were summed up."""
        return Summary(self.cells, self.metrics, self.control, self.source, [self.arms])


def is_summed(content: bytes) -> bool:
    """Return whether these bytes say that they are a stored summary."""
    return MARK.match(content) is not None


def read_summed(content: bytes) -> tuple[SummaryDocument, tuple[Issue, ...]]:
    """Return the stored summary, with what its rows said against the experiment.

    Raises
    ------
    Refusal
        If it is not what it says, or its numbers cannot be.
    """
    if len(content) > MOST_BYTES:
        raise refusal(
            "too_large",
            f"The summary has {len(content):,} bytes; at most {MOST_BYTES:,} are read.",
            "Name a segment with fewer values, or no date.",
        )
    try:
        document = SummaryDocument.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"][:4])
        reason = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise refusal(
            "bad_summary",
            f"The stored summary cannot be used: {where + ': ' if where else ''}{reason}.",
            "Make it again from the rows; it is not meant to be edited.",
        ) from error
    source = document.source
    assert source.scan is not None  # noqa: S101 - validated above
    named = Source(
        safe_name(source.name), source.sha256, safe_name(source.form), source.notes, source.scan
    )
    return document.model_copy(update={"source": named}), source.scan.issues


def _refuse_impossible(statistic: object) -> None:
    """Raise ValueError for a count or a sum of squares that no rows can have."""
    assert is_dataclass(statistic)  # noqa: S101 - every statistic is one
    assert not isinstance(statistic, type)  # noqa: S101 - and not its class
    numbers = asdict(statistic)
    if isinstance(statistic, Counts) and not 0 <= statistic.k <= statistic.n:
        raise ValueError("a count is larger than the number of its units")
    for name, value in numbers.items():
        if not isinstance(value, int | float):
            continue
        if not math.isfinite(value) or (value < 0 and (name == "n" or name.startswith("m2"))):
            raise ValueError(f"{name} is {value}, which cannot be")
