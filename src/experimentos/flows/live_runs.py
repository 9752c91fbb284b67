"""What is executed at this moment: batches of runs, wherever they were started."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from experimentos.flows.run_record import utc_now
from experimentos.runs.documents import RUN_STATUSES, Run
from experimentos.runs.pace import BatchPace, Pace, batch_pace, pace_of
from experimentos.runs.search import Among, And, Compare, Field, FieldType, Filter, Operator
from experimentos.store.port import Store
from experimentos.store.run_port import RunQuery

MOST_SHOWN = 500
MOST_PAST = 100
MOST_CANCELLED = 10_000
STATUS = Field(("status",), FieldType.TEXT)
CREATED = Field(("created_at",), FieldType.MOMENT)
UNFINISHED = Among(STATUS, ("queued", "running"))


@dataclass(frozen=True, slots=True)
class Ongoing:
    """Runs that were started together and are not all over.

    Attributes
    ----------
    project, experiment : str
        Short names; "" for none.
    created_at : datetime
        Of all of them.
    working : tuple[tuple[Run, Pace], ...]
        Those that run at this moment, longest first.
    pace : BatchPace
    """

    project: str
    experiment: str
    created_at: datetime
    working: tuple[tuple[Run, Pace], ...]
    pace: BatchPace

    @property
    def place(self) -> str:
        """Return `project/experiment`, or what there is of it."""
        return "/".join(part for part in (self.project, self.experiment) if part)


def ongoing(
    store: Store, project: str | None = None, experiment: str | None = None
) -> tuple[Ongoing, ...]:
    """Return what is executed now, newest first; runs whose process is gone are marked first.

    Parameters
    ----------
    store
    project, experiment
        Short names; None for any.
    """
    store.runs.interrupt_silent()
    query = RunQuery(where=UNFINISHED, project=project, experiment=experiment, limit=MOST_SHOWN)
    found = store.runs.page(query).rows
    batches = dict.fromkeys((run.project, run.experiment, run.created_at) for run in found)
    return tuple(_ongoing(store, *batch) for batch in batches)


def pace_now(store: Store, run: Run) -> Pace:
    """Return how far one run is, beside the latest runs of its experiment."""
    return pace_of(run, utc_now(), _past(store, run.project, run.experiment))


def cancel(store: Store, batch: Ongoing) -> int:
    """Mark what is not over of a batch as cancelled; return how many runs that are.

    Whoever executes them learns of it at the next heartbeat, within ten seconds.
    """
    query = _batch_query(batch.project, batch.experiment, batch.created_at)
    total = 0
    while total < MOST_CANCELLED:
        left = store.runs.page(_also(query, UNFINISHED)).rows
        if not left:
            break
        now = utc_now()
        ended = {"status": "cancelled", "ended_at": now, "error_kind": "cancelled"}
        store.runs.save_runs([run.model_copy(update=ended) for run in left])
        total += len(left)
    return total


def _ongoing(store: Store, project: str, experiment: str, created_at: datetime) -> Ongoing:
    now, query = utc_now(), _batch_query(project, experiment, created_at)
    rows = store.runs.page(_also(query, Compare(STATUS, Operator.EQUAL, "running"))).rows
    working = sorted(rows, key=lambda run: run.started_at or now)
    counts = {
        status: store.runs.count(_also(query, Compare(STATUS, Operator.EQUAL, status)))
        for status in RUN_STATUSES
    }
    past = _past(store, project, experiment)
    return Ongoing(
        project,
        experiment,
        created_at,
        tuple((run, pace_of(run, now, past)) for run in working),
        batch_pace(working, counts, created_at, now, past),
    )


def _batch_query(project: str, experiment: str, created_at: datetime) -> RunQuery:
    same = Compare(CREATED, Operator.EQUAL, created_at)
    return RunQuery(where=same, project=project, experiment=experiment, limit=MOST_SHOWN)


def _also(query: RunQuery, condition: Filter) -> RunQuery:
    return replace(query, where=And((query.where, condition)) if query.where else condition)


def _past(store: Store, project: str, experiment: str) -> Sequence[Run]:
    """Return the latest completed runs of an experiment; none of what belongs to no experiment."""
    if not experiment:
        return ()
    done = Compare(STATUS, Operator.EQUAL, "completed")
    query = RunQuery(where=done, project=project, experiment=experiment, limit=MOST_PAST)
    return store.runs.page(query).rows
