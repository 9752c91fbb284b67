"""Runs counted by variant and status: what a progress line needs, without the runs."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from experimentos.runs.documents import Run


@dataclass(frozen=True, slots=True)
class Tally:
    """All runs of one experiment, variant and status.

    Attributes
    ----------
    experiment, variant, status : str
    runs : int
    repeats : int
        Those of one repeat counted once; reproductions not at all.
    last_repeat : int
        The largest number of a repeat.
    begun : int
        Those that were started, or are not over.
    costed, timed : int
        Those with a cost, and with a running time.
    cost_usd, seconds : float
        Of them together.
    latest : datetime
        When one of them was last made, begun or ended.
    """

    experiment: str
    variant: str
    status: str
    runs: int
    repeats: int
    last_repeat: int
    begun: int
    costed: int
    cost_usd: float
    timed: int
    seconds: float
    latest: datetime


def tallies_of(runs: Iterable[Run]) -> tuple[Tally, ...]:
    """Count runs by experiment, variant and status, in this order."""
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for run in runs:
        groups.setdefault((run.experiment, run.variant, run.status), []).append(run)
    return tuple(_tally(key, groups[key]) for key in sorted(groups))


def _tally(key: tuple[str, str, str], runs: Sequence[Run]) -> Tally:
    costs = [run.cost_usd for run in runs if run.cost_usd is not None]
    times = [run.seconds for run in runs if run.seconds is not None]
    return Tally(
        *key,
        runs=len(runs),
        repeats=len({run.repeat or run.run_id for run in runs if run.reproduces_run_id is None}),
        last_repeat=max(run.repeat for run in runs),
        begun=sum(run.started_at is not None or not run.is_over for run in runs),
        costed=len(costs),
        cost_usd=math.fsum(costs),
        timed=len(times),
        seconds=math.fsum(times),
        latest=max(run.ended_at or run.started_at or run.created_at for run in runs),
    )
