"""Runs and their comparison in words: the same on the page, the terminal and in reports."""

import json
import re
from collections.abc import Sequence

from experimentos.analysis import numbers
from experimentos.analysis.result import Interval
from experimentos.memo.evaluation_words import dollars
from experimentos.runs.documents import Experiment, Run
from experimentos.runs.evaluation import Estimate
from experimentos.runs.expand import RunPlan
from experimentos.runs.run_groups import (
    Criterion,
    NotComparable,
    RunComparison,
    VariantDifference,
    VariantRuns,
)

HEX = re.compile(r"[0-9a-f]{40,64}")
LOOPBACK = re.compile(r"(localhost|127\.[0-9.]+|\[::1\])(:\d+)?$")
NONE = "\N{EN DASH}"
GROUP_HEADER = ("Variant", "Mean", "sd", "n", "95% interval", "Range", "Runs", "Failed")
DIFFERENCE_HEADER = (
    "Metric", "Variant", "Difference", "95% interval", "p", "Corrected p", "Verdict",
)  # fmt: skip
DIFFERENCE_NUMBERS = (2, 4, 5)
CRITERION_HEADER = ("Criterion", "Variant", "Mean", "Met")


def value(found: object) -> str:
    """Return a value of a run on one line: numbers short, text as it is, a dash for nothing."""
    match found:
        case None | "":
            return NONE
        case bool():
            return str(found).lower()
        case int() | float():
            return number(found, 6)
        case str():
            return found
        case _:
            return json.dumps(found, ensure_ascii=False)


def brief(found: object, most: int = 80) -> str:
    """Return a value for a narrow cell: the beginning of a hash, or of a long text."""
    text = value(found)
    if HEX.fullmatch(text):
        return f"{text[:12]}\N{HORIZONTAL ELLIPSIS}"
    return text if len(text) <= most else f"{text[:most]}\N{HORIZONTAL ELLIPSIS}"


def number(found: float, digits: int = 4) -> str:
    """Return a number with so many significant digits; whole numbers in full."""
    if isinstance(found, int) or (found == int(found) and abs(found) < 1e15):
        return _minus(f"{int(found):,}")
    if 1e-4 <= abs(found) < 1e6:
        return _minus(f"{found:.{digits}g}" if abs(found) < 1e3 else f"{found:,.1f}")
    return _minus(f"{found:.{digits}g}")


def _minus(text: str) -> str:
    return f"\N{MINUS SIGN}{text[1:]}" if text.startswith("-") else text


def seconds(found: float | None) -> str:
    """Return a duration for people."""
    if found is None:
        return NONE
    if found < 60:
        return f"{found:.3g} s"
    if found < 3_600:
        return f"{found / 60:.1f} min"
    return f"{found / 3_600:.1f} h"


def money(found: float | None) -> str:
    """Return a cost in US dollars; a dash for an unknown one."""
    if found is None:
        return NONE
    return f"${found:,.2f}" if found >= 0.01 or found == 0 else f"${found:.2g}"


def interval(found: Interval | None) -> str:
    """Return the ends of an interval; a dash for none."""
    if found is None:
        return NONE
    return f"{number(found.low)} to {number(found.high)}"


def short(found: float | None) -> str:
    """Return a mean or a spread with four digits; a dash for none."""
    return NONE if found is None else number(found)


def group_cells(group: VariantRuns) -> tuple[str, ...]:
    """Return the cells of a variant under `GROUP_HEADER`."""
    d = group.described
    spread = (d.low, d.high)
    low_high = NONE if None in spread else " to ".join(short(end) for end in spread)
    return (
        f"{group.variant}{' (baseline)' if group.is_baseline else ''}",
        short(d.mean),
        short(d.sd),
        numbers.count(d.n),
        interval(d.interval),
        low_high,
        numbers.count(group.runs),
        numbers.count(group.failed),
    )


