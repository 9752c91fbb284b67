"""A process beside this one that answers in lines of JSON, and ends when its parent does.

Rows are read there, not here: what an engine needs of memory is given back when it ends, a file
that crashes a reader crashes nothing else, and to cancel is to end it.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import experimentos
from experimentos.errors import EngineError

# How often somebody who waits is asked whether to go on.
ASKED_EVERY = 0.2
# How long a process may take to end once it has said everything.
LAST_WORDS = 5

type Message = dict[str, Any]


def converse(command: str, task: Message, heard: Callable[[Message | None], bool]) -> int:
    """Run `python -m experimentos COMMAND`, give it a task, and hear what it says until it ends.

    Parameters
    ----------
    command
        A command that reads one line of JSON and answers in lines of JSON.
    task
        What it is to do; `folder` is added: a folder of its own, removed at the end.
    heard
        Gets each message, and None while there is none; False ends the process at once.

    Returns
    -------
    int
        The exit status; negative for the signal that ended it.
    """
    with tempfile.TemporaryDirectory(prefix="experimentos-rows-") as folder:
        process = _start(command, folder)
        try:
            assert process.stdin is not None  # noqa: S101 - a pipe was asked for
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps({**task, "folder": folder}) + "\n")
                process.stdin.flush()
            _listen(process, heard)
        finally:
            _end(process)
        return process.returncode


def _start(command: str, folder: str) -> subprocess.Popen[str]:
    package = str(Path(experimentos.__file__).resolve().parents[1])
    paths = [package, os.environ.get("PYTHONPATH", "")]
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and package
            [sys.executable, "-m", "experimentos", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                "PYTHONIOENCODING": "utf-8",
                "TMPDIR": folder,
            },
        )
    except OSError as exc:
        raise EngineError(
            f"No process could be started to read the rows: {exc.strerror}.",
            hint="Free some memory and try again.",
        ) from exc


def _listen(process: subprocess.Popen[str], heard: Callable[[Message | None], bool]) -> None:
    said: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_pump, args=(process, said), daemon=True).start()
    while True:
        try:
            line = said.get(timeout=ASKED_EVERY)
        except queue.Empty:
            message = None
        else:
            if line is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=LAST_WORDS)
                return
            message = _message(line)
        if not heard(message):
            return


def _pump(process: subprocess.Popen[str], said: "queue.SimpleQueue[str | None]") -> None:
    assert process.stdout is not None  # noqa: S101 - a pipe was asked for
    with suppress(ValueError, OSError):
        for line in process.stdout:
            said.put(line)
    said.put(None)


def _message(line: str) -> Message | None:
    """Return the message; None for a line that a library printed."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
