"""The ordered rules of the decision, first match wins (docs/checks.md).

No posterior can reach this file: `Evidence` has no place for one.
"""

from experimentos.analysis import numbers
from experimentos.decision.decision import Verdict
from experimentos.decision.judge import Effect, Guard, JudgedArm
from experimentos.decision.rule import Evidence, Rule
from experimentos.decision.wording import (
    amount,
    effect_text,
    guard_text,
    mde_text,
)
from experimentos.errors import ContractError
from experimentos.health.report import GUARDRAIL_MISSING, SRM, SRM_SEQUENTIAL, SampleRatio
from experimentos.issue import Severity


def _is_blocked(evidence: Evidence) -> bool:
    return evidence.health.is_blocked


def _blocked(evidence: Evidence) -> str:
    stopping = [
        issue.message
        for issue in evidence.health.issues
        if issue.severity.rank >= Severity.BLOCKED.rank
    ]
    rest = f"({len(stopping) - 1} more in the health check.)" if len(stopping) > 1 else ""
    return " ".join(["Hold: the data cannot be analysed.", *stopping[:1], rest]).strip()


def _is_unanalysed(evidence: Evidence) -> bool:
    return evidence.judged is None


def _unanalysed(_: Evidence) -> str:
    return "Hold: nothing was analysed, so nothing can be decided."


def _has_srm(evidence: Evidence) -> bool:
    return _is_off_at_the_end(evidence) or bool(_off_on_days(evidence))


def _is_off_at_the_end(evidence: Evidence) -> bool:
    srm = evidence.health.srm
    if srm is not None and srm.p_value < evidence.policy.srm_warning_p:
        return True
    return any(
        issue.code == SRM and issue.severity is not Severity.NOTE
        for issue in evidence.health.issues
    )


def _off_on_days(evidence: Evidence) -> list[str]:
    return [
        issue.message
        for issue in evidence.health.issues
        if issue.code == SRM_SEQUENTIAL and issue.severity is not Severity.NOTE
    ]


def _srm(evidence: Evidence) -> str:
    if not _is_off_at_the_end(evidence):
        return (
            "Hold: the arms did not have the planned numbers of users on every day, so a "
            "difference between them may come from who was counted. "
            f"{_off_on_days(evidence)[0]}"
        )
    found = evidence.health.srm
    seen = "" if found is None else f" ({_srm_size(found)})"
    return (
        f"Hold: the arms do not have the planned numbers of users{seen}, "
        "so a difference between them may come from who was counted."
    )


def _is_severe(evidence: Evidence) -> bool:
    return bool(_arm(evidence).guards(Guard.SEVERE))


def _severe(evidence: Evidence) -> str:
    arm = _arm(evidence)
    too = (
        f" The primary metric {arm.result.metric} is significantly worse too, {effect_text(arm)}."
        if arm.effect is Effect.WORSE
        else ""
    )
    return f"Rollback {arm.arm}. {_guards_text(evidence, Guard.SEVERE)}.{too}"


def _is_waiting(evidence: Evidence) -> bool:
    arm = _arm(evidence)
    return arm.arm in dict(arm.result.waiting)


def _waiting(evidence: Evidence) -> str:
    arm = _arm(evidence)
    why = _sentence(dict(arm.result.waiting)[arm.arm])
    return f"Hold {arm.arm}: the planned looks do not decide {_primary(arm)}. {why}"


def _is_primary_worse(evidence: Evidence) -> bool:
    return _arm(evidence).effect is Effect.WORSE


def _primary_worse(evidence: Evidence) -> str:
    arm = _arm(evidence)
    return f"Rollback {arm.arm}: {_primary(arm)} is significantly worse, {effect_text(arm)}."


def _is_unavailable(evidence: Evidence) -> bool:
    return _arm(evidence).effect is Effect.UNAVAILABLE


def _unavailable(evidence: Evidence) -> str:
    arm = _arm(evidence)
    return f"Hold: {_primary(arm)} gives no result for {arm.arm}. {_sentence(effect_text(arm))}"


def _is_better(evidence: Evidence) -> bool:
    return _arm(evidence).effect is Effect.BETTER


def _is_better_but_worse(evidence: Evidence) -> bool:
    return _is_better(evidence) and bool(_arm(evidence).guards(Guard.WORSE))


