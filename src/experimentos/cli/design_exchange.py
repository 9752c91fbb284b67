"""`experimentos design list|import|report`: designs of the history, in and out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.design_document import SCHEMA_VERSION, DesignFile, deliver, read_session
from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from experimentos.flows.design_exchange import Incoming
    from experimentos.flows.design_report import ReportForm
    from experimentos.flows.encode import Json

app = typer.Typer()

FORMS: dict[str, "ReportForm"] = {
    ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".pdf": "pdf",
}  # fmt: skip


@app.command("report")
def report(
    design: DesignFile,
    out: Annotated[
        str,
        typer.Option("--output", "-o", metavar="OUT.{md,html,pdf}", help="- prints Markdown."),
    ] = "-",
    runs: Annotated[bool, typer.Option(help="The run sheet.")] = True,
    versions: Annotated[bool, typer.Option(help="The versions.")] = True,
    notes: Annotated[bool, typer.Option(help="The notes.")] = False,
    conversation: Annotated[bool, typer.Option(help="What was said.")] = False,
) -> None:
    """Write the report of a design: structure, randomisation, anatomy, power and checks."""
    from experimentos.errors import UnreadableError
    from experimentos.flows.design_report import ReportWish, report_of, write_report

    form = "md" if out == "-" else FORMS.get(Path(out).suffix.lower())
    if form is None:
        raise typer.BadParameter(f"{out!r} does not end in .md, .html or .pdf.", param_hint="-o")
    session = read_session(design)
    if session.document is None:
        raise UnreadableError(
            "The session holds a description, and no design yet.",
            hint="Read the description on the page first.",
        )
    wish = ReportWish(runs=runs, versions=versions, notes=notes, conversation=conversation)
    deliver(write_report(report_of(session, wish), form), out)


@app.command("import")
def import_(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A design or session in JSON; - for standard input."),
    ],
    into: Annotated[
        str | None,
        typer.Option("--into", metavar="ID", help="Make it the newest version of a saved design."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a design into the history, as a new one or as a version of one; says what changes."""
    from experimentos.cli import show
    from experimentos.cli.inputs import read_bytes
    from experimentos.errors import DesignError, UnreadableError
    from experimentos.flows.design_exchange import incoming, taken_into
    from experimentos.flows.design_session import load_session, save_session
    from experimentos.wiring import open_store

    store = open_store()
    try:
        present = load_session(store, into) if into else None
        try:
            found = incoming(read_bytes(file), present.document if present else None)
        except DesignError as exc:
            raise UnreadableError(exc.message, hint=exc.hint) from exc
        taken = found.session if present is None else taken_into(present, found)
        id_ = into or ""
        if not dry_run and taken is not present:
            id_ = save_session(store, taken).id
    finally:
        store.close()
    document = _document(found, id_, dry_run=dry_run)
    show.answer(document, lambda: _print(found, document), as_json=as_json)


@app.command("list")
def list_(
    text: Annotated[str, typer.Argument(help="Words of the title.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the designs of the history, newest first, with their ids."""
    from experimentos.cli import show
    from experimentos.flows.design_session import list_sessions
    from experimentos.wiring import open_store

    store = open_store()
    try:
        found = list_sessions(store, text)
    finally:
        store.close()
    rows: list[Json] = [
        {
            "id": record.id,
            "title": record.title,
            "stage": record.facets.get("stage", ""),
            "updated_at": record.updated_at.isoformat(),
        }
        for record in found
    ]

    def people() -> None:
        made = show.table(show.output(), ("Id", "Title", "Stage", "Saved"))
        for record in found:
            saved = f"{record.updated_at:%Y-%m-%d %H:%M}"
            stage = show.cell(record.facets.get("stage", ""))
            made.add_row(record.id, show.cell(record.title), stage, saved)
        show.output().print(made)

    whole: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION, "report": "design_list", "designs": rows,
    }  # fmt: skip
    show.answer(whole, people, as_json=as_json)


def _document(found: "Incoming", id_: str, *, dry_run: bool) -> "dict[str, Json]":
    design = found.session.document
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "design_import",
        "id": id_ or None,
        "dry_run": dry_run,
        "title": found.session.name,
        "hash": design.hash() if design else None,
        "versions": found.versions,
        "messages": found.messages,
        "is_same": found.is_same,
        "changes": list(found.changes),
    }


def _print(found: "Incoming", document: "dict[str, Json]") -> None:
    from experimentos.cli import show

    console = show.output()
    console.print(show.cell(f"{document['title']}: {found.about or 'a description only'}"))
    console.print(f"{found.versions} versions, {found.messages} messages. Hash {document['hash']}.")
    if found.is_same:
        console.print("It is the design that is there already; nothing changes.")
    for sentence in found.changes:
        console.print(show.cell(f"- {sentence}"))
    if document["dry_run"]:
        console.print("Nothing was saved.")
    elif document["id"]:
        console.print(f"Saved as {document['id']}.")
