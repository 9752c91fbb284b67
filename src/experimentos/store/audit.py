"""The chained account of every change: altering or removing a line breaks what follows it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from experimentos.ids import canonical_json, content_hash
from experimentos.issue import Issue, Severity, Where
from experimentos.store.port import Record
from experimentos.store.writing import content_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GENESIS = "0" * 64


def note(
    cursor: "DuckDBPyConnection",
    action: str,
    before: Record | None,
    after: Record | None,
    now: datetime,
) -> None:
    """Add a line about one change, inside the transaction that makes it.

    A record that goes for good has no `after`; its line stays.
    """
    about = after or before
    if about is None:
        raise ValueError("A line of the audit is about a record.")
    last = cursor.execute("select seq, hash from audit order by seq desc limit 1").fetchone()
    seq, previous = last or (0, GENESIS)
    line = (
        seq + 1,
        now.astimezone(UTC).replace(tzinfo=None),
        action,
        about.kind,
        about.id,
        about.revision,
        content_of(before) if before else "",
        content_of(after) if after else "",
        previous,
    )
    cursor.execute("insert into audit values (?,?,?,?,?,?,?,?,?,?)", [*line, _hash(line)])


def past(cursor: "DuckDBPyConnection") -> dict[str, set[str]]:
    """Return the hashes of everything that each record ever held, by its id."""
    found: dict[str, set[str]] = {}
    cursor.execute("select id, after_sha256 from audit where after_sha256 <> ''")
    for id_, sha256 in cursor.fetchall():
        found.setdefault(id_, set()).add(sha256)
    return found


def examine(
    cursor: "DuckDBPyConnection", held: Mapping[str, str], limit: int = 100
) -> tuple[Issue, ...]:
    """Return what does not hold together: broken links, and documents changed behind our back.

    Parameters
    ----------
    cursor
    held
        Id to the hash of the content that the documents have now.
    limit
        Most issues to return; the place of an issue is the number of the line in the audit.
    """
    issues: list[Issue] = []
    previous = GENESIS
    latest: dict[str, tuple[int, str]] = {}
    for row in cursor.execute("select * from audit order by seq").fetchall():
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
        latest[line[4]] = (line[0], line[7])
    for id_, (seq, after) in latest.items():
        if held.get(id_) != (after or None):
            issues.append(
                _issue("record_altered", seq, f"Record {id_} is not what was last saved.")
            )
    unnoted = sorted(held.keys() - latest.keys())
    issues += [
        _issue("record_unnoted", None, f"Record {id_} is in no audit line.") for id_ in unnoted
    ]
    return tuple(issues[:limit])


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
