"""An append-only file of JSON lines: what is written is there after a crash, and only whole."""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

from experimentos.errors import StoreError
from experimentos.store.artefacts import sync_folder


class Journal:
    """Lines that are on the disk when `append` returns; safe from several threads.

    Parameters
    ----------
    path
        The file; its folder is made, readable by its owner alone.

    Raises
    ------
    StoreError
        If the file cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            sync_folder(path.parent)
        except OSError as exc:
            raise _refused(exc) from exc
        self._claim()
        self._end_torn_line()

    def append(self, entry: Mapping[str, object]) -> None:
        """Write one line durably."""
        line = json.dumps(entry, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        with self._lock:
            try:
                written = os.write(self._file, line)
                os.fsync(self._file)
            except OSError as exc:
                raise _refused(exc) from exc
        if written != len(line):
            raise _refused(OSError("the disk is full"))

    def close(self) -> None:
        """Release the file."""
        os.close(self._file)

    def _claim(self) -> None:
        """Let no second process write the same lines; the kernel frees the claim at our end."""
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            os.close(self._file)
            raise StoreError(
                "This evaluation is being run already.",
                hint="Wait for it, or stop it; then this call goes on where it ended.",
            ) from exc

    def _end_torn_line(self) -> None:
        """Cut off a line that a crash left unfinished: it was never acknowledged."""
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            os.truncate(self.path, whole)


def read_journal(path: Path) -> list[dict[str, object]]:
    """Return the whole lines of a journal in their order; none when there is no file.

    Raises
    ------
    StoreError
        If a line in the middle is damaged.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise _refused(exc) from exc
    lines = content[: content.rfind(b"\n") + 1].splitlines()
    try:
        return [dict(json.loads(line)) for line in lines]
    except (ValueError, TypeError) as exc:
        raise StoreError(
            f"The journal {path.name} is damaged.", hint="Start the evaluation afresh."
        ) from exc


def _refused(exc: OSError) -> StoreError:
    return StoreError(
        f"The journal of the evaluation cannot be written: {exc.strerror or exc}.",
        hint="Make room on the disk; what was written before is there, and can be resumed.",
    )
