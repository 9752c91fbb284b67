"""What is measured, and how it is read."""

from experimentos.metrics.adjusted import ADJUSTED as ADJUSTED
from experimentos.metrics.conversion import CONVERSION as CONVERSION
from experimentos.metrics.kind import MetricKind
from experimentos.metrics.mean import MEAN as MEAN
from experimentos.metrics.quantile import QUANTILE_KIND as QUANTILE_KIND
from experimentos.metrics.ratio import RATIO as RATIO
from experimentos.registry import collect

KINDS = collect(globals(), MetricKind)
