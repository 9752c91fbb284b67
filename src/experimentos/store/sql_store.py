"""What the adapters on a database have in common: documents and runs by the same SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from experimentos.errors import NotFound
from experimentos.ids import content_hash
from experimentos.issue import Issue
from experimentos.runs.documents import Run
from experimentos.store import audit, documents, run_tables
from experimentos.store.port import Query, Record
from experimentos.store.run_sql import SqlRuns
from experimentos.store.run_writing import checked_run
from experimentos.store.sql import Cursor
from experimentos.store.writing import checked, checked_query, with_id


class SqlStore(ABC):
    """The part of the `Store` port that is the same on every database."""

    def __init__(self, clock: Callable[[], datetime], entropy: Callable[[int], bytes]) -> None:
        self._clock = clock
        self._entropy = entropy

    @property
    def runs(self) -> SqlRuns:
        """Return the runs of this history."""
        # Made anew: a store that is forgotten must go at once, and its claim on the file with it.
        return SqlRuns(self, self._clock)

    @abstractmethod
    def read[T](self, work: Callable[[Cursor], T]) -> T:
        """Do something that changes nothing."""

    @abstractmethod
    def write[T](self, work: Callable[[Cursor], T]) -> T:
        """Do something whole or not at all; durable when this returns."""

    @abstractmethod
    def keep(self, content: bytes) -> str:
        """Store the bytes of an artefact and return their SHA-256."""

    @abstractmethod
    def storing(self, contents: Collection[bytes]) -> AbstractContextManager[None]:
        """Store the bytes of artefacts; they stay for as long as the context lasts."""

    @abstractmethod
    def holds(self, cursor: Cursor, sha256: str) -> bool:
        """Return whether the bytes of an artefact are there."""

    def save(
        self,
        record: Record,
        artefacts: Mapping[str, bytes] | None = None,
        run: Run | None = None,
    ) -> Record:
        """Insert or replace the record; see `port.Store.save`."""
        contents = dict(artefacts or {})
        now = self._clock()
        given = {role: content_hash(content) for role, content in contents.items()}
        merged = replace(record, artefacts={**record.artefacts, **given})
        wanted = checked(with_id(merged, now, self._entropy))
        sizes = {given[role]: len(content) for role, content in contents.items()}

        def work(cursor: Cursor) -> Record:
            for role, sha256 in wanted.artefacts.items():
                if not self.holds(cursor, sha256):
                    raise NotFound(f"The bytes of {role} ({sha256[:12]}) were never stored.")
            saved = documents.save(cursor, wanted, sizes, now)
            if run is not None:
                run_tables.save(cursor, (checked_run(run),), now)
            return saved

        with self.storing(contents.values()):
            return self.write(work)

    def load(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Return the record; see `port.Store.load`."""
        return self.read(lambda cursor: documents.load(cursor, kind, id))

    def find(self, query: Query) -> list[Record]:
        """Return the matching records, newest first."""
        checked_query(query)
        return self.read(lambda cursor: documents.find(cursor, query))

    def remove(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Put the record into the bin."""
        return self._change("remove", kind, id)

    def restore(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Take the record out of the bin."""
        return self._change("restore", kind, id)

    def examine(self) -> tuple[Issue, ...]:
        """Return what in the account of changes does not hold together."""

        def work(cursor: Cursor) -> tuple[Issue, ...]:
            held = {**documents.contents(cursor), **run_tables.contents(cursor)}
            return (*audit.examine(cursor, held), *run_tables.examine_samples(cursor))

        return self.read(work)

    def _change(self, action: str, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        now = self._clock()
        return self.write(
            lambda cursor: documents.change(cursor, action, documents.load(cursor, kind, id), now)
        )
