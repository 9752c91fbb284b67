"""What a check is, and what the checks need of a summary that may be broken."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add

from experimentos.issue import Issue
from experimentos.metrics.summary import Cell, Metric, Statistic, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


@dataclass(frozen=True, slots=True)
class Check:
    """One question that the data must answer before it is analysed.

    Attributes
    ----------
    name : str
        Stable snake_case name.
    title : str
        What is checked, for people.
    reads : tuple[str, ...]
        What of the summary, charter and policy it looks at.
    run : Callable[[Summary, Charter, Policy], Iterable[Issue]]
        Pure; copes with any summary, because a broken file is still told all that is wrong.
    repeats_reader : bool
        Whether the reader of a file looks at the same thing: what it has said at a place is then
        not said twice.
    """

    name: str
    title: str
    reads: tuple[str, ...]
    run: Callable[[Summary, Charter, Policy], Iterable[Issue]]
    repeats_reader: bool = False


@dataclass(frozen=True, slots=True)
class PooledArm:
    """One arm as far as it can be pooled.

    Attributes
    ----------
    name : str
    users : int
    row : int
        First row of the source that holds it.
    cells : tuple[Cell, ...]
        Never empty.
    """

    name: str
    users: int
    row: int
    cells: tuple[Cell, ...]

    def statistic(self, metric: Metric) -> Statistic | None:
        """Return the arm's statistic, or None when a cell lacks it."""
        found = [cell.statistics.get(metric.name) for cell in self.cells]
        present = [statistic for statistic in found if statistic is not None]
        if len(present) < len(found) or len({type(statistic) for statistic in present}) > 1:
            return None
        # The types are the same, which a sum of a union cannot express.
        return reduce(add, present)


def pooled_arms(summary: Summary) -> tuple[PooledArm, ...]:
    """Return the arms that have a row, the control first, then in the order of the source."""
    names = dict.fromkeys(cell.arm for cell in summary.cells)
    ordered = sorted(names, key=lambda name: name != summary.control)
    return tuple(pooled(name, summary.cells) for name in ordered)


def pooled(name: str, cells: Iterable[Cell]) -> PooledArm:
    """Return one arm of these cells; there must be at least one of that arm."""
    own = tuple(cell for cell in cells if cell.arm == name)
    return PooledArm(name, sum(cell.users for cell in own), own[0].row, own)


def planned_shares(charter: Charter, arms: int) -> tuple[float, ...] | None:
    """Return the planned share of each arm, summing to 1; None when the plan has other arms."""
    if charter.split is None:
        return (1 / arms,) * arms
    if not is_usable(charter.split) or len(charter.split) != arms:
        return None
    total = sum(charter.split)
    return tuple(share / total for share in charter.split)


def is_usable(split: tuple[float, ...]) -> bool:
    """Return whether these numbers can be shares: none negative, a finite positive sum."""
    return all(share >= 0 for share in split) and 0 < sum(split) < float("inf")
