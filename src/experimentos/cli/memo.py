"""`experimentos memo`: the decision, written down for others."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from experimentos.cli.options import AsJson, CharterFile, File, Mapped, Split, Where
from experimentos.errors import StoreError

if TYPE_CHECKING:
    from experimentos.cli.inputs import Read
    from experimentos.flows.ab_test import AbTest
    from experimentos.memo.subject import MemoFields

type Written = Literal["md", "html", "pdf"]

FORMS: dict[str, Written] = {
    ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".pdf": "pdf",
}  # fmt: skip


def memo(
    file: File,
    out: Annotated[
        str,
        typer.Option("--output", "-o", metavar="OUT.{md,html,pdf}", help="- prints Markdown."),
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
    """Analyse, decide and write the decision memo as Markdown, HTML or PDF.

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
                "memo": text if isinstance(text, str) and out == "-" else None,
            }
        )
    elif out == "-":
        typer.echo(text)
    else:
        typer.echo(f"{test.decision.verdict.value}: written to {out}.")
    raise typer.Exit(status)


def form_of(out: str) -> Written:
    """Return the format that the name of the output asks for."""
    if out == "-":
        return "md"
    form = FORMS.get(Path(out).suffix.lower())
    if form is None:
        raise typer.BadParameter(f"{out!r} does not end in .md, .html or .pdf.", param_hint="-o")
    return form


def write(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StoreError(
            f"{path} could not be written: {error.strerror}.",
            hint="Choose another place with -o.",
        ) from error


def _written(test: "AbTest", read: "Read", form: Written, fields: "MemoFields") -> str | bytes:
    from experimentos.flows.export import memo_facts, memo_pdf, write_memo

    facts = memo_facts(test, mapping=read.mapping)
    if form == "pdf":
        return memo_pdf(test, fields=fields, facts=facts)
    return write_memo(test, form, fields=fields, facts=facts)


def _saved(
    test: "AbTest", read: "Read", form: Written, fields: "MemoFields"
) -> tuple[str, str | bytes]:
    from experimentos.flows.export import keep, memo_facts, memo_pdf
    from experimentos.flows.history import memo as saved_memo
    from experimentos.wiring import open_store

    store = open_store()
    try:
        record = keep(store, test, read.content, fields=fields, mapping=read.mapping)
        if form != "pdf":
            return record.id, saved_memo(store, record.id, form)
    finally:
        store.close()
    facts = memo_facts(test, made_at=record.created_at, run_id=record.id, mapping=read.mapping)
    return record.id, memo_pdf(test, fields=fields, facts=facts)
