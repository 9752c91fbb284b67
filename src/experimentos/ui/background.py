"""Long computations beside the screens: threads that fill plain objects, read by the pages.

A thread never draws. A page starts a job under a key, and draws `progress` while it runs; whoever
comes back with the same key (after a reload, on another page) finds the same job.
"""

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

import streamlit as st

from experimentos import logs
from experimentos.errors import ContractError, ExperimentOSError
from experimentos.ui import access
from experimentos.ui import format as fmt

AT_ONCE = 2
MOST_WAITING = 16
MOST_KEPT = 32
TICK_SECONDS = 0.5
# Work that stops at once is seen to have stopped in the same run of the page.
CANCEL_SECONDS = 1.0


class Progress(Protocol):
    """What work calls to report a step; False asks it to stop."""

    def __call__(self, done: int, total: int, doing: str = "") -> bool:
        """Report done of total, and what is being done where that changes."""
        ...


type Work = Callable[[Progress], Any]


@dataclass(slots=True)
class Job:
    """One computation.

    Attributes
    ----------
    done, total : int
        Steps; total is 0 before the first report.
    doing : str
        What is being done; "" where the page knows it.
    started : float
        On the clock of `time.monotonic`.
    answer : Any
        What the work returned; None before that and after a failure.
    failure : str
        Why it failed, for people; "" when it did not.
    is_cancelled, is_running, is_over : bool
        Neither running nor over means waiting for a place.
    """

    done: int = 0
    total: int = 0
    doing: str = ""
    started: float = field(default_factory=monotonic)
    answer: Any = None
    failure: str = ""
    is_cancelled: bool = False
    is_running: bool = False
    is_over: bool = False
    thread: threading.Thread | None = None

    def report(self, done: int, total: int, doing: str = "") -> bool:
        """Take a step's report; False asks the work to stop."""
        self.done, self.total, self.doing = done, total, doing
        return not self.is_cancelled

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self.is_cancelled = True

    def wait(self, seconds: float) -> None:
        """Wait for the work to be over, but no longer than this."""
        if self.thread is not None:
            self.thread.join(seconds)


@dataclass(slots=True)
class Board:
    """The jobs of this process: few at once, the last ones kept with their answers."""

    jobs: dict[str, Job] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )

    def start(self, key: str, work: Work) -> Job:
        """Start a job, or return the one of this key that waits or runs already.

        Raises
        ------
        ContractError
            If too many are waiting.
        """
        with self.lock:
            known = self.jobs.get(key)
            if known is not None and not known.is_over:
                return known
            if sum(not job.is_over for job in self.jobs.values()) >= MOST_WAITING:
                raise ContractError(
                    f"{MOST_WAITING} computations are waiting already.",
                    hint="Try again in a minute.",
                )
            job = Job()
            job.thread = threading.Thread(
                target=self._run, args=(job, work), name=f"job {key[:40]}", daemon=True
            )
            self.jobs.pop(key, None)
            self.jobs[key] = job
            self._drop_oldest()
        job.thread.start()
        return job

    def find(self, key: str) -> Job | None:
        """Return the job of this key, None when there is none any more."""
        return self.jobs.get(key)

    def named(self, prefix: str) -> dict[str, Job]:
        """Return the jobs whose keys begin so, oldest first."""
        with self.lock:
            return {key: job for key, job in self.jobs.items() if key.startswith(prefix)}

    def forget(self, key: str) -> None:
        """Drop a job that is over, with its answer."""
        with self.lock:
            job = self.jobs.get(key)
            if job is not None and job.is_over:
                del self.jobs[key]

    def _drop_oldest(self) -> None:
        over = [key for key, job in self.jobs.items() if job.is_over]
        for key in over[: max(0, len(self.jobs) - MOST_KEPT)]:
            del self.jobs[key]

    def _run(self, job: Job, work: Work) -> None:
        with self.places:
            job.is_running = True
            try:
                if not job.is_cancelled:
                    job.answer = work(job.report)
            except ExperimentOSError as failure:
                job.failure = str(failure)
            except Exception as failure:  # noqa: BLE001 - the last border of the thread
                number = logs.incident(failure, "background job")
                job.failure = f"This is a fault of ExperimentOS; report the incident {number}."
            finally:
                job.is_running, job.is_over = False, True
        # What the work imported for the first time is taken out of the collector's sight.
        gc.freeze()


@st.cache_resource(show_spinner=False)
def board() -> Board:
    """Return the jobs of this process."""
    return Board()


def progress(key: str, doing: str) -> None:
    """Draw a running job with a way to cancel it; the page is drawn anew once it is over."""
    job = board().find(key)
    if job is None:
        return
    st.fragment(_progress, run_every=None if job.is_over else TICK_SECONDS)(key, doing)


def _progress(key: str, doing: str) -> None:
    access.admit()
    job = board().find(key)
    if job is None or job.is_over:
        st.rerun()
        return
    share = min(job.done / job.total, 1.0) if job.total else 0.0
    count = f": {job.done:,} of {job.total:,}" if job.total else ""
    if job.doing:
        seconds = int(monotonic() - job.started)
        count = f": {share:.0%}, {seconds} s" if job.total else f", {seconds} s"
    waits = "" if job.is_running else " (waiting for a place)"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, f"{fmt.plain(job.doing or doing)}{count}{waits}")
        if st.button("Cancel", key=f"cancel.{key}", icon=":material/cancel:"):
            job.cancel()
            job.wait(CANCEL_SECONDS)
            st.rerun()
