"""The main job: bytes to health, analysis and decision."""

from collections.abc import Mapping
from dataclasses import dataclass

from experimentos.analysis.analyze import analyze
from experimentos.analysis.result import Analysis
from experimentos.decision.decide import decide
from experimentos.decision.decision import Decision
from experimentos.health.examine import examine
from experimentos.health.report import HealthReport
from experimentos.issue import Issue
from experimentos.metrics.contract import Reading, read_summary
from experimentos.metrics.summary import Summary
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
    # Loaded for Parquet only.
    from experimentos.flows.parquet_apart import grid_apart

    reading = read_summary(content, name, mapping=mapping, policy=policy, parquet=grid_apart)
    return Checked(reading, charter, policy, examine(reading, charter, policy))


def check_summary(
    summary: Summary,
    issues: tuple[Issue, ...] = (),
    charter: Charter = EMPTY_CHARTER,
    policy: Policy = DEFAULT_POLICY,
) -> Checked:
    """Check a summary that is built already, such as one from raw rows, with what was found."""
    reading = reading_of(summary, issues)
    return Checked(reading, charter, policy, examine(reading, charter, policy))


def run_summary(
    summary: Summary,
    issues: tuple[Issue, ...] = (),
    charter: Charter = EMPTY_CHARTER,
    policy: Policy = DEFAULT_POLICY,
) -> AbTest:
    """Check, analyse and decide on a summary that is built already."""
    return _decided(check_summary(summary, issues, charter, policy))


def run(
    content: bytes,
    name: str,
    charter: Charter = EMPTY_CHARTER,
    policy: Policy = DEFAULT_POLICY,
    *,
    mapping: Mapping[str, str] | None = None,
) -> AbTest:
    """Read, check, analyse and decide; never raises for what the bytes hold."""
    return _decided(check(content, name, charter, policy, mapping=mapping))


def _decided(checked: Checked) -> AbTest:
    reading, charter, policy = checked.reading, checked.charter, checked.policy
    health = checked.health
    if reading.summary is None or health.is_blocked:
        return AbTest(reading, charter, policy, health, None, decide(health, None, policy))
    analysis = analyze(reading.summary, charter, policy)
    decision = decide(health, analysis.frequentist, policy)
    return AbTest(reading, charter, policy, health, analysis, decision)


def reading_of(summary: Summary, issues: tuple[Issue, ...] = ()) -> Reading:
    """Return a summary that is built already as what the checks examine."""
    source = summary.source
    return Reading(summary, issues, (), (), source.name, source.sha256, source.form)
