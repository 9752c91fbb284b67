"""Runs that last as long as the process: for tests, and for one visitor of a public server."""

import math
import threading
from collections.abc import Callable, Container, Iterable, Sequence
from datetime import datetime
from statistics import fmean, stdev

from experimentos.runs.counted import VariantScores, metric_names, newest_of_each, scores_of
from experimentos.runs.documents import Live, Run, finite
from experimentos.runs.filter_match import matches
from experimentos.runs.tally import Tally, tallies_of
from experimentos.store.audit import Key
from experimentos.store.run_cursor import Place, checked_run_query, place_text
from experimentos.store.run_port import METRIC, NEWEST, PRIMARY, Group, RunPage, RunQuery, RunSample
from experimentos.store.run_writing import (
    MOST_NAMES,
    RunRow,
    checked_live,
    checked_run,
    checked_sample,
    following_row,
    interrupted,
    is_silent,
    key_of,
    moved,
    names_of,
    new_samples,
    no_run,
    several_runs,
    with_samples,
)
from experimentos.store.surroundings import random_bytes


class MemoryRuns:
    """The `RunStore` port on two dictionaries.

    Parameters
    ----------
    clock
        Where time comes from.
    keep
        Stores the bytes of an artefact and returns their SHA-256.
    record_ids
        Returns the ids of the records of a kind, in their order.
    past
        Takes in what each run held, by ("run", id).

    Attributes
    ----------
    rows : dict[str, RunRow]
    samples : dict[str, list[RunSample]]
        By the run's id, in the order they were logged.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        keep: Callable[[bytes], str],
        record_ids: Callable[[str], list[str]],
        past: dict[Key, set[str]],
    ) -> None:
        self._clock = clock
        self._keep = keep
        self._record_ids = record_ids
        self._past = past
        self._lock = threading.RLock()
        self._token, self._changes = random_bytes(16).hex(), 0
        self.rows: dict[str, RunRow] = {}
        self.samples: dict[str, list[RunSample]] = {}

    def save_run(self, run: Run) -> Run:
        """Insert the run, or replace the one that has its id; see `run_port.RunStore`."""
        with self._lock:
            self.save_runs((run,))
            return self.rows[run.run_id].run

    def save_runs(self, runs: Sequence[Run]) -> int:
        """Save many runs at once, all or none of them."""
        now = self._clock()
        checked = [checked_run(run) for run in runs]
        with self._lock:
            for run in checked:
                self.put(following_row(self.rows.get(run.run_id), run, now))
        return len(checked)

    def keep(self, content: bytes) -> str:
        """Store bytes that a run will name; return their SHA-256."""
        return self._keep(content)

    def beat(self, run_id: str, live: Live | None = None) -> bool:
        """Note that a run is alive, and what it says; False when it is not to go on."""
        said = checked_live(live)
        with self._lock:
            row = self.rows.get(run_id)
            if row is None or row.run.is_over or row.run.deleted_at is not None:
                return False
            heard = {"heartbeat_at": self._clock(), "live": said or row.run.live}
            run = row.run.model_copy(update=heard)
            self.rows[run_id] = RunRow(run, row.revision, row.samples_sha256)
        return True

    def load_run(self, run_id: str) -> Run:
        """Return the run; any unique beginning of its id will do."""
        wanted = run_id.upper()
        with self._lock:
            found = [row.run for id_, row in self.rows.items() if wanted and id_.startswith(wanted)]
        if not found:
            raise no_run(run_id)
        if len(found) > 1:
            raise several_runs(run_id)
        return found[0]

    def page(self, query: RunQuery) -> RunPage:
        """Return the matching runs from `query.after` on."""
        begin = checked_run_query(query)
        ranked = sorted(self._matching(query), key=lambda run: run.run_id, reverse=True)
        if query.order != NEWEST:
            ranked = _ranked(ranked, query)
        if begin is not None:
            ranked = [run for run in ranked if _is_after(run, query, begin)]
        shown = ranked[: query.limit]
        if len(ranked) == len(shown):
            return RunPage(tuple(shown), "")
        last = shown[-1]
        return RunPage(tuple(shown), place_text(Place(value_of(last, query.order), last.run_id)))

    def names(self, project: str | None, experiment: str | None) -> tuple[str, ...]:
        """Return the dotted places that the newest runs have."""
        query = RunQuery(project=project, experiment=experiment, limit=MOST_NAMES)
        return names_of(self.page(query).rows)

    def count(self, query: RunQuery) -> int:
        """Return how many runs match."""
        checked_run_query(query)
        return len(self._matching(query))

    def grouped(self, query: RunQuery) -> tuple[Group, ...]:
        """Return the matching runs by variant, in order of its name."""
        checked_run_query(query)
        by_variant: dict[str, list[Run]] = {}
        for run in self._matching(query):
            by_variant.setdefault(run.variant, []).append(run)
        order = PRIMARY if query.order == NEWEST else query.order
        return tuple(_group(name, by_variant[name], order) for name in sorted(by_variant))

    def tallied(self, query: RunQuery) -> tuple[Tally, ...]:
        """Count the matching runs by experiment, variant and status."""
        checked_run_query(query)
        return tallies_of(self._matching(query))

    def metric_names(self, query: RunQuery) -> tuple[str, ...]:
        """Return the metrics that the matching runs which count have."""
        checked_run_query(query)
        return metric_names(newest_of_each(self._matching(query)))

    def scores(self, query: RunQuery, names: Sequence[str]) -> tuple[VariantScores, ...]:
        """Return metrics of the matching runs which count, by variant."""
        checked_run_query(query)
        return scores_of(newest_of_each(self._matching(query)), names)

    def stamp(self) -> str:
        """Return a text that is another one after every change but a heartbeat."""
        return f"{self._token} {self._changes}"

    def remove_run(self, run_id: str) -> Run:
        """Put the run into the bin."""
        return self._move(run_id, self._clock())

    def restore_run(self, run_id: str) -> Run:
        """Take the run out of the bin."""
        return self._move(run_id, None)

    def log_samples(self, run_id: str, samples: Sequence[RunSample]) -> int:
        """Add samples to a run, all or none; return how many of them are new."""
        checked = [checked_sample(sample) for sample in samples]
        with self._lock:
            if run_id not in self.rows:
                raise no_run(run_id)
            there = self.samples.setdefault(run_id, [])
            added = list(new_samples(checked, {key_of(sample): sample for sample in there}))
            if added:
                there += added
                self.put(with_samples(self.rows[run_id], added))
        return len(added)

    def samples_of(self, run_id: str, after: int = 0, limit: int = 10_000) -> list[RunSample]:
        """Return samples of a run in the order they were logged."""
        with self._lock:
            if run_id not in self.rows:
                raise no_run(run_id)
            return self.samples.get(run_id, [])[after : after + limit]

    def without_run(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the records of a kind that no run stands for."""
        return tuple(id_ for id_ in self._record_ids(kind) if id_ not in self.rows)

    def interrupt_silent(self) -> tuple[str, ...]:
        """Mark runs whose process is gone as interrupted; return their ids."""
        now = self._clock()
        with self._lock:
            silent = sorted(id_ for id_, row in self.rows.items() if is_silent(row.run, now))
            for id_ in silent:
                self.put(interrupted(self.rows[id_], now))
        return tuple(silent)

    def put(self, row: RunRow, samples: Sequence[RunSample] | None = None) -> None:
        """Hold a run as it is, and its samples when they are given."""
        run_id = row.run.run_id
        self._changes += row is not self.rows.get(run_id)
        self.rows[run_id] = row
        self._past.setdefault(("run", run_id), set()).add(row.content)
        if samples is not None:
            self.samples[run_id] = list(samples)

    def figures(self) -> dict[str, int]:
        """Return how many there are."""
        return {
            "runs": len(self.rows),
            "runs_in_bin": sum(row.run.deleted_at is not None for row in self.rows.values()),
            "samples": sum(map(len, self.samples.values())),
        }

    def artefacts_named(self, without: Container[str] = ()) -> set[str]:
        """Return the hashes that runs and their samples name."""
        named: set[str] = set()
        for run_id, row in self.rows.items():
            if run_id not in without:
                named.update((*row.run.inputs.values(), *row.run.outputs.values()))
                there = self.samples.get(run_id, [])
                named.update(s.artefact_sha256 for s in there if s.artefact_sha256)
        return named

    def binned_until(self, moment: datetime) -> tuple[str, ...]:
        """Return the ids of the runs that went into the bin until then."""
        return tuple(
            run_id
            for run_id, row in sorted(self.rows.items())
            if row.run.deleted_at is not None and row.run.deleted_at <= moment
        )

    def purge(self, ids: Iterable[str]) -> None:
        """Forget runs and their samples."""
        for run_id in ids:
            self._changes += 1
            del self.rows[run_id]
            self.samples.pop(run_id, None)

    def _move(self, run_id: str, deleted_at: datetime | None) -> Run:
        with self._lock:
            run = self.load_run(run_id)
            row = moved(self.rows[run.run_id], deleted_at)
            self.put(row)
        return row.run

    def _matching(self, query: RunQuery) -> list[Run]:
        wanted = {
            name: value
            for name in ("project", "experiment", "kind")
            if (value := getattr(query, name)) is not None
        }
        with self._lock:
            runs = [row.run for row in self.rows.values()]
        return [
            run
            for run in runs
            if (run.deleted_at is not None) == query.deleted
            and all(getattr(run, name) == value for name, value in wanted.items())
            and (query.where is None or matches(query.where, run))
        ]


