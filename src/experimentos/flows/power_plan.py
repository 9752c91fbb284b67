"""From what is known about an experiment to its size, its power or its smallest effect."""

import math
from dataclasses import dataclass, replace
from typing import Literal, assert_never

from experimentos.analysis.delta import Pairs, unit_variance
from experimentos.errors import ContractError
from experimentos.flows.encode import Json
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Summary
from experimentos.plan.duration import Traffic, days_for, whole_weeks
from experimentos.plan.power import (
    DEFAULT_SCHEME,
    Mean,
    Metric,
    Rate,
    mde,
    method,
    power,
    sample_size,
)
from experimentos.plan.scheme import Scheme

type Solved = Literal["sample_size", "power", "mde"]

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerQuestion:
    """What is known; of effect, control units and power the missing one is solved for.

    Attributes
    ----------
    metric : Rate | Mean
    effect : float | None
        Treatment minus control, unit of the metric.
    control : float | None
        Units of the control.
    power : float
        Wanted power; the answer replaces it when effect and control are both known.
    scheme : Scheme
    increase : bool
        Which way to look for the smallest effect.
    traffic : Traffic | None
        For the days.
    """

    metric: Metric
    effect: float | None = None
    control: float | None = None
    power: float = 0.8
    scheme: Scheme = DEFAULT_SCHEME
    increase: bool = True
    traffic: Traffic | None = None


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """The answer.

    Attributes
    ----------
    solved : str
        "sample_size", "power" or "mde".
    method : str
        The test in words.
    control, treatment, total : int
        Units of the control, of each treatment arm, and of all arms.
    effect : float | None
        None where no effect reaches the power.
    power : float
    days, whole_weeks_days : int | None
        Until all units are in, and rounded up to whole weeks; None without traffic.
    """

    solved: Solved
    method: str
    control: int
    treatment: int
    total: int
    effect: float | None
    power: float
    days: int | None = None
    whole_weeks_days: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier experiment says of a metric.

    Attributes
    ----------
    metric : Rate | Mean
    baseline : float
        Rate, mean or ratio of its control.
    users : int
        Units that it was measured on.
    """

    metric: Metric
    baseline: float
    users: int


def known_from(summary: Summary, name: str = "", explained: float = 0.0) -> Known:
    """Return baseline and variance of a metric from the control of an earlier experiment.

    Parameters
    ----------
    summary
        The earlier experiment.
    name
        Of the metric; "" takes the first.
    explained
        Share of variance that a covariate will take away; for an adjusted metric it is measured
        and this is not used.

    Raises
    ------
    ContractError
        If there is no such metric, or its control does not vary.
    """
    names = [metric.name for metric in summary.metrics]
    if not names or (name and name not in names):
        raise ContractError(
            f"The file has no metric called {name!r}.",
            hint=f"It has: {', '.join(names) or 'none'}.",
        )
    found = summary.metric(name or names[0])
    statistic = summary.arms[0].statistics[found.name]
    users = summary.arms[0].users
    match statistic:
        case Counts():
            rate = statistic.k / max(statistic.n, 1)
            if not explained:
                return Known(Rate(rate), rate, users)
            return Known(Mean(math.sqrt(rate * (1 - rate)), explained=explained), rate, users)
        case Moments():
            spread = Mean(_sd(statistic), explained=explained)
            return Known(spread, statistic.mean, users)
        case CrossMoments() if found.kind == "ratio":
            sd = math.sqrt(float(unit_variance(Pairs.of(statistic))))
            return Known(Mean(sd, explained=explained), statistic.mean_x / statistic.mean_y, users)
        case CrossMoments():
            shared = statistic.m2_x * statistic.m2_y
            share = min(statistic.c_xy**2 / shared, 1 - 1e-9) if shared > 0 else 0.0
            return Known(Mean(_sd(statistic.x), explained=share), statistic.mean_x, users)
        case _:
            assert_never(statistic)


def _sd(moments: Moments) -> float:
    return math.sqrt(moments.variance) if moments.n > 1 else 0.0


def plan_power(question: PowerQuestion) -> PowerPlan:
    """Solve for the one of effect, size and power that is not known.

    Raises
    ------
    ContractError
        If neither effect nor size is known, or the question has no answer.
    """
    plan = _solved(question)
    if question.traffic is None:
        return plan
    days = days_for(plan.total, question.traffic)
    return replace(plan, days=days, whole_weeks_days=whole_weeks(days))


def power_report(plan: PowerPlan, question: PowerQuestion) -> dict[str, Json]:
    """Return the plan as JSON values."""
    scheme = question.scheme
    return {
        "schema_version": SCHEMA_VERSION,
        "report": "power",
        "solved": plan.solved,
        "method": plan.method,
        "alpha": scheme.alpha,
        "sides": scheme.sides,
        "ratio": scheme.ratio,
        "arms": scheme.arms,
        "looks": list(scheme.looks),
        "control": plan.control,
        "treatment": plan.treatment,
        "total": plan.total,
        "effect": plan.effect,
        "power": plan.power,
        "days": plan.days,
        "whole_weeks_days": plan.whole_weeks_days,
    }


def _solved(question: PowerQuestion) -> PowerPlan:
    metric, scheme = question.metric, question.scheme
    words = method(metric, scheme)
    if question.control is None:
        if question.effect is None:
            raise ContractError(
                "Neither the effect nor the size is known.",
                hint="Give an effect to learn the size, or a size to learn the effect.",
            )
        size = sample_size(metric, question.effect, scheme, question.power)
        arms = size.control, size.treatment, size.total
        return PowerPlan("sample_size", words, *arms, question.effect, question.power)
    arms = _arms(question.control, scheme)
    if question.effect is None:
        found = mde(metric, question.control, scheme, question.power, increase=question.increase)
        return PowerPlan("mde", words, *arms, found, question.power)
    reached = power(metric, question.effect, question.control, scheme)
    return PowerPlan("power", words, *arms, question.effect, reached)


def _arms(control: float, scheme: Scheme) -> tuple[int, int, int]:
    treatment = round(control * scheme.ratio)
    return round(control), treatment, round(control) + scheme.arms * treatment
