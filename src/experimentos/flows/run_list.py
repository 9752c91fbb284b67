"""Runs found by a filter, page by page, grouped, ranked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from experimentos.analysis.result import Interval
from experimentos.runs.describe import t_interval
from experimentos.runs.documents import Run
from experimentos.runs.filter_text import parse_filter
from experimentos.runs.run_diff import flat
from experimentos.runs.search import And, Compare, Field, FieldType, Operator
from experimentos.store.port import Store
from experimentos.store.run_port import NEWEST, Group, RunPage, RunQuery


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs a list shows.

    Attributes
    ----------
    text : str
        A filter, as docs/runs.md describes it.
    project, experiment, kind : str | None
        Short names; None for any.
    status : str | None
    since : datetime | None
        Created then or later.
    order : str
        "newest", "primary" or "metrics.NAME".
    descending : bool
    limit : int
    deleted : bool
    """

    text: str = ""
    project: str | None = None
    experiment: str | None = None
    kind: str | None = None
    status: str | None = None
    since: datetime | None = None
    order: str = NEWEST
    descending: bool = True
    limit: int = 50
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class GroupRow:
    """All matching runs of one variant, with the interval of their mean; None for n < 2."""

    group: Group
    interval: Interval | None


def query_of(store: Store, wanted: Wanted, after: str = "") -> RunQuery:
    """Return the query that a list makes.

    Raises
    ------
    FilterError
        If the filter cannot be understood, or names a place that no run has.
    """
    known = store.runs.names(wanted.project, wanted.experiment) if wanted.text.strip() else ()
    asked = [parse_filter(wanted.text, known)]
    if wanted.status is not None:
        # Through the parser, so that a word that is no status is refused with those that are.
        asked.append(parse_filter(f"status = {wanted.status!r}"))
    if wanted.since is not None:
        since = wanted.since if wanted.since.tzinfo else wanted.since.replace(tzinfo=UTC)
        later = Compare(Field(("created_at",), FieldType.MOMENT), Operator.AT_LEAST, since)
        asked.append(later)
    parts = tuple(part for part in asked if part is not None)
    where = And(parts) if len(parts) > 1 else next(iter(parts), None)
    return RunQuery(
        where=where,
        project=wanted.project,
        experiment=wanted.experiment,
        kind=wanted.kind,
        order=wanted.order,
        descending=wanted.descending,
        after=after,
        limit=wanted.limit,
        deleted=wanted.deleted,
    )


def list_runs(store: Store, wanted: Wanted, after: str = "") -> RunPage:
    """Return a page of runs; `after` is the `next` of the page before."""
    return store.runs.page(query_of(store, wanted, after))


def count_runs(store: Store, wanted: Wanted) -> int:
    """Return how many runs match, over all pages."""
    return store.runs.count(query_of(store, wanted))


def group_runs(store: Store, wanted: Wanted, level: float = 0.95) -> tuple[GroupRow, ...]:
    """Return the matching runs by variant, over all pages, with a t interval of each mean."""
    groups = store.runs.grouped(query_of(store, wanted))
    return tuple(GroupRow(group, _interval(group, level)) for group in groups)


def place_in(run: Run, column: str) -> object:
    """Return what a run has in a column: `status`, `params.a.b`; None for nothing."""
    head, _, rest = column.partition(".")
    if not rest:
        return getattr(run, head)
    places: dict[str, Mapping[str, object]] = {
        "params": run.params,
        "metrics": run.metrics,
        "tags": run.tags,
    }
    return flat(places[head]).get(rest)


def _interval(group: Group, level: float) -> Interval | None:
    if group.sd is None or group.mean is None or group.n < 2:
        return None
    return t_interval(group.mean, group.sd / group.n**0.5, group.n - 1, level)
