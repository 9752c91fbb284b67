"""The `RunStore` port on any database that speaks the shared SQL."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from experimentos.runs.counted import VariantScores
from experimentos.runs.documents import Live, Run
from experimentos.runs.tally import Tally
from experimentos.store import audit, run_listing, run_summing, run_tables
from experimentos.store.run_port import Group, RunPage, RunQuery, RunSample
from experimentos.store.run_writing import (
    MOST_NAMES,
    checked_live,
    checked_run,
    checked_sample,
    is_silent,
    names_of,
)
from experimentos.store.sql import Cursor


class Transactions(Protocol):
    """Where the tables are: what runs work inside one transaction."""

    def read[T](self, work: Callable[[Cursor], T]) -> T:
        """Do something that changes nothing."""
        ...

    def write[T](self, work: Callable[[Cursor], T]) -> T:
        """Do something whole or not at all; durable when this returns."""
        ...

    def keep(self, content: bytes) -> str:
        """Store the bytes of an artefact and return their SHA-256."""
        ...


class SqlRuns:
    """Runs in the tables `run` and `run_sample`."""

    def __init__(self, where: Transactions, clock: Callable[[], datetime]) -> None:
        self._where = where
        self._clock = clock

    def save_run(self, run: Run) -> Run:
        """Insert the run, or replace the one that has its id; see `run_port.RunStore`."""
        now, checked = self._clock(), checked_run(run)

        def work(cursor: Cursor) -> Run:
            run_tables.save(cursor, (checked,), now)
            return run_tables.load(cursor, checked.run_id).run

        return self._where.write(work)

    def save_runs(self, runs: Sequence[Run]) -> int:
        """Save many runs at once, all or none of them."""
        now, checked = self._clock(), [checked_run(run) for run in runs]
        self._where.write(lambda cursor: run_tables.save(cursor, checked, now))
        return len(checked)

    def keep(self, content: bytes) -> str:
        """Store bytes that a run will name; return their SHA-256."""
        return self._where.keep(content)

    def beat(self, run_id: str, live: Live | None = None) -> bool:
        """Note that a run is alive, and what it says; False when it is not to go on."""
        now, said = self._clock(), checked_live(live)
        return self._where.write(lambda cursor: run_tables.beat(cursor, run_id, said, now))

    def load_run(self, run_id: str) -> Run:
        """Return the run; any unique beginning of its id will do."""
        return self._where.read(lambda cursor: run_tables.load(cursor, run_id)).run

    def page(self, query: RunQuery) -> RunPage:
        """Return the matching runs from `query.after` on."""
        return self._where.read(lambda cursor: run_listing.page(cursor, query))

    def names(self, project: str | None, experiment: str | None) -> tuple[str, ...]:
        """Return the dotted places that the newest runs have."""
        query = RunQuery(project=project, experiment=experiment, limit=MOST_NAMES)
        return names_of(self.page(query).rows)

    def count(self, query: RunQuery) -> int:
        """Return how many runs match."""
        return self._where.read(lambda cursor: run_listing.count(cursor, query))

    def grouped(self, query: RunQuery) -> tuple[Group, ...]:
        """Return the matching runs by variant, in order of its name."""
        return self._where.read(lambda cursor: run_listing.grouped(cursor, query))

    def tallied(self, query: RunQuery) -> tuple[Tally, ...]:
        """Count the matching runs by experiment, variant and status."""
        return self._where.read(lambda cursor: run_summing.tallied(cursor, query))

    def metric_names(self, query: RunQuery) -> tuple[str, ...]:
        """Return the metrics that the matching runs which count have."""
        return self._where.read(lambda cursor: run_summing.metric_names(cursor, query))

    def scores(self, query: RunQuery, names: Sequence[str]) -> tuple[VariantScores, ...]:
        """Return metrics of the matching runs which count, by variant."""
        return self._where.read(lambda cursor: run_summing.scores(cursor, query, names))

    def stamp(self) -> str:
        """Return a text that is another one after every change but a heartbeat."""
        return self._where.read(audit.head)

    def remove_run(self, run_id: str) -> Run:
        """Put the run into the bin."""
        return self._move(run_id, self._clock())

    def restore_run(self, run_id: str) -> Run:
        """Take the run out of the bin."""
        return self._move(run_id, None)

    def log_samples(self, run_id: str, samples: Sequence[RunSample]) -> int:
        """Add samples to a run, all or none; return how many of them are new."""
        now, checked = self._clock(), [checked_sample(sample) for sample in samples]
        return self._where.write(
            lambda cursor: run_tables.log_samples(cursor, run_id, checked, now)
        )

    def samples_of(self, run_id: str, after: int = 0, limit: int = 10_000) -> list[RunSample]:
        """Return samples of a run in the order they were logged."""
        return self._where.read(lambda cursor: run_tables.samples_of(cursor, run_id, after, limit))

    def without_run(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the records of a kind that no run stands for."""
        return self._where.read(lambda cursor: run_tables.without_run(cursor, kind))

    def interrupt_silent(self) -> tuple[str, ...]:
        """Mark runs whose process is gone as interrupted; return their ids."""
        now = self._clock()
        if not any(is_silent(row.run, now) for row in self._where.read(run_tables.unfinished)):
            return ()
        return self._where.write(lambda cursor: run_tables.interrupt(cursor, now))

    def _move(self, run_id: str, deleted_at: datetime | None) -> Run:
        now = self._clock()

        def work(cursor: Cursor) -> Run:
            stored = run_tables.load(cursor, run_id)
            return run_tables.change(cursor, stored, deleted_at, now).run

        return self._where.write(work)
