"""The decisions that may never change (seed 001, section 5; issue 2, point 4).

A new feature that breaks one of these has changed what people were promised.
"""

import dataclasses

import pytest

from experimentos.analysis.result import Direction, Interval, Unavailable
from experimentos.decision import RULES
from experimentos.decision.decide import decide
from experimentos.decision.decision import Verdict
from experimentos.health.report import (
    FEWER_THAN_PLANNED,
    GUARDRAIL_MISSING,
    SRM,
    HealthReport,
    Status,
)
from experimentos.issue import Issue, Severity
from experimentos.policy import Policy
from tests.decision import build

LAUNCH, HOLD, ROLLBACK = Verdict.LAUNCH, Verdict.HOLD, Verdict.ROLLBACK


def harmed(harm, p_value=0.5):
    return build.guardrail(build.compared(harm, p_value, metric="refunds", control=0.02))


CASES = [
    ("better, no guardrail", build.BETTER, (), LAUNCH, "launch"),
    ("better, guardrail clean", build.BETTER, (harmed(0.0),), LAUNCH, "launch"),
    ("better, guardrail improved", build.BETTER, (harmed(-0.02, 1e-9),), LAUNCH, "launch"),
    ("better, harm of exactly 0.1 points", build.BETTER, (harmed(0.001),), LAUNCH, "launch"),
    ("better, harm above 0.1 points", build.BETTER, (harmed(0.00101),), HOLD, "guardrail_worse"),
    (
        "better, small significant harm",
        build.BETTER,
        (harmed(5e-4, 0.01),),
        HOLD,
        "guardrail_worse",
    ),
    ("better, harm of 0.3 points", build.BETTER, (harmed(0.003),), HOLD, "guardrail_worse"),
    ("better, severe harm", build.BETTER, (harmed(0.00301),), ROLLBACK, "guardrail_severe"),
    ("severe by one of two", build.BETTER, (harmed(0), harmed(1)), ROLLBACK, "guardrail_severe"),
    ("unclear, severe harm", build.UNCLEAR, (harmed(0.01),), ROLLBACK, "guardrail_severe"),
    ("no result, severe harm", build.NO_RESULT, (harmed(0.01),), ROLLBACK, "guardrail_severe"),
    ("worse", build.WORSE, (), ROLLBACK, "primary_worse"),
    ("worse, guardrail improved", build.WORSE, (harmed(-0.1, 1e-9),), ROLLBACK, "primary_worse"),
    ("unclear", build.UNCLEAR, (harmed(0.0),), HOLD, "too_small_to_tell"),
    ("unclear, guardrail worse", build.UNCLEAR, (harmed(0.002),), HOLD, "too_small_to_tell"),
    ("p of exactly alpha", build.compared(0.01, 0.05), (), HOLD, "too_small_to_tell"),
    ("p just under alpha", build.compared(0.01, 0.0499999), (), LAUNCH, "launch"),
    ("no result", build.NO_RESULT, (), HOLD, "primary_unavailable"),
    (
        "guardrail without a result",
        build.BETTER,
        (build.guardrail(build.NO_RESULT),),
        HOLD,
        "guardrail_unmeasured",
    ),
    (
        "guardrail without this arm",
        build.BETTER,
        (build.guardrail(),),
        HOLD,
        "guardrail_unmeasured",
    ),
]


