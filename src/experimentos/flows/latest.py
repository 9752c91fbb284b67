"""Answers that hold until the history changes: the latest ones are kept, by what was asked."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable


class Latest[A]:
    """The answers that were asked for last, shared by all threads.

    Parameters
    ----------
    most
        How many are kept. What an answer depends on must all be in its key, the stamp of the
        history (`RunStore.stamp`) first: an answer is never taken back.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, A] = OrderedDict()

    def forget(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._answers.clear()

    def get(self, key: Hashable, work: Callable[[], A]) -> A:
        """Return the answer of this key, found out by `work` when nobody asked before."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        found = work()
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return found
