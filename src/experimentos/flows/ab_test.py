"""The main job: bytes to health, analysis and decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.analysis.analyze import analyze
from experimentos.analysis.result import Analysis
from experimentos.decision.decide import decide
from experimentos.decision.decision import Decision
from experimentos.health.examine import examine
from experimentos.health.report import HealthReport
from experimentos.metrics.contract import Reading, read_summary
from experimentos.plan.charter import EMPTY_CHARTER, Charter
from experimentos.policy import DEFAULT_POLICY, Policy


@dataclass(frozen=True, slots=True)
class Checked:
    """An experiment from its file to its health.

    Attributes
    ----------
    reading : Reading
    charter : Charter
    policy : Policy
    health : HealthReport
    """

    reading: Reading
    charter: Charter
    policy: Policy
    health: HealthReport


@dataclass(frozen=True, slots=True)
class AbTest:
    """An experiment from its file to its decision.

    Attributes
    ----------
    reading : Reading
    charter : Charter
    policy : Policy
    health : HealthReport
    analysis : Analysis | None
        None when the data is blocked.
    decision : Decision
    """

    reading: Reading
    charter: Charter
    policy: Policy
    health: HealthReport
    analysis: Analysis | None
    decision: Decision


def check(
    content: bytes,
    name: str,
    charter: Charter = EMPTY_CHARTER,
    policy: Policy = DEFAULT_POLICY,
    *,
    mapping: Mapping[str, str] | None = None,
) -> Checked:
    """Read and check; never raises for what the bytes hold."""
    reading = read_summary(content, name, mapping=mapping, policy=policy)
    return Checked(reading, charter, policy, examine(reading, charter, policy))


def run(
    content: bytes,
    name: str,
    charter: Charter = EMPTY_CHARTER,
    policy: Policy = DEFAULT_POLICY,
    *,
    mapping: Mapping[str, str] | None = None,
) -> AbTest:
    """Read, check, analyse and decide; never raises for what the bytes hold."""
    checked = check(content, name, charter, policy, mapping=mapping)
    reading, health = checked.reading, checked.health
    if reading.summary is None or health.is_blocked:
        return AbTest(reading, charter, policy, health, None, decide(health, None, policy))
    analysis = analyze(reading.summary, charter, policy)
    decision = decide(health, analysis.frequentist, policy)
    return AbTest(reading, charter, policy, health, analysis, decision)
