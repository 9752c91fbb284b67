"""The one place where a command can fail: a sentence and a status, never a traceback."""

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from io import TextIOWrapper
from typing import TYPE_CHECKING

from experimentos import logs
from experimentos.cli.status import Exit, of_error
from experimentos.errors import ExperimentOSError, UnreadableError
from experimentos.issue import Issue, Severity
from experimentos.wiring import settings_from_environment

if TYPE_CHECKING:
    from experimentos.flows.encode import Json


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status.

    With `--json` a failure, too, is one JSON document on standard output.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot draw a character gets its escape, not a failure.
            stream.reconfigure(errors="backslashreplace")
    as_json = "--json" in arguments
    try:
        _configure_logs()
        return _run(arguments)
    except ExperimentOSError as error:
        _tell(error, as_json=as_json)
        return of_error(error)
    except BrokenPipeError:
        # The reader of the pipe has seen enough; nothing may be flushed to it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except Exception as error:  # noqa: BLE001 - the entry of the program: an incident id, no traceback
        number = logs.incident(error, f"command {' '.join(arguments[:1])}")
        bug = ExperimentOSError(
            f"Something went wrong that should not have (incident {number}).",
            hint="Please report it with the log line that has this id.",
        )
        _tell(bug, as_json=as_json)
        return Exit.FAILED


def _run(arguments: Sequence[str]) -> int:
    from experimentos.cli.app import app

    try:
        app(args=list(arguments), prog_name="experimentos")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else Exit.DONE
    return Exit.DONE


def _configure_logs() -> None:
    settings = settings_from_environment()
    if "EXPERIMENTOS_LOG_LEVEL" not in os.environ:
        settings = replace(settings, log_level=logging.getLevelName(logging.WARNING))
    logs.configure(settings)


def _tell(error: ExperimentOSError, *, as_json: bool) -> None:
    from experimentos.cli.show import print_error, print_json

    if as_json:
        print_json(error_report(error))
    else:
        print_error(error)


def error_report(error: ExperimentOSError) -> dict[str, "Json"]:
    """Return a failure as JSON; what could not be read has a status and issues, as in `check`."""
    from experimentos.flows.report import SCHEMA_VERSION, issue_report

    report: dict[str, Json] = {"schema_version": SCHEMA_VERSION, "report": "error"}
    if isinstance(error, UnreadableError):
        issue = Issue("file_unreadable", Severity.UNREADABLE, error.message, error.hint)
        issues: tuple[Issue, ...] = getattr(error, "issues", (issue,))
        report |= {"status": "unreadable", "issues": [issue_report(one) for one in issues]}
    return report | {"error": {"message": error.message, "hint": error.hint}}
