"""The documents of a history in SQL: every call works inside the caller's transaction."""

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Any

from experimentos.store import audit
from experimentos.store.port import Query, Record
from experimentos.store.sql import Cursor, one
from experimentos.store.writing import (
    ID,
    ID_PREFIX,
    absent,
    ambiguous,
    binned,
    content_of,
    json_text,
    search_text,
    successor,
    unbinned,
    words,
)

AT_ONCE = 1_000
COLUMNS = "id, kind, title, body, facets, artefacts, revision, created_at, updated_at, deleted_at"


def save(cursor: Cursor, wanted: Record, sizes: Mapping[str, int], now: datetime) -> Record:
    """Insert or replace a document and its account; `sizes` are the bytes per new artefact."""
    stored = _row(cursor, wanted.id)
    saved = successor(stored, wanted, now)
    if saved is stored:
        return saved
    register_artefacts(cursor, sizes, now)
    _put(cursor, saved, is_new=stored is None)
    audit.note(cursor, [audit.change_of("save", stored, saved)], now)
    return saved


def change(cursor: Cursor, action: str, stored: Record, now: datetime) -> Record:
    """Put a document into the bin (`action` "remove") or take it out ("restore")."""
    changed = (binned if action == "remove" else unbinned)(stored, now)
    if changed is not stored:
        _put(cursor, changed, is_new=False)
        audit.note(cursor, [audit.change_of(action, stored, changed)], now)
    return changed


def register_artefacts(cursor: Cursor, sizes: Mapping[str, int], now: datetime) -> None:
    """Note hashes and sizes of artefacts, those that are known already as well."""
    if sizes:
        cursor.execute("select sha256 from artefact where sha256 = any(?)", [list(sizes)])
        known = {row[0] for row in cursor.fetchall()}
        rows = [
            (sha256, size, _naive(now)) for sha256, size in sizes.items() if sha256 not in known
        ]
        cursor.insert("artefact", ("sha256", "bytes", "created_at"), rows)


def contents(cursor: Cursor) -> dict[audit.Key, str]:
    """Return the hash of what every document holds now; "" where its own note of it differs."""
    found: dict[audit.Key, str] = {}
    cursor.execute(f"select content_sha256, {COLUMNS} from document")  # noqa: S608 - own names
    while rows := cursor.fetchmany(500):
        for noted, *row in rows:
            record = _record(tuple(row))
            found[record.kind, record.id] = noted if content_of(record) == noted else ""
    return found


def everything(cursor: Cursor) -> tuple[Iterator[Record], Callable[[audit.Key], set[str]]]:
    """Return every document by id, and what each held before; read within a snapshot."""
    past = audit.past(cursor)

    def records() -> Iterator[Record]:
        cursor.execute(f"select {COLUMNS} from document order by id")  # noqa: S608 - own names
        while rows := cursor.fetchmany(500):
            yield from map(_record, rows)

    return records(), lambda key: past.get(key, set())


def records_of(cursor: Cursor, ids: Sequence[str]) -> dict[str, Record]:
    """Return the documents of these ids that are there."""
    found: dict[str, Record] = {}
    for some in batched(dict.fromkeys(ids), AT_ONCE, strict=False):
        cursor.execute(f"select {COLUMNS} from document where id = any(?)", [list(some)])  # noqa: S608 - own names
        for row in cursor.fetchall():
            record = _record(row)
            found[record.id] = record
    return found


def take_in(
    cursor: Cursor, taken: Sequence[Record], sizes: Mapping[str, int], now: datetime
) -> None:
    """Put documents of another workspace in, their revisions and times as they are there."""
    register_artefacts(cursor, sizes, now)
    lines: list[audit.Line] = []
    added: list[Record] = []
    there = records_of(cursor, [record.id for record in taken])
    for record in taken:
        stored = there.get(record.id)
        if stored is None:
            added.append(record)
        else:
            _put(cursor, record, is_new=False)
        lines.append(audit.change_of("import", stored, record))
    values = [_values(record) for record in added]
    if values:
        cursor.insert("document", tuple(values[0]), [tuple(row.values()) for row in values])
    audit.note(cursor, lines, now)


def binned_until(cursor: Cursor, moment: datetime) -> list[Record]:
    """Return the documents that went into the bin until then, by id."""
    rows = cursor.execute(
        f"select {COLUMNS} from document where deleted_at <= ? order by id",  # noqa: S608 - own names
        [_naive(moment)],
    ).fetchall()
    return [_record(row) for row in rows]


def purge(cursor: Cursor, gone: Sequence[Record], artefacts: Iterable[str], now: datetime) -> None:
    """Delete documents for good, each with a line that says so, and the rows of artefacts."""
    for record in gone:
        cursor.execute("delete from document where id = ?", [record.id])
    audit.note(cursor, [audit.change_of("purge", record, None) for record in gone], now)
    for sha256 in artefacts:
        cursor.execute("delete from artefact where sha256 = ?", [sha256])


