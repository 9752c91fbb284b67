"""Runs and their samples in the file of a whole workspace."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from experimentos.errors import ExperimentOSError, UnreadableError
from experimentos.runs.documents import Run
from experimentos.store.archive import ArchiveReader, ArchiveWriter
from experimentos.store.run_port import RunSample, sample_values
from experimentos.store.run_writing import RunRow, chained, checked_run, checked_sample
from experimentos.store.writing import json_text

RUNS = "runs.jsonl"
SAMPLES = "samples.jsonl"
LONGEST_LINE = 256 * 2**20


class _RunLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    run: Run
    revision: Annotated[int, Field(ge=1, lt=2**62)]
    samples_sha256: str
    content_sha256: str
    past: list[str]


class _Sample(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    scenario: str
    model: str
    sample_index: int
    cluster: str
    score: float | None
    passed: bool | None
    status: str
    latency_ms: float | None
    tokens_in: Annotated[int, Field(lt=2**62)] | None
    tokens_out: Annotated[int, Field(lt=2**62)] | None
    cost_usd: float | None
    artefact_sha256: str | None
    extra: dict[str, JsonValue]


class _SampleLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    run_id: str
    sample: _Sample


@dataclass(frozen=True, slots=True)
class Incoming:
    """A run of an archive.

    Attributes
    ----------
    row : RunRow
    past : frozenset[str]
        Hashes of the contents that it had before, its own included.
    samples : tuple[RunSample, ...]
    """

    row: RunRow
    past: frozenset[str]
    samples: tuple[RunSample, ...]


def write_runs(
    archive: ArchiveWriter,
    rows: Iterable[RunRow],
    samples: Callable[[str], Iterable[RunSample]],
    past: Callable[[tuple[str, str]], Collection[str]],
) -> tuple[int, dict[str, None]]:
    """Write runs, then the samples of those that have some.

    Returns how many runs there were, and the artefacts that they name.
    """
    with_samples: list[str] = []
    named: dict[str, None] = {}
    count = 0

    def run_lines() -> Iterator[bytes]:
        nonlocal count
        for row in rows:
            count += 1
            run = row.run
            named.update(dict.fromkeys((*run.inputs.values(), *run.outputs.values())))
            if run.sample_count:
                with_samples.append(run.run_id)
            line = {
                "run": run.model_dump(mode="json"),
                "revision": row.revision,
                "samples_sha256": row.samples_sha256,
                "content_sha256": row.content,
                "past": sorted(past(("run", run.run_id))),
            }
            yield json_text(line, "The run").encode() + b"\n"

    def sample_lines() -> Iterator[bytes]:
        for run_id in with_samples:
            for sample in samples(run_id):
                if sample.artefact_sha256:
                    named[sample.artefact_sha256] = None
                line = {"run_id": run_id, "sample": sample_values(sample)}
                yield json_text(line, "The sample").encode() + b"\n"

    archive.add(RUNS, run_lines())
    archive.add(SAMPLES, sample_lines())
    return count, named


def read_runs(archive: ArchiveReader) -> list[Incoming]:
    """Return the runs of an archive with their samples, each checked against its hash.

    Raises
    ------
    UnreadableError
        If a line is no run or sample, or not what its hash says.
    """
    if RUNS not in archive.members:
        return []
    samples: dict[str, list[RunSample]] = {}
    if SAMPLES in archive.members:
        with archive.open(SAMPLES) as lines:
            for number, line in _numbered(lines):
                run_id, sample = _sample(line, number)
                samples.setdefault(run_id, []).append(sample)
    found: dict[str, Incoming] = {}
    with archive.open(RUNS) as lines:
        for number, line in _numbered(lines):
            incoming = _incoming(line, number, samples)
            if incoming.row.run.run_id in found:
                raise _bad_line("Run", number, "it stands there twice")
            found[incoming.row.run.run_id] = incoming
    if samples:
        raise _bad_line("Sample", 1, "samples belong to no run of the file")
    return list(found.values())


def _numbered(lines: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    return enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), start=1)


def _sample(line: bytes, number: int) -> tuple[str, RunSample]:
    try:
        said = _SampleLine.model_validate_json(line)
        # The numbers of `extra` as the store reads them itself.
        read = RunSample(**json.loads(line)["sample"])
        return said.run_id, checked_sample(read)
    except ValidationError as exc:
        why = f"{exc.error_count()} of its fields are not as expected"
        raise _bad_line("Sample", number, why) from exc
    except (ExperimentOSError, ValueError, TypeError, RecursionError) as exc:
        raise _bad_line("Sample", number, str(exc)[:200]) from exc


def _incoming(line: bytes, number: int, samples: dict[str, list[RunSample]]) -> Incoming:
    try:
        said = _RunLine.model_validate_json(line)
        row = RunRow(checked_run(said.run), said.revision, said.samples_sha256)
        content = row.content
    except ValidationError as exc:
        why = f"{exc.error_count()} of its fields are not as expected"
        raise _bad_line("Run", number, why) from exc
    except (ExperimentOSError, ValueError, RecursionError) as exc:
        raise _bad_line("Run", number, str(exc)[:200]) from exc
    mine = tuple(samples.pop(row.run.run_id, ()))
    whole = chained("", mine) == said.samples_sha256 and len(mine) == row.run.sample_count
    if content != said.content_sha256 or not whole:
        raise _bad_line("Run", number, "it is not what its hash says")
    return Incoming(row, frozenset((*said.past, content)), mine)


def _bad_line(what: str, number: int, why: str) -> UnreadableError:
    return UnreadableError(
        f"{what} {number} of the file is not taken: {why}. Nothing was changed.",
        hint="Make the file again with experimentos export.",
    )
