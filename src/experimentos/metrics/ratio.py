"""Ratios of two sums per user, such as orders per session: five columns, n = users.

`X_num_sum, X_den_sum, X_num_sum_sq, X_den_sum_sq, X_num_den_sum`, the last being the sum over
users of numerator times denominator.
"""

from experimentos.metrics.kind import Form, MetricKind
from experimentos.metrics.moments import CrossMoments, Number

EMPTY = CrossMoments(0, 0.0, 0.0, 0.0, 0.0, 0.0)


def from_sums(n: int, values: tuple[Number, ...]) -> CrossMoments:
    """Return joint moments from (sum, sum, squares, squares, cross product)."""
    x, y, xx, yy, xy = values
    return CrossMoments.from_sums(n, (x, y), (xx, yy), xy) if n else EMPTY


RATIO = MetricKind(
    name="ratio",
    method="delta",
    forms=(
        Form(
            parts=(
                ("_num_sum",),
                ("_den_sum",),
                ("_num_sum_sq", "_num_sumsq", "_num_sum_squares"),
                ("_den_sum_sq", "_den_sumsq", "_den_sum_squares"),
                ("_num_den_sum", "_den_num_sum", "_num_den_cross", "_num_den_sum_prod"),
            ),
            own=frozenset({1, 3, 4}),
            read=from_sums,
        ),
    ),
)
