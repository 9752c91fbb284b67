"""A whole workspace as records and artefacts: written to one file, and taken in from one."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from experimentos.errors import ExperimentOSError, UnreadableError
from experimentos.store.archive import ArchiveReader, writing
from experimentos.store.audit import Key
from experimentos.store.port import Change, Packed, Record
from experimentos.store.run_port import RunSample
from experimentos.store.run_workspace import Incoming as IncomingRun
from experimentos.store.run_workspace import read_runs, write_runs
from experimentos.store.run_writing import RunRow
from experimentos.store.writing import checked, content_of, json_text, record_to_json

RECORDS = "records.jsonl"
TAKEN = ("added", "updated")
LONGEST_LINE = 256 * 2**20


class _RecordLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: str
    kind: str
    title: str
    body: dict[str, JsonValue]
    facets: dict[str, str]
    artefacts: dict[str, str]
    revision: Annotated[int, Field(ge=1, lt=2**62)]
    created_at: AwareDatetime
    updated_at: AwareDatetime
    deleted_at: AwareDatetime | None


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    record: _RecordLine
    content_sha256: str
    past: list[str]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record of an archive.

    Attributes
    ----------
    record : Record
    past : frozenset[str]
        Hashes of the contents that it had before, its own included.
    """

    record: Record
    past: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that goes into a file, read as of one moment.

    Attributes
    ----------
    records : Iterable[Record]
    runs : Iterable[RunRow]
        Read after the records.
    samples : Callable[[str], Iterable[RunSample]]
        Of a run, in the order they were logged.
    past : Callable[[Key], Collection[str]]
        Hashes of what a record or run held before.
    stored : Collection[str]
        Artefacts whose bytes are here.
    """

    records: Iterable[Record]
    runs: Iterable[RunRow]
    samples: Callable[[str], Iterable[RunSample]]
    past: Callable[[Key], Collection[str]]
    stored: Collection[str]


def write_workspace(target: Path, contents: Contents, artefact: Callable[[str], bytes]) -> Packed:
    """Write records and runs, what they were before, and their artefacts to one file.

    Raises
    ------
    StoreError
        If an artefact is missing or damaged, or the file cannot be written.
    """
    facts: dict[str, object] = {}
    named: dict[str, None] = {}
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for record in contents.records:
            count += 1
            named.update(dict.fromkeys(record.artefacts.values()))
            line = {
                "record": record_to_json(record),
                "content_sha256": content_of(record),
                "past": sorted(contents.past((record.kind, record.id))),
            }
            yield json_text(line, "The record").encode() + b"\n"

    with writing(target, "workspace", facts) as archive:
        archive.add(RECORDS, lines())
        runs, by_runs = write_runs(archive, contents.runs, contents.samples, contents.past)
        named.update({sha256: None for sha256 in by_runs if sha256 in contents.stored})
        for sha256 in named:
            archive.add(f"artefacts/{sha256}", (artefact(sha256),))
        facts.update(records=count, runs=runs)
    return Packed(str(target), count, len(named), target.stat().st_size, runs)


def read_workspace(archive: ArchiveReader) -> list[Incoming]:
    """Return the records of an archive, each checked against its hash.

    Raises
    ------
    UnreadableError
        If a line is no record, not what its hash says, or names an artefact that is not there.
    """
    found: list[Incoming] = []
    seen: set[str] = set()
    if RECORDS not in archive.members:
        raise UnreadableError("It holds no records.", hint="Make it with experimentos export.")
    with archive.open(RECORDS) as lines:
        for number, line in enumerate(iter(lambda: lines.readline(LONGEST_LINE), b""), start=1):
            incoming = _incoming(line, number)
            record = incoming.record
            if record.id in seen or not archive.artefacts.issuperset(record.artefacts.values()):
                raise _bad_line(number, "it stands there twice, or an artefact of it is missing")
            seen.add(record.id)
            found.append(incoming)
    return found


def _incoming(line: bytes, number: int) -> Incoming:
    try:
        said = _Line.model_validate_json(line)
        record = checked(Record(**{**said.record.model_dump(), "body": _body(line)}))
        sha256 = content_of(record)
    except ValidationError as exc:
        raise _bad_line(number, f"{exc.error_count()} of its fields are not as expected") from exc
    except (ExperimentOSError, ValueError, RecursionError) as exc:
        raise _bad_line(number, str(exc)[:200]) from exc
    if sha256 != said.content_sha256:
        raise _bad_line(number, "it is not what its hash says")
    return Incoming(record, frozenset((*said.past, sha256)))


def _body(line: bytes) -> dict[str, object]:
    # The numbers as the store reads them itself.
    body: dict[str, object] = json.loads(line)["record"]["body"]
    return body


def _bad_line(number: int, why: str) -> UnreadableError:
    return UnreadableError(
        f"Record {number} of the file is not taken: {why}. Nothing was changed.",
        hint="Make the file again with experimentos export.",
    )


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What taking a file in does.

    Attributes
    ----------
    changes : tuple[Change, ...]
    records : tuple[Record, ...]
        That are new here, or newer than ours.
    runs : tuple[IncomingRun, ...]
        Likewise.
    """

    changes: tuple[Change, ...]
    records: tuple[Record, ...]
    runs: tuple[IncomingRun, ...]

    @property
    def is_change(self) -> bool:
        """Return whether anything is taken."""
        return bool(self.records or self.runs)

    def sizes(self, archive: ArchiveReader) -> dict[str, int]:
        """Return the bytes of each artefact that comes with it, by its hash."""
        named = {sha256 for record in self.records for sha256 in record.artefacts.values()}
        for one in self.runs:
            run = one.row.run
            named.update((*run.inputs.values(), *run.outputs.values()))
            named.update(s.artefact_sha256 for s in one.samples if s.artefact_sha256)
        here = sorted(named & archive.artefacts)
        return {sha256: archive.members[f"artefacts/{sha256}"]["bytes"] for sha256 in here}


