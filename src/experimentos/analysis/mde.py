"""The smallest effect that data of this size would have shown."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from experimentos.plan.rates import rates_far_tail, rates_power
from experimentos.plan.roots import find_roots

type Array = NDArray[np.float64]

_NORMAL_DF = 1e6
"""From this df on the t and the normal quantile differ by less than 1e-5."""


def mde_rates(
    p_control: float, n: tuple[float, float], alpha: float, power: float, sign: int = 1
) -> float | None:
    """Return the smallest change of a rate that the pooled z test finds at this power.

    Parameters
    ----------
    n
        Units of control and treatment, both positive.
    sign
        1 for an increase, -1 for a decrease.

    Returns
    -------
    float | None
        Absolute size of the change; None when no rate in [0, 1] is far enough.
    """
    room = 1 - p_control if sign > 0 else p_control

    critical, ratio = -float(ndtri(alpha / 2)), n[1] / n[0]

    def excess(size: Array) -> Array:
        treatment = np.clip(p_control + sign * size, 0.0, 1.0)
        near = rates_power(p_control, treatment, n[0], ratio, critical)
        return near + rates_far_tail(p_control, treatment, n[0], ratio, critical) - power

    if room == 0 or float(excess(np.asarray(room))) < 0:
        return None
    return _root(excess, room)


def mde_mean(se: float, df: float | None, alpha: float, power: float) -> float:
    """Return the smallest difference of means that a t or z test finds at this power.

    Parameters
    ----------
    se
        Standard error of the difference, unit of the metric.
    df
        Degrees of freedom; None for a normal statistic.

    Notes
    -----
    Noncentral t, both tails counted.
    """
    if df is None or df > _NORMAL_DF:
        edge, reach = -float(ndtri(alpha / 2)), float(ndtri(power))
        return se * _root(lambda x: ndtr(x - edge) + ndtr(-x - edge) - power, edge + reach)
    critical, reach = -float(stdtrit(df, alpha / 2)), float(stdtrit(df, power))
    return se * _root(
        lambda x: nctdtr(df, x, -critical) - nctdtr(df, x, critical) + 1 - power,
        2 * (critical + max(reach, 0.0)) + 1,
    )


def _root(f: Callable[[Array], Array], high: float) -> float:
    return float(find_roots(f, 0.0, high))
