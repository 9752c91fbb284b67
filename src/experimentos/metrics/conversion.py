"""Conversions and every other count of users: one column of whole numbers, n = users."""

from experimentos.metrics.kind import MetricKind

CONVERSION = MetricKind(name="conversion", method="score")
