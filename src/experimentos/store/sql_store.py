"""What the adapters on a database have in common: documents and runs by the same SQL."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime

from experimentos.issue import Issue
from experimentos.runs.documents import Run
from experimentos.store import audit, documents, run_tables
from experimentos.store.port import Query, Record
from experimentos.store.run_sql import SqlRuns
from experimentos.store.run_writing import checked_run
from experimentos.store.sql import Cursor
from experimentos.store.writing import checked_query


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


def save_together(
    cursor: Cursor, record: Record, sizes: Mapping[str, int], run: Run | None, now: datetime
) -> Record:
    """Save a document, and the run that it stands for, in one transaction."""
    saved = documents.save(cursor, record, sizes, now)
    if run is not None:
        run_tables.save(cursor, (checked_run(run),), now)
    return saved
