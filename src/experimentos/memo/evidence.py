"""The evidence of a memo: data health, the results table and the guardrails."""

import math
from collections.abc import Sequence

from experimentos.analysis import numbers
from experimentos.analysis.result import (
    Compared,
    Direction,
    Frequentist,
    Informed,
    Interval,
    Lift,
    MetricResult,
    Outcome,
    Posterior,
    Unavailable,
)
from experimentos.charts.forest import forest_alt
from experimentos.charts.rows import forest_rows, state_of
from experimentos.charts.svg import forest_svg
from experimentos.decision.judge import Guard, Guarded, judge
from experimentos.health.report import HealthReport, Status
from experimentos.memo.document import Block, Bullets, Figure, Highlights, Paragraph, Table
from experimentos.memo.subject import Subject
from experimentos.policy import Policy

NOT_GIVEN = "N/A"
_READING = {"better": "better", "worse": "worse", "unclear": "no clear difference"}
_LEAST_LOSS = 0.001
_ARROW = {Direction.HIGHER: "↑", Direction.LOWER: "↓"}
_ARROWS = "↑ higher is better, ↓ lower is better"
_UP_TO = "up to: the harm that the interval does not rule out"
_GUARDED = {
    Guard.SEVERE: "severely worse",
    Guard.WORSE: "worse",
    Guard.UNMEASURED: "not measured",
    Guard.UNSHOWN: "not shown to be within its margin",
    Guard.CLEAN: "within its limit",
}
_HEALTH = {
    Status.HEALTHY: "Healthy",
    Status.WARNING: "Warning",
    Status.BLOCKED: "Blocked",
    Status.UNREADABLE: "Unreadable",
}


def highlights(subject: Subject) -> tuple[Block, ...]:
    """Return the four numbers at the top: effect, lift, certainty and data health."""
    health = ("Data health", _HEALTH[subject.health.status], _issues_found(subject.health))
    analysis = subject.analysis
    chosen = None if analysis is None else _chosen(analysis.frequentist, subject.decision.arm)
    if chosen is None:
        return (Highlights((health,)),)
    kind = analysis.frequentist.primary.kind if analysis else ""
    interval = numbers.difference_interval(chosen.interval, kind)
    items = [
        (f"Effect on {chosen.metric}", numbers.difference(chosen.difference, kind), interval),
        _lift_item(chosen),
        ("Significance", numbers.p_value(chosen.p_value), _adjusted(chosen)),
        health,
    ]
    return (Highlights(tuple(items)),)


def _lift_item(compared: Compared) -> tuple[str, str, str]:
    match compared.lift:
        case Lift(estimate, interval):
            return (
                "Relative change",
                numbers.signed_percent(estimate),
                numbers.interval_percent(interval),
            )
        case Unavailable(why=why):
            return ("Relative change", "not available", why)


def _adjusted(compared: Compared) -> str:
    if not compared.adjustment:
        return "two-sided"
    return f"two-sided, adjusted ({compared.adjustment.capitalize()})"


def _issues_found(health: HealthReport) -> str:
    found = len(health.issues)
    return "no issue found" if not found else f"{found} issue{'s' * (found > 1)} found"


def _chosen(frequentist: Frequentist, arm: str) -> Compared | None:
    """Return the primary comparison of the arm that the decision speaks of, or the first."""
    compared = [o for _, o in frequentist.primary.outcomes if isinstance(o, Compared)]
    return next((o for o in compared if o.arm == arm), compared[0] if compared else None)


def summary_text(subject: Subject) -> str:
    """Return who was measured; what was found stands in the decision and its reasons."""
    summary = subject.reading.summary
    if summary is None:
        return f"The file {subject.reading.name} could not be read as an experiment."
    users = sum(arm.users for arm in summary.arms)
    arms = ", ".join(f"{arm.name} {numbers.count(arm.users)}" for arm in summary.arms)
    measured = f"{numbers.count(users)} users in {len(summary.arms)} arms ({arms})."
    if subject.analysis is None:
        return f"{measured} Nothing was analysed, because the data is blocked."
    return measured


def health_blocks(subject: Subject) -> tuple[Block, ...]:
    """Return the state of the data: the sample ratio test and the checks that were run."""
    health = subject.health
    lines = [f"Data health: {_HEALTH[health.status].lower()}, {_issues_found(health)}."]
    if health.srm is not None:
        srm = health.srm
        lines.append(
            f"Sample ratio test ({srm.method.replace('_', '-')}): {numbers.p_value(srm.p_value)}, "
            f"largest deviation {numbers.percent(abs(srm.deviation))} of the traffic in {srm.arm}."
        )
    if health.srm_sequential is not None:
        daily = health.srm_sequential
        alarm = "" if daily.alarm is None else f", alarm since {daily.alarm}"
        lines.append(
            f"At every one of {daily.days} daily looks: {numbers.p_value(daily.p_value)}{alarm}."
        )
    if health.checks:
        passed = sum(ok for _, ok in health.checks)
        lines.append(f"{passed} of {len(health.checks)} checks passed without an issue.")
    return (Paragraph(" ".join(lines)),)


def result_blocks(frequentist: Frequentist, policy: Policy) -> tuple[Block, ...]:
    """Return the forest plot, the table of results and the table of guardrails."""
    rows = forest_rows(frequentist)
    blocks: list[Block] = [Figure(forest_svg(rows), forest_alt(rows))]
    results, alpha = (frequentist.primary, *frequentist.secondary), frequentist.alpha
    named = "Primary and secondary metrics" if len(results) > 1 else "Primary metric"
    blocks.append(_results(results, alpha, named))
    if frequentist.guardrails:
        blocks += [_guardrails(frequentist, policy), Paragraph(f"{_ARROWS}; {_UP_TO}.")]
    else:
        blocks += [Paragraph(f"{_ARROWS}."), Paragraph("Guardrails: none were given.")]
    return tuple(blocks)