def difference_cells(found: VariantDifference | NotComparable) -> tuple[str, ...]:
    """Return the cells of a comparison under `DIFFERENCE_HEADER`."""
    if isinstance(found, NotComparable):
        return (found.metric, found.variant, *(NONE,) * 4, found.why.why)
    said = "better" if found.is_better else "worse" if found.is_worse else "not distinguishable"
    size = number(abs(found.difference))
    sign = "+" if found.difference > 0 else "\N{MINUS SIGN}" if found.difference < 0 else ""
    return (
        found.metric,
        found.variant,
        f"{sign}{size}",
        interval(found.interval),
        numbers.bare_p(found.p_value),
        numbers.bare_p(found.adjusted_p),
        said,
    )


def pairing_lines(comparison: RunComparison) -> tuple[str, ...]:
    """Return how the variants were tested and why, a sentence for each different reason."""
    found = [d for d in comparison.differences if isinstance(d, VariantDifference)]
    said: dict[str, list[VariantDifference]] = {}
    for difference in found:
        said.setdefault(difference.why, []).append(difference)
    lines = []
    for why, group in said.items():
        names = ", ".join(dict.fromkeys(f"{d.variant} in {d.metric}" for d in group))
        lines.append(why if len(said) == 1 else f"{names}: {why}")
    worth = [d for d in found if d.pairs and d.effective_n and d.metric == comparison.metric]
    if worth:
        each = ", ".join(
            f"{numbers.count(round(d.effective_n or 0))} for {d.variant}" for d in worth
        )
        lines.append(
            f"In {comparison.metric} the pairs tell as much as so many unpaired runs of each "
            f"variant: {each}."
        )
    lost = {d.variant: d.lost for d in found if d.lost and d.metric == comparison.metric}
    lines += [
        f"{name}: {lost_of:,} repeats have no partner and are left out of the pairs; the "
        "difference is that of the pairs, not of the means above."
        for name, lost_of in lost.items()
    ]
    return tuple(lines)


def criterion_cells(found: Criterion) -> tuple[str, ...]:
    """Return the cells of a criterion under `CRITERION_HEADER`."""
    sign = "at least" if found.is_minimum else "at most"
    if found.is_met is None:
        met = "no run has the metric"
    else:
        met = ("yes" if found.is_met else "no") + ("" if found.is_certain else ", not for certain")
    limit = f"{found.metric} {sign} {number(found.limit)}"
    return (limit, found.variant, short(found.mean), met)


def comparison_lines(comparison: RunComparison, experiment: Experiment) -> tuple[str, ...]:
    """Return what the comparison says, a sentence each."""
    lines = [_best_line(comparison, experiment)]
    lines += [
        f"{g.variant} lacks {g.lacks} of {experiment.evaluation.min_runs_per_variant} runs that "
        "the experiment asks for."
        for g in comparison.groups
        if g.lacks
    ]
    lines += [
        f"{g.variant}: {g.failed} runs failed and are not in the mean."
        for g in comparison.groups
        if g.failed
    ]
    lines += [
        f"{g.variant}: {g.described.missing} runs have no finite {comparison.metric}; they have no "
        "part in the mean."
        for g in comparison.groups
        if g.described.missing
    ]
    return tuple(line for line in lines if line)


def _best_line(comparison: RunComparison, experiment: Experiment) -> str:
    best, metric = comparison.best, comparison.metric
    if not best:
        return f"No run has a finite {metric}."
    way = "highest" if experiment.evaluation.direction == "higher" else "lowest"
    if len(best) == 1:
        ranked = [g for g in comparison.groups if g.described.mean is not None]
        if len(ranked) == 1:
            return f"Only {best[0]} has runs with {metric}."
        return f"{best[0]} has the {way} mean {metric}, apart from all others."
    return f"{best[0]} has the {way} mean {metric}, but cannot be told from {', '.join(best[1:])}."


def plan_line(plan: RunPlan) -> str:
    """Return what would be executed: count, cost and time."""
    variants = len({run.variant for run in plan.runs})
    if plan.size is not None:
        return f"{len(plan.runs):,} runs of {variants:,} variants, {asked_words(plan.size)}."
    cost = f", about {money(plan.cost_usd)}" if plan.cost_usd else ", no cost stated"
    time = f", about {seconds(plan.seconds)}" if plan.seconds is not None else ""
    return f"{len(plan.runs):,} runs of {variants:,} variants{cost}{time}."


