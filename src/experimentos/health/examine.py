"""Run every check on a reading."""

from experimentos.health.report import HealthReport
from experimentos.metrics.contract import Reading
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY, Policy


def examine(
    reading: Reading, charter: Charter = EMPTY_CHARTER, policy: Policy = DEFAULT_POLICY
) -> HealthReport:
    """Return whether the data may be analysed under this charter, with every issue found."""
    raise NotImplementedError
