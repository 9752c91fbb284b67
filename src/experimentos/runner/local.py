"""Jobs as child processes of this machine, with the rights of the person who starts them.

No sandbox: the code can do whatever that person can. It is for their own code on their own
machine; who may ask for it is decided elsewhere (`access.Gate.is_local`). What is held here: a
session of its own, so that all of it can be killed; a time limit; an end when we end; results from
files, never from what is printed.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from experimentos.errors import RunnerError
from experimentos.runner import worker
from experimentos.runner.port import (
    BAD_RESULT,
    CANCELLED,
    KILLED,
    NO_RESULT,
    TIMED_OUT,
    TOO_MUCH_OUTPUT,
    Event,
    GoesOn,
    Job,
    OnEvent,
    Outcome,
)
from experimentos.runs.strict import inside_workspace

TICK_SECONDS = 0.1
GRACE_SECONDS = 2.0
PRINTED_SECONDS = 1.0
TAIL_BYTES = 2_000
LOG_KEPT = 512 * 1024
LOG_MOST = 256 * 2**20
RESULT_MOST = 8 * 2**20
FILES_MOST = 200
FILES_BYTES = 128 * 2**20
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

type MetricName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.@ -]{0,99}$")]
type Reported = (
    Annotated[float, Field(allow_inf_nan=False)] | Literal["NaN", "Infinity", "-Infinity"]
)


class _Result(BaseModel):
    """What a worker writes at its end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metrics: dict[MetricName, Reported] = Field(max_length=1_000)
    error_kind: str = Field(max_length=100)
    error: str = Field(max_length=5_000)
    cost_usd: float | None = Field(ge=0, allow_inf_nan=False)
    sources: dict[str, str]