@pytest.mark.parametrize(
    ("outcome", "guardrails", "verdict", "rule"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_one_treatment_arm_is_decided_by_the_rules(outcome, guardrails, verdict, rule):
    analysis = build.frequentist(build.primary(outcome), *guardrails)
    decision = decide(build.HEALTHY, analysis)
    assert (decision.verdict, decision.rule, decision.arm) == (verdict, rule, "treatment")


@pytest.mark.parametrize(
    ("guardrails", "text"),
    [
        ((), "No guardrail was planned or measured."),
        ((harmed(0.0),), "Guardrail refunds shows no harm beyond its limit."),
        ((harmed(0.0),) * 2, "None of the 2 guardrails shows harm beyond its limit."),
    ],
)
def test_a_launch_says_what_guarded_it(guardrails, text):
    decision = decide(build.HEALTHY, build.frequentist(build.primary(build.BETTER), *guardrails))
    assert decision.sentence.endswith(text)


def test_the_rules_stand_in_the_order_that_was_promised():
    assert [(rule.name, rule.verdict) for rule in RULES] == [
        ("blocked", HOLD),
        ("not_analysed", HOLD),
        ("srm_warning", HOLD),
        ("guardrail_severe", ROLLBACK),
        ("plan_waits", HOLD),
        ("primary_worse", ROLLBACK),
        ("primary_unavailable", HOLD),
        ("guardrail_worse", HOLD),
        ("guardrail_unmeasured", HOLD),
        ("guardrail_unshown", HOLD),
        ("launch", LAUNCH),
        ("negligible", HOLD),
        ("too_small_to_tell", HOLD),
    ]


@pytest.mark.parametrize("status", [Status.BLOCKED, Status.UNREADABLE])
def test_blocked_data_holds_whatever_was_seen(status):
    issue = Issue("bounds", Severity.BLOCKED, "Conversions exceed users.", "Count users.")
    health = HealthReport(status, (issue,), None)
    analysis = build.frequentist(build.primary(build.WORSE), harmed(1.0))
    decision = decide(health, analysis)
    assert (decision.verdict, decision.rule, decision.arm) == (HOLD, "blocked", "")
    assert "Conversions exceed users." in decision.sentence
    assert decision == decide(health, None)


def test_blocked_data_says_how_many_more_reasons_there_are():
    issue = Issue("bounds", Severity.BLOCKED, "Conversions exceed users.", "Count users.")
    three = HealthReport(Status.BLOCKED, (issue, issue, issue), None)
    none = HealthReport(Status.BLOCKED, (), None)
    assert decide(three, None).sentence.endswith("(2 more in the health check.)")
    assert decide(none, None).sentence == "Hold: the data cannot be analysed."


def test_without_an_analysis_nothing_is_decided():
    assert decide(build.HEALTHY, None).rule == "not_analysed"
    assert decide(build.HEALTHY, build.frequentist(build.primary())).rule == "not_analysed"


@pytest.mark.parametrize(
    ("p_value", "rule"),
    [(0.0086, "launch"), (0.001, "launch"), (0.00099, "srm_warning"), (2e-5, "srm_warning")],
)
def test_a_sample_ratio_mismatch_below_one_in_a_thousand_holds(p_value, rule):
    decision = decide(build.srm(p_value), build.frequentist(build.primary(build.BETTER)))
    assert decision.rule == rule


def test_a_sample_ratio_warning_without_its_figures_holds_too():
    issue = Issue(SRM, Severity.WARNING, "Users are missing.", "Find out why.")
    health = HealthReport(Status.WARNING, (issue,), None)
    decision = decide(health, build.frequentist(build.primary(build.WORSE)))
    assert decision.rule == "srm_warning"
    assert decision.reasons == ("Users are missing.",)


def test_a_planned_guardrail_that_is_not_in_the_data_stops_a_launch():
    issue = Issue(GUARDRAIL_MISSING, Severity.WARNING, "Guardrail latency is missing.", "Add it.")
    health = HealthReport(Status.WARNING, (issue,), None)
    decision = decide(health, build.frequentist(build.primary(build.BETTER)))
    assert decision.rule == "guardrail_unmeasured"
    assert "Guardrail latency is missing." in decision.sentence


def test_a_decision_before_the_planned_number_of_users_says_that_it_is_early():
    early = Issue(FEWER_THAN_PLANNED, Severity.NOTE, "Half of the users are here.", "Wait.")
    other = Issue("few_events", Severity.NOTE, "Few events.", "Collect more.")
    health = HealthReport(Status.HEALTHY, (early, other), None)
    decision = decide(health, build.frequentist(build.primary(build.BETTER)))
    assert decision.rule == "launch"
    assert decision.reasons[1:] == ("Health: Half of the users are here.",)


def test_a_severe_harm_beside_a_worse_primary_names_both():
    both = decide(build.HEALTHY, build.frequentist(build.primary(build.WORSE), harmed(0.02, 0.01)))
    assert both.rule == "guardrail_severe"
    assert "Guardrail refunds is worse by 2.00 points" in both.sentence
    assert "conversion is significantly worse too, \N{MINUS SIGN}1.20 points" in both.sentence


def test_other_warnings_do_not_stop_a_launch_and_are_repeated():
    issue = Issue("small_arm", Severity.WARNING, "The arms are small.", "Collect more users.")
    health = HealthReport(Status.WARNING, (issue,), None)
    decision = decide(health, build.frequentist(build.primary(build.BETTER)))
    assert decision.rule == "launch"
    assert decision.reasons[-1] == "Health: The arms are small."


MEAN_CASES = [
    ("harm of 1% exactly", 0.5, LAUNCH),
    ("harm above 1%", 0.505, HOLD),
    ("harm of 3% exactly", 1.5, HOLD),
    ("harm above 3%", 1.505, ROLLBACK),
]


@pytest.mark.parametrize("control", [50.0, -50.0])
@pytest.mark.parametrize(
    ("harm", "verdict"), [c[1:] for c in MEAN_CASES], ids=[c[0] for c in MEAN_CASES]
)
def test_a_mean_is_held_to_a_share_of_the_control_value(harm, verdict, control):
    seen = build.compared(-harm, 0.4, control=control, metric="revenue")
    revenue = build.guardrail(
        seen, direction=Direction.HIGHER, kind="mean", harm=0.01, severe_harm=0.03
    )
    analysis = build.frequentist(build.primary(build.BETTER), revenue)
    assert decide(build.HEALTHY, analysis).verdict is verdict


@pytest.mark.parametrize(
    ("difference", "p_value", "rule"),
    [
        (0.1, 0.5, "launch"),
        (-0.1, 0.5, "guardrail_unmeasured"),
        (-0.1, 0.01, "guardrail_worse"),
    ],
)
def test_a_share_of_nothing_is_judged_by_significance_alone(difference, p_value, rule):
    seen = build.compared(difference, p_value, control=0.0, metric="revenue")
    revenue = build.guardrail(seen, direction=Direction.HIGHER, kind="mean")
    analysis = build.frequentist(build.primary(build.BETTER), revenue)
    decision = decide(build.HEALTHY, analysis)
    assert decision.rule == rule


@pytest.mark.parametrize(
    ("half_width", "rule"), [(0.0008, "negligible"), (0.0009, "too_small_to_tell")]
)
def test_negligible_needs_the_whole_interval_within_one_percent_of_control(half_width, rule):
    seen = build.compared(0.00015, 0.7, half_width=half_width)
    assert decide(build.HEALTHY, build.frequentist(build.primary(seen))).rule == rule


@pytest.mark.parametrize(
    ("planned", "rule"), [(0.0061, "negligible"), (0.0059, "too_small_to_tell")]
)
def test_the_planned_mde_says_what_is_negligible(planned, rule):
    seen = build.compared(0.001, 0.7, half_width=0.005)
    analysis = build.frequentist(build.primary(seen, planned_mde=planned))
    assert decide(build.HEALTHY, analysis).rule == rule


def test_a_severe_harm_that_may_be_chance_rolls_back_and_says_that_it_may():
    analysis = build.frequentist(build.primary(build.BETTER), harmed(0.005, 0.3))
    decision = decide(build.HEALTHY, analysis)
    assert decision.verdict is ROLLBACK
    assert "not significant" in decision.sentence
    assert "chance" in decision.sentence


def test_a_policy_can_ask_for_evidence_of_a_severe_harm():
    policy = Policy(guardrail_severe_needs_evidence=True)
    chance = build.frequentist(build.primary(build.BETTER), harmed(0.005, 0.3))
    proven = build.frequentist(build.primary(build.BETTER), harmed(0.005, 0.03))
    assert decide(build.HEALTHY, chance, policy).rule == "guardrail_worse"
    assert decide(build.HEALTHY, proven, policy).rule == "guardrail_severe"


A, B = build.compared(0.02, 0.001), build.compared(0.03, 0.02, half_width=0.025)
ARM_CASES = [
    ("largest certain gain, not largest estimate", (A, B), LAUNCH, "treatment"),
    ("order does not matter", (B, A), LAUNCH, "B"),
    ("equals: the first", (A, A), LAUNCH, "treatment"),
    ("one launches, one is worse", (build.WORSE, A), LAUNCH, "B"),
    ("none launches, one is worse", (build.UNCLEAR, build.WORSE), ROLLBACK, "B"),
    ("none launches, none is worse", (build.UNCLEAR, build.UNCLEAR), HOLD, "treatment"),
    ("no result stands before unclear", (build.UNCLEAR, build.NO_RESULT), HOLD, "B"),
]


@pytest.mark.parametrize(
    ("outcomes", "verdict", "arm"), [c[1:] for c in ARM_CASES], ids=[c[0] for c in ARM_CASES]
)
def test_of_several_arms_the_decision_speaks_of_one(outcomes, verdict, arm):
    decision = decide(build.HEALTHY, build.frequentist(build.primary(*outcomes)))
    assert (decision.verdict, decision.arm) == (verdict, arm)


def test_the_better_of_two_arms_does_not_launch_over_its_own_guardrail():
    refunds = build.guardrail(
        build.compared(0.002, 0.2, metric="refunds"), build.compared(0.0, 0.9, metric="refunds")
    )
    decision = decide(build.HEALTHY, build.frequentist(build.primary(A, build.BETTER), refunds))
    assert (decision.verdict, decision.arm) == (LAUNCH, "B")
    assert any("Another arm: Hold treatment" in reason for reason in decision.reasons)


def test_lower_is_better_launches_on_a_significant_decrease():
    down = build.primary(build.WORSE, direction=Direction.LOWER)
    up = build.primary(build.BETTER, direction=Direction.LOWER)
    assert decide(build.HEALTHY, build.frequentist(down)).verdict is LAUNCH
    assert decide(build.HEALTHY, build.frequentist(up)).verdict is ROLLBACK


def test_lower_is_better_prefers_the_arm_with_the_largest_certain_decrease():
    small, large = build.compared(-0.02, 0.001), build.compared(-0.03, 0.001)
    result = build.primary(small, large, direction=Direction.LOWER)
    assert decide(build.HEALTHY, build.frequentist(result)).arm == "B"


def test_a_significant_difference_of_zero_is_no_effect():
    # A degenerate method may say so; neither direction is better.
    nothing = build.compared(0.0, 0.01)
    assert decide(build.HEALTHY, build.frequentist(build.primary(nothing))).verdict is HOLD


def test_the_decision_on_cookie_cats_is_to_roll_the_moved_gate_back():
    # reference/datasets/reference_results.json: retention_7 -0.82 points, p 0.00155; retention_1
    # -0.59 points, p 0.074. The SRM p-value 0.0086 is a note.
    week = build.compared(-0.008201298315205913, 0.001554249975614329, control=0.19020134)
    day = build.compared(-0.005905169787341458, 0.07440965529691913, control=0.44818792)
    guard = build.guardrail(day, name="retention_1", direction=Direction.HIGHER)
    decision = decide(
        build.srm(0.008607987810836262), build.frequentist(build.primary(week), guard)
    )
    assert decision.verdict is ROLLBACK
    assert decision.rule == "guardrail_severe"
    assert "0.59 points" in decision.sentence
    assert "not significant" in decision.sentence


def test_a_one_sided_interval_cannot_be_negligible():
    endless = build.compared(0.0, 0.8)
    half = Interval(float("-inf"), 0.0001, 0.95)
    seen = dataclasses.replace(endless, interval=half)
    analysis = build.frequentist(build.primary(seen, planned_mde=0.01))
    assert decide(build.HEALTHY, analysis).rule == "too_small_to_tell"


def test_the_missing_guardrail_of_another_role_is_unmeasured_with_its_reason():
    why = Unavailable("welch", "one_unit", "Only one unit.")
    analysis = build.frequentist(build.primary(build.BETTER), build.guardrail(why))
    assert "Only one unit." in decide(build.HEALTHY, analysis).sentence


def test_a_plan_to_look_early_holds_what_one_look_would_have_launched():
    early = dataclasses.replace(
        build.primary(build.BETTER), waiting=(("treatment", "Not yet: 40% are here."),)
    )
    decided = decide(build.HEALTHY, build.frequentist(early, build.guardrail(build.CLEAN)))
    assert (decided.verdict, decided.rule) == (Verdict.HOLD, "plan_waits")
    assert "Not yet: 40% are here." in decided.sentence


def test_a_severe_harm_rolls_back_whatever_the_plan_waits_for():
    early = dataclasses.replace(build.primary(build.BETTER), waiting=(("treatment", "Not yet."),))
    decided = decide(build.HEALTHY, build.frequentist(early, harmed(0.02, 0.01)))
    assert decided.verdict is Verdict.ROLLBACK
