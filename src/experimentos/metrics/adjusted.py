"""Means adjusted by a covariate measured before the experiment (CUPED), n = users.

`X_sum, X_sum_sq` with `X_cov_sum, X_cov_sum_sq, X_cov_cross`, the last being the sum over users
of outcome times covariate.
"""

from experimentos.metrics.kind import Form, MetricKind
from experimentos.metrics.moments import CrossMoments, Number
from experimentos.metrics.ratio import from_sums


def with_covariate(n: int, values: tuple[Number, ...]) -> CrossMoments:
    """Return joint moments from (sum, squares, covariate sum, its squares, cross product)."""
    x, xx, y, yy, xy = values
    return from_sums(n, (x, y, xx, yy, xy))


ADJUSTED = MetricKind(
    name="adjusted",
    method="cuped",
    forms=(
        Form(
            parts=(
                ("_sum",),
                ("_sum_sq", "_sumsq", "_sum_squares"),
                ("_cov_sum", "_pre_sum"),
                ("_cov_sum_sq", "_cov_sumsq", "_cov_sum_squares", "_pre_sum_sq"),
                ("_cov_cross", "_cov_sum_cross", "_cov_sum_prod", "_pre_cross"),
            ),
            own=frozenset({2, 3, 4}),
            read=with_covariate,
        ),
    ),
)