class _Said(BaseModel):
    """A line of the events file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["started", "progress", "metric", "cost"]
    name: str = Field(default="", max_length=100)
    value: float = 0.0
    total: float = 0.0


class LocalRunner:
    """Starts each job in a process of its own; see `port.Runner`."""

    def __init__(self, workspace: Path | None = None) -> None:
        self._workspace = workspace

    @property
    def workspace(self) -> Path | None:
        """Return where jobs keep what outlives them; see `port.Runner.workspace`."""
        return self._workspace

    def run(self, job: Job, on_event: OnEvent, goes_on: GoesOn) -> Outcome:
        """Run the job to its end; see `port.Runner.run`."""
        with tempfile.TemporaryDirectory(prefix="xos-run-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            began = time.monotonic()
            with (folder / "log").open("wb") as log:
                child = _Child(_started(job, folder, log.fileno()), folder, on_event)
                ended = child.follow(began + job.time_limit_seconds, goes_on)
            outcome = _outcome(folder, ended, child.process.returncode, job)
            return Outcome(
                error_kind=outcome.error_kind,
                error=outcome.error,
                metrics=outcome.metrics,
                cost_usd=outcome.cost_usd,
                outputs=outcome.outputs,
                log=_log(folder / "log"),
                sources=outcome.sources,
                seconds=time.monotonic() - began,
            )


def _started(job: Job, folder: Path, log: int) -> subprocess.Popen[bytes]:
    (folder / "out").mkdir()
    imports = job.code if job.sources is None else folder / "code"
    for name, text in (job.sources or {}).items():
        target = imports / inside_workspace(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    document = {
        "entry_point": job.entry_point,
        "imports": str(imports),
        "params": dict(job.params),
        "constraints": dict(job.constraints),
        "seed": job.seed,
        "repeat": job.repeat,
    }
    (folder / "job.json").write_text(json.dumps(document), "utf-8")
    # -P: the folder of the worker is no place to import from.
    command = [sys.executable, "-P", str(worker.__file__), str(folder / "job.json")]
    try:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and script, no shell
            command,
            cwd=job.code,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
            start_new_session=True,
        )
    except OSError as exc:
        raise RunnerError(
            f"No process could be started in {job.code.name}: {exc.strerror}.",
            hint="Check that the folder of the code exists.",
        ) from exc


@dataclass(slots=True)
class _Child:
    """A process that is followed to its end."""

    process: subprocess.Popen[bytes]
    folder: Path
    on_event: OnEvent
    read: int = 0
    printed: int = 0
    looked: float = field(default_factory=time.monotonic)

    def follow(self, deadline: float, goes_on: GoesOn) -> str:
        """Return "" when it ended by itself, or why it was killed."""
        over = threading.Event()
        watcher = threading.Thread(target=self._await_end, args=(over,), daemon=True)
        watcher.start()
        why = ""
        try:
            while not over.wait(TICK_SECONDS):
                self._tell()
                self._tell_printed()
                why = self._reason_to_stop(deadline, goes_on)
                if why:
                    break
        finally:
            # Also when we are interrupted ourselves: nothing of it lives on.
            if not over.is_set():
                self._kill(signal.SIGTERM)
                if not over.wait(GRACE_SECONDS):
                    self._kill(signal.SIGKILL)
            over.wait()
            watcher.join()
        self._tell()
        return why

    def _await_end(self, over: threading.Event) -> None:
        # Its number stays taken until it is waited for, so the group can be killed safely: what a
        # job leaves behind ends with it.
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
            self._kill(signal.SIGKILL)
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()
        over.set()

    def _kill(self, how: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, how)

    def _reason_to_stop(self, deadline: float, goes_on: GoesOn) -> str:
        if time.monotonic() > deadline:
            return TIMED_OUT
        if not goes_on():
            return CANCELLED
        return TOO_MUCH_OUTPUT if (self.folder / "log").stat().st_size > LOG_MOST else ""

    def _tell(self) -> None:
        path = self.folder / "events.jsonl"
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(self.read)
            lines = file.read(2**20)
            whole = lines[: lines.rfind(b"\n") + 1]
            self.read += len(whole)
            for line in whole.splitlines():
                with contextlib.suppress(ValidationError):
                    said = _Said.model_validate_json(line)
                    self.on_event(Event(said.kind, said.name, said.value, said.total))

    def _tell_printed(self) -> None:
        """Tell the end of the log, once a second while it grows."""
        now = time.monotonic()
        if now - self.looked < PRINTED_SECONDS:
            return
        self.looked = now
        with (self.folder / "log").open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            if size == self.printed:
                return
            self.printed = size
            file.seek(max(0, size - TAIL_BYTES))
            text = file.read().decode("utf-8", "replace")
        self.on_event(Event("printed", text=text))


def _outcome(folder: Path, why: str, status: int, job: Job) -> Outcome:
    match why:
        case "timed_out":
            text = f"It was stopped after its time limit of {job.time_limit_seconds:g} seconds."
            return Outcome(TIMED_OUT, text)
        case "cancelled":
            return Outcome(CANCELLED, "It was cancelled.")
        case "too_much_output":
            return Outcome(TOO_MUCH_OUTPUT, f"It printed more than {LOG_MOST // 2**20} MiB.")
        case _:
            return _result(folder, status)


def _result(folder: Path, status: int) -> Outcome:
    try:
        with (folder / "result.json").open("rb") as file:
            said = _Result.model_validate_json(file.read(RESULT_MOST))
        outputs = _outputs(folder / "out")
    except FileNotFoundError:
        if status < 0:
            return Outcome(KILLED, f"The process was killed by signal {-status}.")
        return Outcome(NO_RESULT, f"The process ended with status {status} and left no result.")
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        return Outcome(BAD_RESULT, f"Its result cannot be used: {where}: {problem['msg']}.")
    except RunnerError as exc:
        return Outcome(BAD_RESULT, exc.message)
    return Outcome(
        error_kind=said.error_kind,
        error=said.error,
        metrics=said.metrics,
        cost_usd=said.cost_usd,
        outputs=outputs,
        sources=said.sources,
    )


def _outputs(folder: Path) -> Mapping[str, bytes]:
    """Return the plain files of the output folder; what is none of them is not followed."""
    found: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.iterdir()):
        if FILE_NAME.fullmatch(path.name) is None or path.is_symlink() or not path.is_file():
            raise RunnerError(
                f"The output folder holds {path.name[:100]!r}: plain files named with letters, "
                "digits, dot, dash and underscore are kept, nothing else."
            )
        total += path.stat().st_size
        if len(found) == FILES_MOST or total > FILES_BYTES:
            raise RunnerError(
                f"The output folder holds more than {FILES_MOST} files or "
                f"{FILES_BYTES // 2**20} MiB."
            )
        found[path.name] = path.read_bytes()
    return found


def _log(path: Path) -> bytes:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= 2 * LOG_KEPT:
            return file.read()
        start = file.read(LOG_KEPT)
        file.seek(size - LOG_KEPT)
        left_out = f"\n... {size - 2 * LOG_KEPT:,} bytes left out ...\n".encode()
        return start + left_out + file.read()