def planned(
    archive: ArchiveReader,
    stored: Callable[[Sequence[str]], Mapping[str, Record]],
    stored_runs: Callable[[Sequence[str]], Mapping[str, RunRow]],
    past: Callable[[Key], Collection[str]],
) -> TakenIn:
    """Return what taking an archive in does to each of its records and runs.

    What is here is replaced only when the file's one descends from exactly this content.
    """
    records, runs = read_workspace(archive), read_runs(archive)
    here = stored([one.record.id for one in records])
    ours = stored_runs([one.row.run.run_id for one in runs])
    changes = [_record_change(one, here.get(one.record.id), past) for one in records]
    run_changes = [_run_change(one, ours.get(one.row.run.run_id), past) for one in runs]
    return TakenIn(
        (*changes, *run_changes),
        tuple(i.record for i, c in zip(records, changes, strict=True) if c.what in TAKEN),
        tuple(i for i, c in zip(runs, run_changes, strict=True) if c.what in TAKEN),
    )


def _record_change(
    one: Incoming, stored: Record | None, past: Callable[[Key], Collection[str]]
) -> Change:
    record = one.record
    what = "added"
    if stored is not None and stored.kind != record.kind:
        what = "kept_diverged"
    elif stored is not None:
        ours = _Version(content_of(stored), stored.revision, past((stored.kind, stored.id)))
        what = _what(_Version(content_of(record), record.revision, one.past), ours)
    return Change(record.kind, record.id, record.title, what)


def _run_change(
    one: IncomingRun, stored: RunRow | None, past: Callable[[Key], Collection[str]]
) -> Change:
    row, what = one.row, "added"
    if stored is not None:
        ours = _Version(stored.content, stored.revision, past(("run", stored.run.run_id)))
        what = _what(_Version(row.content, row.revision, one.past), ours)
    return Change("run", row.run.run_id, row.run.title or row.run.variant, what)


@dataclass(frozen=True, slots=True)
class _Version:
    content: str
    revision: int
    past: Collection[str]


def _what(theirs: _Version, ours: _Version) -> str:
    if ours.content == theirs.content:
        return "same"
    if ours.content in theirs.past:
        return "updated" if theirs.revision > ours.revision else "kept_diverged"
    return "kept_newer" if theirs.content in ours.past else "kept_diverged"