def _better_but_worse(evidence: Evidence) -> str:
    arm = _arm(evidence)
    return (
        f"Hold {arm.arm}: {_primary(arm)} is better, {effect_text(arm)}, but not without harm. "
        f"{_guards_text(evidence, Guard.WORSE)}."
    )


def _is_better_but_unguarded(evidence: Evidence) -> bool:
    missing = any(issue.code == GUARDRAIL_MISSING for issue in evidence.health.issues)
    return _is_better(evidence) and (missing or bool(_arm(evidence).guards(Guard.UNMEASURED)))


def _better_but_unguarded(evidence: Evidence) -> str:
    arm = _arm(evidence)
    unmeasured = _guards_text(evidence, Guard.UNMEASURED)
    missing = [issue.message for issue in evidence.health.issues if issue.code == GUARDRAIL_MISSING]
    why = _sentence(unmeasured or missing[0])
    return (
        f"Hold {arm.arm}: {_primary(arm)} is better, {effect_text(arm)}, "
        f"but a guardrail could not be measured. {why}"
    )


def _is_better_but_unshown(evidence: Evidence) -> bool:
    return _is_better(evidence) and bool(_arm(evidence).guards(Guard.UNSHOWN))


def _better_but_unshown(evidence: Evidence) -> str:
    arm = _arm(evidence)
    return (
        f"Hold {arm.arm}: {_primary(arm)} is better, {effect_text(arm)}, but harm beyond a planned "
        f"margin is not ruled out. {_guards_text(evidence, Guard.UNSHOWN)}."
    )


def _better(evidence: Evidence) -> str:
    arm = _arm(evidence)
    match len(arm.guardrails):
        case 0:
            guarded = "No guardrail was planned or measured"
        case 1:
            guarded = f"Guardrail {arm.guardrails[0].result.metric} shows no harm beyond its limit"
        case several:
            guarded = f"None of the {several} guardrails shows harm beyond its limit"
    return f"Launch {arm.arm}: {_primary(arm)} is better, {effect_text(arm)}. {guarded}."


def _is_negligible(evidence: Evidence) -> bool:
    return _arm(evidence).is_negligible


def _negligible(evidence: Evidence) -> str:
    arm = _arm(evidence)
    source = (
        "the planned smallest effect worth finding"
        if arm.result.planned_mde is not None
        else f"{evidence.policy.negligible_relative * 100:g}% of the control value"
    )
    bound = "" if arm.margin is None else f"{amount(arm.result, arm.margin)}, "
    return (
        f"Hold: the effect of {arm.arm} on {_primary(arm)} is shown to be negligible, "
        f"{effect_text(arm)}; "
        f"the whole interval lies within {bound}{source}."
    )


def _always(_: Evidence) -> bool:
    return True


def _too_small(evidence: Evidence) -> str:
    arm = _arm(evidence)
    return (
        f"Hold: the effect of {arm.arm} on {_primary(arm)} is too small to tell from none, "
        f"{effect_text(arm)}; "
        f"{mde_text(arm.result, evidence.policy.power)}."
    )


def _arm(evidence: Evidence) -> JudgedArm:
    """Return the arm; the rule `not_analysed` stands before every rule that asks for one."""
    if evidence.judged is None:
        raise ContractError(
            "A rule about an arm was asked about an experiment without one.",
            hint="Put the rule after not_analysed.",
        )
    return evidence.judged


def _primary(arm: JudgedArm) -> str:
    return f"the primary metric {arm.result.metric}"


def _guards_text(evidence: Evidence, state: Guard) -> str:
    arm = _arm(evidence)
    return "; ".join(guard_text(guard, arm.alpha) for guard in arm.guards(state))


def _srm_size(found: SampleRatio) -> str:
    off = numbers.size(found.deviation, numbers.RATE)
    return f"{numbers.p_value(found.p_value)}; {found.arm} is {off} off its share"


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


