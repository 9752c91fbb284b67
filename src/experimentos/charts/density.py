"""The posterior density of a difference, as points of a curve to draw."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experimentos.analysis.numbers import RATE
from experimentos.analysis.result import Compared, MetricResult, Posterior
from experimentos.charts.posterior import Density

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_POINTS = 201
_NODES = 801
_REACH = 4.5


def difference_density(result: MetricResult, compared: Compared, posterior: Posterior) -> Density:
    """Return the density of treatment minus control, in the direction of the raw difference.

    For rates it is the convolution of the two Beta(1 + k, 1 + n - k) posteriors, integrated over
    801 nodes; otherwise the normal density with the estimate and its standard error.
    """
    import numpy as np

    if result.kind == RATE:
        grid, density = _of_rates(compared)
    else:
        reach = _REACH * compared.se
        grid = np.linspace(compared.difference - reach, compared.difference + reach, _POINTS)
        density = np.exp(-0.5 * ((grid - compared.difference) / compared.se) ** 2)
        density /= compared.se * math.sqrt(2 * math.pi)
    return Density(
        label=f"{posterior.metric} · {posterior.arm}",
        grid=grid.tolist(),
        density=density.tolist(),
        interval=posterior.difference,
        probability_better=posterior.probability_better,
    )


def _of_rates(compared: Compared) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    control = _beta(compared.control_value, compared.n_control)
    treatment = _beta(compared.treatment_value, compared.n_treatment)
    centre = treatment[2] - control[2]
    reach = _REACH * math.hypot(control[3], treatment[3])
    grid = np.linspace(max(-1.0, centre - reach), min(1.0, centre + reach), _POINTS)
    low = max(0.0, control[2] - 2 * _REACH * control[3])
    high = min(1.0, control[2] + 2 * _REACH * control[3])
    step = (high - low) / _NODES
    nodes = np.linspace(low + step / 2, high - step / 2, _NODES)
    weights = _beta_density(nodes, control) * step
    shifted = _beta_density(np.add.outer(grid, nodes), treatment)
    return grid, shifted @ weights


def _beta(rate: float, n: int) -> tuple[float, float, float, float]:
    """Return a, b, mean and standard deviation of the posterior of a rate under a flat prior."""
    k = round(rate * n)
    a, b = 1.0 + k, 1.0 + n - k
    return a, b, a / (a + b), math.sqrt(a * b / ((a + b) ** 2 * (a + b + 1)))


def _beta_density(
    x: NDArray[np.float64], beta: tuple[float, float, float, float]
) -> NDArray[np.float64]:
    import numpy as np
    from scipy.special import betaln, xlog1py, xlogy

    a, b = beta[:2]
    inside = (x > 0) & (x < 1)
    safe = np.where(inside, x, 0.5)
    log_density = xlogy(a - 1, safe) + xlog1py(b - 1, -safe) - betaln(a, b)
    return np.where(inside, np.exp(log_density), 0.0)
