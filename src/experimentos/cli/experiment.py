"""`experimentos experiment`: experiments over variants."""

from typing import Annotated

import typer

from experimentos.cli.options import AsJson

app = typer.Typer(help="Experiments over variants: check the file that defines one.")


@app.callback()
def root() -> None:
    """Experiments over variants: check the file that defines one."""


@app.command("validate")
def validate(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="YAML or JSON; - for standard input.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check an experiment file: names, variants, baseline, data sources.

    Exit status 1 when it is blocked, 3 when it cannot be read.
    """
    from pathlib import Path

    from experimentos.cli import show
    from experimentos.cli.inputs import STANDARD_INPUT, read_bytes
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.experiment_file import experiment_report, status_of
    from experimentos.runs.experiment_file import read_experiment

    name = "standard input" if file == STANDARD_INPUT else Path(file).name
    content = read_bytes(file)
    found = read_experiment(content, name)
    if as_json:
        show.print_json(experiment_report(found, content, name))
    else:
        show.show_experiment(found, status_of(found))
    raise typer.Exit(OF_STATUS[status_of(found)])
