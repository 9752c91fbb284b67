"""The child process: reads a job, calls the function, writes a result. Standard library only.

It is started as a script, so that it costs no more than the interpreter: `python -P worker.py JOB`.
"""

from __future__ import annotations

import json
import math
import os
import random
import signal
import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

# What costs more than a millisecond to import (pathlib, inspect, typing, traceback) is imported
# where it is needed: every run pays for this file.
MOST_SOURCE_BYTES = 2_000_000
# A loop may report a million times: what is said is written down ten times a second at most.
SAY_SECONDS = 0.1


class RunContext:
    """What an entry point that asks for `run` is given.

    Attributes
    ----------
    params : dict
        All parameters, those that the function has no argument for included.
    seed, repeat : int
    constraints : dict
    """

    def __init__(self, job: dict[str, Any], folder: str) -> None:
        self.params = job["params"]
        self.seed = job["seed"]
        self.repeat = job["repeat"]
        self.constraints = job["constraints"]
        self.metrics: dict[str, object] = {}
        self.cost_usd: float | None = None
        self._folder = folder
        self._events = os.path.join(folder, "events.jsonl")
        self._unsaid: dict[str, str] = {}
        self._lock = threading.Lock()
        self._said = 0.0
        self._later: threading.Timer | None = None

    @property
    def out(self) -> Path:
        """Return the folder for files to keep."""
        from pathlib import Path

        return Path(self._folder, "out")

    def metric(self, name: str, value: float) -> None:
        """Report a metric; the last value of a name counts."""
        self.metrics[name] = spelled(value)
        self.say("metric", name=name, value=spelled(value))

    def progress(self, done: float, total: float = 1.0) -> None:
        """Report how much is done."""
        self.say("progress", value=float(done), total=float(total))

    def cost(self, usd: float) -> None:
        """Add to what the run cost."""
        self.cost_usd = (self.cost_usd or 0.0) + float(usd)
        self.say("cost", value=self.cost_usd)

    def say(self, kind: str, **content: object) -> None:
        """Have it written down, now or within `SAY_SECONDS`; of a name the last value."""
        line = json.dumps({"kind": kind, **content})
        with self._lock:
            self._unsaid[f"{kind} {content.get('name', '')}"] = line
            wait = self._said + SAY_SECONDS - time.monotonic()
            if wait <= 0:
                self._write()
            elif self._later is None:
                self._later = threading.Timer(wait, self.flush)
                self._later.daemon = True
                self._later.start()

    def flush(self) -> None:
        """Write down what is not written yet."""
        with self._lock:
            self._later = None
            self._write()

    def _write(self) -> None:
        if self._unsaid:
            with open(self._events, "a") as file:
                file.write("\n".join(self._unsaid.values()) + "\n")
        self._unsaid.clear()
        self._said = time.monotonic()


def spelled(value: object) -> object:
    """Return a number as JSON: numbers of NumPy too; NaN and infinities as words."""
    number = float(value)  # type: ignore[arg-type]  # what is no number fails here, as it should
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def call(function: Callable[..., object], run: RunContext) -> object:
    """Call the function with the parameters it has arguments for; one it lacks is an error."""
    offered = {"seed": run.seed, **run.params}
    names, takes_all = arguments_of(function)
    takes_run = "run" in names
    unknown = sorted(set(run.params) - names)
    if unknown and not takes_all and not takes_run:
        raise TypeError(
            f"the function has no argument {unknown[0]!r}; it has {', '.join(sorted(names))}. "
            "Add the argument, **parameters, or run (and read run.params)."
        )
    given = {name: value for name, value in offered.items() if takes_all or name in names}
    return function(**given, **({"run": run} if takes_run else {}))


def arguments_of(function: Callable[..., object]) -> tuple[set[str], bool]:
    """Return the names that a function takes by keyword, and whether it takes any others."""
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__wrapped__"):
        import inspect

        parameters = inspect.signature(function).parameters.values()
        by_name = {
            p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        }
        return by_name, any(p.kind is p.VAR_KEYWORD for p in parameters)
    count = code.co_argcount + code.co_kwonlyargcount
    return set(code.co_varnames[code.co_posonlyargcount : count]), bool(code.co_flags & 0x08)


def collected(answer: object, metrics: dict[str, object], prefix: str = "") -> dict[str, object]:
    """Return the metrics that were reported and those that the function returned."""
    if answer is None:
        return metrics
    if isinstance(answer, dict):
        for name, value in answer.items():
            collected(value, metrics, f"{prefix}{name}.")
        return metrics
    try:
        metrics[prefix.removesuffix(".") or "value"] = spelled(answer)
    except (TypeError, ValueError):
        what = f"the metric {prefix.removesuffix('.')}" if prefix else "what the function returned"
        raise TypeError(f"{what} is a {type(answer).__name__}, not a number.") from None
    return metrics


def loaded_sources(code: str) -> dict[str, str]:
    """Return the source of every loaded module that lies in the code folder."""
    found: dict[str, str] = {}
    left = MOST_SOURCE_BYTES
    for name, module in list(sys.modules.items()):
        if name == "__main__":
            continue
        origin = getattr(module, "__file__", None)
        if not origin or not origin.endswith(".py") or not origin.startswith(code + os.sep):
            continue
        place = os.path.relpath(origin, code).replace(os.sep, "/")
        if "site-packages" in place.split("/"):
            continue
        try:
            with open(origin, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError):
            continue
        left -= len(text)
        if left >= 0:
            found[place] = text
    return found


def watch_parent(handle: int) -> None:
    """End with all that we started when the process that started us is gone."""
    while True:
        try:
            if not os.read(handle, 1):
                break
        except OSError:
            break
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def seed_generators(seed: int) -> None:
    """Seed `random`, and NumPy's old global generator if the code has loaded it."""
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)


def work(job: dict[str, Any], folder: str) -> dict[str, Any]:
    """Do the job and return its result."""
    code = job["imports"]
    sys.path.insert(0, code)
    # Last, so that it displaces nothing: what asks models is imported from where we came from.
    sys.path.append(os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..")))
    run = RunContext(job, folder)
    result: dict[str, Any] = {"metrics": run.metrics, "error_kind": "", "error": ""}
    try:
        module, _, name = job["entry_point"].partition(":")
        run.say("started")
        seed_generators(job["seed"])
        __import__(module)
        function = getattr(sys.modules[module], name)
        seed_generators(job["seed"])
        collected(call(function, run), run.metrics)
    except BaseException as failure:  # noqa: BLE001 - the code of a person may end in any way
        import traceback

        traceback.print_exc()
        result |= {"error_kind": type(failure).__name__, "error": str(failure)[:5_000]}
    run.flush()
    result |= {"cost_usd": run.cost_usd, "sources": loaded_sources(code)}
    return result


def main(job_file: str) -> None:
    """Read the job, do it, write the result beside it."""
    # Into a file, where nothing would be seen before a whole block is full.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # ours, not replaced
    handle = os.dup(0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=watch_parent, args=(handle,), daemon=True).start()
    folder = os.path.dirname(job_file)
    with open(job_file, encoding="utf-8") as file:
        job = json.load(file)
    text = json.dumps(work(job, folder))
    partial = os.path.join(folder, "result.tmp")
    with open(partial, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(partial, os.path.join(folder, "result.json"))
    sys.stdout.flush()
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1])