_NUMERIC = (1, 2, 3, 4, 5)


def _results(results: Sequence[MetricResult], alpha: float, caption: str) -> Table:
    level = f"{numbers.level(1 - alpha)} CI"
    header = ("Metric", "Control", "Treatment", "Difference", level, "p", "Reading")
    several = any(len(result.outcomes) > 1 for result in results)
    rows = [
        (_named(result, arm if several else ""), *_result_cells(result, outcome, alpha))
        for result in results
        for arm, outcome in result.outcomes
    ]
    return Table(header, tuple(rows), _NUMERIC, caption)


def _named(result: MetricResult, arm: str) -> str:
    metric = f"{result.metric}\N{NO-BREAK SPACE}{_ARROW[result.direction]}"
    return f"{metric} · {arm}" if arm else metric


def _result_cells(result: MetricResult, outcome: Outcome, alpha: float) -> tuple[str, ...]:
    match outcome:
        case Unavailable():
            return ("", "", "", "", "", numbers.unavailable(outcome))
        case Compared():
            return (
                numbers.metric_value(outcome.control_value, result.kind),
                numbers.metric_value(outcome.treatment_value, result.kind),
                numbers.difference(outcome.difference, result.kind),
                _interval(outcome.interval, result.kind, alpha),
                numbers.bare_p(outcome.p_value),
                _READING[state_of(outcome, result.direction, alpha)],
            )


def _interval(interval: Interval, kind: str, alpha: float) -> str:
    """Return the ends, with the level where it is not that of the column's heading."""
    ends = numbers.ends(interval, kind)
    is_usual = math.isclose(interval.level, 1 - alpha, abs_tol=1e-9)
    return ends if is_usual else f"{ends} ({numbers.level(interval.level)})"


def _guardrails(frequentist: Frequentist, policy: Policy) -> Table:
    header = ("Guardrail", "Control", "Treatment", "Harm", "Up to", "Limit", "p", "Reading")
    judged = judge(frequentist, policy)
    rows = [
        (_named(guard.result, arm.arm if len(judged) > 1 else ""), *_guard_cells(guard))
        for guards in zip(*(arm.guardrails for arm in judged), strict=True)
        for arm, guard in zip(judged, guards, strict=True)
    ]
    return Table(header, tuple(rows), (*_NUMERIC, 6), "Guardrails")


def _guard_cells(guard: Guarded) -> tuple[str, ...]:
    result, outcome = guard.result, guard.outcome
    match outcome:
        case Unavailable():
            return ("", "", "", "", "", "", numbers.unavailable(outcome))
        case Compared():
            return (
                numbers.metric_value(outcome.control_value, result.kind),
                numbers.metric_value(outcome.treatment_value, result.kind),
                _harm(guard.harm, result.kind),
                _harm(guard.worst_harm, result.kind),
                _limit(result),
                numbers.bare_p(outcome.p_value),
                _GUARDED[guard.state],
            )


def _harm(harm: float | None, kind: str) -> str:
    if harm is None:
        return NOT_GIVEN
    return numbers.points(harm) if kind == numbers.RATE else numbers.signed_percent(harm)


def _limit(result: MetricResult) -> str:
    if result.kind == numbers.RATE:
        return numbers.plain_points(result.harm)
    return numbers.percent(result.harm, 1)


def bayesian_blocks(subject: Subject) -> tuple[Block, ...]:
    """Return two lines on the primary metric, or why there are none."""
    analysis = subject.analysis
    if analysis is None:
        return (Paragraph("Not available: nothing was analysed."),)
    result = analysis.frequentist.primary
    known = [p for p in analysis.posteriors if isinstance(p, Posterior)]
    found = [p for p in known if p.metric == result.metric]
    if not found:
        reasons = (p.why for p in analysis.posteriors if isinstance(p, Unavailable))
        return (Paragraph(f"Not available: {next(reasons, 'no posterior was computed.')}"),)
    arm = subject.decision.arm
    chosen = next((p for p in found if p.arm == arm), found[0])
    stated = [p for p in analysis.informed if isinstance(p, Informed) and p.arm == chosen.arm]
    return (Bullets(_posterior_lines(chosen, stated, result)),)


def _posterior_lines(
    posterior: Posterior, stated: Sequence[Informed], result: MetricResult
) -> tuple[str, str]:
    chance = numbers.chance(posterior.probability_better)
    interval = numbers.difference_interval(
        posterior.difference, result.kind, name="credible interval"
    )
    return (
        f"Probability that {posterior.arm} is better on {result.metric}: {chance}; {interval} "
        f"(prior: {posterior.prior.rstrip('.')}){_stated(stated)}.",
        f"Expected loss: {_loss(posterior.loss_if_launched, result.kind)} if launched, "
        f"{_loss(posterior.loss_if_kept, result.kind)} if the control is kept. "
        "This view informs; it never moves the decision.",
    )


def _stated(stated: Sequence[Informed]) -> str:
    """Return the same probability under the belief that the charter states, if it states one."""
    if not stated:
        return ""
    informed = stated[0]
    return (
        f"; {numbers.chance(informed.probability_better)} under the charter's expectation, lift "
        f"{numbers.interval_percent(informed.lift, name='credible interval')}"
    )


def _loss(loss: float, kind: str) -> str:
    if kind == numbers.RATE:
        if 100 * loss < _LEAST_LOSS:
            return f"under {_LEAST_LOSS:g} points"
        return f"{numbers.fixed(100 * loss, numbers.decimals(100 * loss))} points"
    return numbers.quantity(loss)
