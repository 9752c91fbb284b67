"""What runs at this moment and how an experiment stands, in words: page and terminal alike."""

from collections.abc import Sequence

from experimentos.memo.run_words import money, number, seconds, short, value
from experimentos.runs.documents import Experiment, Run
from experimentos.runs.pace import BatchPace, Pace
from experimentos.runs.run_groups import Criterion, RunComparison

MOST_METRICS = 4
TAIL_LINES = 8
LABELS = {"kept": "kept", "broken": "broken", "open": "open", "unchecked": "not checked"}


def rough(found: float) -> str:
    """Return a time that is foretold, no more exactly than it can be known."""
    if found < 10:
        return "a few seconds"
    if found < 90:
        return f"about {5 * round(found / 5)} s"
    if found < 90 * 60:
        return f"about {round(found / 60)} min"
    if found < 36 * 3_600:
        return f"about {found / 3_600:.1f} h"
    return f"about {found / 86_400:.1f} days"


def so_far(elapsed: float) -> str:
    """Return how long something takes by now."""
    return "just started" if elapsed < 1 else f"{seconds(float(round(elapsed)))} so far"


def run_name(run: Run) -> str:
    """Return how a run is called beside others of its experiment."""
    if not run.variant:
        return run.title or run.kind
    again = " (again)" if run.reproduces_run_id else ""
    return f"{run.variant} {run.repeat}{again}" if run.repeat else f"{run.variant}{again}"


def pace_line(run: Run, pace: Pace) -> str:
    """Return how far a run is: share, time so far, time left."""
    parts = [share_words(run, pace)]
    if pace.elapsed is not None:
        parts.append(so_far(pace.elapsed))
    parts.append(left_words(pace))
    if run.live is not None and run.live.cost_usd:
        parts.append(f"{money(run.live.cost_usd)} so far")
    return ", ".join(parts)


def share_words(run: Run, pace: Pace) -> str:
    """Return how much of a run is done, as its code counts."""
    if pace.share is None or run.live is None:
        return "reports no progress"
    done, total = run.live.done, run.live.total
    steps = (
        f" ({number(done)} of {number(total)})"
        if done is not None and total not in (None, 1.0)
        else ""
    )
    return f"{pace.share:.0%}{steps}"


def left_words(pace: Pace) -> str:
    """Return the time that is left, or that nothing foretells it."""
    if pace.left is not None:
        by = "" if pace.is_from_progress else ", as long as earlier ones took"
        return f"{rough(pace.left)} left{by}"
    if pace.is_overdue and pace.usual is not None:
        return f"longer than usual ({seconds(pace.usual)} on average)"
    return "time left not known"


def trouble(run: Run, pace: Pace) -> str:
    """Return what is wrong with a run that works; "" for nothing."""
    if pace.unheard is not None:
        return (
            f"Nothing was heard of its process for {rough(pace.unheard)}. After a minute it counts "
            "as interrupted."
        )
    if pace.is_stalled and pace.quiet is not None:
        limit = run.environment.get("time_limit_seconds")
        end = f" It is stopped at its limit of {value(limit)} s." if limit else ""
        return f"Stalled: it has reported nothing for {rough(pace.quiet)}.{end}"
    return ""


def batch_line(pace: BatchPace) -> str:
    """Return how far runs are that were started together."""
    failed = f" ({pace.failed:,} failed)" if pace.failed else ""
    parts = [f"{pace.over:,} of {pace.total:,} finished{failed}"]
    if pace.running:
        parts.append(f"{pace.running:,} running")
    if pace.waiting:
        parts.append(f"{pace.waiting:,} waiting")
    parts.append(so_far(pace.elapsed))
    parts.append("time left not known yet" if pace.left is None else f"{rough(pace.left)} left")
    return ", ".join(parts)


def live_metrics(run: Run) -> str:
    """Return the last metrics that a run reported, on one line; "" for none."""
    if run.live is None:
        return ""
    known = list(run.live.metrics.items())
    more = f" and {len(known) - MOST_METRICS} more" if len(known) > MOST_METRICS else ""
    return ", ".join(f"{name} {value(found)}" for name, found in known[:MOST_METRICS]) + more


def tail_lines(run: Run, most: int = TAIL_LINES) -> str:
    """Return the last lines that a run printed."""
    return "\n".join(run.live.tail.splitlines()[-most:]) if run.live else ""


def standing(experiment: Experiment, comparison: RunComparison | None) -> tuple[str, ...]:
    """Return how an experiment stands to what it asks for, a sentence each."""
    least = experiment.evaluation.min_runs_per_variant
    if comparison is None:
        return (
            f"No run has a metric yet; {least:,} completed runs of each variant are asked for.",
        )
    lacking = [
        f"{group.variant} lacks {group.lacks:,}" for group in comparison.groups if group.lacks
    ]
    asked = f"The least number of runs, {least:,} of each variant,"
    said = [
        f"{asked} is reached." if not lacking else f"{asked} is not reached: {', '.join(lacking)}."
    ]
    by_limit: dict[str, list[Criterion]] = {}
    for found in comparison.criteria:
        by_limit.setdefault(limit_words(found), []).append(found)
    if not by_limit:
        said.append("It names no success criterion.")
    said += [f"{limit}: {_met(found)}." for limit, found in by_limit.items()]
    return tuple(said)


def limit_words(found: Criterion) -> str:
    """Return the limit of a criterion in words."""
    sign = "at least" if found.is_minimum else "at most"
    return f"{found.metric} {sign} {number(found.limit)}"


def _met(criteria: Sequence[Criterion]) -> str:
    parts = []
    for found in criteria:
        if found.is_met is None:
            parts.append(f"{found.variant} open, no run has the metric")
            continue
        sure = "" if found.is_certain else ", not for certain"
        word = "met" if found.is_met else "not met"
        parts.append(f"{found.variant} {word} (mean {short(found.mean)}{sure})")
    return "; ".join(parts)
