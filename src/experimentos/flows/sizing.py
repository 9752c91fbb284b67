"""Plan the size: what was typed, the question it asks, the curves, and the way into the charter."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from experimentos.errors import ContractError
from experimentos.flows.power_plan import PowerPlan, PowerQuestion
from experimentos.plan.charter import Charter, Monitoring
from experimentos.plan.curves import Curve, mde_by_day, power_by_users
from experimentos.plan.duration import Traffic
from experimentos.plan.power import Mean, Metric, Rate
from experimentos.plan.scheme import Scheme

POINTS = 40
MOST_DAYS = 70

type Kind = Literal["rate", "mean", "ratio"]
type Sought = Literal["size", "effect", "power"]
type Unit = Literal["absolute", "relative"]
type Goal = Literal["difference", "one_sided", "non_inferiority"]


class Sizing(BaseModel):
    """What a person typed to plan a size; None is not typed yet.

    Attributes
    ----------
    source : str
        Metric of the loaded results that baseline and variance come from; "" when they are typed.
    kind : "rate", "mean" or "ratio"
    baseline : float | None
        Rate in (0, 1), mean, or ratio of the control.
    sd : float | None
        Standard deviation of one user; for a ratio the square root of its variance per user.
    sought : "size", "effect" or "power"
    effect : float | None
        Size of the difference, without sign: in the metric's unit, or a share of the baseline.
    effect_unit : "absolute" or "relative"
    users : int | None
        In all arms.
    power : float
    goal : "difference" (two-sided), "one_sided", or "non_inferiority"
    margin : float | None
        Largest harm to be ruled out, unit of the metric.
    arms : int
        Treatment arms.
    ratio : float
        Users of each treatment arm per user of the control.
    correlation : float in [0, 1)
        Of the outcome with a covariate from before the experiment; 0 for none.
    looks : int
        Equally spaced, the last at the end.
    spending : str
    per_day : float | None
        New users a day.
    ramp : tuple[float, ...]
        Share of the traffic on each first day; the last one stays.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    source: str = ""
    kind: Kind = "rate"
    baseline: float | None = None
    sd: float | None = None
    sought: Sought = "size"
    effect: float | None = None
    effect_unit: Unit = "absolute"
    users: int | None = None
    power: float = 0.8
    goal: Goal = "difference"
    margin: float | None = None
    arms: int = 1
    ratio: float = 1.0
    correlation: float = 0.0
    looks: int = 1
    spending: str = "obrien_fleming"
    per_day: float | None = None
    ramp: tuple[float, ...] = (1.0,)


@dataclass(frozen=True, slots=True)
class Start:
    """The metric that a size is planned for.

    Attributes
    ----------
    metric : Rate | Mean
    baseline : float | None
        None where only the variance is known.
    """

    metric: Metric
    baseline: float | None


def start_of(sizing: Sizing) -> Start | None:
    """Return the metric that was typed, None while something is missing.

    Raises
    ------
    ContractError
        If it is out of range.
    """
    explained = sizing.correlation**2
    if sizing.kind != "rate":
        if sizing.sd is None:
            return None
        return Start(Mean(sizing.sd, explained=explained), sizing.baseline)
    if sizing.baseline is None:
        return None
    rate = Rate(sizing.baseline)
    if not explained:
        return Start(rate, sizing.baseline)
    spread = math.sqrt(sizing.baseline * (1 - sizing.baseline))
    return Start(Mean(spread, explained=explained), sizing.baseline)


def question_of(sizing: Sizing, start: Start, charter: Charter) -> PowerQuestion | None:
    """Return what is asked, at the charter's level and in its good direction; None while short.

    Raises
    ------
    ContractError
        If what was typed contradicts itself.
    """
    effect = None if sizing.sought == "effect" else _effect(sizing, start, charter)
    control = None if sizing.sought == "size" else _control(sizing)
    if (sizing.sought != "effect" and effect is None) or (
        sizing.sought != "size" and control is None
    ):
        return None
    return PowerQuestion(
        metric=start.metric,
        effect=effect,
        control=control,
        power=sizing.power,
        scheme=scheme_of(sizing, charter),
        increase=charter.direction == "higher",
        traffic=Traffic(sizing.per_day, sizing.ramp) if sizing.per_day else None,
    )


def scheme_of(sizing: Sizing, charter: Charter) -> Scheme:
    """Return the test that the size is for."""
    proves_no_harm = sizing.goal == "non_inferiority"
    if proves_no_harm and not sizing.margin:
        raise ContractError(
            "Non-inferiority needs a margin.", hint="Give the largest harm that is acceptable."
        )
    return Scheme(
        alpha=charter.alpha,
        sides=2 if sizing.goal == "difference" else 1,
        ratio=sizing.ratio,
        arms=sizing.arms,
        looks=tuple((look + 1) / sizing.looks for look in range(sizing.looks)),
        spending=sizing.spending,
        margin=sizing.margin if proves_no_harm else None,
        higher_is_better=charter.direction == "higher",
    )


def power_curve(question: PowerQuestion, plan: PowerPlan) -> Curve | None:
    """Return power over users in all arms, from nearly none to twice the plan."""
    if plan.effect is None:
        return None
    controls = np.linspace(max(2.0, plan.control * 0.05), max(8.0, plan.control * 2.0), POINTS)
    return power_by_users(question.metric, plan.effect, controls.tolist(), question.scheme)


def mde_curve(question: PowerQuestion, plan: PowerPlan) -> Curve | None:
    """Return the smallest effect over the days, to half as long again as planned."""
    if question.traffic is None or plan.days is None or question.scheme.margin is not None:
        return None
    last = min(MOST_DAYS, max(14, math.ceil(plan.days * 1.5)))
    days = range(1, last + 1)
    return mde_by_day(question.metric, question.traffic, days, question.scheme, question.power)


def taken_over(charter: Charter, sizing: Sizing, plan: PowerPlan) -> Charter:
    """Return the charter with the plan's smallest effect, users, split and looks.

    A non-inferiority margin is no smallest effect: the charter then keeps its own.
    """
    fields: dict[str, object] = {"planned_users": plan.total}
    if plan.effect and sizing.goal != "non_inferiority":
        fields["mde"] = abs(plan.effect)
    if sizing.looks > 1:
        fields["monitoring"] = Monitoring(kind="group_sequential", spending=sizing.spending)
    elif charter.monitoring is not None and charter.monitoring.kind == "group_sequential":
        fields["monitoring"] = None
    if sizing.ratio != 1:
        fields["split"] = (1.0, *[sizing.ratio] * sizing.arms)
    elif charter.split is not None and len(set(charter.split)) > 1:
        fields["split"] = None
    return Charter.model_validate({**charter.model_dump(), **fields})


def _effect(sizing: Sizing, start: Start, charter: Charter) -> float | None:
    if sizing.effect is None:
        return 0.0 if sizing.goal == "non_inferiority" else None
    sign = 1 if charter.direction == "higher" else -1
    if sizing.effect_unit == "absolute":
        return sign * sizing.effect
    if not start.baseline:
        raise ContractError(
            "A relative effect needs a baseline.", hint="Give the baseline, or an absolute effect."
        )
    return sign * sizing.effect * abs(start.baseline)


def _control(sizing: Sizing) -> float | None:
    if sizing.users is None:
        return None
    return sizing.users / (1 + sizing.arms * sizing.ratio)
