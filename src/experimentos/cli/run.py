"""`experimentos run`: runs listed, shown, executed again, compared."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experimentos.cli.opened import CodeFolder, Follow, InProject, opened
from experimentos.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import RenderableType

    from experimentos.runs.documents import Run
    from experimentos.store.port import Store

app = typer.Typer(help="Runs: list, show, reproduce, compare, delete.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="Any unique beginning of the id.")]


@app.command("list")
def list_(
    text: Annotated[
        str, typer.Argument(metavar="[FILTER]", help="metrics.loss < 0.2 AND status = completed")
    ] = "",
    experiment: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    project: InProject = None,
    status: Annotated[str | None, typer.Option(metavar="WORD")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="ORDER", help="newest, primary or metrics.NAME.")
    ] = "newest",
    ascending: Annotated[bool, typer.Option("--ascending", help="The smallest first.")] = False,
    group: Annotated[
        bool, typer.Option("--group", help="By variant: mean, sd, n, interval of all of them.")
    ] = False,
    deleted: Annotated[bool, typer.Option("--deleted", help="List the bin.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    after: Annotated[
        str, typer.Option(metavar="PLACE", help="`next` of the page before, from --json.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List runs that match a filter, newest first."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.run_list import Wanted, count_runs, group_runs, list_runs
    from experimentos.runs.documents import slug_of

    wanted = Wanted(
        text=text,
        status=status,
        project=slug_of(project) if project else None,
        experiment=slug_of(experiment) if experiment else None,
        since=since,
        order=sort,
        descending=not ascending,
        limit=limit,
        deleted=deleted,
    )
    with opened() as store:
        store.runs.interrupt_silent()
        if group:
            rows = group_runs(store, wanted)
            report = run_report.report("run_groups", groups=run_report.groups_json(rows))
            show.answer(report, lambda: show_runs.show_groups(rows), as_json=as_json)
            return
        page, total = list_runs(store, wanted, after), count_runs(store, wanted)
    report = run_report.report(
        "run_list",
        total=total,
        next=page.next,
        runs=[run_report.run_json(each) for each in page.rows],
    )
    show.answer(report, lambda: show_runs.show_list(page.rows, total), as_json=as_json)


@app.command("show")
def show_(
    id: Id,  # noqa: A002 - the argument's name on the command line
    log: Annotated[bool, typer.Option("--log", help="Print what it printed instead.")] = False,
    follow: Follow = False,
    form: Annotated[str | None, typer.Option("--format", metavar="json", help="As --json.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show everything that is on record of a run."""
    from experimentos.charts.visible import visible
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.live_runs import pace_now
    from experimentos.flows.reproduce import log_of

    if form not in (None, "json"):
        raise typer.BadParameter(f"{form!r} is not json.", param_hint="--format")
    with opened(stays=follow) as store:
        run = store.runs.load_run(id)
        if follow:
            run = _followed(store, run)
        pace = None if run.is_over else pace_now(store, run)
        if log:
            typer.echo(visible(log_of(store, run)), nl=False)
            return
    show.answer(
        run_report.report("run", run=run_report.run_json(run)),
        lambda: show_runs.show_run(run, pace),
        as_json=as_json or form == "json",
    )


def _followed(store: "Store", run: "Run") -> "Run":
    """Show a run until it is over; return it as it is then."""
    from experimentos.cli import show_live
    from experimentos.flows.live_runs import pace_now

    def look() -> tuple["RenderableType", bool]:
        store.runs.interrupt_silent()
        now = store.runs.load_run(run.run_id)
        return show_live.run_view(now, pace_now(store, now)), now.is_over

    show_live.follow(look)
    return store.runs.load_run(run.run_id)


@app.command("reproduce")
def reproduce(
    id: Id,  # noqa: A002 - the argument's name on the command line
    code: CodeFolder = Path(),
    as_json: AsJson = False,
) -> None:
    """Execute a run again from its record: parameters, seed and the very source files.

    The verdict: identical, the same within noise, or different and where (exit status 1).
    """
    from experimentos.cli import show, show_runs
    from experimentos.cli.status import Exit
    from experimentos.flows import run_report
    from experimentos.flows.reproduce import reproduce as execute_again
    from experimentos.runs.reproduction import Verdict
    from experimentos.wiring import open_runner

    with opened(stays=True) as store:
        again = execute_again(store, open_runner(), id, code.resolve())
    report = run_report.report("run_reproduced", **run_report.again_json(again))
    show.answer(report, lambda: show_runs.show_again(again), as_json=as_json)
    if again.result.verdict is Verdict.DIFFERENT:
        raise typer.Exit(Exit.NO)


@app.command("diff")
def diff(
    first: Id,
    second: Id,
    as_json: AsJson = False,
) -> None:
    """Say where two runs differ: parameters, code, environment, inputs, metrics."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report
    from experimentos.flows.reproduce import diff as compare

    with opened() as store:
        found = compare(store, first, second)
    report = run_report.report("run_diff", **run_report.diff_json(found))
    show.answer(report, lambda: show_runs.show_diff(found), as_json=as_json)


@app.command("delete")
def delete(id: Id, as_json: AsJson = False) -> None:  # noqa: A002 - as above
    """Put a run into the bin; `run restore` takes it out."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report

    with opened() as store:
        run = store.runs.remove_run(store.runs.load_run(id).run_id)
    report = run_report.report("run", run=run_report.run_json(run))
    said = f"Deleted. Undo: experimentos run restore {run.run_id}"
    show.answer(report, lambda: show_runs.say(said), as_json=as_json)


@app.command("restore")
def restore(id: Id, as_json: AsJson = False) -> None:  # noqa: A002 - as above
    """Take a run out of the bin."""
    from experimentos.cli import show, show_runs
    from experimentos.flows import run_report

    with opened() as store:
        run = store.runs.restore_run(store.runs.load_run(id).run_id)
    report = run_report.report("run", run=run_report.run_json(run))
    show.answer(report, lambda: show_runs.say(f"Restored {run.run_id}."), as_json=as_json)
