"""What a store must be able to do with runs: many, listed by page, each found by its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

from experimentos.runs.counted import VariantScores
from experimentos.runs.documents import Live, Run
from experimentos.runs.search import Filter
from experimentos.runs.tally import Tally

NEWEST = "newest"
PRIMARY = "primary"
METRIC = "metrics."
SILENT_SECONDS = 60
BEAT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs to list, and in which order.

    Attributes
    ----------
    where : Filter | None
        As `runs.search` reads it; None for all.
    project, experiment, kind : str | None
        Exact; None for any.
    order : str
        "newest", "primary", or "metrics.NAME". Runs without a finite number come last.
    descending : bool
        Whether the largest comes first; "newest" has one direction.
    after : str
        `RunPage.next` of the page before; "" for the first.
    limit : int
        1 to 500.
    deleted : bool
        List the bin instead.
    """

    where: Filter | None = None
    project: str | None = None
    experiment: str | None = None
    kind: str | None = None
    order: str = NEWEST
    descending: bool = True
    after: str = ""
    limit: int = 50
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs, and where the next ones begin.

    Attributes
    ----------
    rows : tuple[Run, ...]
    next : str
        For `RunQuery.after`; "" when there are no more.
    """

    rows: tuple[Run, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Group:
    """All matching runs of one variant.

    Attributes
    ----------
    variant : str
    runs : int
        How many there are.
    n : int
        How many of them have a finite value.
    mean, sd, low, high : float | None
        Of that value, its unit; None when too few runs have one.
    """

    variant: str
    runs: int
    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RunSample:
    """One repeated sample of a run; (scenario, model, sample_index) is unique in it.

    Attributes
    ----------
    scenario, model : str
    sample_index : int
        At least 0.
    cluster : str
        Family of the scenario, "" for none.
    score : float | None
        Finite; None when it was not scored.
    passed : bool | None
    status : str
        "completed", or why there is no score.
    latency_ms : float | None
    tokens_in, tokens_out : int | None
    cost_usd : float | None
    artefact_sha256 : str | None
        The transcript.
    extra : Mapping[str, object]
        JSON values.
    """

    scenario: str
    model: str
    sample_index: int
    cluster: str = ""
    score: float | None = None
    passed: bool | None = None
    status: str = "completed"
    latency_ms: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    artefact_sha256: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


SAMPLE_FIELDS = tuple(field.name for field in fields(RunSample))


def sample_values(sample: RunSample) -> dict[str, Any]:
    """Return the fields of a sample by their names."""
    return {name: getattr(sample, name) for name in SAMPLE_FIELDS}


class RunStore(Protocol):
    """Runs that are written durably before a call returns."""

    def save_run(self, run: Run) -> Run:
        """Insert the run, or replace the one that has its id; return it as it is now.

        `created_at`, `deleted_at` and `sample_count` of a run that is there are the store's.

        Raises
        ------
        ContractError
            If it cannot be stored as JSON.
        StoreError
            If the disk is full or the file is damaged; nothing was changed.
        """
        ...

    def save_runs(self, runs: Sequence[Run]) -> int:
        """Save many runs at once, all or none of them; return how many."""
        ...

    def keep(self, content: bytes) -> str:
        """Store bytes that a run will name among its inputs or outputs; return their SHA-256.

        What no run and no record names is collected a day later.
        """
        ...

    def beat(self, run_id: str, live: Live | None = None) -> bool:
        """Note that a run is alive; False when it is not to go on (cancelled, or gone).

        Parameters
        ----------
        run_id
        live
            What it says by now, kept until its end; None leaves what is there.
        """
        ...

    def load_run(self, run_id: str) -> Run:
        """Return the run; any unique beginning of its id will do.

        Raises
        ------
        NotFound
            If no run, or more than one, has this id.
        """
        ...

    def page(self, query: RunQuery) -> RunPage:
        """Return the matching runs from `query.after` on, at most `query.limit`."""
        ...

    def names(self, project: str | None, experiment: str | None) -> tuple[str, ...]:
        """Return the dotted places that the newest runs have: `params.a.b`, `metrics.x`, `tags.t`.

        For the columns that a list may show, and for what a filter may name; the newest 500 count.
        """
        ...

    def count(self, query: RunQuery) -> int:
        """Return how many runs match; order, page and limit do not count."""
        ...

    def grouped(self, query: RunQuery) -> tuple[Group, ...]:
        """Return the matching runs by variant, in order of its name, over all pages.

        What is averaged is what the query is sorted by: the primary value, or one metric.
        """
        ...

    def tallied(self, query: RunQuery) -> tuple[Tally, ...]:
        """Count the matching runs by experiment, variant and status, in this order."""
        ...

    def metric_names(self, query: RunQuery) -> tuple[str, ...]:
        """Return the metrics that the matching runs which count have, finite or not, in order.

        Of each repeat of a variant the newest completed run counts; no reproduction does.
        """
        ...

    def scores(self, query: RunQuery, names: Sequence[str]) -> tuple[VariantScores, ...]:
        """Return metrics of the matching runs which count, by variant in order of its name."""
        ...

    def stamp(self) -> str:
        """Return a text that is another one after every change but a heartbeat.

        It tells of one history: that of another is never the same.
        """
        ...

    def remove_run(self, run_id: str) -> Run:
        """Put the run into the bin; its samples and artefacts stay until it is collected."""
        ...

    def restore_run(self, run_id: str) -> Run:
        """Take the run out of the bin."""
        ...

    def log_samples(self, run_id: str, samples: Sequence[RunSample]) -> int:
        """Add samples to a run, all or none; return how many of them are new.

        A sample that is there already, the same in everything, is acknowledged.

        Raises
        ------
        Conflict
            If another sample has its scenario, model and index.
        ContractError
            If a score is not finite, an index negative, or `extra` no JSON.
        NotFound
            If there is no such run.
        """
        ...

    def samples_of(self, run_id: str, after: int = 0, limit: int = 10_000) -> list[RunSample]:
        """Return samples of a run in the order they were logged, without the first `after`."""
        ...

    def without_run(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the records of a kind, the bin included, that no run stands for.

        A run stands for the record that has its id.
        """
        ...

    def interrupt_silent(self) -> tuple[str, ...]:
        """Mark runs whose process is gone as interrupted; return their ids.

        A run that is not over is silent when its process is gone (on this host), or when it was
        running and nobody said so for `SILENT_SECONDS`.
        """
        ...
