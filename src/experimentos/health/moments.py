"""Sums and squares that can belong together, and have digits enough to tell."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.health.check import Check, PooledArm, pooled_arms
from experimentos.health.columns import comes_as_sums, cross_column, spread_column
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Metric, Statistic, Summary
from experimentos.plan.charter import Charter
from experimentos.policy import Policy


@dataclass(frozen=True, slots=True)
class _Spread:
    """One variable of a metric in one place of the file."""

    arm: str
    metric: Metric
    part: int
    moments: Moments
    row: int

    @property
    def column(self) -> str:
        return spread_column(self.metric, self.part)

    @property
    def label(self) -> str:
        match self.metric.kind, self.part:
            case "ratio", 0:
                return f"the numerator of {self.metric.name}"
            case "ratio", _:
                return f"the denominator of {self.metric.name}"
            case "adjusted", 1:
                return f"the covariate of {self.metric.name}"
            case _:
                return self.metric.name

    @property
    def mean_square(self) -> float:
        """Sum of the raw squares, which the sums arrived as."""
        return self.moments.m2 + self.moments.n * self.moments.mean**2

    def where(self) -> Where:
        return Where(self.row, self.column)


def _run(summary: Summary, _: Charter, policy: Policy) -> Iterator[Issue]:
    for metric in summary.metrics:
        contradicted = False
        for cell in summary.cells:
            statistic = cell.statistics.get(metric.name)
            issues = list(_contradictions(cell.arm, metric, statistic, cell.row, policy))
            contradicted = contradicted or bool(issues)
            yield from issues
        if contradicted:
            continue
        for arm in pooled_arms(summary):
            yield from _arm_issues(arm, metric, policy)


def _spreads(
    arm: str, metric: Metric, statistic: Statistic | None, row: int
) -> tuple[_Spread, ...]:
    match statistic:
        case Moments():
            return (_Spread(arm, metric, 0, statistic, row),)
        case CrossMoments():
            return (
                _Spread(arm, metric, 0, statistic.x, row),
                _Spread(arm, metric, 1, statistic.y, row),
            )
        case _:
            return ()


def _contradictions(
    arm: str, metric: Metric, statistic: Statistic | None, row: int, policy: Policy
) -> Iterator[Issue]:
    broken = False
    for spread in _spreads(arm, metric, statistic, row):
        if spread.moments.m2 < -policy.second_moment_tolerance * _size(spread):
            broken = True
            yield _impossible(spread)
    if isinstance(statistic, CrossMoments) and not broken:
        yield from _cross_issues(arm, metric, statistic, row, policy)


def _impossible(spread: _Spread) -> Issue:
    if comes_as_sums(spread.metric):
        return Issue(
            "squares_contradict_sum",
            Severity.BLOCKED,
            f"Arm {spread.arm}: the sum of squares of {spread.label} is smaller than its sum "
            f"squared over n ({_square_text(spread)}), so its variance would be negative.",
            "Sum the square of each user's value, over the same users as the sum.",
            spread.where(),
        )
    return Issue(
        "negative_variance",
        Severity.BLOCKED,
        f"Arm {spread.arm}: the variance of {spread.label} is negative.",
        "Supply the sample variance (divisor n - 1), which is never below zero.",
        spread.where(),
    )


def _square_text(spread: _Spread) -> str:
    needed = spread.moments.n * spread.moments.mean**2
    return f"{spread.mean_square:,.10g} against {needed:,.10g}"


def _cross_issues(
    arm: str, metric: Metric, joint: CrossMoments, row: int, policy: Policy
) -> Iterator[Issue]:
    largest = math.sqrt(max(joint.m2_x, 0.0) * max(joint.m2_y, 0.0))
    noise = policy.second_moment_tolerance * math.sqrt(
        abs(joint.m2_x + joint.n * joint.mean_x**2) * abs(joint.m2_y + joint.n * joint.mean_y**2)
    )
    if abs(joint.c_xy) > largest + noise:
        yield Issue(
            "cross_product_impossible",
            Severity.BLOCKED,
            f"Arm {arm}: the cross product of {metric.name} gives a correlation beyond 1.",
            "Sum, over the same users, the product of each user's two values.",
            Where(row, cross_column(metric)),
        )


def _arm_issues(arm: PooledArm, metric: Metric, policy: Policy) -> Iterator[Issue]:
    for spread in _spreads(arm.name, metric, arm.statistic(metric), arm.row):
        if metric.kind == "quantile":
            yield from _quantile(spread)
        elif spread.moments.n < 2:
            if arm.users > 0 and spread.part == 0:
                yield _too_few(spread)
        elif _is_constant(spread, policy):
            yield from _constant(spread)
        elif _is_cancelled(spread, policy):
            yield _cancelled(spread, policy)


def _quantile(spread: _Spread) -> Iterator[Issue]:
    # Without any unit there is none to compare, and the reader of the rows has said why.
    if spread.moments.n and spread.moments.m2 <= 0:
        yield Issue(
            "quantile_without_width",
            Severity.WARNING,
            f"Arm {spread.arm}: so many users share one value that the error of {spread.label} is "
            "zero.",
            "Take another quantile, or compare the share of users above a value.",
            spread.where(),
        )


def _too_few(spread: _Spread) -> Issue:
    return Issue(
        "too_few_units",
        Severity.BLOCKED,
        f"Arm {spread.arm}: {spread.metric.name} has {spread.moments.n} "
        f"{spread.metric.unit}(s); a variance needs two.",
        "Collect more data, or leave the metric out.",
        spread.where(),
    )


def _is_constant(spread: _Spread, policy: Policy) -> bool:
    if comes_as_sums(spread.metric):
        return spread.moments.m2 <= policy.zero_variance_share * _size(spread)
    return spread.moments.m2 <= 0


def _constant(spread: _Spread) -> Iterator[Issue]:
    # A constant denominator makes an ordinary mean, a constant covariate only fails to help.
    is_second = spread.part == 1
    if is_second and spread.metric.kind == "ratio":
        if spread.moments.mean == 0:
            yield Issue(
                "zero_denominator",
                Severity.WARNING,
                f"Arm {spread.arm}: {spread.label} is zero for every user.",
                "Check the column; a ratio over nothing has no value and is not analysed.",
                spread.where(),
            )
        return
    is_mild = is_second or spread.moments.mean == 0
    yield Issue(
        "zero_variance",
        Severity.WARNING if is_mild else Severity.BLOCKED,
        f"Arm {spread.arm}: the variance of {spread.label} is zero"
        f"{': every value is zero' if spread.moments.mean == 0 else ''}.",
        "Check that the squares were summed per user, sum(x * x), not (sum x)^2 / n; "
        "a metric without variation cannot be compared.",
        spread.where(),
    )


def _is_cancelled(spread: _Spread, policy: Policy) -> bool:
    if not comes_as_sums(spread.metric):
        return False
    return _size(spread) > policy.cancellation_digits * spread.moments.m2


def _cancelled(spread: _Spread, policy: Policy) -> Issue:
    lost = math.log10(_size(spread) / spread.moments.m2)
    name = spread.metric.name
    return Issue(
        "cancellation",
        Severity.WARNING,
        f"Arm {spread.arm}: the variance of {spread.label} is a small difference of large sums; "
        f"about {lost:.0f} of the 16 digits of a double are lost in it "
        f"(more than {math.log10(policy.cancellation_digits):.0f} are too many).",
        f"Supply {name}_mean, {name}_var, computed in the warehouse, instead of the sums.",
        spread.where(),
    )


def _size(spread: _Spread) -> float:
    """Return the magnitude of the numbers that were subtracted."""
    return max(abs(spread.mean_square), spread.moments.n * spread.moments.mean**2)


MOMENTS = Check(
    name="moments",
    title="Sums and squares belong together and keep enough digits",
    reads=("sums", "squares", "cross products"),
    run=_run,
    repeats_reader=True,
)
