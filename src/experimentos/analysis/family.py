"""Families of comparisons: p-values and intervals that answer for all of them together.

Arms that share a control are adjusted by Dunnett, metrics by Holm's step-down; every interval
excludes 0 exactly when its adjusted p-value is below alpha.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from scipy.special import ndtr, ndtri

from experimentos.analysis.dunnett import dunnett_critical, dunnett_p
from experimentos.analysis.method import Method
from experimentos.analysis.result import Compared, Interval, Lift, Outcome
from experimentos.metrics.counts import Counts

type Ask = Callable[[float], Outcome]
"""One comparison of a family, waiting for the level of its interval."""


def adjust_family(family: Sequence[Sequence[Ask]], alpha: float) -> list[list[Outcome]]:
    """Return every outcome of a family with adjusted p-value and matching interval.

    Parameters
    ----------
    family
        One sequence per metric, holding one comparison per arm; all arms share one control.
    alpha
        Two-sided family-wise error rate.

    Notes
    -----
    p: Dunnett within a metric (d), then metrics stepped down: from the smallest d on, d times
    the number of metrics that still have a hypothesis, made monotone. With one arm this is Holm,
    with one metric Dunnett. Strong control: the first true hypothesis to fall does so at or below
    alpha over the number of metrics that hold a true one, and Dunnett bounds each of these.

    Intervals: at alpha over the number of metrics (Dunnett's quantile over arms), which cover
    simultaneously; where the step-down rejects and this interval holds 0, it is cut at 0.

    References
    ----------
    Dunnett (1955), JASA 50; Holm (1979), Scandinavian Journal of Statistics 6; intervals that
    agree with a step-down test: Strassburger and Bretz (2008), Statistics in Medicine 27.
    """
    first = [[ask(alpha) for ask in metric] for metric in family]
    within = [_dunnett(outcomes) for outcomes in first]
    metrics = sum(1 for p in within if p)
    adjusted = _step_down(within)
    return [
        _settle(asks, outcomes, p, (metrics, alpha))
        for asks, outcomes, p in zip(family, first, adjusted, strict=True)
    ]


def _dunnett(outcomes: Sequence[Outcome]) -> dict[int, float]:
    """Return the p of each arm that has one, adjusted for the arms of this metric."""
    compared = {i: each for i, each in enumerate(outcomes) if isinstance(each, Compared)}
    if len(compared) < 2:
        return {i: each.p_value for i, each in compared.items()}
    # The normal deviate with the same p: a t statistic enters on its own degrees of freedom.
    z = [float(ndtri(each.p_value / 2)) for each in compared.values()]
    n_control, n = _sizes(list(compared.values()))
    return dict(zip(compared, dunnett_p(z, n_control, n), strict=True))


def _sizes(compared: Sequence[Compared]) -> tuple[int, list[int]]:
    return compared[0].n_control, [each.n_treatment for each in compared]


def _step_down(within: Sequence[dict[int, float]]) -> list[dict[int, float]]:
    """Return d times the metrics left at its step, made monotone, at most 1."""
    left = [set(p) for p in within]
    order = sorted((d, m, arm) for m, p in enumerate(within) for arm, d in p.items())
    adjusted: list[dict[int, float]] = [{} for _ in within]
    highest = 0.0
    for d, m, arm in order:
        highest = max(highest, min(1.0, d * sum(1 for arms in left if arms)))
        adjusted[m][arm] = highest
        left[m].discard(arm)
    return adjusted


def _settle(
    asks: Sequence[Ask],
    outcomes: Sequence[Outcome],
    p: dict[int, float],
    family: tuple[int, float],
) -> list[Outcome]:
    metrics, alpha = family
    names = (("dunnett", len(p) > 1), ("holm", metrics > 1))
    name = "+".join(label for label, used in names if used)
    each = own_alpha([outcomes[i] for i in p], alpha / max(metrics, 1))
    settled = list(outcomes)
    for i, value in p.items():
        final = asks[i](each) if name else outcomes[i]
        if isinstance(final, Compared):
            final = replace(final, p_value=value, adjustment=name)
            settled[i] = _agreeing(final, alpha)
    return settled


def own_alpha(outcomes: Sequence[Outcome], alpha: float) -> float:
    """Return the level of one comparison at which all arms of a metric together have alpha."""
    compared = [each for each in outcomes if isinstance(each, Compared)]
    if len(compared) < 2:
        return alpha
    return 2 * float(ndtr(-dunnett_critical(alpha, *_sizes(compared))))


def _agreeing(result: Compared, alpha: float) -> Compared:
    """Return the result with an interval that excludes 0 exactly when p < alpha."""
    rejected = result.p_value < alpha
    upward = result.difference > 0
    interval = _cut(result.interval, rejected=rejected, upward=upward)
    lift = result.lift
    if isinstance(lift, Lift) and result.adjustment:
        lift = replace(lift, interval=_cut(lift.interval, rejected=rejected, upward=upward))
    return replace(result, interval=interval, lift=lift)


def _cut(interval: Interval, *, rejected: bool, upward: bool) -> Interval:
    if rejected == (0.0 not in interval):
        return interval
    low, high = interval.low, interval.high
    if not rejected:
        return replace(interval, low=min(low, 0.0), high=max(high, 0.0))
    # The smallest double: the effect has a sign, and nothing more is known of its size.
    tiny = math.ulp(0.0)
    return replace(interval, low=tiny) if upward else replace(interval, high=-tiny)


DUNNETT = Method(
    name="dunnett",
    title="Dunnett's adjustment over arms",
    accepts=Counts,
    words=(
        "The chance that the largest of all arms' statistics is at least as far from 0 as this "
        "one, when every arm shares the control; intervals use the same distribution."
    ),
    source="Dunnett (1955), JASA 50:1096-1121, large samples.",
    assumptions=("The arms' variances are alike, so that sizes give the correlations.",),
)

HOLM = Method(
    name="holm",
    title="Holm's step-down over guardrails",
    accepts=Counts,
    words=(
        "From the smallest p-value on, p times the number of guardrails still standing, made "
        "monotone. Intervals are computed at alpha over the number of guardrails and cut at 0 "
        "where the step-down alone rejects."
    ),
    source=(
        "Holm (1979), Scandinavian Journal of Statistics 6:65-70; intervals: Strassburger and "
        "Bretz (2008), Statistics in Medicine 27:4914-4927."
    ),
    assumptions=("None on how the guardrails depend on each other.",),
)
