"""What a history store must be able to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from experimentos.issue import Issue, Severity

if TYPE_CHECKING:
    # The help of the command line loads this module, and must not load pydantic.
    from experimentos.runs.documents import Run
    from experimentos.store.run_port import RunStore

NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One document of the history.

    Attributes
    ----------
    id : str
        26 characters, ordered by time (`ids.ordered_id`).
    kind : str
        "analysis", "draft", "design", "mapping", ...
    title : str
        Free text of a person.
    body : Mapping[str, object]
        The document as JSON values; finite numbers only.
    facets : Mapping[str, str]
        What lists filter by: verdict, status, owner.
    artefacts : Mapping[str, str]
        Role ("input", "memo.md", "memo.html") to the SHA-256 of its bytes.
    created_at, updated_at : datetime
        Aware, UTC.
    revision : int
        1 when first saved; grows by one with each save.
    deleted_at : datetime | None
        Set while the document is in the bin.
    """

    id: str
    kind: str
    title: str
    body: Mapping[str, object]
    created_at: datetime
    updated_at: datetime
    facets: Mapping[str, str] = field(default_factory=dict)
    artefacts: Mapping[str, str] = field(default_factory=dict)
    revision: int = 1
    deleted_at: datetime | None = None


def new_record(
    kind: str,
    title: str,
    body: Mapping[str, object],
    *,
    facets: Mapping[str, str] | None = None,
    artefacts: Mapping[str, str] | None = None,
    id: str = "",  # noqa: A002 - the field's name
) -> Record:
    """Return a record that was never saved: the store gives it its times, and its id if empty."""
    return Record(id, kind, title, body, NOT_YET, NOT_YET, facets or {}, artefacts or {}, 0)


@dataclass(frozen=True, slots=True)
class State:
    """Whether the history takes what people save.

    Attributes
    ----------
    reason : str
        Why it is read-only, one sentence for a banner; "" when it is healthy.
    """

    reason: str = ""

    @property
    def is_read_only(self) -> bool:
        """Return whether saving is refused for now."""
        return bool(self.reason)


HEALTHY = State()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a history consists of, and what is wrong with it.

    Attributes
    ----------
    facts : Mapping[str, int | str]
        Counts (`records`, `in_bin`, `artefacts`, `orphans`, `audit_lines`), sizes in bytes
        (`artefact_bytes`, `orphan_bytes`, `file_bytes`, `wal_bytes`, `free_bytes`), the
        `schema_version`, the `audit_head` (hash of the newest line), the `owner` process.
    issues : tuple[Issue, ...]
        Worst first; a note is nothing wrong.
    """

    facts: Mapping[str, int | str]
    issues: tuple[Issue, ...]

    @property
    def is_sound(self) -> bool:
        """Return whether nothing is wrong."""
        return all(issue.severity is Severity.NOTE for issue in self.issues)


@dataclass(frozen=True, slots=True)
class Collected:
    """What a collection deletes for good, or would.

    Attributes
    ----------
    records : tuple[str, ...]
        Ids, in their order.
    artefacts : int
        Files that no record names any more.
    bytes : int
        Their size.
    runs : tuple[str, ...]
        Ids of runs, in their order.
    """

    records: tuple[str, ...]
    artefacts: int
    bytes: int
    runs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """A file that holds a whole history.

    Attributes
    ----------
    path : str
    records, artefacts : int
        How many are in it, the bin included.
    bytes : int
        Its size.
    runs : int
        The bin included.
    """

    path: str
    records: int
    artefacts: int
    bytes: int
    runs: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What taking in a file does to one record.

    Attributes
    ----------
    kind, id, title : str
    what : str
        "added", "updated" (the file's one descends from ours), "same", "kept_newer" (ours
        descends from the file's one), "kept_diverged" (both were changed; ours stays).
    """

    kind: str
    id: str
    title: str
    what: str


@dataclass(frozen=True, slots=True)
class Query:
    """What to list.

    Attributes
    ----------
    kind : str
    text : str
        Words that must all occur in the title or the facets, case-insensitive; "" for all.
    facets : Mapping[str, str]
        Exact matches.
    deleted : bool
        List the bin instead.
    before : str | None
        Only ids that sort before this one (keyset paging, newest first).
    limit : int
        1 to 500.
    """

    kind: str
    text: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    deleted: bool = False
    before: str | None = None
    limit: int = 50


class Store(Protocol):
    """History that is written durably before a call returns."""

    @property
    def runs(self) -> "RunStore":
        """Return the runs of this history."""
        ...

    def save(
        self,
        record: Record,
        artefacts: Mapping[str, bytes] | None = None,
        run: "Run | None" = None,
    ) -> Record:
        """Insert or replace the record and the bytes of its artefacts in one transaction.

        A `run` that the record stands for is saved in the same transaction.

        The record's `revision` is the one that was read (0 for a new record); what comes back
        carries the next revision, the artefact hashes and `updated_at`. A new record without an
        id is given one. `created_at` and `deleted_at` are the store's: a save never changes them.
        Saving again exactly what the next revision already holds is acknowledged, so that a call
        whose answer was lost may be repeated.

        Raises
        ------
        ContractError
            If the record cannot be stored: NaN or an infinity in its body, an id, kind, role or
            facet name outside the allowed alphabet, text that is not Unicode.
        Conflict
            If somebody saved a newer revision meanwhile.
        NotFound
            If the revision is not 0 and no such record exists, or an artefact that the record
            names was never stored.
        StoreError
            If the disk is full or the file is damaged; nothing was changed.
        """
        ...

    def load(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Return the record; any unique prefix of the id will do.

        Raises
        ------
        NotFound
            If no record, or more than one, has this id.
        """
        ...

    def artefact(self, sha256: str) -> bytes:
        """Return the bytes of an artefact after checking their hash; NotFound if absent."""
        ...

    def find(self, query: Query) -> list[Record]:
        """Return the matching records, newest first."""
        ...

    def remove(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Put the record into the bin."""
        ...

    def restore(self, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
        """Take the record out of the bin."""
        ...

    def state(self) -> State:
        """Return whether the history can be written just now; cheap enough for every rerun."""
        ...

    def diagnose(self) -> Diagnosis:
        """Read everything: every document against its audit, every artefact against its hash."""
        ...

    def collect(self, days: int, *, dry_run: bool = False) -> Collected:
        """Delete for good what has been in the bin for `days`, and artefacts of no record.

        An artefact goes a day after it was last written, so that what a page still holds can be
        saved again. The account of changes keeps a line for every record that went.

        Parameters
        ----------
        days
            0 empties the bin.
        dry_run
            Only say what would go.

        Raises
        ------
        ContractError
            If `days` is negative.
        """
        ...

    def backup(self, target: Path) -> Packed:
        """Copy the history file and its artefacts to one file, there whole or not at all.

        Raises
        ------
        StoreError
            If there is no file to copy, an artefact is missing or damaged, or the disk refuses.
        """
        ...

    def pack(self, target: Path) -> Packed:
        """Write every record and artefact to one file, there whole or not at all.

        Raises
        ------
        StoreError
            If an artefact is missing or damaged, or the disk refuses.
        """
        ...

    def take_in(self, source: Path, *, dry_run: bool = False) -> tuple[Change, ...]:
        """Take in what `pack` wrote, whole or not at all, and overwrite nothing newer.

        Raises
        ------
        UnreadableError
            If any part of the file is not what its hashes say; nothing was changed.
        StoreError
            If the disk refuses; no record was changed.
        """
        ...

    def close(self) -> None:
        """Checkpoint and release the file."""
        ...
