"""Runs and their samples in SQL: every call works inside the caller's transaction."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from experimentos.issue import Issue, Severity
from experimentos.runs.documents import Live, Run
from experimentos.store import audit
from experimentos.store.run_port import SAMPLE_FIELDS, RunSample, sample_values
from experimentos.store.run_rows import COLUMNS, READ, live_text, naive, row_from, values_of
from experimentos.store.run_workspace import Incoming
from experimentos.store.run_writing import (
    Key,
    RunRow,
    chained,
    content_of_run,
    following_row,
    interrupted,
    is_silent,
    key_of,
    moved,
    new_samples,
    no_run,
    several_runs,
    with_samples,
)
from experimentos.store.sql import Cursor, Row
from experimentos.store.writing import ID_PREFIX, json_text

KIND = "run"
AT_ONCE = 5_000
# With fewer samples they are looked up one by one, with more all of their scenarios are read.
FEW_SAMPLES = 50
PUT = ("run_id", "place", *SAMPLE_FIELDS)


def save(cursor: Cursor, runs: Sequence[Run], now: datetime) -> None:
    """Insert or replace runs and their account."""
    before = rows_of(cursor, [run.run_id for run in runs])
    after = dict(before)
    lines: list[audit.Line] = []
    for run in runs:
        stored = after.get(run.run_id)
        following = following_row(stored, run, now)
        if following is not stored:
            after[run.run_id] = following
            lines.append(line_of("save", stored, following))
    added = [row for id_, row in after.items() if id_ not in before]
    cursor.insert("run", COLUMNS, [values_of(row) for row in added])
    for id_, row in after.items():
        if id_ in before and row is not before[id_]:
            _replace(cursor, row)
    audit.note(cursor, lines, now)


def change(cursor: Cursor, stored: RunRow, deleted_at: datetime | None, now: datetime) -> RunRow:
    """Put a run into the bin, or take it out."""
    changed = moved(stored, deleted_at)
    if changed is not stored:
        _replace(cursor, changed)
        action = "remove" if deleted_at else "restore"
        audit.note(cursor, [line_of(action, stored, changed)], now)
    return changed


def beat(cursor: Cursor, run_id: str, live: Live | None, now: datetime) -> bool:
    """Note that a run is alive, and what it says; False when it is over or gone."""
    row = cursor.execute("select status, deleted_at from run where run_id = ?", [run_id]).fetchone()
    if row is None or row[0] not in ("queued", "running") or row[1] is not None:
        return False
    values: list[object] = [naive(now), run_id]
    if live is not None:
        values.insert(1, live_text(live))
    sets = "heartbeat_at = ?" if live is None else "heartbeat_at = ?, live = ?"
    cursor.execute(f"update run set {sets} where run_id = ?", values)  # noqa: S608 - own names
    return True


def interrupt(cursor: Cursor, now: datetime) -> tuple[str, ...]:
    """Mark the runs whose process is gone; return their ids."""
    rows = [row for row in unfinished(cursor) if is_silent(row.run, now)]
    changed = [interrupted(row, now) for row in rows]
    for row in changed:
        _replace(cursor, row)
    lines = [line_of("interrupt", *pair) for pair in zip(rows, changed, strict=True)]
    audit.note(cursor, lines, now)
    return tuple(row.run.run_id for row in changed)


def unfinished(cursor: Cursor) -> list[RunRow]:
    """Return the runs that are not over, by id."""
    cursor.execute(
        f"select {READ} from run where status in ('queued', 'running') order by run_id"  # noqa: S608 - own names
    )
    return [row_from(row) for row in cursor.fetchall()]


def load(cursor: Cursor, run_id: str) -> RunRow:
    """Return the run of this id, or of the only id that begins so; NotFound otherwise."""
    wanted = run_id.upper()
    if ID_PREFIX.fullmatch(wanted) is None:
        raise no_run(run_id)
    # A range instead of starts_with, which no index answers in either database.
    cursor.execute(
        f"select {READ} from run where run_id >= ? and run_id < ? limit 2",  # noqa: S608 - own names
        [wanted, f"{wanted}~"],
    )
    rows = cursor.fetchall()
    if not rows:
        raise no_run(run_id)
    if len(rows) > 1:
        raise several_runs(wanted)
    return row_from(rows[0])


def log_samples(cursor: Cursor, run_id: str, samples: Sequence[RunSample], now: datetime) -> int:
    """Add samples to a run; return how many of them are new."""
    stored = rows_of(cursor, [run_id]).get(run_id)
    if stored is None:
        raise no_run(run_id)
    known = _known(cursor, run_id, samples) if stored.run.sample_count else {}
    added = list(new_samples(samples, known))
    if added:
        changed = with_samples(stored, added)
        put_samples(cursor, run_id, added, stored.run.sample_count)
        _replace(cursor, changed)
        audit.note(cursor, [line_of("samples", stored, changed)], now)
    return len(added)


def put_samples(cursor: Cursor, run_id: str, samples: Sequence[RunSample], place: int) -> None:
    """Insert samples of a run after the first `place` ones."""
    rows: list[tuple[object, ...]] = []
    for number, sample in enumerate(samples, start=place):
        values = {**sample_values(sample), "extra": json_text(sample.extra, "A sample")}
        rows.append((run_id, number, *(values[name] for name in SAMPLE_FIELDS)))
    cursor.insert("run_sample", PUT, rows)


def samples_of(cursor: Cursor, run_id: str, after: int, limit: int) -> list[RunSample]:
    """Return samples of a run in the order they were logged."""
    if run_id not in rows_of(cursor, [run_id]):
        raise no_run(run_id)
    return _samples(cursor, "run_id = ? and place >= ?", [run_id, after], limit)


def everything(cursor: Cursor) -> Iterator[RunRow]:
    """Yield every run, the bin included, by id."""
    for rows in _by_id(cursor, READ):
        yield from map(row_from, rows)


def every_document(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """Yield the id and the JSON text of every run."""
    for rows in _by_id(cursor, "run_id, document"):
        yield from ((row[0], row[1]) for row in rows)


def every_sample(cursor: Cursor, run_id: str) -> list[RunSample]:
    """Return the samples of a run in the order they were logged."""
    return _samples(cursor, "run_id = ?", [run_id])


def contents(cursor: Cursor) -> dict[audit.Key, str]:
    """Return the hash of what every run holds now; "" where its own note of it differs."""
    found: dict[audit.Key, str] = {}
    for rows in _by_id(cursor, f"run_id, {READ}"):
        for run_id, document, _, _, revision, samples, noted in rows:
            content = content_of_run(json.loads(document), revision, samples)
            found[KIND, run_id] = noted if content == noted else ""
    return found


def examine_samples(cursor: Cursor) -> tuple[Issue, ...]:
    """Return the runs whose samples are not those that were logged."""
    cursor.execute("select run_id, samples_sha256 from run where sample_count > 0 order by run_id")
    issues: list[Issue] = []
    for run_id, noted in cursor.fetchall():
        if chained("", every_sample(cursor, run_id)) != noted:
            issues.append(
                Issue(
                    "samples_altered",
                    Severity.BLOCKED,
                    f"The samples of run {run_id} are not those that were logged.",
                    "Compare the history with a backup made before the change.",
                )
            )
    return tuple(issues)


def without_run(cursor: Cursor, kind: str) -> tuple[str, ...]:
    """Return the ids of the documents of a kind that no run stands for."""
    cursor.execute(
        "select record.id from document as record where record.kind = ? and not exists "
        "(select 1 from run where run.run_id = record.id) order by record.id",
        [kind],
    )
    return tuple(row[0] for row in cursor.fetchall())


def take_in(cursor: Cursor, taken: Sequence[Incoming], now: datetime) -> None:
    """Put runs of another workspace in with their samples, as they are there."""
    before = rows_of(cursor, [one.row.run.run_id for one in taken])
    added = [one.row for one in taken if one.row.run.run_id not in before]
    cursor.insert("run", COLUMNS, [values_of(row) for row in added])
    for one in taken:
        run_id = one.row.run.run_id
        if run_id in before:
            _replace(cursor, one.row)
            cursor.execute("delete from run_sample where run_id = ?", [run_id])
        put_samples(cursor, run_id, one.samples, 0)
    lines = [line_of("import", before.get(one.row.run.run_id), one.row) for one in taken]
    audit.note(cursor, lines, now)


def line_of(action: str, before: RunRow | None, after: RunRow | None) -> audit.Line:
    """Return the line of the account about a run; one that goes for good has no `after`."""
    about = after or before
    if about is None:
        raise ValueError("A line of the audit is about a run.")
    return audit.Line(
        action,
        KIND,
        about.run.run_id,
        about.revision,
        before.content if before else "",
        after.content if after else "",
    )


def _known(cursor: Cursor, run_id: str, samples: Sequence[RunSample]) -> dict[Key, RunSample]:
    if len(samples) >= FEW_SAMPLES:
        scenarios = list({sample.scenario for sample in samples})
        where = "run_id = ? and scenario = any(?)"
        return {key_of(known): known for known in _samples(cursor, where, [run_id, scenarios])}
    found: dict[Key, RunSample] = {}
    where = "run_id = ? and scenario = ? and model = ? and sample_index = ?"
    for sample in samples:
        for there in _samples(cursor, where, [run_id, *key_of(sample)]):
            found[key_of(there)] = there
    return found


def _samples(
    cursor: Cursor, where: str, values: Sequence[object], limit: int = 2**31
) -> list[RunSample]:
    names = ", ".join(SAMPLE_FIELDS)
    cursor.execute(
        f"select {names} from run_sample where {where} order by place limit ?",  # noqa: S608 - own names
        [*values, limit],
    )
    return [
        RunSample(**{**dict(zip(SAMPLE_FIELDS, row, strict=True)), "extra": json.loads(row[-1])})
        for row in cursor.fetchall()
    ]


def rows_of(cursor: Cursor, ids: Sequence[str]) -> dict[str, RunRow]:
    wanted = list(dict.fromkeys(ids))
    found: dict[str, RunRow] = {}
    for begin in range(0, len(wanted), AT_ONCE):
        some = wanted[begin : begin + AT_ONCE]
        cursor.execute(f"select {READ} from run where run_id = any(?)", [some])  # noqa: S608 - own names
        for read in cursor.fetchall():
            row = row_from(read)
            found[row.run.run_id] = row
    return found


def _replace(cursor: Cursor, row: RunRow) -> None:
    sets = ", ".join(f"{name} = ?" for name in COLUMNS[1:])
    run_id, *values = values_of(row)
    cursor.execute(f"update run set {sets} where run_id = ?", [*values, run_id])  # noqa: S608 - own names


def _by_id(cursor: Cursor, columns: str) -> Iterator[list[Row]]:
    """Yield the rows of all runs, some at a time: other statements may come in between."""
    last = ""
    while True:
        cursor.execute(
            f"select run_id, {columns} from run where run_id > ? order by run_id limit ?",  # noqa: S608 - own names
            [last, AT_ONCE],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        yield [row[1:] for row in rows]
        last = rows[-1][0]
