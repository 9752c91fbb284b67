"""What a command's exit status says to the program that called it."""

from enum import IntEnum

from experimentos.errors import (
    EngineError,
    ExperimentOSError,
    LlmError,
    NotFound,
    RunnerError,
    StoreError,
    UnreadableError,
)


class Exit(IntEnum):
    """The exit statuses, the same for every command."""

    DONE = 0
    NO = 1
    USAGE = 2
    UNREADABLE = 3
    FAILED = 4


# Keyed by the words of `health.report.Status`, whose package loads every check.
OF_STATUS: dict[str, Exit] = {
    "healthy": Exit.DONE,
    "warning": Exit.DONE,
    "blocked": Exit.NO,
    "unreadable": Exit.UNREADABLE,
}

# The first class that fits; what is left over was called wrongly.
OF_ERROR: tuple[tuple[type[ExperimentOSError], Exit], ...] = (
    (UnreadableError, Exit.UNREADABLE),
    (NotFound, Exit.NO),
    (StoreError, Exit.FAILED),
    (EngineError, Exit.FAILED),
    (LlmError, Exit.FAILED),
    (RunnerError, Exit.FAILED),
)


def of_error(error: ExperimentOSError) -> Exit:
    """Return the exit status for an expected failure."""
    return next((status for kind, status in OF_ERROR if isinstance(error, kind)), Exit.USAGE)
