"""`experimentos rows`: the process that reads raw rows for a screen; not for people."""

import json
import os
import shutil
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from experimentos import logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from experimentos.engine.port import Engine

TOLD_EVERY = 0.25
# A statement that is less far than the one before by so much is the next one.
NEXT_STATEMENT = 0.3
_SAYING = threading.Lock()


def rows() -> None:
    """Take one task as a line of JSON, answer in lines of JSON, end when the input ends."""
    from experimentos.flows.raw_rows import perform

    task = json.loads(sys.stdin.readline())
    folder = task.get("folder")
    threading.Thread(target=_leave_with_parent, args=(folder,), daemon=True).start()
    telling = Telling()
    try:
        perform(task, say, telling)
    except Exception as error:  # noqa: BLE001 - the entry of a process: an incident id, no traceback
        number = logs.incident(error, "rows")
        text = f"Something went wrong that should not have (incident {number})."
        hint = "Please report it with the log line that has this id."
        say({"failure": {"kind": "EngineError", "message": text, "hint": hint}})
    finally:
        telling.over.set()


class Telling:
    """Tells what is being done, and a few times a second how far it is."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.doing = ""

    def opened(self, engine: "Engine") -> None:
        """Follow the engine, if it tells how far it is."""
        progress = getattr(engine, "progress", None)
        if progress is not None:
            threading.Thread(target=self._follow, args=(progress,), daemon=True).start()

    def step(self, doing: str) -> None:
        """Tell what the next pass is for."""
        self.doing = doing
        say({"doing": doing, "share": None})

    def _follow(self, progress: "Callable[[], float | None]") -> None:
        last, part = 0.0, 1
        while not self.over.wait(TOLD_EVERY):
            share = progress()
            if share is None:
                continue
            part += share < last - NEXT_STATEMENT
            last = share
            more = "" if part == 1 else f", step {part}"
            say({"doing": f"{self.doing}{more}", "share": share})


def say(message: dict[str, Any]) -> None:
    """Write one message, whole, to whoever started this process."""
    # Nobody listens any more: this process is about to end, too.
    with _SAYING, suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def _leave_with_parent(folder: str | None) -> None:
    """End this process, and what it spilled, when the one that started it is gone."""
    with suppress(OSError, ValueError):
        while sys.stdin.readline():
            pass
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)
