"""The numbers of a decision, written for people."""

import math

from experimentos.analysis import numbers
from experimentos.analysis.result import Compared, MetricResult, Outcome, Unavailable
from experimentos.decision.judge import Guard, Guarded, JudgedArm


def amount(result: MetricResult, value: float, *, signed: bool = False) -> str:
    """Return a difference in the unit of the metric."""
    if math.isinf(value):
        return "no limit"
    if signed:
        return numbers.difference(value, result.kind)
    return numbers.size(value, result.kind)


def limit(result: MetricResult, harm: float) -> str:
    """Return a harm limit in its unit: points, or percent of the control value."""
    if math.isinf(harm):
        return "no limit"
    is_rate = result.kind == numbers.RATE
    return numbers.size(harm, result.kind) if is_rate else numbers.percent(harm)


def comparison(result: MetricResult, outcome: Outcome) -> str:
    """Return what was seen of one metric: values, interval and p, or why there is nothing."""
    if isinstance(outcome, Unavailable):
        return outcome.why.rstrip(".")
    interval = numbers.difference_interval(outcome.interval, result.kind)
    return f"{_change(result, outcome)} ({interval}, {numbers.p_value(outcome.p_value)})"


def effect_text(judged: JudgedArm) -> str:
    """Return the primary's comparison."""
    return comparison(judged.result, judged.primary)


def guard_text(guard: Guarded, alpha: float) -> str:
    """Return how a guardrail fared against its limits, and whether chance could do it.

    No full stop at the end: several are joined with semicolons.
    """
    if isinstance(guard.outcome, Unavailable):
        return f"Guardrail {guard.result.metric}: {comparison(guard.result, guard.outcome)}"
    if guard.state in (Guard.CLEAN, Guard.UNSHOWN):
        seen = _change(guard.result, guard.outcome)
        evidence = numbers.p_value(guard.outcome.p_value)
        return f"Guardrail {guard.result.metric}: {seen} ({evidence}); {_doubt_text(guard)}"
    return (
        f"Guardrail {guard.result.metric} {_harm_text(guard)}, "
        f"{_chance_text(guard, guard.outcome, alpha)}"
    )


def mde_text(result: MetricResult, power: float) -> str:
    """Return what this many users could have detected, or that it is not known."""
    if result.mde is None:
        return "what this many users could detect is not known"
    return (
        f"this many users would detect a difference of {amount(result, result.mde)} "
        f"with {power * 100:g}% power"
    )


def _change(result: MetricResult, outcome: Compared) -> str:
    before = numbers.metric_value(outcome.control_value, result.kind)
    after = numbers.metric_value(outcome.treatment_value, result.kind)
    return f"{amount(result, outcome.difference, signed=True)}, {before} to {after}"


def _harm_text(guard: Guarded) -> str:
    if guard.harm is None:
        return "cannot be held to a relative limit: the control value is zero"
    severe = guard.state is Guard.SEVERE
    bound = guard.result.severe_harm if severe else guard.result.harm
    name = "severe limit" if severe else "limit"
    return f"is worse by {limit(guard.result, guard.harm)} ({name} {limit(guard.result, bound)})"


def _chance_text(guard: Guarded, outcome: Compared, alpha: float) -> str:
    p = numbers.p_value(outcome.p_value)
    if guard.is_significant:
        return f"significant at {alpha:g} ({p})"
    return f"not significant at {alpha:g} ({p}), so chance could explain it"


def _margin_text(guard: Guarded, margin: float) -> str:
    bound = limit(guard.result, margin)
    if guard.state is Guard.CLEAN:
        return f"harm beyond its margin of {bound} is ruled out (non-inferior)"
    if guard.worst_harm is None or not math.isfinite(guard.worst_harm):
        return f"harm beyond its margin of {bound} is not ruled out"
    largest = limit(guard.result, guard.worst_harm)
    return f"harm up to {largest} is not ruled out, beyond its margin of {bound}"


def _doubt_text(guard: Guarded) -> str:
    if guard.result.margin is not None:
        return _margin_text(guard, guard.result.margin)
    bound = limit(guard.result, guard.result.harm)
    if guard.worst_harm is None or guard.worst_harm > guard.result.harm:
        is_bounded = guard.worst_harm is not None and math.isfinite(guard.worst_harm)
        largest = limit(guard.result, guard.worst_harm or 0.0) if is_bounded else "any size"
        return f"no harm beyond {bound} was seen, but harm up to {largest} is not ruled out"
    return f"harm beyond {bound} is ruled out"
