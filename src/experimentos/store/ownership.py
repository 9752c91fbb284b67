"""Who owns a history file: one process at a time, said in a file beside it."""

import contextlib
import json
import os
import weakref
from pathlib import Path
from typing import Any

from experimentos.errors import StoreError

SAID_BYTES = 1_024


class Owned(StoreError):  # noqa: N818 - reads as the condition, not as a kind of error
    """Another process owns the history file.

    Attributes
    ----------
    pid : int | None
    is_own : bool
        Whether the owner is this very process.
    socket : str
        Where the owner answers, "" when it serves nobody.
    """

    def __init__(self, pid: int | None, socket: str = "") -> None:
        self.pid = pid
        self.is_own = pid == os.getpid()
        self.socket = socket
        who = f"process {pid}" if pid else "another process"
        if self.is_own:
            who = f"this process ({pid}) already"
        super().__init__(
            f"The history is in use by {who}.",
            hint="Close the app or the command that has it open and try again, or set "
            "EXPERIMENTOS_HOME to another folder.",
        )


class Ownership:
    """An exclusive claim on a history file, freed by the kernel when its process ends.

    DuckDB locks the file itself as well; this claim is made first, so that the file and its log
    can be copied before DuckDB opens them, and so that the others learn where the owner answers.
    """

    def __init__(self, path: Path) -> None:
        """Claim the file; raises Owned when somebody else has."""
        import fcntl

        self._path = path.with_name(path.name + ".owner")
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Closed with the object as well: a store that was forgotten must not lock its own process.
        self._close = weakref.finalize(self, os.close, self._handle)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            self._close()
            raise owner_of(path) from exc
        self.announce("")

    def announce(self, socket: str) -> None:
        """Write who owns the file and where it answers."""
        self._write(json.dumps({"pid": os.getpid(), "socket": socket}))

    def _write(self, text: str) -> None:
        # Always as long, over what is there: that needs no room on a disk that is full.
        try:
            os.pwrite(self._handle, text.ljust(SAID_BYTES).encode(), 0)
        except OSError as exc:
            self._close()
            raise StoreError(
                f"The history cannot be opened: {self._path.name} cannot be written "
                f"({exc.strerror}).",
                hint="Free some disk space, or check the rights of the workspace.",
            ) from exc

    def release(self) -> None:
        """Give the claim up; doing so twice is harmless."""
        if self._close.alive:
            with contextlib.suppress(StoreError):
                self._write("{}")
            self._close()


def owner_of(path: Path) -> Owned:
    """Return what the owner of a history file says of itself."""
    said: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        read = json.loads(path.with_name(path.name + ".owner").read_text())
        said = read if isinstance(read, dict) else {}
    pid = said.get("pid")
    return Owned(pid if isinstance(pid, int) else None, str(said.get("socket", "")))
