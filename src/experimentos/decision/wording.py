"""The numbers of a decision, written for people."""

import math

from experimentos.analysis.result import Compared, Interval, MetricResult, Outcome, Unavailable
from experimentos.decision.judge import Guard, Guarded, JudgedArm


def p_text(p: float) -> str:
    """Return "p = 0.0123", three significant digits, or "p < 0.0001"."""
    if p < 0.0001:
        return "p < 0.0001"
    return f"p = {p:.3g}"


def percent(share: float) -> str:
    """Return a share as a percentage: two decimals, more when it would read as zero."""
    return f"{_decimals(share * 100)}%"


def points(share: float, *, signed: bool = False) -> str:
    """Return a difference of rates in percentage points."""
    if math.isinf(share):
        return "no limit"
    return f"{_decimals(share * 100, signed=signed)} points"


def amount(result: MetricResult, value: float, *, signed: bool = False) -> str:
    """Return a difference in the unit of the metric."""
    if result.kind == "conversion":
        return points(value, signed=signed)
    return _plain(value, signed=signed)


def level(result: MetricResult, value: float) -> str:
    """Return a value of the metric itself: a rate in percent, a mean in its unit."""
    if result.kind == "conversion":
        return percent(value)
    return _plain(value)


def limit(result: MetricResult, harm: float) -> str:
    """Return a harm limit in its unit: points, or percent of the control value."""
    if result.kind == "conversion":
        return points(harm)
    return percent(harm)


def interval_text(result: MetricResult, interval: Interval) -> str:
    """Return "95% interval +0.12 to +0.40 points"."""
    low = amount(result, interval.low, signed=True).removesuffix(" points")
    high = amount(result, interval.high, signed=True)
    return f"{interval.level * 100:g}% interval {low} to {high}"


def comparison(result: MetricResult, outcome: Outcome) -> str:
    """Return what was seen of one metric: values, interval and p, or why there is nothing."""
    if isinstance(outcome, Unavailable):
        return outcome.why.rstrip(".")
    return f"{_change(result, outcome)} ({_evidence(result, outcome)})"


def effect_text(judged: JudgedArm) -> str:
    """Return the primary's comparison."""
    return comparison(judged.result, judged.primary)


def guard_text(guard: Guarded, alpha: float) -> str:
    """Return how a guardrail fared against its limits, and whether chance could do it.

    No full stop at the end: several are joined with semicolons.
    """
    if isinstance(guard.outcome, Unavailable):
        return f"Guardrail {guard.result.metric}: {comparison(guard.result, guard.outcome)}"
    if guard.state is Guard.CLEAN:
        seen = _change(guard.result, guard.outcome)
        evidence = p_text(guard.outcome.p_value)
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
    seen = f"{level(result, outcome.control_value)} to {level(result, outcome.treatment_value)}"
    difference = amount(result, outcome.difference, signed=True)
    return f"{difference}, {seen}"


def _evidence(result: MetricResult, outcome: Compared) -> str:
    return f"{interval_text(result, outcome.interval)}, {p_text(outcome.p_value)}"


def _harm_text(guard: Guarded) -> str:
    if guard.harm is None:
        return "cannot be held to a relative limit: the control value is zero"
    severe = guard.state is Guard.SEVERE
    bound = guard.result.severe_harm if severe else guard.result.harm
    name = "severe limit" if severe else "limit"
    return f"is worse by {limit(guard.result, guard.harm)} ({name} {limit(guard.result, bound)})"


def _chance_text(guard: Guarded, outcome: Compared, alpha: float) -> str:
    if guard.is_significant:
        return f"significant at {alpha:g} ({p_text(outcome.p_value)})"
    return f"not significant at {alpha:g} ({p_text(outcome.p_value)}), so chance could explain it"


def _doubt_text(guard: Guarded) -> str:
    bound = limit(guard.result, guard.result.harm)
    if guard.worst_harm is None or guard.worst_harm > guard.result.harm:
        is_bounded = guard.worst_harm is not None and math.isfinite(guard.worst_harm)
        largest = limit(guard.result, guard.worst_harm or 0.0) if is_bounded else "any size"
        return f"no harm beyond {bound} was seen, but harm up to {largest} is not ruled out"
    return f"harm beyond {bound} is ruled out"


def _decimals(value: float, *, signed: bool = False) -> str:
    sign = "+" if signed and value > 0 else ""
    if value == 0 or abs(value) >= 0.05:
        return f"{sign}{value:.2f}"
    return f"{sign}{value:.2g}"


def _plain(value: float, *, signed: bool = False) -> str:
    if math.isinf(value):
        return "no limit"
    sign = "+" if signed and value > 0 else ""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{sign}{value:.4g}"
    if abs(value) < 1e15:
        return f"{sign}{value:,.0f}" if abs(value) >= 1e4 else f"{sign}{value:.3g}"
    return f"{sign}{value:.4g}"
