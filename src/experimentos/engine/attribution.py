"""What an exposure table and its rows say against each other: everything left out is counted."""

from collections.abc import Iterator

from experimentos.engine.collect import Answer
from experimentos.engine.port import Attributed, Exposed, Row, State
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.reading.names import visible


def exposure_findings(answer: Answer) -> Iterator[Issue]:
    """Return the issues of an answer with an exposure table; none without one."""
    exposed = answer.question.exposed
    if exposed is None:
        return
    counted = sum((row.attributed for row in answer.counted), Attributed())
    units = sum(row.units for row in answer.counted)
    yield from _exposures(answer, counted, units)
    yield from _idle(answer, counted, units)
    if exposed.is_dated:
        yield from _dates(exposed, counted)


def _exposures(answer: Answer, counted: Attributed, units: int) -> Iterator[Issue]:
    question, rows = answer.question, answer.scanned.rows
    if counted.exposures > units:
        yield Issue(
            "several_exposures",
            Severity.NOTE,
            f"{counted.exposures:,} exposures are of {units:,} units; the first of each counts.",
            "Nothing to do: a unit is exposed again each time it comes back.",
            Where(column=question.unit),
        )
    nameless = sum(r.attributed.exposures for r in rows if r.state is State.NO_UNIT)
    if nameless:
        yield Issue(
            "exposure_without_unit",
            Severity.WARNING,
            f"{nameless:,} exposures have no unit; they are in no arm.",
            "Find out why; when one arm loses more of them than another, the result is biased.",
            Where(column=question.exposed.unit if question.exposed else None),
        )
    strangers = [row for row in rows if row.state is State.NOT_EXPOSED]
    if strangers:
        yield Issue(
            "not_exposed",
            Severity.NOTE,
            f"{sum(row.rows for row in strangers):,} rows are of "
            f"{sum(row.units for row in strangers):,} units that were never exposed; they do not "
            "count.",
            "Nothing to do when the rows hold everybody; otherwise look for lost exposures.",
            Where(column=question.unit),
        )


def _idle(answer: Answer, counted: Attributed, units: int) -> Iterator[Issue]:
    if not counted.idle:
        return
    column = answer.question.unit
    if counted.idle == units:
        yield Issue(
            "no_row_matches",
            Severity.BLOCKED,
            f"None of the {units:,} exposed units has a row: the tables name units differently.",
            "Compare the two columns of units: their form, their case, their leading zeros.",
            Where(column=column),
        )
        return
    yield Issue(
        "exposed_without_rows",
        Severity.NOTE,
        f"{counted.idle:,} exposed units have no row ({_by_arm(answer.counted)}); sums and counts "
        "of them are 0.",
        "Nothing to do when no row means that nothing happened.",
        Where(column=column),
    )


def _by_arm(rows: tuple[Row, ...]) -> str:
    arms: dict[str, tuple[int, int]] = {}
    for row in rows:
        idle, units = arms.get(row.arm or "", (0, 0))
        arms[row.arm or ""] = idle + row.attributed.idle, units + row.units
    return ", ".join(f"{visible(arm)} {i:,} of {u:,}" for arm, (i, u) in sorted(arms.items()))


def _dates(exposed: Exposed, counted: Attributed) -> Iterator[Issue]:
    said = (
        (
            "before_exposure",
            Severity.NOTE,
            counted.early,
            "rows are from before the first exposure of their unit; they count for no outcome.",
            "Nothing to do: a pre-period reads them as a covariate.",
            exposed.at,
        ),
        (
            "after_window",
            Severity.NOTE,
            counted.late,
            "rows are from after the window of their unit; they do not count.",
            "Nothing to do: every unit is observed equally long.",
            exposed.at,
        ),
        (
            "window_not_over",
            Severity.NOTE,
            counted.unripe,
            "units were exposed so lately that their window ends after the last row of all.",
            "Wait for the last of them, or read their smaller numbers as what they are; arms that "
            "were exposed at the same rate are affected alike.",
            exposed.when,
        ),
        (
            "row_without_date",
            Severity.WARNING,
            counted.undated,
            "rows have no date; they cannot be put before or after an exposure and do not count.",
            "Find out why they have none.",
            exposed.at,
        ),
        (
            "exposure_without_date",
            Severity.WARNING,
            counted.blind,
            "exposed units have no date of exposure; none of their rows counts.",
            "Find out why; the numbers of these units are too small.",
            exposed.when,
        ),
    )
    for code, severity, count, what, fix, column in said:
        if count:
            yield Issue(code, severity, f"{count:,} {what}", fix, Where(column=column))
