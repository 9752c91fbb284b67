"""`experimentos design new|validate|diff`: a design document is begun, judged and compared."""

import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from experimentos.design.document import ExperimentDescription
    from experimentos.design.rules import Finding
    from experimentos.flows.design_aliases import AliasView
    from experimentos.flows.design_session import DesignSession
    from experimentos.flows.design_words import AnatomyRow
    from experimentos.flows.encode import Json

app = typer.Typer()

SCHEMA_VERSION = 1
ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
DesignFile = Annotated[
    str,
    typer.Argument(
        metavar="DESIGN",
        help="A design or session in JSON, the id of a saved design, or - for standard input.",
    ),
]
Output = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="- prints it.")]


def read_design(name: str) -> "ExperimentDescription":
    """Return the design of a file (a document or an exported session) or of the history, by id.

    Raises
    ------
    UnreadableError
        If the file cannot be read as a design.
    NotFound
        If the history has no such design.
    """
    from experimentos.errors import UnreadableError

    document = read_session(name).document
    if document is None:
        raise UnreadableError(
            "The session holds a description, and no design yet.",
            hint="Read the description on the page first, or use `design new --text`.",
        )
    return document


def read_session(name: str) -> "DesignSession":
    """Return the session of a file, of standard input (-) or of the history, by its id."""
    from experimentos.cli.inputs import read_bytes
    from experimentos.errors import DesignError, UnreadableError
    from experimentos.flows.design_session import import_session, load_session
    from experimentos.wiring import open_store

    if ID.fullmatch(name) and not Path(name).exists():
        store = open_store()
        try:
            return load_session(store, name)
        finally:
            store.close()
    try:
        return import_session(read_bytes(name))
    except DesignError as exc:
        raise UnreadableError(exc.message, hint=exc.hint) from exc


def deliver(text: str | bytes, out: str) -> None:
    """Write a text to a file, or print it when the file is -."""
    from experimentos.cli.memo import write

    if out == "-":
        shown = text if isinstance(text, str) else text.decode()
        typer.echo(shown, nl=not shown.endswith("\n"))
    else:
        write(Path(out), text)
        typer.echo(f"Written: {out}.")


@app.command("new")
def new(
    template: Annotated[
        str | None, typer.Option("--template", metavar="NAME", help="Start from a template.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="TEXT", help="Start from a description.")
    ] = None,
    title: Annotated[str, typer.Option("--title", help="Title of the design.")] = "",
    out: Output = "-",
    as_json: AsJson = False,
) -> None:
    """Begin a design: empty, from a template or from a description.

    Without options the templates are listed. A design is JSON, with --json or without.
    """
    from experimentos.design.document import ExperimentDescription
    from experimentos.design.templates import template as template_called

    if template is None and text is None and not title:
        _list_templates(as_json=as_json)
        return
    if template is not None and text is not None:
        raise typer.BadParameter("Give a template or a text, not both.", param_hint="--text")
    if template is not None:
        design = template_called(template).design
        design = design.model_copy(update={"title": title or design.title})
    elif text is not None:
        design = _described(text, title)
    else:
        design = ExperimentDescription(title=title)
    deliver(design.canonical().decode() + "\n", out)


@app.command("validate")
def validate(file: DesignFile, as_json: AsJson = False) -> None:
    """Judge a design by the 46 rules; exit status 1 when there is an error.

    With it go the anatomy (strata, sources, degrees of freedom) and the aliases of a fraction.
    """
    from experimentos.cli import show
    from experimentos.cli.status import Exit
    from experimentos.design.derive import design_class
    from experimentos.design.rules import Severity, findings
    from experimentos.design.rules.finding import context
    from experimentos.flows.design_aliases import aliases_of
    from experimentos.flows.design_words import anatomy_rows

    design = read_design(file)
    given = context(design)
    found = findings(given)
    rows = anatomy_rows(given.anatomy) if given.anatomy else ()
    aliases = aliases_of(design)
    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "report": "design_validation",
        "sha256": design.hash(),
        "design_class": design_class(design),
        "findings": [_as_json(f) for f in found],
        "observations": given.table.n if given.table else None,
        "anatomy": [dataclasses.asdict(row) for row in rows],
        "aliases": dataclasses.asdict(aliases) if aliases else None,
    }

    def people() -> None:
        _print_findings(found)
        _print_anatomy(rows, aliases)

    show.answer(document, people, as_json=as_json)
    if any(f.severity is Severity.ERROR for f in found):
        raise typer.Exit(Exit.NO)


@app.command("diff")
def diff(old: DesignFile, new_file: DesignFile, as_json: AsJson = False) -> None:
    """Say in words what changed between two designs; exit status 1 when anything did."""
    from experimentos.cli import show
    from experimentos.cli.status import Exit
    from experimentos.design.diff import changes

    found = changes(read_design(old), read_design(new_file))
    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "report": "design_diff",
        "changes": [
            {"kind": c.kind, "part": c.part, "id": c.id, "field": c.field, "sentence": c.sentence}
            for c in found
        ],
    }

    def people() -> None:
        console = show.output()
        for change in found:
            console.print(show.cell(change.sentence))
        if not found:
            console.print("The designs are equal.")

    show.answer(document, people, as_json=as_json)
    if found:
        raise typer.Exit(Exit.NO)


def _print_anatomy(rows: "tuple[AnatomyRow, ...]", aliases: "AliasView | None") -> None:
    from experimentos.cli import show

    console = show.output()
    if rows:
        header = ("Between", "Source", "D.f.", "Tested against", "Units per level")
        made = show.table(console, header, numeric=(2, 4))
        for row in rows:
            source = show.cell(row.source or "left over: error")
            against = show.cell(row.against)
            made.add_row(show.cell(row.stratum), source, f"{row.df:,}", against, row.replication)
        console.print(made)
    if aliases is not None:
        console.print(show.cell(aliases.sentence))
        for effect, others in aliases.rows:
            console.print(show.cell(f"  {effect} = {others.replace(', ', ' = ')}"))


def _described(text: str, title: str) -> "ExperimentDescription":
    from experimentos.design.from_draft import from_draft
    from experimentos.design.parse.describe import parse_design

    if not text.strip():
        raise typer.BadParameter("There is no description to read.", param_hint="--text")
    return from_draft(parse_design(text), title=title, text=text)


def _list_templates(*, as_json: bool) -> None:
    from experimentos.cli import show
    from experimentos.design.templates import templates

    document: dict[str, Json] = {
        "schema_version": SCHEMA_VERSION,
        "report": "design_templates",
        "templates": [
            {"name": t.name, "category": t.category, "title": t.design.title, "about": t.about}
            for t in templates()
        ],
    }

    def people() -> None:
        console = show.output()
        made = show.table(console, ("Template", "Field", "About"))
        for found in templates():
            made.add_row(found.name, found.category, show.cell(found.about))
        console.print(made)

    show.answer(document, people, as_json=as_json)


def _as_json(finding: "Finding") -> "Json":
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "subjects": list(finding.subjects),
        "message": finding.message,
        "why": finding.why,
        "fixes": [patch.model_dump(mode="json") for patch in finding.fixes],
    }


def _print_findings(found: "tuple[Finding, ...]") -> None:
    from experimentos.cli import show

    console = show.output()
    for finding in found:
        console.print(show.cell(f"{finding.severity.value} {finding.rule}: {finding.message}"))
        console.print(show.cell(f"  {finding.why}"))
        for patch in finding.fixes:
            console.print(show.cell(f"  fix: {patch.title}"))
    if not found:
        console.print("Nothing to correct.")
