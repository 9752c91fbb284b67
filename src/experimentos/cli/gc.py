"""`experimentos gc`: what is in the bin goes for good."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from experimentos.cli.options import AsJson


def gc(
    days: Annotated[int, typer.Option(min=0, help="How long it has been in the bin.")] = 30,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete for good what has been in the bin, artefacts that nothing names, and old uploads.

    Artefacts go a day after they were last written; rows that were uploaded to be summed up go as
    many days after they came as the bin is kept, and their sums stay.
    """
    from experimentos.cli import show
    from experimentos.flows.encode import Json
    from experimentos.flows.raw_source import drop_uploads
    from experimentos.wiring import open_services, reach, settings_from_environment

    settings = settings_from_environment()
    store = open_services(settings).store
    try:
        found = store.collect(days, dry_run=dry_run)
    finally:
        store.close()
    before = datetime.now(UTC) - timedelta(days=days)
    uploads, size = drop_uploads(reach(settings), before, dry_run=dry_run)
    report: dict[str, Json] = {
        "schema_version": 1,
        "report": "gc",
        "dry_run": dry_run,
        "records": list(found.records),
        "runs": list(found.runs),
        "artefacts": found.artefacts,
        "uploads": uploads,
        "bytes": found.bytes + size,
    }
    would = "Would delete" if dry_run else "Deleted"
    sentence = (
        f"{would} {len(found.records):,} records and {len(found.runs):,} runs from the bin and "
        f"{found.artefacts:,} artefacts, and {uploads:,} uploads of rows "
        f"({(found.bytes + size) / 2**20:,.1f} MiB)."
    )
    show.answer(report, lambda: typer.echo(sentence), as_json=as_json)
