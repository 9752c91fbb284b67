"""Quantiles compared by their standard errors, where the units themselves are elsewhere."""

from dataclasses import replace

from experimentos.analysis.method import Method, Question
from experimentos.analysis.result import Outcome, Unavailable
from experimentos.analysis.welch import welch
from experimentos.metrics.moments import Moments


def quantile_se(control: Moments, treatment: Moments, question: Question) -> Outcome:
    """Compare a quantile of two arms, each held as `metrics.quantile.of_error` makes it.

    Notes
    -----
    Unavailable when an arm has no interval (too few units beyond the quantile) or no width.
    """
    if min(control.n, treatment.n) > 1 and min(control.m2, treatment.m2) <= 0:
        return Unavailable(
            "quantile_se",
            "collapsed",
            "So many units share one value that a quantile's interval has no width.",
        )
    return replace(welch(control, treatment, question), method="quantile_se")


QUANTILE_SE = Method(
    name="quantile_se",
    title="Difference of quantiles",
    accepts=Moments,
    words=(
        "Each arm's quantile has a 95 % interval between two order statistics, by the binomial "
        "distribution of ranks; its width over twice 1.96 is the standard error. The difference "
        "over the root of both squared errors is compared with Student's t."
    ),
    source=(
        "Conover (1999), Practical Nonparametric Statistics, section 3.2; Price and Bonett (2001), "
        "Journal of Statistical Computation and Simulation 68:295-305."
    ),
    assumptions=("Units are independent: one value per randomised unit.",),
    compare=quantile_se,
)