RULES: tuple[Rule, ...] = (
    Rule(
        name="blocked",
        title="The health check is blocked",
        when=_is_blocked,
        verdict=Verdict.HOLD,
        sentence=_blocked,
        next_actions=(
            "Repair what the health check names, and upload the file again.",
            "Leave the experiment as it is until then.",
        ),
        speaks_of_arm=False,
    ),
    Rule(
        name="not_analysed",
        title="Nothing was analysed",
        when=_is_unanalysed,
        verdict=Verdict.HOLD,
        sentence=_unanalysed,
        next_actions=("Run the analysis with a control and at least one treatment arm.",),
        speaks_of_arm=False,
    ),
    Rule(
        name="srm_warning",
        title="The arms do not have the planned numbers of users",
        when=_has_srm,
        verdict=Verdict.HOLD,
        sentence=_srm,
        next_actions=(
            "Find out why users are missing from an arm: assignment, redirects, logging, filters.",
            "Correct the cause and run the experiment again; do not reweight what is there.",
            "If the planned split was another one, write it in the charter and check again.",
        ),
        speaks_of_arm=False,
    ),
    Rule(
        name="guardrail_severe",
        title="A guardrail is severely worse",
        when=_is_severe,
        verdict=Verdict.ROLLBACK,
        sentence=_severe,
        next_actions=(
            "Switch {arm} off and return its users to the control.",
            "Find what moved the guardrail before another version is tried.",
        ),
    ),
    Rule(
        name="plan_waits",
        title="The planned looks do not let it be decided",
        when=_is_waiting,
        verdict=Verdict.HOLD,
        sentence=_waiting,
        next_actions=(
            "Go on as planned, and look again at the next planned look.",
            "At the planned end without a crossing, keep the control.",
        ),
    ),
    Rule(
        name="primary_worse",
        title="The primary metric is significantly worse",
        when=_is_primary_worse,
        verdict=Verdict.ROLLBACK,
        sentence=_primary_worse,
        next_actions=(
            "Switch {arm} off and return its users to the control.",
            "Write down what was believed and what was seen, and plan the next version from it.",
        ),
    ),
    Rule(
        name="primary_unavailable",
        title="The primary metric gives no result",
        when=_is_unavailable,
        verdict=Verdict.HOLD,
        sentence=_unavailable,
        next_actions=("Supply what the reason names, and analyse again.",),
    ),
    Rule(
        name="guardrail_worse",
        title="The primary metric is better and a guardrail is worse",
        when=_is_better_but_worse,
        verdict=Verdict.HOLD,
        sentence=_better_but_worse,
        next_actions=(
            "Decide with the owners of the guardrail whether the gain is worth the harm.",
            "Look for the users who are harmed, and for a version that spares them.",
            "If the harm is not significant, plan an experiment large enough to see it.",
        ),
    ),
    Rule(
        name="guardrail_unmeasured",
        title="The primary metric is better and a guardrail could not be measured",
        when=_is_better_but_unguarded,
        verdict=Verdict.HOLD,
        sentence=_better_but_unguarded,
        next_actions=(
            "Supply the guardrail's columns for every arm, and analyse again.",
            "Or take the guardrail out of the charter, with a reason.",
        ),
    ),
    Rule(
        name="guardrail_unshown",
        title="The primary metric is better and a guardrail is not shown to stay within its margin",
        when=_is_better_but_unshown,
        verdict=Verdict.HOLD,
        sentence=_better_but_unshown,
        next_actions=(
            "Plan the size for this margin, and collect the users that are missing.",
            "Or have the guardrail's owners decide whether a wider margin is acceptable.",
        ),
    ),
    Rule(
        name="launch",
        title="The primary metric is better and no guardrail is worse",
        when=_is_better,
        verdict=Verdict.LAUNCH,
        sentence=_better,
        next_actions=(
            "Launch {arm}, in the steps that your releases take.",
            "Watch the guardrails during the launch; keep a small control group if you can.",
            "Expect the lasting effect nearer to zero than the estimate: winners are overstated.",
        ),
    ),
    Rule(
        name="negligible",
        title="The effect is shown to be negligible",
        when=_is_negligible,
        verdict=Verdict.HOLD,
        sentence=_negligible,
        next_actions=(
            "Keep the control, unless {arm} is cheaper to run.",
            "Do not collect more users for this question: the answer is in.",
        ),
    ),
    Rule(
        name="too_small_to_tell",
        title="The effect is too small to tell from none",
        when=_always,
        verdict=Verdict.HOLD,
        sentence=_too_small,
        next_actions=(
            "Plan a new experiment for the smallest effect worth finding, with its sample size.",
            "Do not prolong this one until it becomes significant: that raises false alarms.",
        ),
    ),
)
