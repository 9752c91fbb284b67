"""A whole history in SQL: documents and runs together, inside the caller's transaction."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from experimentos.store import audit, documents, run_tables
from experimentos.store.archive import ArchiveReader
from experimentos.store.port import Collected, Packed, Record
from experimentos.store.run_rows import READ, naive, row_from
from experimentos.store.run_writing import RunRow
from experimentos.store.sql import Cursor, one
from experimentos.store.workspace import Contents, TakenIn, planned, write_workspace


@dataclass(frozen=True, slots=True)
class Gone:
    """What was long enough in the bin."""

    records: Sequence[Record] = ()
    runs: Sequence[RunRow] = ()

    def collected(self, artefacts: int, size: int) -> Collected:
        """Return what a collection of it says."""
        records = tuple(record.id for record in self.records)
        return Collected(records, artefacts, size, tuple(row.run.run_id for row in self.runs))


def figures(cursor: Cursor) -> dict[str, int | str]:
    """Return how many documents, runs, samples and lines there are, and the last line's hash."""
    runs, in_bin = one(cursor, "select count(*), count(deleted_at) from run")
    (samples,) = one(cursor, "select count(*) from run_sample")
    return {
        **documents.figures(cursor),
        "runs": runs,
        "runs_in_bin": in_bin,
        "samples": samples,
    }


def artefacts_named(cursor: Cursor, without: Gone | None = None) -> dict[str, str]:
    """Return each artefact that a document or a run names, with one place where it does.

    Of runs only those whose bytes were ever stored here count: a run may name a file by its hash
    alone. What is in `without` does not count.
    """
    gone = without or Gone()
    found = documents.artefacts_named(cursor, {record.id for record in gone.records})
    stored = {row[0] for row in cursor.execute("select sha256 from artefact").fetchall()}
    absent = {row.run.run_id for row in gone.runs}
    for sha256, place in _named_by_runs(cursor, absent):
        if sha256 in stored:
            found.setdefault(sha256, place)
    return found


def _named_by_runs(cursor: Cursor, absent: set[str]) -> Iterable[tuple[str, str]]:
    for row in run_tables.every_document(cursor):
        run_id, document = row
        if run_id in absent:
            continue
        said = json.loads(document)
        for role, sha256 in {**said["inputs"], **said["outputs"]}.items():
            yield sha256, f"{role} of run {run_id}"
    cursor.execute(
        "select run_id, artefact_sha256 from run_sample where artefact_sha256 is not null"
    )
    for run_id, sha256 in cursor.fetchall():
        if run_id not in absent:
            yield sha256, f"a sample of run {run_id}"


def binned_until(cursor: Cursor, moment: datetime) -> Gone:
    """Return what went into the bin until then, by id."""
    records = documents.binned_until(cursor, moment)
    cursor.execute(
        f"select {READ} from run where deleted_at <= ? order by run_id",  # noqa: S608 - own names
        [naive(moment)],
    )
    return Gone(records, [row_from(row) for row in cursor.fetchall()])


def purge(cursor: Cursor, gone: Gone, artefacts: Iterable[str], now: datetime) -> None:
    """Delete for good, with a line for each record and run, and the rows of artefacts."""
    documents.purge(cursor, gone.records, artefacts, now)
    for row in gone.runs:
        cursor.execute("delete from run_sample where run_id = ?", [row.run.run_id])
        cursor.execute("delete from run where run_id = ?", [row.run.run_id])
    audit.note(cursor, [run_tables.line_of("purge", row, None) for row in gone.runs], now)


def pack(cursor: Cursor, target: Path, artefact: Callable[[str], bytes]) -> Packed:
    """Write everything to one file, as of one moment; see `port.Store.pack`."""
    cursor.snapshot()
    try:
        records, past = documents.everything(cursor)
        stored = artefacts_named(cursor)
        contents = Contents(
            records,
            run_tables.everything(cursor),
            lambda run_id: run_tables.every_sample(cursor, run_id),
            past,
            stored,
        )
        return write_workspace(target, contents, artefact)
    finally:
        cursor.execute("rollback")


def plan(cursor: Cursor, archive: ArchiveReader) -> TakenIn:
    """Return what taking an archive in does."""
    past = audit.past(cursor)
    return planned(
        archive,
        lambda ids: documents.records_of(cursor, ids),
        lambda ids: run_tables.rows_of(cursor, ids),
        lambda key: past.get(key, ()),
    )


def take_in(cursor: Cursor, taken: TakenIn, sizes: Mapping[str, int], now: datetime) -> None:
    """Put records and runs of another workspace in, as they are there."""
    documents.take_in(cursor, taken.records, sizes, now)
    run_tables.take_in(cursor, taken.runs, now)
