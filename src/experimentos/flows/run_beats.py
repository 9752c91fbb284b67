"""What a run says while it works, gathered and written down now and then with its heartbeat."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic

from experimentos.flows.run_record import utc_now
from experimentos.runner.port import CANCELLED, Event, Outcome
from experimentos.runs.constraints import BROKEN
from experimentos.runs.documents import Live, Metric, metric_value
from experimentos.store.run_port import BEAT_SECONDS, RunStore

# What is said in between is one write: a run that reports a thousand times costs no more.
TELL_SECONDS = 2.0
MOST_METRICS = 50
CANCELLED_WORDS = "It was cancelled."


@dataclass(slots=True)
class Beats:
    """Follows one run: says that it is alive and what it says, learns whether it is to go on.

    Attributes
    ----------
    runs : RunStore
    run_id : str
    stop : Callable[[], str]
        Why it is to end now; "" to go on.
    why : str
        What it was ended for; "" while it goes on.
    is_told : bool
        Whether the history says that it is cancelled, or gone.
    cost_usd : float
        What it says it has cost so far.
    began : float
        On the clock of `time.monotonic`.
    """

    runs: RunStore
    run_id: str
    stop: Callable[[], str]
    why: str = ""
    is_told: bool = False
    cost_usd: float = 0.0
    began: float = field(default_factory=monotonic)
    _last: float = field(default_factory=monotonic)
    _is_new: bool = False
    _done: float | None = None
    _total: float | None = None
    _metrics: dict[str, Metric] = field(default_factory=dict)
    _tail: str = ""
    _said_at: datetime | None = None

    def hear(self, event: Event) -> None:
        """Take in what the run says."""
        match event.kind:
            case "progress":
                if not (math.isfinite(event.value) and math.isfinite(event.total)):
                    return
                self._done, self._total = event.value, event.total
            case "metric":
                if event.name in self._metrics or len(self._metrics) < MOST_METRICS:
                    self._metrics[event.name] = metric_value(event.value)
            case "cost":
                self.cost_usd = event.value if event.value >= 0 else self.cost_usd
            case "printed":
                self._tail = event.text
            case _:
                return
        self._is_new, self._said_at = True, utc_now()

    def goes_on(self) -> bool:
        """Return whether the run is to go on; write down what is new when it is time."""
        self.why = self.stop()
        if self.why:
            return False
        if monotonic() - self._last < (TELL_SECONDS if self._is_new else BEAT_SECONDS):
            return True
        self._last = monotonic()
        live = self._live() if self._is_new else None
        self._is_new = False
        if self.runs.beat(self.run_id, live):
            return True
        self.why, self.is_told = CANCELLED_WORDS, True
        return False

    @property
    def seconds(self) -> float:
        """Return how long it is followed."""
        return monotonic() - self.began

    def _live(self) -> Live:
        return Live(
            done=self._done,
            total=self._total,
            metrics=dict(self._metrics),
            tail=self._tail,
            cost_usd=self.cost_usd or None,
            said_at=self._said_at,
        )


def explained(outcome: Outcome, beats: Beats) -> Outcome:
    """Return the outcome with the reason for its stop, and what it had cost until then."""
    if outcome.cost_usd is None and beats.cost_usd:
        outcome = replace(outcome, cost_usd=beats.cost_usd)
    if outcome.error_kind == CANCELLED and beats.why not in ("", CANCELLED_WORDS):
        outcome = replace(outcome, error_kind=BROKEN, error=beats.why)
    return outcome
