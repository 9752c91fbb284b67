"""Which metrics guard, which are only reported, and when each is worse."""

import math
from typing import Any

import streamlit as st

from experimentos.analysis.numbers import RATE
from experimentos.analysis.result import MetricResult, Role
from experimentos.flows.ab_test import AbTest
from experimentos.metrics.summary import Metric, Summary
from experimentos.plan.charter import Charter, GuardrailPlan
from experimentos.policy import DEFAULT_POLICY
from experimentos.ui import format as fmt
from experimentos.ui.bound import bound, bound_choice

MARGIN = (
    "Non-inferiority: nothing is launched unless the interval rules out harm beyond this margin."
)
GUESSED, PLANNED = "Guess their roles", "As planned here"
GUARDRAIL, REPORTED, LEFT_OUT = "Guardrail", "Only reported", "Left out"
ROLES = (GUARDRAIL, REPORTED, LEFT_OUT)
WAY_LABELS = {"higher": "Higher is better", "lower": "Lower is better"}


def is_rate(summary: Summary | None, name: str) -> bool:
    """Return whether a metric is a share of users, so that its differences are points."""
    kinds = {metric.name: metric.kind for metric in summary.metrics} if summary else {}
    return kinds.get(name, RATE) == RATE


def metric_roles(charter: Charter, test: AbTest | None) -> dict[str, Any]:
    """Draw the other metrics' roles; return the charter's `guardrails` and `secondary`."""
    summary = test.reading.summary if test else None
    others = [m for m in summary.metrics if m.name != charter.primary] if summary else []
    if not others:
        return {}
    chosen = bound_choice(
        "Other metrics",
        "roles",
        (GUESSED, PLANNED),
        GUESSED if charter.guardrails is None else PLANNED,
        help="Guessing takes every count as a guardrail and reads the good direction off its name; "
        "the memo says so. A plan replaces the guess.",
    )
    if chosen == GUESSED:
        return {"guardrails": None, "secondary": ()}
    seeds = _seeds(charter, test)
    rows = [_row(metric, *seeds.get(metric.name, _guess(metric, None))) for metric in others]
    return {
        "guardrails": tuple(plan for role, plan in rows if role == GUARDRAIL),
        "secondary": tuple(plan for role, plan in rows if role == REPORTED),
    }


def _seeds(charter: Charter, test: AbTest | None) -> dict[str, tuple[str, GuardrailPlan]]:
    if charter.guardrails is not None:
        left_out = {m.name: (LEFT_OUT, GuardrailPlan(name=m.name)) for m in _metrics(test)}
        guards = {plan.name: (GUARDRAIL, plan) for plan in charter.guardrails}
        return left_out | guards | {plan.name: (REPORTED, plan) for plan in charter.secondary}
    analysis = test.analysis if test else None
    results = {r.metric: r for r in analysis.frequentist.metrics} if analysis else {}
    return {m.name: _guess(m, results.get(m.name)) for m in _metrics(test)}


def _metrics(test: AbTest | None) -> tuple[Metric, ...]:
    return test.reading.summary.metrics if test and test.reading.summary else ()


def _guess(metric: Metric, result: MetricResult | None) -> tuple[str, GuardrailPlan]:
    if result is None:
        role = GUARDRAIL if metric.kind == RATE else REPORTED
        return role, GuardrailPlan(name=metric.name)
    role = GUARDRAIL if result.role is Role.GUARDRAIL else REPORTED
    return role, GuardrailPlan(name=metric.name, direction=result.direction.value)


def _row(metric: Metric, role: str, plan: GuardrailPlan) -> tuple[str, GuardrailPlan]:
    name = metric.name
    with st.container(border=True):
        st.markdown(f"**{fmt.plain(name)}**")
        first, second, third, fourth, fifth = st.columns(5)
        with first:
            role = bound_choice("Role", f"role.{name}", ROLES, role)
        with second:
            way = bound_choice(
                "Better when", f"way.{name}", tuple(WAY_LABELS), plan.direction,
                format_func=WAY_LABELS.__getitem__, disabled=role == LEFT_OUT,
            )  # fmt: skip
        if role != GUARDRAIL:
            return role, plan.model_copy(update={"direction": way})
        with third:
            harm = _limit("Worse from", metric, "harm", plan.harm)
        with fourth:
            severe = _limit("Severe from", metric, "severe_harm", plan.severe_harm)
        with fifth:
            margin = _limit("Margin", metric, "margin", plan.margin)
    return role, GuardrailPlan(
        name=name, direction=way, harm=harm, severe_harm=severe, margin=margin or None
    )


def _limit(label: str, metric: Metric, field: str, value: float | None) -> float | None:
    rate = metric.kind == RATE
    unit = "points" if rate else "% of mean"
    standard = {
        (True, "harm"): DEFAULT_POLICY.guardrail_harm,
        (True, "severe_harm"): DEFAULT_POLICY.guardrail_severe_harm,
        (False, "harm"): DEFAULT_POLICY.guardrail_relative_harm,
        (False, "severe_harm"): DEFAULT_POLICY.guardrail_relative_severe_harm,
    }.get((rate, field))
    typed = bound(
        st.number_input, f"{label} ({unit})", f"{field}.{metric.name}",
        None if value is None else value * 100, min_value=0.0, format="%.4g",
        placeholder="none" if standard is None else f"policy: {standard * 100:g}",
        help=MARGIN if field == "margin" else None,
    )  # fmt: skip
    return rescaled(typed, value)


def rescaled(typed: float | None, value: float | None, scale: float = 100) -> float | None:
    """Return what was typed on the reader's scale on the charter's; the old value if unchanged.

    A value that went through the screen and back keeps all its bits.
    """
    if typed is None:
        return None
    planned = typed / scale
    return value if value is not None and math.isclose(planned, value) else planned
