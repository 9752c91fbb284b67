"""What each metric says of one arm: better, worse, or not to be told."""

import math
from dataclasses import dataclass
from enum import StrEnum

from experimentos.analysis.result import (
    Compared,
    Direction,
    Frequentist,
    MetricResult,
    Outcome,
    Unavailable,
)
from experimentos.policy import Policy


class Effect(StrEnum):
    """What the primary metric says of an arm."""

    BETTER = "better"
    WORSE = "worse"
    UNCLEAR = "unclear"
    UNAVAILABLE = "unavailable"


class Guard(StrEnum):
    """What a guardrail says of an arm, worst first."""

    SEVERE = "severe"
    WORSE = "worse"
    UNMEASURED = "unmeasured"
    UNSHOWN = "unshown"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class Guarded:
    """One guardrail of one arm.

    Attributes
    ----------
    result : MetricResult
    outcome : Outcome
    state : Guard
    harm : float | None
        How much worse, in the unit of `result.harm`; negative when better; None when it cannot be
        said (no outcome, or a share of a control value of zero).
    worst_harm : float | None
        The harmful end of the interval, in the same unit: harm up to this is not ruled out.
    is_significant : bool
        p below alpha and in the harmful direction.
    """

    result: MetricResult
    outcome: Outcome
    state: Guard
    harm: float | None
    worst_harm: float | None
    is_significant: bool


@dataclass(frozen=True, slots=True)
class JudgedArm:
    """One arm, all deciding metrics judged.

    Attributes
    ----------
    arm : str
    alpha : float in (0, 1)
    result : MetricResult
        The primary.
    primary : Outcome
    effect : Effect
    is_negligible : bool
        The whole interval of the primary lies within `margin` of zero.
    margin : float | None
        Half-width of what is negligible, absolute; None without a comparison.
    guardrails : tuple[Guarded, ...]
        In the planned order.
    """

    arm: str
    alpha: float
    result: MetricResult
    primary: Outcome
    effect: Effect
    is_negligible: bool
    margin: float | None
    guardrails: tuple[Guarded, ...]

    @property
    def certain_gain(self) -> float:
        """Return the end of the primary's interval nearest to harm, positive when better."""
        if isinstance(self.primary, Unavailable):
            return -math.inf
        if self.result.direction is Direction.HIGHER:
            return self.primary.interval.low
        return -self.primary.interval.high

    def guards(self, state: Guard) -> tuple[Guarded, ...]:
        """Return the guardrails in this state."""
        return tuple(guard for guard in self.guardrails if guard.state is state)


def judge(frequentist: Frequentist, policy: Policy) -> tuple[JudgedArm, ...]:
    """Return every treatment arm judged, in the order of the analysis."""
    return tuple(
        _judge_arm(frequentist, arm, outcome, policy)
        for arm, outcome in frequentist.primary.outcomes
    )


def gain(result: MetricResult, outcome: Compared) -> float:
    """Return the difference, positive when the treatment is better."""
    if result.direction is Direction.HIGHER:
        return outcome.difference
    return -outcome.difference


def _judge_arm(frequentist: Frequentist, arm: str, primary: Outcome, policy: Policy) -> JudgedArm:
    margin = _margin(frequentist.primary, primary, policy)
    return JudgedArm(
        arm=arm,
        alpha=frequentist.alpha,
        result=frequentist.primary,
        primary=primary,
        effect=_effect(frequentist.primary, primary, frequentist.alpha),
        is_negligible=_is_within(primary, margin),
        margin=margin,
        guardrails=tuple(
            _guard(result, _outcome_of(result, arm), frequentist.alpha, policy)
            for result in frequentist.guardrails
        ),
    )


def _outcome_of(result: MetricResult, arm: str) -> Outcome:
    missing = Unavailable("none", "no_outcome", f"Nothing was compared for {arm}.")
    return dict(result.outcomes).get(arm, missing)


def _effect(result: MetricResult, outcome: Outcome, alpha: float) -> Effect:
    if isinstance(outcome, Unavailable):
        return Effect.UNAVAILABLE
    better = gain(result, outcome)
    if not outcome.p_value < alpha or better == 0:
        return Effect.UNCLEAR
    return Effect.BETTER if better > 0 else Effect.WORSE


def _margin(result: MetricResult, outcome: Outcome, policy: Policy) -> float | None:
    if isinstance(outcome, Unavailable):
        return None
    if result.planned_mde is not None:
        return result.planned_mde
    return policy.negligible_relative * abs(outcome.control_value)


def _is_within(outcome: Outcome, margin: float | None) -> bool:
    if isinstance(outcome, Unavailable) or margin is None:
        return False
    return -margin <= outcome.interval.low and outcome.interval.high <= margin


def _guard(result: MetricResult, outcome: Outcome, alpha: float, policy: Policy) -> Guarded:
    if isinstance(outcome, Unavailable):
        return Guarded(result, outcome, Guard.UNMEASURED, None, None, is_significant=False)
    higher_is_better = result.direction is Direction.HIGHER
    worst = -outcome.interval.low if higher_is_better else outcome.interval.high
    harm = _in_harm_unit(result, outcome, -gain(result, outcome))
    is_significant = _effect(result, outcome, alpha) is Effect.WORSE
    state = Guard.CLEAN
    if _exceeds(harm, result.severe_harm, policy) and (
        is_significant or not policy.guardrail_severe_needs_evidence
    ):
        state = Guard.SEVERE
    elif is_significant or _exceeds(harm, result.harm, policy):
        state = Guard.WORSE
    elif harm is None:
        state = Guard.UNMEASURED
    worst_harm = _in_harm_unit(result, outcome, worst)
    if state is Guard.CLEAN and not _is_within_margin(result, worst_harm, policy):
        state = Guard.UNSHOWN
    return Guarded(
        result,
        outcome,
        state,
        harm,
        worst_harm,
        is_significant=is_significant,
    )


def _is_within_margin(result: MetricResult, worst_harm: float | None, policy: Policy) -> bool:
    """Return whether harm beyond the planned margin is ruled out; True without a margin."""
    if result.margin is None:
        return True
    return worst_harm is not None and not _exceeds(worst_harm, result.margin, policy)


def _in_harm_unit(result: MetricResult, outcome: Compared, worse: float) -> float | None:
    if result.kind == "conversion":
        return worse
    if outcome.control_value == 0:
        return None if worse > 0 else 0.0
    return worse / abs(outcome.control_value)


def _exceeds(harm: float | None, limit: float, policy: Policy) -> bool:
    if harm is None:
        return False
    return harm > limit and not math.isclose(harm, limit, rel_tol=policy.limit_tolerance)
