"""`experimentos gc`: what is in the bin goes for good."""

from typing import Annotated

import typer

from experimentos.cli.options import AsJson


def gc(
    days: Annotated[int, typer.Option(min=0, help="How long it has been in the bin.")] = 30,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete for good what has been in the bin, and artefacts that nothing names.

    Artefacts go a day after they were last written.
    """
    from experimentos.cli import show
    from experimentos.flows.encode import Json
    from experimentos.wiring import open_services, settings_from_environment

    store = open_services(settings_from_environment()).store
    try:
        found = store.collect(days, dry_run=dry_run)
    finally:
        store.close()
    report: dict[str, Json] = {
        "schema_version": 1,
        "report": "gc",
        "dry_run": dry_run,
        "records": list(found.records),
        "runs": list(found.runs),
        "artefacts": found.artefacts,
        "bytes": found.bytes,
    }
    would = "Would delete" if dry_run else "Deleted"
    sentence = (
        f"{would} {len(found.records):,} records and {len(found.runs):,} runs from the bin and "
        f"{found.artefacts:,} artefacts "
        f"({found.bytes / 2**20:,.1f} MiB)."
    )
    show.answer(report, lambda: typer.echo(sentence), as_json=as_json)
