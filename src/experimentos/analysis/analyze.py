"""Summary and charter to analysis."""

from experimentos.analysis.result import Analysis
from experimentos.metrics.summary import Summary
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY, Policy


def analyze(
    summary: Summary, charter: Charter = EMPTY_CHARTER, policy: Policy = DEFAULT_POLICY
) -> Analysis:
    """Return every comparison that the charter asks for, on a summary that is not blocked."""
    raise NotImplementedError
