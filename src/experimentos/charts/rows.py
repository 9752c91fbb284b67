"""An analysis as the rows of a forest plot: every metric on one scale."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from experimentos.analysis import numbers
from experimentos.analysis.result import (
    Compared,
    Direction,
    Frequentist,
    Interval,
    Lift,
    MetricResult,
    Outcome,
    Role,
    Unavailable,
)
from experimentos.charts.visible import one_line

_CLIP = 4.0
_PADDING = 0.06


@dataclass(frozen=True, slots=True)
class Span:
    """A relative effect and its ends; ends may be infinite."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One metric of one arm, relative to the control.

    Attributes
    ----------
    label : str
        Metric, and the arm when there are several.
    role : Role
    state : str
        "better", "worse" or "unclear" at the level of the analysis, or "unavailable".
    span : Span | None
        Shares of the control value; None when nothing can be drawn.
    harm, severe_harm : float | None
        Limits of a guardrail on the same scale, signed towards harm.
    text : str
        The result for people.
    brief : str
        The relative change and its p-value, for a picture that shows the interval.
    exact : str
        The same at full precision.
    """

    label: str
    role: Role
    state: str
    span: Span | None
    harm: float | None
    severe_harm: float | None
    text: str
    brief: str
    exact: str


def state_of(compared: Compared, direction: Direction, alpha: float) -> str:
    """Return "better" or "worse" for a significant difference, else "unclear"."""
    if not compared.p_value < alpha or compared.difference == 0:
        return "unclear"
    upwards = compared.difference > 0
    return "better" if upwards == (direction is Direction.HIGHER) else "worse"


def forest_rows(frequentist: Frequentist) -> tuple[ForestRow, ...]:
    """Return one row per metric and arm: the primary, the guardrails, then the secondary."""
    return tuple(
        row for result in frequentist.metrics for row in _metric_rows(result, frequentist.alpha)
    )


def _metric_rows(result: MetricResult, alpha: float) -> Iterator[ForestRow]:
    several = len(result.outcomes) > 1
    for arm, outcome in result.outcomes:
        label = one_line(f"{result.metric} · {arm}" if several else result.metric)
        yield _row(label, result, outcome, alpha)


def _row(label: str, result: MetricResult, outcome: Outcome, alpha: float) -> ForestRow:
    match outcome:
        case Unavailable():
            text = numbers.unavailable(outcome)
            return ForestRow(label, result.role, "unavailable", None, None, None, text, text, text)
        case Compared():
            harm, severe = _limits(result, outcome)
            return ForestRow(
                label=label,
                role=result.role,
                state=state_of(outcome, result.direction, alpha),
                span=_span(outcome),
                harm=harm,
                severe_harm=severe,
                text=_text(outcome, result.kind),
                brief=_brief(outcome, result.kind),
                exact=_exact(outcome),
            )


def _span(compared: Compared) -> Span | None:
    match compared.lift:
        case Lift(estimate, interval):
            return Span(estimate, interval.low, interval.high)
        case Unavailable():
            return _scaled(compared.difference, compared.interval, abs(compared.control_value))


def _scaled(estimate: float, interval: Interval, control: float) -> Span | None:
    """Return the difference over the control value, taken as known, when it has no lift."""
    if control == 0:
        return None
    return Span(estimate / control, interval.low / control, interval.high / control)


def _limits(result: MetricResult, compared: Compared) -> tuple[float | None, float | None]:
    control = abs(compared.control_value)
    if result.role is not Role.GUARDRAIL or control == 0:
        return None, None
    scale = 1 / control if result.kind == numbers.RATE else 1.0
    side = -scale if result.direction is Direction.HIGHER else scale
    return side * result.harm, side * result.severe_harm


def _text(compared: Compared, kind: str) -> str:
    match compared.lift:
        case Lift():
            return f"{numbers.lift(compared.lift)}, {numbers.p_value(compared.p_value)}"
        case Unavailable():
            return numbers.effect(compared, kind)


def _brief(compared: Compared, kind: str) -> str:
    match compared.lift:
        case Lift(estimate):
            return f"{numbers.signed_percent(estimate)}, {numbers.p_value(compared.p_value)}"
        case Unavailable():
            change = numbers.difference(compared.difference, kind)
            return f"{change}, {numbers.p_value(compared.p_value)}"


def _exact(compared: Compared) -> str:
    low, high = numbers.exact(compared.interval.low), numbers.exact(compared.interval.high)
    return (
        f"difference {numbers.exact(compared.difference)} [{low}, {high}], "
        f"p {numbers.exact(compared.p_value)}, {compared.method}"
    )


def drawn_range(rows: tuple[ForestRow, ...]) -> tuple[float, float]:
    """Return the ends of the common axis: zero inside, an interval far wider than most clipped."""
    spans = [row.span for row in rows if row.span is not None]
    ends = [end for span in spans for end in (span.low, span.high) if math.isfinite(end)]
    points = [span.estimate for span in spans if math.isfinite(span.estimate)]
    if not ends and not points:
        return -0.01, 0.01
    reach = [max(abs(span.low), abs(span.high)) for span in spans]
    limit = _CLIP * median([r for r in reach if math.isfinite(r)] or [max(map(abs, points))])
    limits = [row.harm for row in rows if row.harm is not None and abs(row.harm) < limit]
    inside = [max(-limit, min(limit, end)) for end in (*ends, *points, *limits)]
    low, high = min(0.0, *inside), max(0.0, *inside)
    padding = _PADDING * (high - low) or 0.01
    return low - padding, high + padding
