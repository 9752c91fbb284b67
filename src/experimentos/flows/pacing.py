"""When the next call may go out: a rate, pauses that the endpoint asks for, and a stop."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

SECONDS_PER_MINUTE = 60.0


@dataclass(slots=True)
class Pacer:
    """Turns for calls of several threads.

    Attributes
    ----------
    per_minute : int | None
        Most calls started in a minute, evenly; None for no limit.
    stopped : threading.Event
        Set to give no further turn.
    clock : Callable[[], float]
        Monotonic seconds.
    wait : Callable[[float], bool] | None
        Waits so many seconds; True when it was stopped meanwhile. None waits for `stopped`.
    """

    per_minute: int | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], bool] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: float = float("-inf")

    def turn(self) -> bool:
        """Wait until a call may start; False when the work was stopped."""
        if self.stopped.is_set():
            return False
        with self._lock:
            now = self.clock()
            at = max(self._next, now)
            gap = SECONDS_PER_MINUTE / self.per_minute if self.per_minute else 0.0
            self._next = at + gap
        return not self.pause(at - now)

    def pause(self, seconds: float) -> bool:
        """Wait so long; True when the work was stopped."""
        if seconds <= 0:
            return self.stopped.is_set()
        return (self.wait or self.stopped.wait)(seconds)

    def hold_all(self, seconds: float) -> None:
        """Let nobody start a call for so long: the endpoint said that it is busy."""
        with self._lock:
            self._next = max(self._next, self.clock() + seconds)
