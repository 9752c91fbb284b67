"""One measured path: its work, what it is compared with, and how a verdict is reached."""

import math
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

LEAST_SECONDS = 0.02
NOISY = 2.0


@dataclass(frozen=True, slots=True)
class Error:
    """How far the fast answer is from an exact one.

    Attributes
    ----------
    value, bound : float
        In the unit that `text` tells.
    text : str
    """

    value: float
    bound: float
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """What is run.

    Attributes
    ----------
    ours : callable
        The whole work.
    reference : callable | None
        A share of the same work done the other way.
    share : float in (0, 1]
        That share.
    error : callable | None
        Run once, not timed.
    """

    ours: Callable[[], object]
    reference: Callable[[], object] | None = None
    share: float = 1.0
    error: Callable[[], Error] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One line of the table.

    Attributes
    ----------
    name, work : str
    reference : str
        What the ratio is to, in words; "" when there is only a budget.
    bound : float
        Largest ratio of CPU time.
    budget_ms : float
        Largest CPU time of the whole work.
    make : callable
        Builds the data and returns the case.
    """

    name: str
    work: str
    reference: str = ""
    bound: float = math.inf
    budget_ms: float = math.inf
    make: Callable[[], Case]


@dataclass(frozen=True, slots=True)
class Measured:
    """Rounds of one path.

    Attributes
    ----------
    path : Path
    cpu_ms : list of float
        Our whole work, one value per round.
    ratios : list of float
        The paired ratio of each round.
    error : Error | None
    """

    path: Path
    cpu_ms: list[float]
    ratios: list[float]
    error: Error | None

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios) if self.ratios else math.nan

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpu_ms)

    @property
    def misses(self) -> list[str]:
        """Return what is out of its bound, in words."""
        found = []
        if self.ratios and self.ratio > self.path.bound:
            found.append(f"{self.ratio / self.path.bound:.2f} times the ratio allowed")
        if self.cpu > self.path.budget_ms:
            found.append(f"{self.cpu / self.path.budget_ms:.2f} times the budget")
        if self.error and not self.error.value <= self.error.bound:
            found.append(f"error {self.error.value:.2g}, at most {self.error.bound:.2g} allowed")
        return found

    @property
    def verdict(self) -> str:
        if not self.misses:
            return "ok"
        wrong = self.error is not None and not self.error.value <= self.error.bound
        noisy = max(self.cpu_ms) > NOISY * min(self.cpu_ms)
        return "noisy" if noisy and not wrong else "MISS"


def measure(path: Path, rounds: int) -> Measured:
    """Run ours and the reference in turn; a miss is measured once more before it counts."""
    case = path.make()
    first = _rounds(path, case, rounds)
    return first if not first.misses else _rounds(path, case, rounds)


def _rounds(path: Path, case: Case, rounds: int) -> Measured:
    warm = _cpu(case.ours, 1)
    if warm < LEAST_SECONDS:
        warm = _cpu(case.ours, 1)
    repeats = max(1, math.ceil(LEAST_SECONDS / max(warm, 1e-6)))
    cpu_ms, ratios = [], []
    for _ in range(rounds):
        ours = _cpu(case.ours, repeats)
        cpu_ms.append(1e3 * ours)
        if case.reference is not None:
            ratios.append(ours * case.share / _cpu(case.reference, 1))
    return Measured(path, cpu_ms, ratios, case.error() if case.error else None)


def _cpu(work: Callable[[], object], repeats: int) -> float:
    start = _used()
    for _ in range(repeats):
        work()
    return (_used() - start) / repeats


def _used() -> float:
    """Return the CPU time of this process and of the children that it has waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