def value_of(run: Run, order: str) -> float | None:
    """Return the finite number that a list is sorted by; None for the newest."""
    if order in (NEWEST, PRIMARY):
        return run.primary_value if order == PRIMARY else None
    return finite(run.metrics.get(order.removeprefix(METRIC)))


def _ranked(newest: Iterable[Run], query: RunQuery) -> list[Run]:
    runs = list(newest)
    with_value = [run for run in runs if value_of(run, query.order) is not None]
    without = [run for run in runs if value_of(run, query.order) is None]
    ranked = sorted(
        with_value,
        key=lambda run: (value_of(run, query.order) or 0.0, run.run_id),
        reverse=query.descending,
    )
    return ranked + without


def _is_after(run: Run, query: RunQuery, place: Place) -> bool:
    value = value_of(run, query.order)
    if place.value is None:
        return value is None and run.run_id < place.run_id
    if value is None:
        return True
    here, there = (value, run.run_id), (place.value, place.run_id)
    return here < there if query.descending else here > there


def _group(variant: str, runs: Sequence[Run], order: str) -> Group:
    values = [value for run in runs if (value := value_of(run, order)) is not None]
    if not values:
        return Group(variant, len(runs), 0, None, None, None, None)
    sd = stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else None
    return Group(variant, len(runs), len(values), fmean(values), sd, min(values), max(values))
