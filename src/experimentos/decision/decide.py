"""Health and frequentist analysis to decision: no posterior can reach this file."""

from dataclasses import dataclass

from experimentos.analysis.result import Frequentist
from experimentos.decision.decision import Decision, Verdict
from experimentos.decision.judge import JudgedArm, judge
from experimentos.decision.rule import Evidence, Rule
from experimentos.decision.rules import RULES
from experimentos.decision.wording import effect_text, guard_text
from experimentos.health.report import FEWER_THAN_PLANNED, HealthReport
from experimentos.issue import Severity
from experimentos.policy import DEFAULT_POLICY, Policy

# A launchable arm is the answer even when another arm fails; a failing arm is news before a Hold.
PREFERENCE = (Verdict.LAUNCH, Verdict.ROLLBACK, Verdict.HOLD)


@dataclass(frozen=True, slots=True)
class _Finding:
    """The first rule that matches one arm."""

    rule: Rule
    evidence: Evidence


def decide(
    health: HealthReport, frequentist: Frequentist | None, policy: Policy = DEFAULT_POLICY
) -> Decision:
    """Return the verdict of the first rule that matches.

    Each treatment arm is put to the rules by itself. Of several arms the decision speaks of the
    one that launches with the largest certain gain (the end of its interval nearest to harm);
    when none launches, of one that rolls back; else of one that holds; between equals of the one
    whose rule stands first, then of the first arm.

    Parameters
    ----------
    frequentist
        None when the data was blocked and nothing was analysed.
    """
    arms: tuple[JudgedArm | None, ...] = () if frequentist is None else judge(frequentist, policy)
    findings = [_first_match(Evidence(health, policy, arm)) for arm in arms or (None,)]
    chosen = min(findings, key=_precedence)
    rule, arm = chosen.rule, chosen.evidence.judged
    name = arm.arm if rule.speaks_of_arm and arm is not None else ""
    return Decision(
        verdict=rule.verdict,
        rule=rule.name,
        sentence=rule.sentence(chosen.evidence),
        reasons=_reasons(chosen, [finding for finding in findings if finding is not chosen]),
        arm=name,
        next_actions=tuple(action.format(arm=name) for action in rule.next_actions),
    )


def _first_match(evidence: Evidence) -> _Finding:
    return next(_Finding(rule, evidence) for rule in RULES if rule.when(evidence))


def _precedence(finding: _Finding) -> tuple[int, float, int]:
    arm = finding.evidence.judged
    launches = finding.rule.verdict is Verdict.LAUNCH and arm is not None
    return (
        PREFERENCE.index(finding.rule.verdict),
        -arm.certain_gain if launches and arm is not None else 0.0,
        RULES.index(finding.rule),
    )


def _reasons(chosen: _Finding, others: list[_Finding]) -> tuple[str, ...]:
    health = chosen.evidence.health
    warnings = [
        issue.message
        for issue in health.issues
        if issue.severity is not Severity.NOTE or issue.code == FEWER_THAN_PLANNED
    ]
    arm = chosen.evidence.judged
    if not chosen.rule.speaks_of_arm or arm is None:
        return tuple(warnings)
    guards = [guard_text(guard, arm.alpha) for guard in arm.guardrails]
    rest = [finding.rule.sentence(finding.evidence) for finding in others]
    return (
        f"Primary metric {arm.result.metric}: {effect_text(arm)}.",
        *(f"{guard}." for guard in guards),
        *(f"Another arm: {sentence}" for sentence in rest),
        *(f"Health: {warning}" for warning in warnings),
    )
