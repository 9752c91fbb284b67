"""The scenarios whose repeated samples vary most: where to look first."""

import math
from dataclasses import dataclass

import numpy as np

from experimentos.runs.samples import Samples
from experimentos.runs.variance import VarianceTable, divided


@dataclass(frozen=True, slots=True)
class VariableScenario:
    """How much the samples of one scenario vary.

    Attributes
    ----------
    scenario : str
    variance : float
        Within-cell sample variance, averaged over the models that have two samples or more.
    sd : float
        Its square root.
    mean, low, high : float
        Over every scored sample of the scenario's cells.
    n, models : int
        Samples and models behind the variance.
    """

    scenario: str
    variance: float
    sd: float
    mean: float
    low: float
    high: float
    n: int
    models: int


def most_variable_scenarios(
    samples: Samples, table: VarianceTable, most: int = 10, model: str | None = None
) -> tuple[VariableScenario, ...]:
    """Return the scenarios whose repeated samples vary most, ties by name; none without repeats.

    Parameters
    ----------
    model
        Of this model alone; None averages over models.
    """
    cells = table.cells
    use = cells.n > 1
    if model is not None:
        use &= cells.model == samples.model_code(model)
    at, n, mean = cells.scenario[use], cells.n[use], cells.mean[use]
    width = len(samples.scenarios)
    models = np.bincount(at, minlength=width)
    size = np.bincount(at, weights=n, minlength=width)
    variance = divided(np.bincount(at, weights=cells.sd[use] ** 2, minlength=width), models)
    centre = divided(np.bincount(at, weights=mean * n, minlength=width), size.astype(np.intp))
    low, high = np.full(width, np.inf), np.full(width, -np.inf)
    np.minimum.at(low, at, cells.low[use])
    np.maximum.at(high, at, cells.high[use])
    varied = np.flatnonzero((models > 0) & (variance > 0))
    if varied.size > most:
        border = np.partition(variance[varied], varied.size - most)[varied.size - most]
        varied = varied[variance[varied] >= border]
    ranked = sorted(varied.tolist(), key=lambda i: (-variance[i], samples.scenarios[i]))[:most]
    return tuple(
        VariableScenario(
            samples.scenarios[i],
            float(variance[i]),
            math.sqrt(variance[i]),
            float(centre[i]),
            float(low[i]),
            float(high[i]),
            int(size[i]),
            int(models[i]),
        )
        for i in ranked
    )
