"""What differs between the frozen plan and the analysis, in plain words."""

from collections.abc import Iterator
from datetime import UTC, date

from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter, reached
from experimentos.plan.freeze import is_intact


def deviations(summary: Summary, charter: Charter) -> tuple[str, ...]:
    """Return every deviation of this data from a frozen plan, gravest first; empty without one.

    Whether the split of the users differs from the plan is the health report's word (SRM).
    """
    if charter.frozen is None:
        return ()
    return (
        *_changed(charter),
        *_late(summary, charter),
        *_metrics(summary, charter),
        *_size(summary, charter),
        *_days(summary, charter),
        *_segments(summary, charter),
    )


def _changed(charter: Charter) -> Iterator[str]:
    if not is_intact(charter):
        yield (
            "The plan was changed after it was frozen: its hash no longer fits. What follows is "
            "held to the changed plan."
        )


def _late(summary: Summary, charter: Charter) -> Iterator[str]:
    days = [cell.day for cell in summary.cells if cell.day is not None]
    first = min(days, default=charter.start)
    if charter.frozen is not None and first is not None:
        frozen = charter.frozen.frozen_at.astimezone(UTC).date()
        if frozen > first:
            yield f"The plan was frozen on {frozen}, after the first day of the data ({first})."


def _metrics(summary: Summary, charter: Charter) -> Iterator[str]:
    planned = {
        charter.primary,
        *(plan.name for plan in charter.guardrails or ()),
        *(plan.name for plan in charter.secondary),
    }
    found = [metric.name for metric in summary.metrics]
    for name in sorted(planned - set(found)):
        yield f"{name} was planned and is not in the data."
    for name in found:
        if name not in planned:
            yield f"{name} was analysed and not planned."


def _size(summary: Summary, charter: Charter) -> Iterator[str]:
    users = sum(cell.users for cell in summary.cells)
    planned = charter.planned_users
    if planned is not None and users < planned:
        yield f"{users:,} of the {planned:,} planned users are here ({reached(users, planned)})."
    elif planned is not None and users > planned * 1.05:
        share = reached(users, planned)
        yield f"{users:,} users are here where {planned:,} were planned ({share})."
    if charter.split is not None and len(charter.split) != len(summary.arms):
        yield (f"{len(summary.arms)} arms are here where the split plans {len(charter.split)}.")


def _days(summary: Summary, charter: Charter) -> Iterator[str]:
    days = sorted(cell.day for cell in summary.cells if cell.day is not None)
    if not days:
        return
    first, last = days[0], days[-1]
    if charter.stop is not None and last != charter.stop:
        yield _shift("stopped", last, charter.stop)
    if charter.start is not None and first != charter.start:
        yield _shift("started", first, charter.start)


def _shift(what: str, actual: date, planned: date) -> str:
    gap = abs((actual - planned).days)
    way = "early" if actual < planned else "late"
    days = "1 day" if gap == 1 else f"{gap} days"
    return f"The experiment {what} {days} {way}: {actual} where {planned} was planned."


def _segments(summary: Summary, charter: Charter) -> Iterator[str]:
    seen = dict.fromkeys(cell.segment for cell in summary.cells if cell.segment is not None)
    added = [name for name in seen if name not in charter.segments]
    if added:
        yield f"Segments were added that the plan does not name: {', '.join(added)}."
