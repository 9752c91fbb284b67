"""What every adapter asks of runs and samples before it writes them, and what a save leads to."""

import json
import math
import os
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from experimentos.errors import Conflict, ContractError, NotFound
from experimentos.ids import canonical_json, content_hash
from experimentos.runs.documents import Live, Run
from experimentos.store.artefacts import SHA256
from experimentos.store.run_port import SILENT_SECONDS, RunSample, sample_values
from experimentos.store.writing import json_text

ZERO, REPLACEMENT = "\x00", "\ufffd"
SILENT = timedelta(seconds=SILENT_SECONDS)
MOST_NAMES = 500
SILENT_ERROR = "Its process ended before it was over."

type Key = tuple[str, str, int]


@dataclass(frozen=True)
class RunRow:
    """A run as the store holds it.

    Attributes
    ----------
    run : Run
    revision : int
        1 when first saved.
    samples_sha256 : str
        Chained over its samples in their order; "" without any.
    """

    run: Run
    revision: int
    samples_sha256: str = ""

    @cached_property
    def document(self) -> dict[str, Any]:
        """Return the run as JSON values, without its heartbeat and what it says meanwhile."""
        return self.run.model_dump(mode="json", exclude={"heartbeat_at", "live"})

    @cached_property
    def content(self) -> str:
        """Return the hash of everything that a save may change."""
        return content_of_run(self.document, self.revision, self.samples_sha256)


def content_of_run(document: Mapping[str, Any], revision: int, samples_sha256: str) -> str:
    """Return the hash of a run's document, its revision and the chain of its samples."""
    return content_hash(
        canonical_json({"run": document, "revision": revision, "samples": samples_sha256})
    )


def checked_run(run: Run) -> Run:
    """Return the run as it will be read back.

    A zero byte in a text, which no PostgreSQL holds, becomes the replacement character.

    Raises
    ------
    ContractError
        If it holds text that is not Unicode.
    """
    text = json_text(run.model_dump(mode="json"), "The run")
    if "\\u0000" in text:
        text = json_text(without_zeros(json.loads(text)), "The run")
    try:
        return Run.model_validate_json(text)
    except ValidationError as exc:
        raise ContractError(
            f"Run {run.run_id} cannot be stored: {exc.errors()[0]['msg']}."
        ) from exc


def checked_live(live: Live | None) -> Live | None:
    """Return what a run says meanwhile as it will be read back: without zero bytes."""
    if live is None or ZERO not in live.tail + "".join(live.metrics):
        return live
    return Live.model_validate(without_zeros(live.model_dump(mode="json")))


def without_zeros(value: object) -> Any:
    """Return JSON values with the replacement character for every zero byte."""
    match value:
        case str():
            return value.replace(ZERO, REPLACEMENT)
        case list():
            return [without_zeros(item) for item in value]
        case dict():
            return {without_zeros(name): without_zeros(item) for name, item in value.items()}
        case _:
            return value


def following_row(stored: RunRow | None, run: Run, now: datetime) -> RunRow:
    """Return what must stand in the store after saving `run` over `stored`; it, if the same."""
    if run.status == "running" and run.heartbeat_at is None:
        run = run.model_copy(update={"heartbeat_at": now})
    if stored is None:
        fresh = {"deleted_at": None, "sample_count": 0}
        return RunRow(run.model_copy(update=fresh), 1)
    kept = ("created_at", "deleted_at", "sample_count")
    following = run.model_copy(update={name: getattr(stored.run, name) for name in kept})
    if following == stored.run:
        return stored
    return replace(stored, run=following, revision=stored.revision + 1)


def moved(stored: RunRow, deleted_at: datetime | None) -> RunRow:
    """Return the run in the bin, or out of it; itself when it is there already."""
    if (stored.run.deleted_at is None) == (deleted_at is None):
        return stored
    run = stored.run.model_copy(update={"deleted_at": deleted_at})
    return replace(stored, run=run, revision=stored.revision + 1)


def interrupted(stored: RunRow, now: datetime) -> RunRow:
    """Return the run as one whose process ended before it did."""
    run = stored.run.model_copy(
        update={
            "status": "interrupted",
            "ended_at": stored.run.heartbeat_at or now,
            "error_kind": stored.run.error_kind or "interrupted",
            "error": stored.run.error or SILENT_ERROR,
        }
    )
    return replace(stored, run=run, revision=stored.revision + 1)