def artefacts_named(cursor: Cursor, without: Container[str] = ()) -> dict[str, str]:
    """Return each hash that a document names, the bin included, with one place where it does.

    Documents whose id is in `without` do not count.
    """
    named: dict[str, str] = {}
    cursor.execute("select kind, id, artefacts from document order by id")
    while rows := cursor.fetchmany(500):
        for kind, id_, artefacts in rows:
            if id_ in without:
                continue
            for role, sha256 in json.loads(artefacts).items():
                named.setdefault(sha256, f"{role} of {kind} {id_}")
    return named


def figures(cursor: Cursor) -> dict[str, int | str]:
    """Return how many documents and lines there are, and the hash that the last line has."""
    records, in_bin = one(cursor, "select count(*), count(deleted_at) from document")
    (lines,) = one(cursor, "select count(*) from audit")
    last = cursor.execute("select hash from audit order by seq desc limit 1").fetchone()
    head = last[0] if last else ""
    return {"records": records, "in_bin": in_bin, "audit_lines": lines, "audit_head": head}


def _values(record: Record) -> dict[str, object]:
    return {
        "kind": record.kind,
        "title": record.title,
        "body": json_text(record.body, "The body"),
        "facets": json_text(record.facets, "The facets"),
        "artefacts": json_text(record.artefacts, "The artefacts"),
        "search": search_text(record),
        "revision": record.revision,
        "content_sha256": content_of(record),
        "created_at": _naive(record.created_at),
        "updated_at": _naive(record.updated_at),
        "deleted_at": _naive(record.deleted_at) if record.deleted_at else None,
        "id": record.id,
    }


def _put(cursor: Cursor, record: Record, *, is_new: bool) -> None:
    values = _values(record)
    if is_new:
        cursor.insert("document", tuple(values), [tuple(values.values())])
        return
    sets = ", ".join(f"{name} = ?" for name in values if name != "id")
    statement = f"update document set {sets} where id = ?"  # noqa: S608 - own names
    cursor.execute(statement, list(values.values()))


def load(cursor: Cursor, kind: str, id: str) -> Record:  # noqa: A002 - the field's name
    """Return the document of this id, or of the only id that begins so; NotFound otherwise."""
    wanted = id.upper()
    if ID.fullmatch(wanted):
        record = _row(cursor, wanted)
        if record is None or record.kind != kind:
            raise absent(kind, id)
        return record
    if ID_PREFIX.fullmatch(wanted) is None:
        raise absent(kind, id)
    rows = cursor.execute(
        f"select {COLUMNS} from document where kind = ? and starts_with(id, ?) limit 2",  # noqa: S608 - own names
        [kind, wanted],
    ).fetchall()
    if len(rows) > 1:
        raise ambiguous(kind, wanted)
    if not rows:
        raise absent(kind, id)
    return _record(rows[0])


def _row(cursor: Cursor, id: str) -> Record | None:  # noqa: A002 - the field's name
    row = cursor.execute(f"select {COLUMNS} from document where id = ?", [id]).fetchone()  # noqa: S608 - own names
    return _record(row) if row else None


def find(cursor: Cursor, query: Query) -> list[Record]:
    """Return the documents of a query, newest first."""
    wheres = ["kind = ?", f"deleted_at is {'not ' if query.deleted else ''}null"]
    values: list[object] = [query.kind]
    if query.before is not None:
        wheres.append("id < ?")
        values.append(query.before)
    for name, value in query.facets.items():
        # Quotes inside a value are escaped, so that this can only be the facet itself.
        wheres.append("strpos(facets, ?) > 0")
        values.append(json_text({name: value}, "The facet")[1:-1])
    for word in words(query):
        wheres.append("strpos(search, ?) > 0")
        values.append(word)
    # The ids first: bodies are read for the page alone, not for every row that is sorted.
    page = f"select id from document where {' and '.join(wheres)} order by id desc limit ?"  # noqa: S608 - own names
    rows = cursor.execute(
        f"select {COLUMNS} from document where id in ({page}) order by id desc",  # noqa: S608 - own names
        [*values, query.limit],
    ).fetchall()
    return [_record(row) for row in rows]


def _record(row: tuple[Any, ...]) -> Record:
    id_, kind, title, body, facets, artefacts, revision, created, updated, deleted = row
    return Record(
        id=id_,
        kind=kind,
        title=title,
        body=json.loads(body),
        created_at=created.replace(tzinfo=UTC),
        updated_at=updated.replace(tzinfo=UTC),
        facets=json.loads(facets),
        artefacts=json.loads(artefacts),
        revision=revision,
        deleted_at=deleted.replace(tzinfo=UTC) if deleted else None,
    )


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
