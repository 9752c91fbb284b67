"""History that lasts as long as the process: for tests and for trying things out."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from experimentos.errors import NotFound, StoreError
from experimentos.ids import content_hash
from experimentos.runs.documents import Run
from experimentos.store.archive import reading
from experimentos.store.audit import Key
from experimentos.store.port import (
    HEALTHY,
    Change,
    Collected,
    Diagnosis,
    Packed,
    Query,
    Record,
    State,
)
from experimentos.store.run_memory import MemoryRuns
from experimentos.store.surroundings import random_bytes, utc_now
from experimentos.store.workspace import Contents, planned, write_workspace
from experimentos.store.writing import (
    absent,
    ambiguous,
    binned,
    checked,
    checked_query,
    collected_until,
    content_of,
    search_text,
    successor,
    unbinned,
    with_id,
    words,
)


class MemoryStore:
    """The `Store` port on two dictionaries."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = random_bytes,
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        self._artefacts: dict[str, bytes] = {}
        self._past: dict[Key, set[str]] = {}
        self._written: dict[str, datetime] = {}
        self.runs = MemoryRuns(clock, self._keep_bytes, self._ids, self._past)

    def save(
        self,
        record: Record,
        artefacts: Mapping[str, bytes] | None = None,
        run: Run | None = None,
    ) -> Record:
        """Insert or replace the record; see `port.Store.save`."""
        now = self._clock()
        given = {role: content_hash(content) for role, content in (artefacts or {}).items()}
        merged = replace(record, artefacts={**record.artefacts, **given})
        record = checked(with_id(merged, now, self._entropy))
        with self._lock:
            known = {*self._artefacts, *given.values()}
            for sha256 in record.artefacts.values():
                if sha256 not in known:
                    raise NotFound(f"No artefact has the hash {sha256!r}.")
            saved = successor(self._records.get(record.id), record, now)
            self._artefacts |= {given[role]: bytes(c) for role, c in (artefacts or {}).items()}
            self._written |= dict.fromkeys(given.values(), now)
            if run is not None:
                self.runs.save_run(run)
            self._keep(saved)
        return checked(saved)

    def load(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Return the record; see `port.Store.load`."""
        id = id.upper()  # noqa: A001 - the field's name
        with self._lock:
            found = [
                r for r in self._records.values() if r.kind == kind and id and r.id.startswith(id)
            ]
        if not found:
            raise absent(kind, id)
        if len(found) > 1:
            raise ambiguous(kind, id)
        return checked(found[0])

    def artefact(self, sha256: str) -> bytes:
        """Return the bytes of an artefact; NotFound if absent."""
        try:
            return self._artefacts[sha256]
        except KeyError as exc:
            raise NotFound(f"No artefact has the hash {sha256[:64]!r}.") from exc

    def find(self, query: Query) -> list[Record]:
        """Return the matching records, newest first."""
        checked_query(query)
        with self._lock:
            found = [checked(r) for r in self._records.values() if _matches(r, query)]
        return sorted(found, key=lambda r: r.id, reverse=True)[: query.limit]

    def remove(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Put the record into the bin."""
        return self._change(kind, id, binned)

    def restore(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Take the record out of the bin."""
        return self._change(kind, id, unbinned)

    def state(self) -> State:
        """Return that memory takes everything."""
        return HEALTHY

    def diagnose(self) -> Diagnosis:
        """Return what is held; memory has nothing that could have been altered behind it."""
        with self._lock:
            records = tuple(self._records.values())
            held = dict(self._artefacts)
            by_runs = self.runs.artefacts_named() & held.keys()
        named = by_runs | {sha256 for record in records for sha256 in record.artefacts.values()}
        orphans = [content for sha256, content in held.items() if sha256 not in named]
        facts = {
            "records": len(records),
            "in_bin": sum(record.deleted_at is not None for record in records),
            **self.runs.figures(),
            "artefacts": len(held) - len(orphans),
            "artefact_bytes": sum(len(held[sha256]) for sha256 in named),
            "orphans": len(orphans),
            "orphan_bytes": sum(map(len, orphans)),
        }
        return Diagnosis(facts, ())

    def collect(self, days: int, *, dry_run: bool = False) -> Collected:
        """Delete for good; see `port.Store.collect`."""
        binned_until, written_until = collected_until(self._clock(), days)
        with self._lock:
            gone = tuple(
                sorted(
                    record.id
                    for record in self._records.values()
                    if record.deleted_at is not None and record.deleted_at <= binned_until
                )
            )
            left = {i: record for i, record in self._records.items() if i not in gone}
            gone_runs = self.runs.binned_until(binned_until)
            named = self.runs.artefacts_named(gone_runs)
            named.update(sha for record in left.values() for sha in record.artefacts.values())
            swept = {
                sha256: len(content)
                for sha256, content in self._artefacts.items()
                if sha256 not in named and self._written[sha256] <= written_until
            }
            if not dry_run:
                self._records = left
                self.runs.purge(gone_runs)
                for sha256 in swept:
                    del self._artefacts[sha256]
        return Collected(gone, len(swept), sum(swept.values()), gone_runs)

    def backup(self, target: Path) -> Packed:
        """Refuse: there is no file to copy."""
        raise StoreError(
            f"This history lives in memory: {target.name} would be a copy of no file.",
            hint="Export the workspace instead.",
        )

    def pack(self, target: Path) -> Packed:
        """Write every record and artefact to one file; see `port.Store.pack`."""
        with self._lock:
            contents = Contents(
                sorted(self._records.values(), key=lambda record: record.id),
                [row for _, row in sorted(self.runs.rows.items())],
                lambda run_id: self.runs.samples[run_id],
                lambda key: self._past.get(key, set()),
                self._artefacts,
            )
            return write_workspace(target, contents, self.artefact)

    def take_in(self, source: Path, *, dry_run: bool = False) -> tuple[Change, ...]:
        """Take in what `pack` wrote; see `port.Store.take_in`."""
        now = self._clock()
        with reading(source, "workspace") as archive, self._lock:
            taken = planned(
                archive,
                lambda _: self._records,
                lambda _: self.runs.rows,
                lambda key: self._past.get(key, set()),
            )
            if not dry_run:
                for sha256 in taken.sizes(archive):
                    self._artefacts[sha256] = archive.artefact(sha256)
                    self._written[sha256] = now
                for record in taken.records:
                    self._keep(record)
                for one in taken.runs:
                    self.runs.put(one.row, one.samples)
        return taken.changes

    def _ids(self, kind: str) -> list[str]:
        return sorted(record.id for record in self._records.values() if record.kind == kind)

    def _keep_bytes(self, content: bytes) -> str:
        sha256 = content_hash(content)
        with self._lock:
            self._artefacts[sha256] = bytes(content)
            self._written[sha256] = self._clock()
        return sha256

    def _keep(self, record: Record) -> None:
        self._records[record.id] = record
        self._past.setdefault((record.kind, record.id), set()).add(content_of(record))

    def close(self) -> None:
        """Do nothing: there is no file."""

    def _change(
        self,
        kind: str,
        id: str,  # noqa: A002 - the field's name
        change: Callable[[Record, datetime], Record],
    ) -> Record:
        with self._lock:
            changed = change(self.load(kind, id), self._clock())
            self._keep(changed)
        return changed


def _matches(record: Record, query: Query) -> bool:
    return (
        record.kind == query.kind
        and (record.deleted_at is not None) == query.deleted
        and (query.before is None or record.id < query.before)
        and all(record.facets.get(name) == value for name, value in query.facets.items())
        and all(word in search_text(record) for word in words(query))
    )
