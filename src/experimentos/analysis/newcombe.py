"""Newcombe's hybrid interval for a difference of rates."""

import numpy as np

from experimentos.analysis.lift import Ends
from experimentos.analysis.method import Method
from experimentos.analysis.one_proportion import wilson
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Alongside, Interval
from experimentos.metrics.counts import Counts


def newcombe_interval(rates: Rates, alpha: float) -> Ends:
    """Return the square-and-add combination of two Wilson intervals, no continuity correction."""
    low_c, high_c = wilson(rates.k_control, rates.n_control, alpha)
    low_t, high_t = wilson(rates.k_treatment, rates.n_treatment, alpha)
    d = rates.difference
    low = d - np.hypot(rates.treatment - low_t, high_c - rates.control)
    high = d + np.hypot(high_t - rates.treatment, rates.control - low_c)
    return Ends(np.asarray(low), np.asarray(high))


def newcombe(control: Counts, treatment: Counts, alpha: float, level: float) -> Alongside:
    """Return Newcombe's interval of one pair of arms."""
    low, high = newcombe_interval(Rates.of(control, treatment), alpha)
    return Alongside("newcombe", interval=Interval(float(low), float(high), level))


NEWCOMBE = Method(
    name="newcombe",
    title="Newcombe interval",
    accepts=Counts,
    words=(
        "Each arm's Wilson score interval gives its distance from the arm's rate; the distances "
        "are squared and added."
    ),
    source="Newcombe (1998), Statistics in Medicine 17:873-890, method 10.",
    assumptions=("Users are independent and each is counted once.",),
)
