"""Days inside the planned experiment."""

from collections.abc import Iterator

from experimentos.health.check import Check
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


def _run(summary: Summary, charter: Charter, _: Policy) -> Iterator[Issue]:
    dated = sorted((cell.day, cell.row) for cell in summary.cells if cell.day is not None)
    start, stop = charter.start, charter.stop
    if start is not None:
        early = [(day, row) for day, row in dated if day < start]
        if early:
            day, row = early[0]
            yield Issue(
                "before_start",
                Severity.WARNING,
                f"{len(early)} row(s) are dated before the planned start {start}; "
                f"the first is {day}. Before it nobody was treated.",
                "Leave these rows out, or correct the start in the charter.",
                Where(row, "date"),
            )
    if stop is not None:
        late = [(day, row) for day, row in dated if day > stop]
        if late:
            day, row = late[-1]
            yield Issue(
                "after_stop",
                Severity.WARNING,
                f"{len(late)} row(s) are dated after the planned stop {stop}; "
                f"the last is {day}. Prolonging an experiment raises false alarms.",
                "Leave these rows out, or correct the stop in the charter.",
                Where(row, "date"),
            )


DATES = Check(
    name="dates",
    title="Every day lies inside the planned experiment",
    reads=("date", "charter.start", "charter.stop"),
    run=_run,
)
