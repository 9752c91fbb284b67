"""A pause after several failures in a row, so that nobody waits for a server that is down."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Breaker:
    """Counts failures of this process; open means: do not ask for now.

    Attributes
    ----------
    failures : int
        In a row that open it.
    rest_seconds : float
        How long it stays open.
    clock : Callable[[], float]
        Monotonic seconds.
    """

    failures: int = 3
    rest_seconds: float = 120.0
    clock: Callable[[], float] = time.monotonic
    _count: int = 0
    _until: float = float("-inf")
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_open(self) -> bool:
        """Return whether the server is left alone."""
        return self.clock() < self._until

    def failed(self) -> None:
        """Count a failure; the last of a row begins the pause."""
        with self._lock:
            self._count += 1
            if self._count >= self.failures:
                self._count, self._until = 0, self.clock() + self.rest_seconds

    def succeeded(self) -> None:
        """Forget the failures."""
        with self._lock:
            self._count = 0
