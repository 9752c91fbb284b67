"""`experimentos check`: whether this data may be analysed."""

import typer

from experimentos.cli.options import AsJson, CharterFile, File, Mapped, Split


def check(
    file: File,
    charter: CharterFile = None,
    split: Split = None,
    mapping: Mapped = None,
    as_json: AsJson = False,
) -> None:
    """Read a results file and say whether it may be analysed.

    Exit status 1 when it is blocked, 3 when it cannot be read.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import Asked, experiment
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.report import check_report

    test = experiment(Asked(file, charter, split, mapping))
    if as_json:
        show.print_json(check_report(test))
    else:
        show.show_check(test)
    raise typer.Exit(OF_STATUS[test.health.status])
