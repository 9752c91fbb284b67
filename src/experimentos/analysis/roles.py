"""Which metric is for what, and which way is good: from the charter, or guessed and said so."""

import re
from dataclasses import dataclass

from experimentos.analysis.result import Direction, Role
from experimentos.metrics.counts import Counts
from experimentos.metrics.summary import Metric, Summary
from experimentos.plan.charter import EMPTY_CHARTER, Charter, GuardrailPlan
from experimentos.policy import Policy

_LOWER = (
    "abandon", "bounc", "bug", "cancel", "chargeback", "churn", "complain", "cost", "crash",
    "defect", "delay", "dispute", "downtime", "dropoff", "error", "escalat", "exception", "fail",
    "fraud", "incident", "latency", "lost", "optout", "outage", "refund", "spam", "timeout",
    "uninstall", "unsubscri", "wait",
)  # fmt: skip
"""Beginnings of words that name something bad; everything else counts as good."""

_LOWER_WORDS = frozenset({"loss", "losses", "return", "returns", "returned"})
# Tickets are sold as well; those of support are not.
_SUPPORT = frozenset({"support", "helpdesk"})
_ASKED = ("call", "case", "contact", "request", "ticket")
_GOOD_AFTER_ALL = frozenset({"free", "no", "non", "without", "avoided", "prevented", "resolved"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


@dataclass(frozen=True, slots=True)
class Part:
    """The part that one metric plays.

    Attributes
    ----------
    name : str
    metric : Metric | None
        None when the data have no metric of this name.
    role : Role
    direction : Direction
    harm, severe_harm : float
    margin : float | None
        See `result.MetricResult`.
    """

    name: str
    metric: Metric | None
    role: Role
    direction: Direction
    harm: float
    severe_harm: float
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """All parts of an analysis, and what was assumed to give them."""

    parts: tuple[Part, ...]
    assumptions: tuple[str, ...]


def guess_direction(name: str) -> Direction:
    """Return which way is good for a metric of this name, by a small list of words."""
    words = [word.lower() for word in _WORD.findall(name)]
    bad = any(word.startswith(_LOWER) or word in _LOWER_WORDS for word in words)
    bad = bad or "optout" in "".join(words)
    bad = bad or bool(_SUPPORT & set(words) and any(word.startswith(_ASKED) for word in words))
    return Direction.LOWER if bad and not _GOOD_AFTER_ALL & set(words) else Direction.HIGHER


def assign(summary: Summary, charter: Charter, policy: Policy) -> Cast:
    """Return the part of every metric: planned ones as planned, the others said to be guessed."""
    notes: list[str] = []
    found = {metric.name: metric for metric in summary.metrics}
    counts = {name for name in found if _is_count(summary, name)}
    plans = [_primary(charter, summary, notes)]
    plans += [(Role.GUARDRAIL, plan) for plan in charter.guardrails or ()]
    plans += [(Role.SECONDARY, plan) for plan in charter.secondary]
    plans += _unplanned(charter, {name: name in counts for name in found}, plans, notes)
    parts: dict[str, Part] = {}
    for role, plan in plans:
        if plan.name in parts:
            notes.append(f"{plan.name} is named twice; it is read as {parts[plan.name].role}.")
            continue
        harm, severe = _limits(plan, policy, rate=plan.name in counts)
        direction = Direction(plan.direction)
        margin = plan.margin if role is Role.GUARDRAIL else None
        metric = found.get(plan.name)
        parts[plan.name] = Part(plan.name, metric, role, direction, harm, severe, margin)
    return Cast(tuple(parts.values()), tuple(notes))


def _is_count(summary: Summary, name: str) -> bool:
    return isinstance(summary.arms[0].statistics[name], Counts)


def _primary(charter: Charter, summary: Summary, notes: list[str]) -> tuple[Role, GuardrailPlan]:
    names = [metric.name for metric in summary.metrics]
    plan = GuardrailPlan(name=charter.primary, direction=charter.direction)
    if charter.primary in names or not _nothing_planned(charter) or not names:
        return Role.PRIMARY, plan
    direction = guess_direction(names[0])
    notes.append(
        f"No primary metric was planned and the data have no {charter.primary}: the first metric, "
        f"{names[0]}, is read as the primary, and {direction} is taken to be better."
    )
    return Role.PRIMARY, GuardrailPlan(name=names[0], direction=direction.value)


def _nothing_planned(charter: Charter) -> bool:
    fields = ("primary", "direction", "guardrails", "secondary", "mde")
    return all(getattr(charter, field) == getattr(EMPTY_CHARTER, field) for field in fields)


def _unplanned(
    charter: Charter,
    rate: dict[str, bool],
    plans: list[tuple[Role, GuardrailPlan]],
    notes: list[str],
) -> list[tuple[Role, GuardrailPlan]]:
    named = {plan.name for _, plan in plans}
    added = []
    for name, is_rate in rate.items():
        if name in named:
            continue
        guardrail = is_rate and charter.guardrails is None
        role = Role.GUARDRAIL if guardrail else Role.SECONDARY
        direction = guess_direction(name)
        notes.append(
            f"{name} was not planned: it is read as a {role} metric, and {direction} is taken to "
            "be better, from its name."
        )
        added.append((role, GuardrailPlan(name=name, direction=direction.value)))
    return added


def _limits(plan: GuardrailPlan, policy: Policy, *, rate: bool) -> tuple[float, float]:
    harm = policy.guardrail_harm if rate else policy.guardrail_relative_harm
    severe = policy.guardrail_severe_harm if rate else policy.guardrail_relative_severe_harm
    return (
        harm if plan.harm is None else plan.harm,
        severe if plan.severe_harm is None else plan.severe_harm,
    )
