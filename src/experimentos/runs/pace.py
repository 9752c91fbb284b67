"""How far running work is, and what can honestly be said of the time that is left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum

from experimentos.runs.documents import Run

# Less than this share, or this long, foretells nothing.
LEAST_SHARE = 0.02
LEAST_SECONDS = 2.0
# A step that takes so many times as long as the mean one before it, and at least a minute.
STALLED_STEPS = 3.0
STALLED_SECONDS = 60.0
# Three heartbeats that did not come (`store.run_port.BEAT_SECONDS` is 10).
UNHEARD_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How far one run is.

    Attributes
    ----------
    elapsed : float | None
        Seconds since it started; None when it did not.
    share : float | None
        0 to 1, as its code counts; None when it does not say.
    left : float | None
        Seconds; None when nothing foretells them.
    is_from_progress : bool
        Whether `left` goes by its own progress; else by the mean of earlier runs.
    usual : float | None
        Seconds that completed runs of its variant took on average; None without any.
    quiet : float | None
        Seconds since its code last reported or printed anything; None when it never did.
    is_stalled : bool
        Its progress stands still for longer than its steps explain.
    unheard : float | None
        Seconds since its process was last heard of, when that is too long; else None.
    """

    elapsed: float | None
    share: float | None
    left: float | None
    is_from_progress: bool
    usual: float | None
    quiet: float | None
    is_stalled: bool
    unheard: float | None

    @property
    def is_overdue(self) -> bool:
        """Return whether it takes longer than its variant usually does, with no word of why."""
        return (
            self.left is None
            and self.usual is not None
            and self.elapsed is not None
            and self.elapsed > self.usual
        )


@dataclass(frozen=True, slots=True)
class BatchPace:
    """How far the runs are that were started together.

    Attributes
    ----------
    total, over, running, waiting, failed : int
        Runs; the failed ones are among those that are over.
    elapsed : float
        Seconds since they were started.
    share : float
        0 to 1: those that are over, and what is said of those that run.
    left : float | None
        Seconds; None when nothing foretells them.
    """

    total: int
    over: int
    running: int
    waiting: int
    failed: int
    elapsed: float
    share: float
    left: float | None


def pace_of(run: Run, now: datetime, past: Sequence[Run] = ()) -> Pace:
    """Return how far a run is.

    Parameters
    ----------
    run
    now
    past
        Earlier runs, for the time that its variant usually takes.
    """
    elapsed = None if run.started_at is None else max(0.0, (now - run.started_at).total_seconds())
    live = run.live
    share = None if live is None else live.share
    said = None if live is None else live.said_at
    quiet = None if said is None else max(0.0, (now - said).total_seconds())
    usual = _mean_seconds(past, run.variant)
    by_progress = _left_by_progress(run, elapsed, share, quiet)
    left = by_progress
    if left is None and share is None and usual is not None and elapsed is not None:
        left = usual - elapsed if elapsed <= usual else None
    heard = run.heartbeat_at or run.started_at
    unheard = None if heard is None else (now - heard).total_seconds()
    return Pace(
        elapsed=elapsed,
        share=share,
        left=left,
        is_from_progress=by_progress is not None,
        usual=usual,
        quiet=quiet,
        is_stalled=_is_stalled(run, quiet),
        unheard=unheard if unheard is not None and unheard > UNHEARD_SECONDS else None,
    )


def batch_pace(
    working: Sequence[Run],
    counts: Mapping[str, int],
    began: datetime,
    now: datetime,
    past: Sequence[Run] = (),
) -> BatchPace:
    """Return how far runs are that were started together.

    Parameters
    ----------
    working
        Those that run at this moment.
    counts
        Status to runs, of all of them.
    began
        When they were started.
    now
    past
        Latest runs of the experiment, for the time that one takes.
    """
    waiting, total = counts.get("queued", 0), sum(counts.values())
    paces = [pace_of(run, now, past) for run in working]
    over = max(0, total - waiting - len(paces))
    done = over + fsum(pace.share or 0.0 for pace in paces)
    return BatchPace(
        total=total,
        over=over,
        running=len(paces),
        waiting=waiting,
        failed=counts.get("failed", 0),
        elapsed=max(0.0, (now - began).total_seconds()),
        share=min(done / total, 1.0) if total else 0.0,
        left=_batch_left(paces, waiting, _mean_seconds(past)),
    )


def _left_by_progress(
    run: Run, elapsed: float | None, share: float | None, quiet: float | None
) -> float | None:
    """Return the time left at the speed so far; None when there is too little to go by."""
    if elapsed is None or share is None or quiet is None:
        return None
    worked = elapsed - quiet
    if share < LEAST_SHARE or worked < LEAST_SECONDS or _is_stalled(run, quiet):
        return None
    return max(0.0, worked * (1 - share) / share - quiet)


def _is_stalled(run: Run, quiet: float | None) -> bool:
    live = run.live
    if live is None or quiet is None or run.started_at is None or live.said_at is None:
        return False
    if not live.done or live.share in (None, 1.0):
        return False
    step = (live.said_at - run.started_at).total_seconds() / live.done
    return quiet > max(STALLED_SECONDS, STALLED_STEPS * step)


def _batch_left(paces: Sequence[Pace], waiting: int, each: float | None) -> float | None:
    known = [pace.left for pace in paces if pace.left is not None]
    if len(known) < len(paces) or not paces:
        return None
    if waiting and each is None:
        whole = [p.elapsed + p.left for p in paces if p.elapsed is not None and p.left is not None]
        each = fsum(whole) / len(whole)
    work = fsum(known) + waiting * (each or 0.0)
    return max(work / len(paces), *known)


def _mean_seconds(runs: Sequence[Run], variant: str | None = None) -> float | None:
    """Return how long completed runs took on average: of this variant, or of any."""
    known = [
        run.seconds
        for run in runs
        if run.status == "completed"
        and run.seconds is not None
        and (variant is None or run.variant == variant)
    ]
    return fsum(known) / len(known) if known else None
