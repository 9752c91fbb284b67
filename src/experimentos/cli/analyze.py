"""`experimentos analyze`: what the data says, and what to do about it."""

import typer

from experimentos.cli.options import AsJson, CharterFile, File, Mapped, Split


def analyze(
    file: File,
    charter: CharterFile = None,
    split: Split = None,
    mapping: Mapped = None,
    as_json: AsJson = False,
) -> None:
    """Check, analyse and decide.

    Exit status 1 when the data is blocked, 3 when it cannot be read; Hold and Rollback are
    answers like Launch and exit with 0.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import Asked, experiment
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.report import analyze_report

    test = experiment(Asked(file, charter, split, mapping))
    if as_json:
        show.print_json(analyze_report(test))
    else:
        show.show_analysis(test)
    raise typer.Exit(OF_STATUS[test.health.status])
