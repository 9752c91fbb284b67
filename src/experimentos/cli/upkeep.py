"""`experimentos backup`, `restore`, `export` and `import`: the whole workspace as one file."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from experimentos.flows.encode import Json
    from experimentos.store.port import Change, Packed

MOST_SHOWN = 20
SAYS = {
    "added": "added",
    "updated": "brought to the file's newer revision",
    "same": "the same already",
    "kept_newer": "kept: newer here",
    "kept_diverged": "kept: changed here and there",
}


def backup(
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Else into backups/ of the workspace."),
    ] = None,
    keep: Annotated[int, typer.Option(min=1, help="Newest ones to keep in backups/.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Copy the history and its artefacts to one file, beside a running app or without."""
    from experimentos.wiring import back_up, settings_from_environment

    packed = back_up(settings_from_environment(), Path(out).resolve() if out else None, keep)
    _tell("backup", packed, f"Backed up to {packed.path}", as_json=as_json)


def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `backup` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Put the history of a backup in the place of this one; the app must not be running.

    Every row and artefact is checked first. What stood here goes to recovery/.
    """
    from experimentos.wiring import restore_workspace, settings_from_environment

    packed, aside = restore_workspace(settings_from_environment(), Path(file))
    kept = f"\nThe history that stood here is {aside}" if aside else ""
    _tell("restore", packed, f"Restored {file}", kept, as_json=as_json)


def export(
    out: Annotated[str, typer.Option("--output", "-o", metavar="WORKSPACE.zip", help="The file.")],
    as_json: AsJson = False,
) -> None:
    """Write every record, run and artefact to one file that another workspace can import."""
    from experimentos.wiring import open_services, settings_from_environment

    store = open_services(settings_from_environment()).store
    try:
        packed = store.pack(Path(out).resolve())
    finally:
        store.close()
    _tell("export", packed, f"Exported to {packed.path}", as_json=as_json)


def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `export` wrote.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in the records and runs of another workspace; nothing newer here is overwritten.

    The file is checked whole before anything is written, and taken in whole or not at all.
    """
    from experimentos.cli import show
    from experimentos.wiring import open_services, settings_from_environment

    store = open_services(settings_from_environment()).store
    try:
        changes = store.take_in(Path(file).resolve(), dry_run=dry_run)
    finally:
        store.close()
    counts = Counter(change.what for change in changes)
    told: list[Json] = [
        {"kind": c.kind, "id": c.id, "title": c.title, "what": c.what}
        for c in changes
        if c.what != "same"
    ]
    report: dict[str, Json] = {
        "schema_version": 1,
        "report": "import",
        "dry_run": dry_run,
        "counts": {what: counts[what] for what in SAYS},
        "changes": told,
    }
    show.answer(report, lambda: _print(changes, counts, dry_run=dry_run), as_json=as_json)


def _print(changes: "tuple[Change, ...]", counts: Counter[str], *, dry_run: bool) -> None:
    from experimentos.cli import show

    console = show.output()
    if dry_run:
        console.print("Nothing was changed. With this file:")
    for what, says in SAYS.items():
        if counts[what]:
            console.print(f"{counts[what]:,} {says}")
    told = [change for change in changes if change.what != "same"]
    for change in told[:MOST_SHOWN]:
        console.print(show.cell(f"- {change.kind} {change.id} {change.title}: {SAYS[change.what]}"))
    if len(told) > MOST_SHOWN:
        console.print(f"… and {len(told) - MOST_SHOWN} more; --json lists all of them.")


def _tell(report: str, packed: "Packed", sentence: str, more: str = "", *, as_json: bool) -> None:
    from experimentos.cli import show

    said: dict[str, Json] = {
        "schema_version": 1,
        "report": report,
        "file": packed.path,
        "records": packed.records,
        "runs": packed.runs,
        "artefacts": packed.artefacts,
        "bytes": packed.bytes,
    }
    counts = {"record": packed.records, "run": packed.runs, "artefact": packed.artefacts}
    counted = [f"{number:,} {word}{'' if number == 1 else 's'}" for word, number in counts.items()]
    what = ", ".join([*counted, f"{packed.bytes / 2**20:,.1f} MiB"])
    show.answer(said, lambda: typer.echo(f"{sentence}: {what}.{more}"), as_json=as_json)
