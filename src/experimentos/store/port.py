"""What a history store must be able to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


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

    def save(self, record: Record, artefacts: Mapping[str, bytes] | None = None) -> Record:
        """Insert or replace the record and the bytes of its artefacts in one transaction.

        The record's `revision` is the one that was read (0 for a new record); what comes back
        carries the next revision, the artefact hashes and `updated_at`.

        Raises
        ------
        Conflict
            If somebody saved a newer revision meanwhile.
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

    def close(self) -> None:
        """Checkpoint and release the file."""
        ...
