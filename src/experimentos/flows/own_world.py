"""The simulated world that is like the user's own data."""

import math

from experimentos.flows.power_plan import known_from
from experimentos.flows.simulate import SIMULATED, World
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import Charter
from experimentos.plan.power import Rate

DEFAULT_LOOKS = 4
MOST_LOOKS = 30


def methods_for(*, is_rate: bool) -> tuple[str, ...]:
    """Return the names of the simulated methods that take a rate, or a mean."""
    wanted = "rate" if is_rate else "mean"
    return tuple(name for name, one in SIMULATED.items() if one.takes in {"both", wanted})


def likely_method(charter: Charter, *, is_rate: bool) -> str:
    """Return the method that the plan calls for."""
    plan = charter.monitoring
    if plan is not None:
        return "confidence_sequence" if plan.kind == "always_valid" else "group_sequential"
    return "score" if is_rate else "welch"


def looks_in(summary: Summary) -> int:
    """Return as many looks as the data has days, a few where it has none."""
    days = {cell.day for cell in summary.cells if cell.day is not None}
    return min(len(days), MOST_LOOKS) if len(days) > 1 else DEFAULT_LOOKS


def world_like(summary: Summary, name: str, arm: str, charter: Charter, effect: float) -> World:
    """Return experiments with the sizes, level and spread of this one.

    Parameters
    ----------
    summary, name, arm
        The data, its metric and the arm that is compared with the control.
    charter
        Level and spending.
    effect
        True difference in the experiments with an effect, unit of the metric.

    Raises
    ------
    ContractError
        If the control does not vary.
    """
    known = known_from(summary, name)
    sizes = [summary.control, arm]
    n_control, n_treatment = (summary.arm(each).users for each in sizes)
    metric = known.metric
    sd = None if isinstance(metric, Rate) else metric.sd * math.sqrt(1 - metric.explained)
    spending = charter.monitoring.spending if charter.monitoring else "obrien_fleming"
    return World(
        n_control=n_control,
        n_treatment=n_treatment,
        control=known.baseline,
        effect=effect,
        sd=sd,
        alpha=charter.two_sided_alpha,
        spending=spending,
    )
