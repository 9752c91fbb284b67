"""The chained account of every change: altering or removing a line breaks what follows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from experimentos.ids import canonical_json, content_hash
from experimentos.issue import Issue, Severity, Where
from experimentos.store.port import Record
from experimentos.store.sql import Cursor
from experimentos.store.writing import content_of

GENESIS = "0" * 64
COLUMNS = (
    "seq",
    "moment",
    "action",
    "kind",
    "id",
    "revision",
    "before_sha256",
    "after_sha256",
    "previous",
    "hash",
)

type Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One change.

    Attributes
    ----------
    action : str
    kind, id : str
        What was changed.
    revision : int
        That it has now, or had when it went for good.
    before, after : str
        Hashes of its content; "" when it was not there, or is not any more.
    """

    action: str
    kind: str
    id: str
    revision: int
    before: str
    after: str


def change_of(action: str, before: Record | None, after: Record | None) -> Line:
    """Return the line about a record; one that goes for good has no `after`."""
    about = after or before
    if about is None:
        raise ValueError("A line of the audit is about a record.")
    return Line(
        action,
        about.kind,
        about.id,
        about.revision,
        content_of(before) if before else "",
        content_of(after) if after else "",
    )


def note(cursor: Cursor, lines: Sequence[Line], now: datetime) -> None:
    """Add lines, in this order, inside the transaction that makes the changes."""
    seq, previous = _last(cursor)
    moment = now.astimezone(UTC).replace(tzinfo=None)
    rows: list[tuple[object, ...]] = []
    for line in lines:
        seq += 1
        row = (
            seq,
            moment,
            line.action,
            line.kind,
            line.id,
            line.revision,
            line.before,
            line.after,
            previous,
        )
        previous = _hash(row)
        rows.append((*row, previous))
    cursor.insert("audit", COLUMNS, rows)


def head(cursor: Cursor) -> str:
    """Return the hash of the newest line: another one after every change."""
    return _last(cursor)[1]


def past(cursor: Cursor) -> dict[Key, set[str]]:
    """Return the hashes of everything that each thing ever held, by its kind and id."""
    found: dict[Key, set[str]] = {}
    cursor.execute("select kind, id, after_sha256 from audit where after_sha256 <> ''")
    for kind, id_, sha256 in cursor.fetchall():
        found.setdefault((kind, id_), set()).add(sha256)
    return found


def examine(cursor: Cursor, held: Mapping[Key, str], limit: int = 100) -> tuple[Issue, ...]:
    """Return what does not hold together: broken links, and rows changed behind our back.

    Parameters
    ----------
    cursor
    held
        Kind and id to the hash of the content that is there now.
    limit
        Most issues to return; the place of an issue is the number of the line in the audit.
    """
    issues: list[Issue] = []
    previous = GENESIS
    latest: dict[Key, tuple[int, str]] = {}
    cursor.execute(f"select {', '.join(COLUMNS)} from audit order by seq")  # noqa: S608 - own names
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            *line, stored = row
            if line[-1] != previous or _hash(tuple(line)) != stored:
                issues.append(
                    _issue(
                        "audit_chain_broken",
                        line[0],
                        f"Audit line {line[0]} was altered, or one before it removed.",
                    )
                )
            previous = stored
            latest[line[3], line[4]] = (line[0], line[7])
    for key, (seq, after) in latest.items():
        if held.get(key) != (after or None):
            issues.append(
                _issue("record_altered", seq, f"{_name(key)} is not what was last saved.")
            )
    unnoted = sorted(held.keys() - latest.keys())
    issues += [
        _issue("record_unnoted", None, f"{_name(key)} is in no audit line.") for key in unnoted
    ]
    return tuple(issues[:limit])


def _last(cursor: Cursor) -> tuple[int, str]:
    row = cursor.execute("select seq, hash from audit order by seq desc limit 1").fetchone()
    return (row[0], row[1]) if row else (0, GENESIS)


def _name(key: Key) -> str:
    kind, id_ = key
    return f"{'Run' if kind == 'run' else 'Record'} {id_}"


def _hash(line: tuple[object, ...]) -> str:
    spelled = [v.isoformat() if isinstance(v, datetime) else v for v in line]
    return content_hash(canonical_json(spelled))


def _issue(code: str, seq: int | None, message: str) -> Issue:
    return Issue(
        code,
        Severity.BLOCKED,
        message,
        "Compare the history with a backup made before the change.",
        Where(row=seq),
    )
