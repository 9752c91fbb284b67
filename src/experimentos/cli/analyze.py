"""`experimentos analyze`: what the data says, and what to do about it."""

import typer

from experimentos.cli.options import (
    AsJson,
    CharterFile,
    Expected,
    File,
    Mapped,
    Split,
    TooSmall,
    Where,
)


def analyze(
    file: File,
    charter: CharterFile = None,
    split: Split = None,
    mapping: Mapped = None,
    where: Where = None,
    belief: Expected = None,
    rope: TooSmall = None,
    as_json: AsJson = False,
) -> None:
    """Check, analyse and decide.

    Exit status 1 when the data is blocked, 3 when it cannot be read; Hold and Rollback are
    answers like Launch and exit with 0.
    """
    from experimentos.cli import show
    from experimentos.cli.inputs import Asked, read
    from experimentos.cli.status import OF_STATUS
    from experimentos.flows.report import analyze_report

    test = read(Asked(file, charter, split, mapping, where, belief, rope)).run()
    show.answer(analyze_report(test), lambda: show.show_analysis(test), as_json=as_json)
    raise typer.Exit(OF_STATUS[test.health.status])
