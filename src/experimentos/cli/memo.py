"""`experimentos memo`: the decision, written down for others."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson, CharterFile, File, Mapped, Split, Where
from experimentos.errors import StoreError

if TYPE_CHECKING:
    from experimentos.cli.inputs import Read
    from experimentos.flows.ab_test import AbTest
    from experimentos.flows.export import Form
    from experimentos.memo.subject import MemoFields

FORMS: dict[str, "Form"] = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html"}


def memo(
    file: File,
    out: Annotated[
        str,
        typer.Option("--output", "-o", metavar="OUT.{md,html}", help="- prints Markdown."),
    ] = "-",
    charter: CharterFile = None,
    split: Split = None,
    mapping: Mapped = None,
    where: Where = None,
    title: Annotated[str, typer.Option(help="Replaces the charter's.")] = "",
    owner: Annotated[str, typer.Option(help="Replaces the charter's.")] = "",
    hypothesis: Annotated[str, typer.Option(help="Replaces the charter's; Markdown.")] = "",
    notes: Annotated[str, typer.Option(help="Replaces the charter's; Markdown.")] = "",
    save: Annotated[bool, typer.Option("--save", help="Keep it in the history as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Analyse, decide and write the decision memo as Markdown or HTML.

    Exit status 1 when the data is blocked (the memo then says why), 3 when it cannot be read.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import Asked, read
    from experimentos.cli.status import OF_STATUS, Exit
    from experimentos.flows.report import SCHEMA_VERSION, check_report
    from experimentos.memo.subject import MemoFields

    form = form_of(out)
    asked = read(Asked(file, charter, split, mapping, where))
    test = asked.run()
    status = OF_STATUS[test.health.status]
    if status is Exit.UNREADABLE:
        show.answer(check_report(test), lambda: show.show_check(test), as_json=as_json)
        raise typer.Exit(status)
    fields = MemoFields(title, hypothesis, owner, notes)
    run_id, text = (
        _saved(test, asked, form, fields) if save else ("", _written(test, asked, form, fields))
    )
    if out != "-":
        write(Path(out), text)
    if as_json:
        show.print_json(
            {
                "schema_version": SCHEMA_VERSION,
                "report": "memo",
                "verdict": test.decision.verdict.value,
                "output": None if out == "-" else out,
                "id": run_id or None,
                "memo": text if out == "-" else None,
            }
        )
    elif out == "-":
        typer.echo(text)
    else:
        typer.echo(f"{test.decision.verdict.value}: written to {out}.")
    raise typer.Exit(status)


def form_of(out: str) -> "Form":
    """Return the format that the name of the output asks for."""
    if out == "-":
        return "md"
    form = FORMS.get(Path(out).suffix.lower())
    if form is None:
        raise typer.BadParameter(f"{out!r} ends neither in .md nor in .html.", param_hint="-o")
    return form


def write(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StoreError(
            f"{path} could not be written: {error.strerror}.",
            hint="Choose another place with -o.",
        ) from error


def _written(test: "AbTest", read: "Read", form: "Form", fields: "MemoFields") -> str:
    from experimentos.flows.export import memo_facts, write_memo

    facts = memo_facts(test, mapping=read.mapping)
    return write_memo(test, form, fields=fields, facts=facts)


def _saved(test: "AbTest", read: "Read", form: "Form", fields: "MemoFields") -> tuple[str, str]:
    from experimentos.flows.export import keep
    from experimentos.flows.history import memo as saved_memo
    from experimentos.wiring import open_store

    store = open_store()
    try:
        record = keep(store, test, read.content, fields=fields, mapping=read.mapping)
        return record.id, saved_memo(store, record.id, form)
    finally:
        store.close()
