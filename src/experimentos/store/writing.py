"""What every adapter asks of a record before it writes it, and what a save leads to."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from experimentos.errors import Conflict, ContractError, NotFound
from experimentos.ids import canonical_json, content_hash, ordered_id
from experimentos.store.artefacts import SHA256
from experimentos.store.port import NOT_YET, Query, Record

ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
ID_PREFIX = re.compile(r"[0-9A-HJKMNP-TV-Z]{1,26}")
GRACE = timedelta(days=1)
NAME = re.compile(r"[a-z][a-z0-9_.]{0,63}")


def json_text(value: object, what: str) -> str:
    """Return the JSON text of a value, its keys in their own order.

    Raises
    ------
    ContractError
        If it holds NaN, an infinity, something that is not JSON, or text that is not Unicode.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
    except (ValueError, TypeError, RecursionError) as exc:
        raise ContractError(
            f"{what} cannot be stored as JSON: {exc}.",
            hint='Spell numbers that are not finite as the text "NaN" or "Infinity".',
        ) from exc
    return text


def with_id(record: Record, now: datetime, entropy: Callable[[int], bytes]) -> Record:
    """Return the record with an id: its own, or a new one when it has none."""
    return record if record.id else replace(record, id=ordered_id(now, entropy(10)))


def checked(record: Record) -> Record:
    """Return the record as it will be read back, or raise ContractError."""
    names = (record.kind, *record.facets, *record.artefacts)
    for name in names:
        if NAME.fullmatch(name) is None:
            raise ContractError(
                f"{name!r} cannot be the name of a kind, facet or artefact.",
                hint="Use 1 to 64 of a-z, 0-9, dot and underscore, starting with a letter.",
            )
    if ID.fullmatch(record.id) is None:
        raise ContractError(
            f"{record.id!r} cannot be the id of a record.", hint="Make ids with ids.ordered_id."
        )
    for sha256 in record.artefacts.values():
        if SHA256.fullmatch(sha256) is None:
            raise ContractError(f"{sha256!r} is not a SHA-256.", hint="Use 64 lower-case hex.")
    document = {"title": record.title, "body": record.body, "facets": record.facets}
    plain = json.loads(json_text(document, f"The {record.kind}"))
    return replace(
        record,
        body=plain["body"],
        facets=plain["facets"],
        artefacts=dict(record.artefacts),
        created_at=_utc(record.created_at),
        updated_at=_utc(record.updated_at),
    )


def content_of(record: Record) -> str:
    """Return the hash of everything that a save may change, the revision included."""
    return content_hash(
        canonical_json(
            {
                "id": record.id,
                "kind": record.kind,
                "title": record.title,
                "body": record.body,
                "facets": dict(record.facets),
                "artefacts": dict(record.artefacts),
                "revision": record.revision,
                "deleted": record.deleted_at is not None,
            }
        )
    )


def successor(stored: Record | None, record: Record, now: datetime) -> Record:
    """Return what must stand in the store after saving `record` over `stored`.

    Returns `stored` itself when it already is the successor.
    """
    if stored is None:
        if record.revision != 0:
            raise absent(record.kind, record.id)
        created = now if record.created_at == NOT_YET else record.created_at
        return replace(record, revision=1, created_at=created, updated_at=now, deleted_at=None)
    if stored.kind != record.kind:
        raise ContractError(
            f"{record.id} is saved as {stored.kind}, not as {record.kind}.",
            hint="Save it under a new id.",
        )
    following = replace(
        record,
        revision=record.revision + 1,
        created_at=stored.created_at,
        updated_at=now,
        deleted_at=stored.deleted_at,
    )
    if record.revision == stored.revision:
        return following
    if content_of(following) == content_of(stored):
        return stored
    raise Conflict(
        f"“{stored.title}” was saved meanwhile: it is at revision {stored.revision}, "
        f"yours started from {record.revision}.",
        hint="Open the newer version, or save yours as a copy.",
    )


def binned(stored: Record, now: datetime) -> Record:
    """Return the record in the bin; itself when it is there already."""
    if stored.deleted_at is not None:
        return stored
    return replace(stored, deleted_at=now, updated_at=now, revision=stored.revision + 1)


def unbinned(stored: Record, now: datetime) -> Record:
    """Return the record out of the bin; itself when it is not in there."""
    if stored.deleted_at is None:
        return stored
    return replace(stored, deleted_at=None, updated_at=now, revision=stored.revision + 1)


def search_text(record: Record) -> str:
    """Return the text that `Query.text` is looked up in."""
    return _folded("\n".join((record.title, *record.facets.values())))


def words(query: Query) -> list[str]:
    """Return the words of a query in the form of `search_text`."""
    return _folded(query.text).split()


def checked_query(query: Query) -> Query:
    """Return the query, or raise ContractError when it asks for the impossible."""
    if not 1 <= query.limit <= 500:
        raise ContractError(
            f"A list of {query.limit} records cannot be had.", hint="Ask for 1 to 500."
        )
    for name in query.facets:
        if NAME.fullmatch(name) is None:
            raise ContractError(f"{name!r} cannot be the name of a facet.")
    return query


def collected_until(now: datetime, days: int) -> tuple[datetime, datetime]:
    """Return until when things went into the bin, and were written, to be deleted for good."""
    if days < 0:
        raise ContractError("The days in the bin cannot be negative.", hint="0 empties the bin.")
    return now - timedelta(days=days), now - GRACE


def absent(kind: str, id: str) -> NotFound:  # noqa: A002 - the field's name
    """Return the error for an id that no record of this kind has."""
    return NotFound(
        f"No {kind} has the id {id[:40]!r}.", hint="Look it up in the history, the bin included."
    )


def ambiguous(kind: str, id: str) -> NotFound:  # noqa: A002 - the field's name
    """Return the error for the beginning of more than one id."""
    return NotFound(f"More than one {kind} has an id that begins with {id!r}.", hint="Type more.")


def record_to_json(record: Record) -> dict[str, object]:
    """Return the record as JSON values, times in ISO 8601."""
    return {
        "id": record.id,
        "kind": record.kind,
        "title": record.title,
        "body": record.body,
        "facets": dict(record.facets),
        "artefacts": dict(record.artefacts),
        "revision": record.revision,
        "created_at": record.created_at.isoformat(),
        "updated_at": record.updated_at.isoformat(),
        "deleted_at": record.deleted_at.isoformat() if record.deleted_at else None,
    }


def record_from_json(document: Mapping[str, object]) -> Record:
    """Return the record that `record_to_json` wrote; ContractError if it is not one."""
    try:
        return Record(**{**document, **_times(document)})  # type: ignore[arg-type]  # checked above
    except (TypeError, ValueError, KeyError) as exc:
        raise ContractError(f"This is not a record: {exc}.") from exc


def _times(document: Mapping[str, object]) -> dict[str, datetime | None]:
    deleted = document["deleted_at"]
    return {
        "created_at": datetime.fromisoformat(str(document["created_at"])),
        "updated_at": datetime.fromisoformat(str(document["updated_at"])),
        "deleted_at": datetime.fromisoformat(str(deleted)) if deleted else None,
    }


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ContractError("The times of a record need a time zone.", hint="Use UTC.")
    return moment.astimezone(UTC)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