def asked_words(size: Estimate) -> str:
    """Return how many calls to models these are, and the most that they cost."""
    cost = "at a price that is not known"
    if size.cost_most is not None:
        cost = f"at most {dollars(size.cost_most)}"
    return f"{size.calls:,} calls, {cost}"


def asking_lines(plan: RunPlan, host: str) -> tuple[str, ...]:
    """Return what is to be known before models are asked, a sentence each."""
    if plan.size is None:
        return ()
    leaves = "." if LOOPBACK.match(host) else ": text leaves this machine."
    size, lines = plan.size, [f"The prompts are sent to {host}{leaves}"]
    lines.append(
        f"About {size.tokens_in:,} tokens of prompts, and at most {size.tokens_out_most:,} of "
        "answers, without retries."
    )
    if size.cost_most is None:
        lines.append("The cost is not known: give input_price and output_price of every model.")
    going_on = sum(bool(run.continues) for run in plan.runs)
    if going_on:
        goes = "1 run goes" if going_on == 1 else f"{going_on:,} runs go"
        lines.append(f"{goes} on from answers that are there: those are not paid again.")
    return tuple(lines)


def runs_what(experiment: Experiment) -> str:
    """Return what a run of an experiment does: its entry point, the models asked, or a dash."""
    if experiment.asks:
        return f"asks {', '.join(model.shown for model in experiment.evaluation.models)}"
    return experiment.entry_point or NONE


def metrics_line(run: Run, most: int = 3) -> str:
    """Return the first metrics of a run on one line, the error of one that failed."""
    if run.error and not run.metrics:
        return f"{run.error_kind}: {run.error}" if run.error_kind else run.error
    parts = [f"{name} {value(v)}" for name, v in list(run.metrics.items())[:most]]
    more = len(run.metrics) - most
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def origin_rows(run: Run) -> tuple[tuple[str, str], ...]:
    """Return what went into a run, each with its name: place, code, data, configuration."""
    place = "/".join(part for part in (run.project, run.experiment, run.variant) if part)
    around = run.environment
    commit = str(around.get("commit") or "")
    state = ", with changes that were not committed" if around.get("is_dirty") else ""
    data = around.get("data")
    files = data if isinstance(data, dict) else {}
    rows = [
        ("Place", f"{place}, repeat {run.repeat}" if run.repeat else place or run.kind),
        ("Commit", f"{commit[:12]}{state}" if commit else "not under version control"),
        ("Source files (SHA-256)", brief(run.code_sha256)),
        ("Configuration (SHA-256)", brief(run.config_sha256)),
        *((f"Data {name}", brief(found)) for name, found in files.items()),
        ("Seed", str(around["seed"]) if "seed" in around else ""),
    ]
    return tuple((name, found) for name, found in rows if found not in ("", NONE))


def why_missing(column: str, runs: Sequence[Run]) -> str | None:
    """Return why some runs have nothing in the column of a metric; None when all have it.

    Parameters
    ----------
    column
        "primary_value", or "metrics.NAME".
    runs
    """
    name = column.removeprefix("metrics.")
    reasons: dict[str, int] = {}
    for run in runs:
        found = run.primary_value if column == "primary_value" else run.metrics.get(name)
        if found is None:
            reason = _why_none(run, is_score=column == "primary_value")
            reasons[reason] = reasons.get(reason, 0) + 1
    if not reasons:
        return None
    said = "; ".join(f"{count:,} {reason}" for reason, count in reasons.items())
    return f"{NONE} is no value: {said}."


def _why_none(run: Run, *, is_score: bool) -> str:
    if run.status != "completed":
        return {"failed": "failed", "running": "still runs", "queued": "waits"}.get(
            run.status, f"was {run.status}"
        )
    return "has no finite metric that ranks" if is_score else "did not report it"


def status_counts(runs: Sequence[Run]) -> str:
    """Return how many runs ended how, in words."""
    counts: dict[str, int] = {}
    for run in runs:
        counts[run.status] = counts.get(run.status, 0) + 1
    return ", ".join(f"{n:,} {status}" for status, n in sorted(counts.items()))
