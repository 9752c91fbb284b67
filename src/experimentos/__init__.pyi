from experimentos.analysis.analyze import analyze as analyze
from experimentos.decision.decide import decide as decide
from experimentos.flows.ab_test import AbTest as AbTest
from experimentos.flows.ab_test import run as run
from experimentos.health.examine import examine as check
from experimentos.metrics.contract import read_summary as read_summary
from experimentos.plan.charter import Charter as Charter
from experimentos.plan.charter import GuardrailPlan as GuardrailPlan
from experimentos.plan.documents import read_charter as read_charter
from experimentos.policy import Policy as Policy
from experimentos.wiring import open_store as open_store

__all__ = [
    "AbTest",
    "Charter",
    "GuardrailPlan",
    "Policy",
    "__version__",
    "analyze",
    "check",
    "decide",
    "open_store",
    "read_charter",
    "read_summary",
    "run",
]

__version__: str
