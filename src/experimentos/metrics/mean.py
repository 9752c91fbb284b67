"""Means: `X_sum, X_sum_sq` or `X_mean, X_var`; n = users, or `orders` for `aov`."""

from experimentos.metrics.kind import Form, MetricKind
from experimentos.metrics.moments import Moments, Number

EMPTY = Moments(0, 0.0, 0.0)


def from_sums(n: int, values: tuple[Number, ...]) -> Moments:
    """Return the moments of n units from (sum, sum of squares)."""
    total, squares = values
    return Moments.from_sums(n, total, squares) if n else EMPTY


def from_variance(n: int, values: tuple[Number, ...]) -> Moments:
    """Return the moments of n units from (mean, sample variance with divisor n - 1)."""
    mean, variance = (float(value) for value in values)
    return Moments.from_variance(n, mean, variance) if n else EMPTY


MEAN = MetricKind(
    name="mean",
    method="welch",
    forms=(
        Form(
            parts=(("_sum",), ("_sum_sq", "_sumsq", "_sum_squares")),
            own=frozenset({0, 1}),
            read=from_sums,
        ),
        Form(
            parts=(("_mean", "_avg"), ("_var", "_variance")),
            own=frozenset({0, 1}),
            read=from_variance,
        ),
    ),
)
