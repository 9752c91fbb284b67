"""A run as a row: columns that lists filter and sort by, and the document it is read from."""

from datetime import UTC, datetime

from pydantic import ValidationError

from experimentos.errors import StoreError
from experimentos.runs.documents import Live, Run
from experimentos.store.run_writing import RunRow
from experimentos.store.sql import Row
from experimentos.store.writing import json_text

# Columns of their own: what `runs.search` names, and what the store itself looks for.
PLAIN = (
    "run_id",
    "project",
    "experiment",
    "variant",
    "repeat",
    "kind",
    "title",
    "status",
    "host",
    "pid",
    "parent_run_id",
    "reproduces_run_id",
    "sample_count",
    "primary_value",
    "error_kind",
    "error",
    "inputs_sha256",
    "code_sha256",
    "config_sha256",
    "cost_usd",
)
MOMENTS = ("created_at", "started_at", "ended_at", "heartbeat_at", "deleted_at")
NESTED = ("params", "metrics", "tags")
COLUMNS = (
    *PLAIN,
    *MOMENTS,
    *NESTED,
    "live",
    "document",
    "revision",
    "samples_sha256",
    "content_sha256",
)
# What a run is read from; a heartbeat, and what comes with it, is written to its column alone.
READ = "document, heartbeat_at, live, revision, samples_sha256, content_sha256"


def values_of(row: RunRow) -> tuple[object, ...]:
    """Return the values of `COLUMNS`."""
    run, document = row.run, row.document
    return (
        *(getattr(run, name) for name in PLAIN),
        *(naive(getattr(run, name)) for name in MOMENTS),
        *(json_text(document[name], name) for name in NESTED),
        live_text(run.live),
        json_text(document, "The run"),
        row.revision,
        row.samples_sha256,
        row.content,
    )


def row_from(read: Row) -> RunRow:
    """Return the row of the columns `READ`.

    Raises
    ------
    StoreError
        If it was written by a version whose runs this one cannot read.
    """
    document, heartbeat, said, revision, samples_sha256, _ = read
    try:
        run = Run.model_validate_json(document)
        live = Live.model_validate_json(said) if said else None
    except ValidationError as exc:
        raise StoreError(
            f"A run cannot be read by this version ({exc.error_count()} fields are not as "
            "expected).",
            hint="Open it with the version of ExperimentOS that saved it.",
        ) from exc
    if heartbeat or live:
        run = run.model_copy(
            update={"heartbeat_at": aware(heartbeat) if heartbeat else None, "live": live}
        )
    return RunRow(run, revision, samples_sha256)


def live_text(live: Live | None) -> str | None:
    """Return what a run says meanwhile as its column holds it."""
    return None if live is None else live.model_dump_json(exclude_defaults=True)


def naive(moment: datetime | None) -> datetime | None:
    """Return the moment in UTC without its zone, as the tables hold it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment else None


def aware(moment: datetime) -> datetime:
    """Return the moment that a table holds."""
    return moment.replace(tzinfo=UTC)
