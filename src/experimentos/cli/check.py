"""`experimentos check`: whether this data may be analysed."""

import typer

from experimentos.cli.options import AsJson, CharterFile, File, Mapped, Split, Where


def check(
    file: File,
    charter: CharterFile = None,
    split: Split = None,
    mapping: Mapped = None,
    where: Where = None,
    as_json: AsJson = False,
) -> None:
    """Read a results file and say whether it may be analysed.

    Exit status 1 when it is blocked, 3 when it cannot be read.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import Asked, read
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.report import check_report

    test = read(Asked(file, charter, split, mapping, where)).check()
    show.answer(check_report(test), lambda: show.show_check(test), as_json=as_json)
    raise typer.Exit(OF_STATUS[test.health.status])