def is_silent(run: Run, now: datetime) -> bool:
    """Return whether a run that is not over has nobody any more who works on it."""
    if run.is_over:
        return False
    if run.pid is not None and run.host == socket.gethostname() and not _is_alive(run.pid):
        return True
    last = run.heartbeat_at or run.started_at or run.created_at
    return run.status == "running" and now - last > SILENT


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid > 0


def key_of(sample: RunSample) -> Key:
    """Return what is unique among the samples of a run."""
    return (sample.scenario, sample.model, sample.sample_index)


def checked_sample(sample: RunSample) -> RunSample:
    """Return the sample as it will be read back, or raise ContractError."""
    place = f"Sample {sample.sample_index} of {sample.scenario!r} by {sample.model!r}"
    numbers = (sample.score, sample.latency_ms, sample.cost_usd)
    if any(number is not None and not math.isfinite(number) for number in numbers):
        raise ContractError(
            f"{place} has a number that is not finite.",
            hint="Leave a score that could not be computed out, and say why in its status.",
        )
    if not 0 <= sample.sample_index < 2**31:
        raise ContractError(f"{place} has no index from 0.", hint="Count the samples from 0.")
    if sample.artefact_sha256 is not None and SHA256.fullmatch(sample.artefact_sha256) is None:
        raise ContractError(f"{place} names no SHA-256.", hint="Use what keep returned.")
    values = sample_values(sample)
    if sample.extra or _is_odd(sample.scenario, sample.model, sample.cluster, sample.status):
        text = json_text(values, place)
        values = json.loads(text)
        if "\\u0000" in text:
            values = without_zeros(values)
    for name in ("score", "latency_ms", "cost_usd"):
        values[name] = None if values[name] is None else float(values[name])
    return RunSample(**values)


def _is_odd(*texts: str) -> bool:
    """Return whether texts hold a zero byte or half a character."""
    joined = "".join(texts)
    return not joined.isascii() or ZERO in joined


def new_samples(
    samples: Iterable[RunSample], known: Mapping[Key, RunSample]
) -> Iterator[RunSample]:
    """Yield the samples that are not there yet.

    Raises
    ------
    Conflict
        If another one has the key of a sample.
    """
    taken = dict(known)
    for sample in samples:
        key = key_of(sample)
        if key not in taken:
            taken[key] = sample
            yield sample
        elif taken[key] != sample:
            raise Conflict(
                f"Sample {key[2]} of {key[0]!r} by {key[1]!r} is there already, with another "
                "content.",
                hint="Give the sample the next index.",
            )


def with_samples(stored: RunRow, samples: Sequence[RunSample]) -> RunRow:
    """Return the row of a run that got samples: their number, and their chained hash."""
    count = stored.run.sample_count + len(samples)
    run = stored.run.model_copy(update={"sample_count": count})
    return RunRow(run, stored.revision + 1, chained(stored.samples_sha256, samples))


def chained(previous: str, samples: Iterable[RunSample]) -> str:
    """Return the hash of samples that follow others, in this order."""
    for sample in samples:
        previous = content_hash(previous.encode() + canonical_json(sample_values(sample)))
    return previous


def names_of(runs: Iterable[Run]) -> tuple[str, ...]:
    """Return the dotted places inside runs, each once, in order."""
    found: dict[str, None] = {}
    for run in runs:
        found.update(dict.fromkeys(_places("params", run.params)))
        found.update(dict.fromkeys(f"metrics.{name}" for name in run.metrics))
        found.update(dict.fromkeys(f"tags.{name}" for name in run.tags))
    return tuple(sorted(found))


def _places(head: str, value: Mapping[str, Any]) -> Iterator[str]:
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _places(f"{head}.{name}", inner)
        else:
            yield f"{head}.{name}"


def no_run(run_id: str) -> NotFound:
    """Return the error for an id that no run has."""
    return NotFound(
        f"No run has the id {run_id[:40]!r}.", hint="List the runs, those in the bin included."
    )


def several_runs(run_id: str) -> NotFound:
    """Return the error for the beginning of more than one id."""
    return NotFound(f"More than one run has an id that begins with {run_id!r}.", hint="Type more.")
