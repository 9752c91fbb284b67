"""`experimentos verify`: whether the numbers of this installation are right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from experimentos.flows.verify import Verification


def verify(
    table: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Reference cases in JSON; else the packaged ones."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the data sets that cases read.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="OUT.{md,html}", help="Save the report."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run reference cases from other programs and publications on this installation.

    Exit status 1 when any case fails.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import read_bytes
    from experimentos.cli.memo import form_of
    from experimentos.cli.status import Exit
    from experimentos.flows.verify import read_table
    from experimentos.flows.verify import verify as run
    from experimentos.flows.verify_report import verify_report

    form = form_of(out) if out else None
    cases = read_table(read_bytes(table), Path(table).name) if table else None
    found = run(cases, Path(data) if data else None)
    if out and form:
        _save(found, Path(out), form)
    show.answer(verify_report(found), lambda: _print(found), as_json=as_json)
    raise typer.Exit(Exit.DONE if found.failed == 0 else Exit.NO)


def _save(found: "Verification", path: Path, form: str) -> None:
    from datetime import UTC, datetime

    from experimentos.cli.memo import write
    from experimentos.flows.verify_report import verify_document
    from experimentos.memo.html import render_html
    from experimentos.memo.markdown import render_markdown

    document = verify_document(found, datetime.now(UTC).date().isoformat())
    write(path, render_html(document) if form == "html" else render_markdown(document))


def _print(found: "Verification") -> None:
    from experimentos.cli import show

    console = show.output()
    table = show.table(console, ("Kind", "Cases", "Passed"), numeric=(1, 2))
    for kind, cases, passed in found.by_kind():
        table.add_row(show.cell(kind), str(cases), str(passed))
    console.print(table)
    for case in found.cases:
        if not case.passed:
            console.print(show.cell(f"FAILED {case.id}: {case.why}"))
    console.print(f"\n{found.passed} of {len(found.cases)} cases passed.")
    console.print(f"table sha256 {found.table_sha256[:12]}")
    console.print(show.cell(", ".join(f"{name} {number}" for name, number in found.versions)))
