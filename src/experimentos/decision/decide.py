"""Health and frequentist analysis to decision: no posterior can reach this file."""

from experimentos.analysis.result import Frequentist
from experimentos.decision.decision import Decision
from experimentos.health.report import HealthReport
from experimentos.policy import DEFAULT_POLICY, Policy


def decide(
    health: HealthReport, frequentist: Frequentist | None, policy: Policy = DEFAULT_POLICY
) -> Decision:
    """Return the verdict of the first rule that matches.

    Parameters
    ----------
    frequentist
        None when the data was blocked and nothing was analysed.
    """
    raise NotImplementedError
