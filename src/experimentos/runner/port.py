"""What runs code: a job goes in, events come out while it lasts, and an outcome at its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from experimentos.runs.documents import Metric

# Why a run ended without a result.
TIMED_OUT = "timed_out"
CANCELLED = "cancelled"
NO_RESULT = "no_result"
BAD_RESULT = "bad_result"
TOO_MUCH_OUTPUT = "too_much_output"
KILLED = "killed"


@dataclass(frozen=True, slots=True)
class Job:
    """One call of a function.

    Attributes
    ----------
    entry_point : str
        `module:function`.
    code : Path
        Folder that the module is imported from, and that the call is made in.
    params : Mapping[str, JsonValue]
        Keyword arguments.
    seed : int
        For the function and for the generators of `random` and NumPy.
    repeat : int
    time_limit_seconds : float
        Wall time, after which the process and all it started are killed.
    sources : Mapping[str, str] | None
        Relative path to source text: imported instead of what lies in `code`, to run again what was
        run before.
    constraints : Mapping[str, JsonValue]
        What the project asks its entry points to keep to.
    """

    entry_point: str
    code: Path
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    seed: int = 0
    repeat: int = 0
    time_limit_seconds: float = 600.0
    sources: Mapping[str, str] | None = None
    constraints: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """What a job says while it runs.

    Attributes
    ----------
    kind : str
        "started", "progress", "metric", "cost" or "printed".
    name : str
        Of the metric.
    value : float
        Of the metric; steps done; cost so far, USD.
    total : float
        Steps in all.
    text : str
        The end of what was printed so far.
    """

    kind: str
    name: str = ""
    value: float = 0.0
    total: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job.

    Attributes
    ----------
    error_kind, error : str
        "" when it ended well; the name of an exception, or one of the words above.
    metrics : Mapping[str, Metric]
        From the result file; what is printed counts for nothing.
    cost_usd : float | None
    outputs : Mapping[str, bytes]
        Files that the job left in its output folder, by name.
    log : bytes
        What it printed: the beginning and the end.
    sources : Mapping[str, str]
        Relative path to text of the modules under `code` that were loaded.
    seconds : float
        Wall time of the process.
    """

    error_kind: str = ""
    error: str = ""
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    cost_usd: float | None = None
    outputs: Mapping[str, bytes] = field(default_factory=dict)
    log: bytes = b""
    sources: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0


type OnEvent = Callable[[Event], None]
type GoesOn = Callable[[], bool]


class Runner(Protocol):
    """Runs one job after another, or several at once from several threads.

    Attributes
    ----------
    workspace : Path | None
        Where jobs keep what outlives them; None for nowhere.
    """

    @property
    def workspace(self) -> Path | None:
        """Return where jobs keep what outlives them."""
        ...

    def run(self, job: Job, on_event: OnEvent, goes_on: GoesOn) -> Outcome:
        """Run the job to its end; never raises for what the code does.

        Parameters
        ----------
        job
        on_event
            Called in this thread with what the job says.
        goes_on
            Asked several times a second; False kills the job and all that it started.

        Raises
        ------
        RunnerError
            If no process can be started at all.
        """
        ...
