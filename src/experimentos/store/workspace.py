"""A whole workspace as records and artefacts: written to one file, and taken in from one."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from experimentos.errors import ExperimentOSError, UnreadableError
from experimentos.store.archive import ArchiveReader, writing
from experimentos.store.port import Change, Packed, Record
from experimentos.store.writing import checked, content_of, json_text, record_to_json

RECORDS = "records.jsonl"
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


def write_workspace(
    target: Path,
    records: Iterable[Record],
    past: Callable[[str], Collection[str]],
    artefact: Callable[[str], bytes],
) -> Packed:
    """Write records, what they were before, and their artefacts to one file.

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
        for record in records:
            count += 1
            named.update(dict.fromkeys(record.artefacts.values()))
            line = {
                "record": record_to_json(record),
                "content_sha256": content_of(record),
                "past": sorted(past(record.id)),
            }
            yield json_text(line, "The record").encode() + b"\n"

    with writing(target, "workspace", facts) as archive:
        archive.add(RECORDS, lines())
        for sha256 in named:
            archive.add(f"artefacts/{sha256}", (artefact(sha256),))
        facts["records"] = count
    return Packed(str(target), count, len(named), target.stat().st_size)


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


def plan(
    incoming: Sequence[Incoming],
    stored: Callable[[str], Record | None],
    past: Callable[[str], Collection[str]],
) -> tuple[Change, ...]:
    """Return what taking the records in does to each of them.

    A record here is replaced only when the file's one descends from exactly this content.
    """
    return tuple(
        Change(i.record.kind, i.record.id, i.record.title, _what(i, stored(i.record.id), past))
        for i in incoming
    )


def _what(incoming: Incoming, stored: Record | None, past: Callable[[str], Collection[str]]) -> str:
    if stored is None:
        return "added"
    ours, theirs = content_of(stored), content_of(incoming.record)
    if ours == theirs:
        return "same"
    if stored.kind == incoming.record.kind and ours in incoming.past:
        return "updated" if incoming.record.revision > stored.revision else "kept_diverged"
    return "kept_newer" if theirs in past(stored.id) else "kept_diverged"
