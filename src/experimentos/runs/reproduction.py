"""Whether a run came out again as it was: identical, the same within noise, or different."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import stdtr

from experimentos.runs.documents import Run, finite
from experimentos.runs.run_diff import BOOKKEEPING, RunDiff

ALPHA = 0.05
LEAST_REPEATS = 3


class Verdict(StrEnum):
    """How a run that was executed again compares with the one on record."""

    IDENTICAL = "identical"
    WITHIN_NOISE = "within_noise"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class MetricAgain:
    """One metric that did not come out with the same bits.

    Attributes
    ----------
    metric : str
    before, after : float | str | None
    repeats : int
        Runs of the same configuration that tell what noise is, the original among them.
    p_value : float | None
        Two-sided, that a further repeat lies this far from their mean; corrected for the number of
        metrics (Bonferroni). None when there are too few repeats or a value is not finite.
    is_noise : bool
    why : str
        One sentence.
    """

    metric: str
    before: float | str | None
    after: float | str | None
    repeats: int
    p_value: float | None
    is_noise: bool
    why: str


@dataclass(frozen=True, slots=True)
class Reproduced:
    """The verdict on a run that was executed again.

    Attributes
    ----------
    verdict : Verdict
    sentence : str
    metrics : tuple[MetricAgain, ...]
        Those that differ.
    outputs : tuple[str, ...]
        Files that differ.
    diff : RunDiff
        Everything else that differs, code and environment among it.
    """

    verdict: Verdict
    sentence: str
    metrics: tuple[MetricAgain, ...]
    outputs: tuple[str, ...]
    diff: RunDiff


def judge(original: Run, again: Run, repeats: Sequence[Run], diff: RunDiff) -> Reproduced:
    """Say how a run came out again.

    Parameters
    ----------
    original, again
        The run on record and its re-execution.
    repeats
        Other completed runs of the same configuration; they show how far repeats lie apart.
    diff
        Of the two runs.

    References
    ----------
    A further observation of a normal sample lies within mean +- t(n - 1) s sqrt(1 + 1/n):
    Hahn and Meeker (1991), Statistical intervals, section 4.7.
    """
    if again.status != original.status:
        kind = f" ({again.error_kind}: {again.error[:200]})" if again.error else ""
        sentence = f"It was {original.status} and is {again.status} now{kind}."
        return Reproduced(Verdict.DIFFERENT, sentence, (), (), diff)
    names = sorted(
        name
        for name in {*original.metrics, *again.metrics}
        if original.metrics.get(name) != again.metrics.get(name)
    )
    outputs = tuple(line.name for line in diff.section("outputs") if line.name not in BOOKKEEPING)
    if not names and not outputs:
        sentence = "Every metric has the same bits and every output file the same hash."
        return Reproduced(Verdict.IDENTICAL, sentence, (), (), diff)
    metrics = tuple(_again(name, original, again, repeats, len(names)) for name in names)
    return Reproduced(*_verdict(metrics, outputs), metrics, outputs, diff)


def _verdict(metrics: Sequence[MetricAgain], outputs: Sequence[str]) -> tuple[Verdict, str]:
    wrong = [m for m in metrics if not m.is_noise]
    if wrong:
        return Verdict.DIFFERENT, f"{wrong[0].metric}: {wrong[0].why}"
    if not metrics:
        return Verdict.DIFFERENT, f"The metrics are the same, but {outputs[0]} is not."
    least = min(m.p_value for m in metrics if m.p_value is not None)
    also = f" Output files differ too: {', '.join(outputs)}." if outputs else ""
    return Verdict.WITHIN_NOISE, (
        f"{len(metrics)} of the metrics differ, by no more than repeats of this configuration "
        f"do (smallest corrected p {least:.2g}).{also}"
    )


def _again(name: str, original: Run, again: Run, repeats: Sequence[Run], tests: int) -> MetricAgain:
    before, after = original.metrics.get(name), again.metrics.get(name)
    known = [finite(run.metrics.get(name)) for run in (original, *repeats)]
    values = [value for value in known if value is not None]
    new = finite(after)
    n = len(values)
    if finite(before) is None or new is None:
        why = f"it was {_said(before)} and is {_said(after)} now."
        return MetricAgain(name, before, after, n, None, is_noise=False, why=why)
    if n < LEAST_REPEATS:
        why = (
            f"it was {before:g} and is {new:g} now; {n} repeats of this configuration do not tell "
            f"noise from change ({LEAST_REPEATS} would)."
        )
        return MetricAgain(name, before, after, n, None, is_noise=False, why=why)
    mean = math.fsum(values) / n
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    if sd == 0:
        why = f"it was {before:g} in all {n} repeats and is {new:g} now."
        return MetricAgain(name, before, after, n, None, is_noise=False, why=why)
    t = abs(new - mean) / (sd * math.sqrt(1 + 1 / n))
    p = min(1.0, 2 * float(stdtr(n - 1, -t)) * tests)
    is_noise = p >= ALPHA
    why = (
        f"{new:g} after {before:g}: as far from the mean of {n} repeats ({mean:g}, sd {sd:.2g}) as "
        f"{'repeats are' if is_noise else 'hardly any repeat is'} (corrected p {p:.2g})."
    )
    return MetricAgain(name, before, after, n, p, is_noise=is_noise, why=why)


def _said(value: float | str | None) -> str:
    return "missing" if value is None else f"{value}"
