"""Agresti and Caffo's interval for a difference of rates."""

import numpy as np

from experimentos.analysis.lift import Ends
from experimentos.analysis.method import Method
from experimentos.analysis.pooled_z import wald_interval
from experimentos.analysis.rates import Rates
from experimentos.metrics.counts import Counts


def agresti_caffo_interval(rates: Rates, alpha: float) -> Ends:
    """Return Wald's interval after one success and one failure more per arm, within [-1, 1]."""
    padded = Rates(
        rates.k_control + 1, rates.n_control + 2, rates.k_treatment + 1, rates.n_treatment + 2
    )
    low, high = wald_interval(padded, alpha)
    return Ends(np.clip(low, -1.0, 1.0), np.clip(high, -1.0, 1.0))


AGRESTI_CAFFO = Method(
    name="agresti_caffo",
    title="Agresti-Caffo interval",
    accepts=Counts,
    words="Wald's interval after one success and one failure were added to each arm.",
    source="Agresti and Caffo (2000), The American Statistician 54:280-288.",
    assumptions=("Users are independent and each is counted once.",),
)
