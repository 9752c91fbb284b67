"""Runs of a history that another process owns: each call is one named operation."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from experimentos.runs.counted import VariantScores
from experimentos.runs.documents import Live, Run
from experimentos.runs.tally import Tally
from experimentos.store.run_port import (
    Group,
    RunPage,
    RunQuery,
    RunSample,
    RunStore,
    sample_values,
)
from experimentos.store.run_wire import (
    live_from_json,
    live_to_json,
    page_from_json,
    page_to_json,
    query_from_json,
    query_to_json,
    run_from_json,
    run_to_json,
    scores_from_json,
    tally_from_json,
    tally_to_json,
)

# What the names of these operations begin with.
RUNS = "runs."
# For what reads or writes very many rows.
LONG_SECONDS = 600.0


def perform_on_runs(runs: RunStore, method: str, request: Mapping[str, Any]) -> object:
    """Do what another process asked of the runs; its answer as JSON values."""
    if method not in PERFORMED:
        raise ValueError(f"method runs.{method!r}")
    return PERFORMED[method](runs, request)


def _samples(request: Mapping[str, Any]) -> list[RunSample]:
    return [RunSample(**said) for said in request["samples"]]


PERFORMED: Mapping[str, Callable[[RunStore, Mapping[str, Any]], object]] = {
    "save_run": lambda runs, asked: run_to_json(runs.save_run(run_from_json(asked["run"]))),
    "save_runs": lambda runs, asked: runs.save_runs([run_from_json(r) for r in asked["runs"]]),
    "keep": lambda runs, asked: runs.keep(base64.b64decode(asked["content"], validate=True)),
    "beat": lambda runs, asked: runs.beat(asked["run_id"], live_from_json(asked.get("live"))),
    "load_run": lambda runs, asked: run_to_json(runs.load_run(asked["run_id"])),
    "page": lambda runs, asked: page_to_json(runs.page(query_from_json(asked["query"]))),
    "names": lambda runs, asked: list(runs.names(asked["project"], asked["experiment"])),
    "count": lambda runs, asked: runs.count(query_from_json(asked["query"])),
    "grouped": lambda runs, asked: [
        asdict(group) for group in runs.grouped(query_from_json(asked["query"]))
    ],
    "tallied": lambda runs, asked: [
        tally_to_json(tally) for tally in runs.tallied(query_from_json(asked["query"]))
    ],
    "metric_names": lambda runs, asked: list(runs.metric_names(query_from_json(asked["query"]))),
    "scores": lambda runs, asked: [
        asdict(found) for found in runs.scores(query_from_json(asked["query"]), asked["names"])
    ],
    "stamp": lambda runs, _: runs.stamp(),
    "remove_run": lambda runs, asked: run_to_json(runs.remove_run(asked["run_id"])),
    "restore_run": lambda runs, asked: run_to_json(runs.restore_run(asked["run_id"])),
    "log_samples": lambda runs, asked: runs.log_samples(asked["run_id"], _samples(asked)),
    "samples_of": lambda runs, asked: [
        sample_values(sample)
        for sample in runs.samples_of(asked["run_id"], asked["after"], asked["limit"])
    ],
    "without_run": lambda runs, asked: list(runs.without_run(asked["kind"])),
    "interrupt_silent": lambda runs, _: list(runs.interrupt_silent()),
}


class RemoteRuns:
    """The `RunStore` port, answered by the process that owns the file.

    Parameters
    ----------
    ask
        Sends one operation by its name and returns its answer; repeats it once when the
        connection broke, as every method of the port may be.
    """

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._send = ask

    def save_run(self, run: Run) -> Run:
        """Insert the run, or replace the one that has its id; see `run_port.RunStore`."""
        return run_from_json(self._ask("save_run", run=run_to_json(run)))

    def save_runs(self, runs: Sequence[Run]) -> int:
        """Save many runs at once, all or none of them."""
        said = [run_to_json(run) for run in runs]
        return int(self._ask("save_runs", patience=LONG_SECONDS, runs=said))

    def keep(self, content: bytes) -> str:
        """Store bytes that a run will name; return their SHA-256."""
        return str(self._ask("keep", content=base64.b64encode(content).decode()))

    def beat(self, run_id: str, live: Live | None = None) -> bool:
        """Note that a run is alive, and what it says; False when it is not to go on."""
        return bool(self._ask("beat", run_id=run_id, live=live_to_json(live)))

    def load_run(self, run_id: str) -> Run:
        """Return the run; any unique beginning of its id will do."""
        return run_from_json(self._ask("load_run", run_id=run_id))

    def page(self, query: RunQuery) -> RunPage:
        """Return the matching runs from `query.after` on."""
        return page_from_json(self._ask("page", query=query_to_json(query)))

    def names(self, project: str | None, experiment: str | None) -> tuple[str, ...]:
        """Return the dotted places that the newest runs have."""
        return tuple(self._ask("names", project=project, experiment=experiment))

    def count(self, query: RunQuery) -> int:
        """Return how many runs match."""
        return int(self._ask("count", query=query_to_json(query)))

    def grouped(self, query: RunQuery) -> tuple[Group, ...]:
        """Return the matching runs by variant, in order of its name."""
        return tuple(Group(**said) for said in self._ask("grouped", query=query_to_json(query)))

    def tallied(self, query: RunQuery) -> tuple[Tally, ...]:
        """Count the matching runs by experiment, variant and status."""
        return tuple(map(tally_from_json, self._ask("tallied", query=query_to_json(query))))

    def metric_names(self, query: RunQuery) -> tuple[str, ...]:
        """Return the metrics that the matching runs which count have."""
        return tuple(self._ask("metric_names", query=query_to_json(query)))

    def scores(self, query: RunQuery, names: Sequence[str]) -> tuple[VariantScores, ...]:
        """Return metrics of the matching runs which count, by variant."""
        answer = self._ask("scores", query=query_to_json(query), names=list(names))
        return tuple(map(scores_from_json, answer))

    def stamp(self) -> str:
        """Return a text that is another one after every change but a heartbeat."""
        return str(self._ask("stamp"))

    def remove_run(self, run_id: str) -> Run:
        """Put the run into the bin."""
        return run_from_json(self._ask("remove_run", run_id=run_id))

    def restore_run(self, run_id: str) -> Run:
        """Take the run out of the bin."""
        return run_from_json(self._ask("restore_run", run_id=run_id))

    def log_samples(self, run_id: str, samples: Sequence[RunSample]) -> int:
        """Add samples to a run, all or none; return how many of them are new."""
        said = [sample_values(sample) for sample in samples]
        answer = self._ask("log_samples", patience=LONG_SECONDS, run_id=run_id, samples=said)
        return int(answer)

    def samples_of(self, run_id: str, after: int = 0, limit: int = 10_000) -> list[RunSample]:
        """Return samples of a run in the order they were logged."""
        answer = self._ask("samples_of", run_id=run_id, after=after, limit=limit)
        return [RunSample(**said) for said in answer]

    def without_run(self, kind: str) -> tuple[str, ...]:
        """Return the ids of the records of a kind that no run stands for."""
        return tuple(self._ask("without_run", kind=kind))

    def interrupt_silent(self) -> tuple[str, ...]:
        """Let the owner mark runs whose process is gone; return their ids."""
        return tuple(self._ask("interrupt_silent"))

    def _ask(self, method: str, **arguments: object) -> Any:
        return self._send(RUNS + method, **arguments)
