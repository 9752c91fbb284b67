"""The commands; each imports what it needs when it runs, so that `--help` is quick."""

from typing import Annotated

import typer

from experimentos.cli import (
    analyze,
    calibrate,
    check,
    design,
    doctor,
    experiment,
    gc,
    history,
    memo,
    plan,
    power,
    project,
    rows,
    run,
    samples,
    serve,
    summarize,
    upkeep,
    verify,
)

app = typer.Typer(
    name="experimentos",
    help="From a results file to a decision: check, analyse, decide, write down, remember.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)

app.command("check")(check.check)
app.command("analyze")(analyze.analyze)
app.command("memo")(memo.memo)
app.command("power")(power.power)
app.command("summarize")(summarize.summarize)
app.command("verify")(verify.verify)
app.command("calibrate")(calibrate.calibrate)
app.add_typer(plan.app, name="plan")
app.add_typer(history.app, name="history")
app.add_typer(project.app, name="project")
app.add_typer(experiment.app, name="experiment")
app.add_typer(run.app, name="run")
app.add_typer(design.app, name="design")
app.add_typer(samples.app, name="samples")
app.command("doctor")(doctor.doctor)
app.add_typer(doctor.audit, name="audit")
app.command("gc")(gc.gc)
app.command("backup")(upkeep.backup)
app.command("restore")(upkeep.restore)
app.command("export")(upkeep.export)
app.command("import")(upkeep.import_)
app.command("serve")(serve.serve)
app.command("rows", hidden=True)(rows.rows)


def _version(wanted: bool) -> None:
    if wanted:
        from experimentos import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """From a results file to a decision: check, analyse, decide, write down, remember.

    Exit status: 0 done, 1 the answer is no (or the data is blocked), 2 wrong usage,
    3 the input could not be read, 4 something outside failed.
    """
