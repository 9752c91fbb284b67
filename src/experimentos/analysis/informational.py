"""The Bayesian view of an analysis: it informs and never decides."""

import math
from collections.abc import Callable
from typing import NamedTuple

from scipy.special import ndtr, ndtri

from experimentos.analysis import numbers
from experimentos.analysis.beta_binomial import (
    difference_interval,
    expected_losses,
    lift_interval,
    posteriors,
    probability_lift_below,
    probability_treatment_higher,
)
from experimentos.analysis.informed import INFORMED_LIFT, Evidence, InformedLift
from experimentos.analysis.lift import (
    CLEARLY_AWAY_FROM_ZERO,
    Estimates,
    fieller_g,
    fieller_lift,
)
from experimentos.analysis.method import Question
from experimentos.analysis.normal_posterior import normal_posterior
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import (
    Compared,
    Direction,
    Informed,
    Interval,
    Posterior,
    Rope,
    Unavailable,
)
from experimentos.metrics.counts import Counts
from experimentos.plan.charter import Belief, Charter
from experimentos.policy import Policy


class Region(NamedTuple):
    """Relative lifts that are too small to matter, and who says so; see `result.Rope`."""

    low: float
    high: float
    source: str


def region_of(charter: Charter, policy: Policy, control_value: float) -> Region | None:
    """Return the lifts of the primary that are too small to matter; None for a control of 0."""
    if control_value == 0:
        return None
    if charter.rope is not None:
        return Region(charter.rope.low, charter.rope.high, "charter")
    if charter.mde is not None:
        size = charter.mde / abs(control_value)
        return Region(-size, size, "mde")
    return Region(-policy.negligible_relative, policy.negligible_relative, "policy")


def believed(belief: Belief) -> str:
    """Return a belief in words."""
    low, high = (numbers.signed_percent(end) for end in (belief.low, belief.high))
    return (
        f"Normal: the lift was held to lie between {low} and {high} with "
        f"{numbers.percent(belief.level, 0)} probability."
    )


def informed(
    evidence: Evidence,
    belief: Belief,
    region: Region | None,
    question: Question,
    direction: Direction,
) -> Informed:
    """Return the view of one pair of arms under a stated belief about its lift."""
    posterior = InformedLift(evidence, belief)
    below, better = posterior.below(0.0), direction is Direction.HIGHER
    losses = posterior.loss_below, posterior.loss_above
    launched, kept = losses if better else reversed(losses)
    return Informed(
        metric=question.metric,
        arm=question.arm,
        method=INFORMED_LIFT.name,
        prior=believed(belief),
        probability_better=1 - below if better else below,
        loss_if_launched=launched,
        loss_if_kept=kept,
        lift=Interval(*posterior.interval(question.level), question.level),
        rope=_rope(region, posterior.below),
    )


def _rope(region: Region | None, below: Callable[[float], float]) -> Rope | None:
    if region is None:
        return None
    inside = max(below(region.high) - below(region.low), 0.0)
    return Rope(region.low, region.high, inside, region.source)


def posterior_of_rates(
    control: Counts,
    treatment: Counts,
    question: Question,
    direction: Direction,
    region: Region | None = None,
) -> Posterior | Unavailable:
    """Return the flat-prior Beta-binomial view of one pair of arms."""
    if min(control.n, treatment.n) == 0:
        return Unavailable("beta_binomial", "no_users", "One of the two arms has no users.")
    pair = posteriors(Rates.of(control, treatment))
    higher = float(probability_treatment_higher(pair))
    losses = expected_losses(pair)
    launched, kept = float(losses.choose_treatment), float(losses.choose_control)
    difference, lift = (
        difference_interval(pair, question.level),
        lift_interval(pair, question.level),
    )
    better = direction is Direction.HIGHER
    return Posterior(
        metric=question.metric,
        arm=question.arm,
        method="beta_binomial",
        prior="Flat: every rate from 0 to 1 equally likely, Beta(1, 1), in each arm.",
        probability_better=higher if better else 1 - higher,
        loss_if_launched=launched if better else kept,
        loss_if_kept=kept if better else launched,
        difference=Interval(float(difference.low), float(difference.high), question.level),
        lift=Interval(float(lift.low), float(lift.high), question.level),
        rope=_rope(region, lambda value: float(probability_lift_below(pair, value))),
    )


def posterior_of_difference(
    compared: Compared,
    estimates: Estimates,
    question: Question,
    direction: Direction,
    region: Region | None = None,
) -> Posterior:
    """Return the flat-prior normal view of a compared mean or ratio."""
    posterior = normal_posterior(compared.difference, compared.se)
    sign = 1.0 if direction is Direction.HIGHER else -1.0
    gain = normal_posterior(sign * compared.difference, compared.se)
    lift = _credible_lift(estimates, question.level)
    return Posterior(
        metric=question.metric,
        arm=question.arm,
        method="normal_posterior",
        prior="Flat: every value of the mean equally likely, in each arm.",
        probability_better=gain.probability_positive,
        loss_if_launched=gain.loss_below,
        loss_if_kept=gain.loss_above,
        difference=posterior.interval(question.level),
        lift=lift,
        # Where the lift is unbounded its probabilities mean nothing either.
        rope=None if lift is None else _rope(region, _below(estimates)),
    )


def _below(estimates: Estimates) -> Callable[[float], float]:
    """Return P(lift < value) for a control clearly of one sign: Fieller's pivot."""
    control, treatment = float(estimates.control), float(estimates.treatment)
    side = math.copysign(1.0, control)

    def below(lift: float) -> float:
        ratio = 1 + side * lift
        se = math.sqrt(
            float(estimates.treatment_variance) + ratio**2 * float(estimates.control_variance)
        )
        return float(ndtr((ratio * control - treatment) / se))

    return below


def _credible_lift(estimates: Estimates, level: float) -> Interval | None:
    # With flat normal posteriors P(t - r c <= 0) is Fieller's pivot, as long as the control's
    # own posterior has no weight on the other side of 0.
    if float(estimates.control) == 0 or float(fieller_g(estimates, CLEARLY_AWAY_FROM_ZERO)) >= 1:
        return None
    low, high = fieller_lift(estimates, -float(ndtri((1 - level) / 2)))
    return Interval(float(low), float(high), level)
