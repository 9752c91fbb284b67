"""Two variants by their runs: paired where repeats share seed and data, else unpaired."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experimentos.analysis.result import Interval, Unavailable
from experimentos.analysis.welch import Samples, welch_arrays
from experimentos.errors import ContractError
from experimentos.runs.counted import PairKey, pair_key
from experimentos.runs.describe import LARGEST
from experimentos.runs.documents import Run, finite
from experimentos.runs.paired import paired_t, sign_flip

PAIRINGS = ("auto", "paired", "unpaired")
LEAST_PAIRS = 3
"""Below it the paired t test has one degree of freedom and finds next to nothing."""
LEAST_SIGNS = 6
"""Below it the signs of the pairs alone never reach 5 %: 2 / 2^5 = 0.0625."""
SAME = 1e-12
"""Differences that vary by less than this share of the scores do not vary."""

ALIKE = "The runs of each variant are all alike: there is no spread to test by."


@dataclass(frozen=True, slots=True)
class RunScore:
    """One metric of one completed run.

    Attributes
    ----------
    key : PairKey | None
        None for a run that is not one of several repeats, or whose seed is not on record.
    value : float | None
        None when it is missing or not finite.
    """

    key: PairKey | None
    value: float | None


@dataclass(frozen=True, slots=True)
class RunTest:
    """Second variant minus the first.

    Attributes
    ----------
    difference : float
    interval : Interval | None
        None after a sign flip, which gives none.
    p_value : float
        Two-sided, not corrected.
    method : str
        "paired t", "sign flip" (every pair differs by the same) or "Welch".
    pairs : int
        0 for an unpaired test.
    lost : int
        Repeats that only one of the two has a value for, or whose seed or data differ.
    effective_n : float | None
        Independent runs of each variant that would give this standard error; None without one.
    why : str
        Why this test, a sentence.
    """

    difference: float
    interval: Interval | None
    p_value: float
    method: str
    pairs: int
    lost: int
    effective_n: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Matched:
    """What pairs, shape (pairs,) each, and how many repeats do not."""

    first: tuple[float, ...]
    second: tuple[float, ...]
    lost: int


def run_score(run: Run, metric: str) -> RunScore:
    """Return a metric of a run, with what the run pairs by."""
    return RunScore(pair_key(run), finite(run.metrics.get(metric)))


def compare_scores(
    first: Sequence[RunScore],
    second: Sequence[RunScore],
    *,
    pairing: str = "auto",
    alpha: float = 0.05,
) -> RunTest | Unavailable:
    """Test the difference of two variants by their runs.

    Parameters
    ----------
    pairing
        "auto" pairs when `LEAST_PAIRS` repeats pair and they are half of the smaller variant's
        runs or more: seeds and counts decide, never the scores; but pairs that all differ by
        the same have no spread, and are tested by signs, below `LEAST_SIGNS` unpaired, which is
        the cautious one then. "paired" pairs whatever pairs.

    Raises
    ------
    ContractError
        If there is no such pairing.

    References
    ----------
    Student (1908); Fisher (1935); Welch (1947). Common random numbers: Law (2015), Simulation
    modeling and analysis, section 11.2.
    """
    if pairing not in PAIRINGS:
        raise ContractError(f"No pairing {pairing!r}.", hint=f"Use {', '.join(PAIRINGS)}.")
    values = [abs(score.value) for score in (*first, *second) if score.value is not None]
    if max(values, default=0.0) > LARGEST:
        why = f"A run has a value beyond {LARGEST:g}, too large to be squared and tested."
        return Unavailable("run_difference", "too_large", why)
    return _tested(first, second, pairing, alpha)


def _tested(
    first: Sequence[RunScore], second: Sequence[RunScore], pairing: str, alpha: float
) -> RunTest | Unavailable:
    matched = match_runs(first, second)
    pairs = len(matched.first)
    if pairing == "unpaired":
        return _unpaired(
            first, second, "Unpaired (Welch), as asked for: runs taken as independent.", alpha
        )
    if pairing == "paired":
        return _paired(matched, alpha)
    known = min(sum(score.value is not None for score in side) for side in (first, second))
    if pairs >= LEAST_PAIRS and 2 * pairs >= known:
        found = _paired(matched, alpha)
        if isinstance(found, RunTest) and found.interval is None and pairs < LEAST_SIGNS:
            why = (
                f"Unpaired (Welch): all {pairs} pairs differ by the same, too few for their signs."
            )
            return _unpaired(first, second, why, alpha)
        return found
    return _unpaired(first, second, f"Unpaired (Welch): {_why_not(first, second, pairs)}", alpha)


def match_runs(first: Sequence[RunScore], second: Sequence[RunScore]) -> Matched:
    """Return the values of the runs that pair, in the order of the repeats."""
    one, two = (_by_key(side) for side in (first, second))
    keys = sorted(one.keys() & two.keys())
    repeats = {s.key[0] for s in (*first, *second) if s.key is not None}
    alone = sum(s.key is None for s in (*first, *second))
    values = [one[key] for key in keys], [two[key] for key in keys]
    return Matched(tuple(values[0]), tuple(values[1]), len(repeats) - len(keys) + alone)


def _by_key(side: Sequence[RunScore]) -> dict[PairKey, float]:
    return {s.key: s.value for s in side if s.key is not None and s.value is not None}


def _paired(matched: Matched, alpha: float) -> RunTest | Unavailable:
    one, two = np.array(matched.first), np.array(matched.second)
    if one.size < 2:
        why = f"{one.size} repeats have the same seed and data in both; a paired test needs two."
        return Unavailable("paired_t", "too_few_pairs", why)
    d = two - one
    why = f"Paired t test: {one.size:,} repeats have the same seed and the same data in both."
    scale = float(max(np.abs(one).max(), np.abs(two).max()))
    if max(np.ptp(one), np.ptp(two)) <= SAME * scale < abs(d.mean()):
        return Unavailable("paired_t", "no_variation", ALIKE)
    if np.ptp(d) <= SAME * scale:
        return _constant(float(d.mean()), one.size, matched.lost, scale)
    test = paired_t(d.tolist(), 1 - alpha)
    if isinstance(test, Unavailable):
        return test
    spread = float(one.var(ddof=1) + two.var(ddof=1))
    return RunTest(
        test.mean_difference,
        test.interval,
        test.p_value,
        "paired t",
        one.size,
        matched.lost,
        spread / test.se**2,
        why,
    )


def _constant(difference: float, pairs: int, lost: int, scale: float) -> RunTest | Unavailable:
    if abs(difference) <= SAME * scale:
        why = "Both variants give the same value in every pair: there is no spread to test by."
        return Unavailable("paired_t", "no_difference", why)
    p = sign_flip([difference] * pairs)
    if isinstance(p, Unavailable):
        return p
    why = f"Paired: all {pairs:,} pairs differ by the same, so signs are flipped: p = 2 / 2^n."
    return RunTest(difference, None, p, "sign flip", pairs, lost, None, why)


def _unpaired(
    first: Sequence[RunScore], second: Sequence[RunScore], why: str, alpha: float
) -> RunTest | Unavailable:
    one, two = ([s.value for s in side if s.value is not None] for side in (first, second))
    if min(len(one), len(two)) < 2:
        few = f"{len(one)} and {len(two)} runs have the metric; the test needs two of each."
        return Unavailable("welch", "too_few_runs", few)
    if len({*one}) == len({*two}) == 1:
        return Unavailable("welch", "no_variation", ALIKE)
    test = welch_arrays(_moments(one), _moments(two), alpha)
    low, high = float(test.interval[0]), float(test.interval[1])
    variances = [float(np.var(side, ddof=1)) for side in (one, two)]
    se2 = variances[0] / len(one) + variances[1] / len(two)
    return RunTest(
        float(test.difference),
        Interval(low, high, 1 - alpha),
        float(test.p),
        "Welch",
        0,
        0,
        sum(variances) / se2,
        why,
    )


def _moments(values: Sequence[float]) -> Samples:
    mean = math.fsum(values) / len(values)
    return Samples.arrays(len(values), mean, math.fsum((v - mean) ** 2 for v in values))


def _why_not(first: Sequence[RunScore], second: Sequence[RunScore], pairs: int) -> str:
    keys = [{s.key[0]: s.key for s in side if s.key is not None} for side in (first, second)]
    both = keys[0].keys() & keys[1].keys()
    seeds = sum(keys[0][repeat][1] != keys[1][repeat][1] for repeat in both)
    other = sum(keys[0][repeat][2] != keys[1][repeat][2] for repeat in both) if not seeds else 0
    if not both:
        return "no repeat with a seed on record is in both."
    if seeds or other:
        return f"{seeds or other} repeats have another {'seed' if seeds else 'data hash'} in each."
    return f"{pairs} repeats pair; {LEAST_PAIRS}, and half of the runs, are needed."
