"""The history for the length of one command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from experimentos.issue import Issue
    from experimentos.store.port import Store

CodeFolder = Annotated[
    Path,
    typer.Option(
        "--code", metavar="DIR", help="Folder of the code; data sources are relative to it."
    ),
]
Follow = Annotated[
    bool, typer.Option("--follow", "-f", help="Stay and show progress until nothing runs.")
]
InProject = Annotated[
    str | None,
    typer.Option("--project", metavar="NAME", help="The project in use if none is named."),
]


@contextmanager
def opened(*, stays: bool = False) -> Iterator["Store"]:
    """Open the history of the workspace and close it at the end.

    A command that stays answers the others meanwhile, as the app does; else they would wait for it.
    """
    from experimentos.wiring import open_services, settings_from_environment

    store = open_services(settings_from_environment(), serve=stays).store
    try:
        yield store
    finally:
        store.close()


def stop_if_blocked(issues: tuple["Issue", ...]) -> None:
    """Print what is wrong with a file; leave with status 1 or 3 if it cannot be used."""
    from experimentos.cli import show
    from experimentos.cli.status import Exit
    from experimentos.issue import Severity, worst

    if issues:
        show.print_issues(show.output(), issues)
    match worst(issues):
        case Severity.UNREADABLE:
            raise typer.Exit(Exit.UNREADABLE)
        case Severity.BLOCKED:
            raise typer.Exit(Exit.NO)
        case _:
            return
