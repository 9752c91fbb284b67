"""`experimentos history`: what was saved, and whether it still comes out the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from experimentos.flows.encode import Json
    from experimentos.store.port import Record, Store

app = typer.Typer(
    help="Saved analyses: list, show, run again, delete, restore.", no_args_is_help=True
)

Id = Annotated[str, typer.Argument(metavar="ID", help="Any unique beginning of the id.")]


@app.command("list")
def list_(
    text: Annotated[str, typer.Argument(metavar="[WORDS]", help="Words to look for.")] = "",
    verdict: Annotated[
        str | None, typer.Option(help="Launch, Hold or Rollback.", show_default=False)
    ] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="List the bin.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="At most this many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List saved analyses, newest first."""
    from experimentos.cli import show
    from experimentos.flows.history import list_analyses

    with _history() as store:
        records = list_analyses(store, text, verdict, deleted=deleted, limit=limit)
    if as_json:
        _print_json("history_list", analyses=[_record(record) for record in records])
        return
    console = show.output()
    if not records:
        console.print("Nothing is saved here yet." if not text else "Nothing matches.")
        return
    made = show.table(console, ("Id", "Saved (UTC)", "Verdict", "Title"))
    for record in records:
        made.add_row(
            record.id,
            f"{record.created_at:%Y-%m-%d %H:%M}",
            show.cell(record.facets.get("verdict", "")),
            show.cell(record.title or record.facets.get("file", "")),
        )
    console.print(made)


@app.command("show")
def show_(
    id: Id,  # noqa: A002 - the argument's name on the command line
    as_json: AsJson = False,
    memo: Annotated[
        str | None, typer.Option(metavar="md|html", help="Print the saved memo instead.")
    ] = None,
) -> None:
    """Show a saved analysis as it was decided."""
    from experimentos.cli import show
    from experimentos.flows import history

    if memo not in (None, "md", "html"):
        raise typer.BadParameter(f"{memo!r} is neither md nor html.", param_hint="--memo")
    with _history() as store:
        if memo:
            typer.echo(history.memo(store, id, memo))
            return
        saved = history.open_analysis(store, id)
    if as_json:
        kept = {**saved.record.body, **saved.results}
        _print_json("history_show", **_record(saved.record), **_encoded(kept))
        return
    console = show.output()
    record = saved.record
    console.print(show.cell(f"{record.title or saved.name}  ({record.id})"))
    decision = saved.results.get("decision")
    if isinstance(decision, dict):
        console.print(show.cell(f"{decision['verdict']}. {decision['sentence']}"))
    console.print(
        show.cell(
            f"{saved.name}, {record.facets.get('health', '')}, saved "
            f"{record.created_at:%Y-%m-%d %H:%M} UTC with ExperimentOS "
            f"{saved.versions.get('experimentos', '')}"
        )
    )


@app.command()
def rerun(
    id: Id,  # noqa: A002 - as above
    source: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="Where raw rows lie: are they those of then?"),
    ] = None,
    exposures: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="Their exposure table, if there was one.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute a saved analysis again; exit status 1 when any bit differs."""
    from experimentos.cli import show
    from experimentos.cli.status import Exit
    from experimentos.flows import history
    from experimentos.wiring import reach, settings_from_environment

    with _history() as store:
        record = history.open_analysis(store, id).record
        named = None if source is None else (source, exposures)
        again = history.rerun(store, record.id, reach(settings_from_environment()), named)
    if as_json:
        _print_json(
            "history_rerun",
            id=record.id,
            identical=again.identical,
            differences=list(again.differences),
            versions=list(again.versions),
            **({"source": again.source} if again.source else {}),
        )
    else:
        console = show.output()
        console.print(
            "Identical to the last bit." if again.identical else "The result is not the same."
        )
        for line in (*again.differences, *again.versions, *filter(None, [again.source])):
            console.print(show.cell(f"- {line}"))
    raise typer.Exit(Exit.DONE if again.identical else Exit.NO)


@app.command()
def delete(id: Id, as_json: AsJson = False) -> None:  # noqa: A002 - as above
    """Put a saved analysis into the bin; `restore` takes it out."""
    from experimentos.flows import history

    with _history() as store:
        record = history.remove(store, history.open_analysis(store, id).record.id)
    _tell(
        record,
        "history_delete",
        f"Deleted. Undo: experimentos history restore {record.id}",
        as_json=as_json,
    )


@app.command()
def restore(id: Id, as_json: AsJson = False) -> None:  # noqa: A002 - as above
    """Take a saved analysis out of the bin."""
    from experimentos.flows import history

    with _history() as store:
        record = history.restore(store, id)
    _tell(record, "history_restore", f"Restored {record.id}.", as_json=as_json)


@contextmanager
def _history() -> Iterator["Store"]:
    from experimentos.wiring import open_services, settings_from_environment

    store = open_services(settings_from_environment()).store
    try:
        yield store
    finally:
        store.close()


def _tell(record: "Record", report: str, sentence: str, *, as_json: bool) -> None:
    if as_json:
        _print_json(report, **_record(record))
    else:
        typer.echo(sentence)


def _print_json(report: str, **content: "Json") -> None:
    from experimentos.cli import show

    show.print_json({"schema_version": 1, "report": report, **content})


def _encoded(document: dict[str, object]) -> dict[str, "Json"]:
    from experimentos.flows.encode import encode

    return {name: encode(value) for name, value in document.items() if name != "schema_version"}


def _record(record: "Record") -> dict[str, "Json"]:
    return _encoded(
        {
            "id": record.id,
            "title": record.title,
            "created_at": record.created_at,
            "updated_at": record.updated_at,
            "deleted_at": record.deleted_at,
            "revision": record.revision,
            "facets": record.facets,
            "artefacts": record.artefacts,
        }
    )
