"""Quantiles of units with their standard error: `X_quantile, X_quantile_se`, n = users.

Held as the moments of a mean that has this value and this standard error, so that it is compared,
planned and shown as one. Quantiles do not add up: such moments are never pooled.
"""

from experimentos.metrics.kind import Form, MetricKind
from experimentos.metrics.mean import EMPTY
from experimentos.metrics.moments import Moments, Number


def of_error(n: int, value: float, se: float) -> Moments:
    """Return the moments of n units whose mean has this value and standard error."""
    return Moments(n, value, se * se * n * (n - 1))


def error_of(moments: Moments) -> float:
    """Return the standard error of a quantile; n must be at least 2."""
    return float((moments.variance / moments.n) ** 0.5)


def with_error(n: int, values: tuple[Number, ...]) -> Moments:
    """Return the moments of n units from (quantile, its standard error)."""
    value, se = (float(number) for number in values)
    return of_error(n, value, se) if n else EMPTY


QUANTILE_KIND = MetricKind(
    name="quantile",
    method="quantile_se",
    forms=(
        Form(
            parts=(("_quantile",), ("_quantile_se",)),
            own=frozenset({0, 1}),
            read=with_error,
        ),
    ),
)
