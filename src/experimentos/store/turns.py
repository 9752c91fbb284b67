"""Whose turn it is to open a history file that several commands want at once.

Commands that try again and again starve each other (measured: one waited 24 s while three others
saved fifty times each). So each takes a place in a queue, and only the first one tries.
"""

import contextlib
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

# Longer than anybody waits: a place that is older was left behind.
OLDEST_NS = 120 * 10**9


class Turn:
    """A place in the queue for a file, from `with` to its end.

    A disk that takes no more places lets everybody try at once: the file's own lock decides.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.with_name(f".{path.name}.turns")
        self._name = f"{time.time_ns():020d}-{os.getpid()}-{id(self):x}"

    def __enter__(self) -> Self:
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            (self._folder / self._name).touch(mode=0o600)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop(self._name)

    def is_first(self) -> bool:
        """Return whether nobody who is still there came before."""
        for name in self._before():
            if _is_waiting(name):
                return False
            self._drop(name)
        return True

    def _before(self) -> list[str]:
        try:
            return sorted(p.name for p in self._folder.iterdir() if p.name < self._name)
        except OSError:
            return []

    def _drop(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()


def _is_waiting(name: str) -> bool:
    begun, _, rest = name.partition("-")
    pid = rest.partition("-")[0]
    if not (begun.isdigit() and pid.isdigit()) or time.time_ns() - int(begun) > OLDEST_NS:
        return False
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
