"""The figures of repeated samples in words: the same on the page, the terminal and in reports."""

from collections.abc import Sequence
from dataclasses import dataclass

from experimentos.analysis import numbers
from experimentos.analysis.result import Interval, Unavailable
from experimentos.runs.compare import ModelDifference, NotCompared
from experimentos.runs.leaderboard import Place
from experimentos.runs.sample_plan import SamplePlan
from experimentos.runs.variance import ModelRow, VarianceTable

NONE = "\N{EN DASH}"
MIDDLE_HEADER = ("Model", "Interquartile mean", "Interval", "Method")
TEST_HEADER = ("Compared", "Scenarios", "Left out", "Sign flip", "Wilcoxon", "McNemar mid-p")
PLAN_HEADER = ("Samples each", "Scenarios", "Calls, two models")
ALL_KS = 10
SOME_KS = (1, 2, 3, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class SampleWords:
    """How scores are written: rates as percentages, anything else as it is."""

    is_rate: bool

    @property
    def kind(self) -> str:
        """Return the kind of metric that `analysis.numbers` writes alike."""
        return numbers.RATE if self.is_rate else "mean"

    def value(self, score: float) -> str:
        """Return a score or a mean of scores."""
        return numbers.percent(score, 1) if self.is_rate else numbers.quantity(score)

    def spread(self, size: float | None) -> str:
        """Return a standard deviation or error; a dash for none."""
        if size is None:
            return NONE
        return (
            numbers.plain_points(float(f"{size:.3g}")) if self.is_rate else numbers.quantity(size)
        )

    def difference(self, found: ModelDifference) -> str:
        """Return a difference with its interval, or why that is lacking."""
        text = numbers.difference(found.difference, self.kind)
        if isinstance(found.interval, Unavailable):
            return f"{text} (no interval: {found.interval.why})"
        return f"{text} ({numbers.difference_interval(found.interval, self.kind)})"


def interval_words(found: Interval | Unavailable, words: SampleWords) -> str:
    """Return the ends of an interval, or why there is none."""
    if isinstance(found, Unavailable):
        return f"none: {found.why}"
    return f"{words.value(found.low)} to {words.value(found.high)}"


def tie_lines(places: Sequence[Place]) -> tuple[str, ...]:
    """Return what the data says of the top: who is apart, who is tied and why."""
    ranked = [place for place in places if place.rank is not None]
    tied = [place.model for place in ranked if place.is_tied]
    lines = []
    if len(tied) > 1:
        lines.append(
            f"{', '.join(tied)} are tied (=): after a correction for every pair of models, the "
            "data cannot tell them from the best."
        )
    elif len(ranked) > 1:
        lines.append(f"{ranked[0].model} is apart from every other model.")
    lines += [f"{place.model}: {place.why}." for place in places if place.rank is None]
    lines += [
        f"{place.model} {place.why}" for place in ranked if isinstance(place.behind, NotCompared)
    ]
    return tuple(lines)


def spread_cells(row: ModelRow, words: SampleWords) -> tuple[str, ...]:
    """Return sd, range, standard error, the naive one, ICC and design effect."""
    if row.low is None or row.high is None:
        return (NONE,) * 6
    return (
        words.spread(row.sd),
        f"{words.value(row.low)} to {words.value(row.high)}",
        words.spread(row.se),
        words.spread(row.naive_se),
        NONE if row.icc is None else numbers.fixed(row.icc, 3),
        NONE if row.design_effect is None else numbers.fixed(row.design_effect, 2),
    )


def pass_rows(table: VarianceTable) -> tuple[tuple[str, ...], ...]:
    """Return (model, k, pass@k, pass^k) where there are repeats; all k up to ten, then some."""
    return tuple(
        (row.model, str(p.k), numbers.fixed(p.at_least_one, 3), numbers.fixed(p.all_pass, 3))
        for row in table.models
        if len(row.passes) > 1
        for p in row.passes
        if p.k <= ALL_KS or p.k in SOME_KS
    )


def comparison_cells(found: ModelDifference | NotCompared, words: SampleWords) -> tuple[str, ...]:
    """Return difference, p, corrected p, chance of a better sample, method."""
    if isinstance(found, NotCompared):
        return (f"not available: {found.why.why}", NONE, NONE, NONE, NONE)
    return (
        words.difference(found),
        NONE if found.p_value is None else numbers.bare_p(found.p_value),
        NONE if found.adjusted_p is None else numbers.bare_p(found.adjusted_p),
        numbers.percent(found.better, 0),
        found.method or NONE,
    )


def middle_rows(table: VarianceTable, words: SampleWords) -> tuple[tuple[str, ...], ...]:
    """Return the interquartile means of graded scores under `MIDDLE_HEADER`."""
    return tuple(
        (
            row.model,
            words.value(row.iqm.estimate),
            NONE if row.iqm.interval is None else interval_words(row.iqm.interval, words),
            row.iqm.method or "one sample each: no interval",
        )
        for row in table.models
        if row.iqm is not None
    )


def other_test_rows(
    found: Sequence[ModelDifference | NotCompared],
) -> tuple[tuple[str, ...], ...]:
    """Return pairs and the p-values of the other tests, uncorrected, under `TEST_HEADER`."""
    return tuple(
        (
            each.model,
            numbers.count(each.scenarios),
            numbers.count(each.left_out),
            *(
                NONE if p is None else numbers.bare_p(p)
                for p in (each.sign_flip, each.wilcoxon, each.mcnemar_mid)
            ),
        )
        for each in found
        if isinstance(each, ModelDifference)
    )


def plan_rows(plan: SamplePlan) -> tuple[tuple[str, ...], ...]:
    """Return the ways to find the difference under `PLAN_HEADER`, the fewest calls marked."""
    return tuple(
        (
            str(option.samples_per_scenario),
            numbers.count(option.scenarios),
            numbers.count(option.calls) + (" (fewest)" if option == plan.fewest_calls else ""),
        )
        for option in plan.options
    )


def plan_lines(plan: SamplePlan, words: SampleWords) -> tuple[str, ...]:
    """Return what the plan was learned from and what it assumes, a sentence each."""
    return (
        f"The past {plan.past_scenarios:,} scenarios x {plan.past_samples:.3g} samples find "
        f"{words.spread(plan.detectable)} with {numbers.percent(plan.power, 0)} power.",
        *plan.assumptions,
    )
