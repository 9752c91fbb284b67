"""Decisions on published experiments, from the bytes of the file."""

import pytest

from experimentos.decision.decision import Verdict
from experimentos.flows.ab_test import run
from experimentos.health.report import Status
from experimentos.plan.charter import Charter, GuardrailPlan

# reference/datasets: Cookie Cats (gate at level 30 v 40) and the Udacity free-trial screener.
COOKIE_CATS = (
    b"variant,users,conversions,retention_1,rounds_sum,rounds_sum_sq\n"
    b"control,44700,8502,20034,2344795,3068811771\n"
    b"treatment,45489,8279,20119,2333530,605052202\n"
)
UDACITY = (
    b"variant,users,conversions,payments\ncontrol,17293,3785,2033\ntreatment,17260,3423,1945\n"
)
NO_GUARDRAILS = Charter(guardrails=())


def test_the_moved_gate_of_cookie_cats_is_rolled_back():
    test = run(COOKIE_CATS, "cookie_cats.csv", NO_GUARDRAILS)
    assert test.health.status is Status.HEALTHY
    assert (test.decision.verdict, test.decision.rule) == (Verdict.ROLLBACK, "primary_worse")
    assert "\N{MINUS SIGN}0.82 points, 19.02% to 18.20%" in test.decision.sentence
    assert "p = 0.0016" in test.decision.sentence


def test_one_day_retention_rolls_it_back_too_and_may_be_chance():
    decision = run(COOKIE_CATS, "cookie_cats.csv").decision
    assert decision.rule == "guardrail_severe"
    assert "worse by 0.59 points" in decision.sentence
    assert "chance could explain it" in decision.sentence
    assert "conversion is significantly worse too" in decision.sentence


def test_fewer_enrolments_were_the_aim_of_udacity_and_payments_the_guardrail():
    # The screener was meant to lose those who would not pay: fewer enrolments, no fewer payments.
    charter = Charter(
        direction="lower",
        guardrails=(GuardrailPlan(name="payments", harm=0.0075, severe_harm=0.02),),
    )
    decision = run(UDACITY, "udacity.csv", charter).decision
    assert (decision.verdict, decision.arm) == (Verdict.LAUNCH, "treatment")
    assert any("is not ruled out" in reason for reason in decision.reasons)


def test_payments_alone_are_too_few_to_tell():
    decision = run(UDACITY, "udacity.csv", Charter(primary="payments", guardrails=())).decision
    assert (decision.verdict, decision.rule) == (Verdict.HOLD, "too_small_to_tell")
    assert "with 80% power" in decision.sentence


@pytest.mark.parametrize("aimed", [0.005, 0.002])
def test_an_effect_within_the_planned_mde_is_negligible_and_beyond_it_is_not(aimed):
    content = b"variant,users,conversions\ncontrol,100000,12000\ntreatment,100000,12005\n"
    decision = run(content, "flat.csv", Charter(mde=aimed)).decision
    assert decision.rule == ("negligible" if aimed == 0.005 else "too_small_to_tell")


def test_a_planned_guardrail_that_is_not_measured_stops_a_launch():
    content = b"variant,users,conversions\ncontrol,10000,1200\ntreatment,10000,1400\n"
    charter = Charter(guardrails=(GuardrailPlan(name="latency"),))
    assert run(content, "a.csv", NO_GUARDRAILS).decision.verdict is Verdict.LAUNCH
    decision = run(content, "a.csv", charter).decision
    assert (decision.verdict, decision.rule) == (Verdict.HOLD, "guardrail_unmeasured")
    assert "latency" in decision.sentence


@pytest.mark.parametrize("content", [b"", b"variant,users\ncontrol,5\n", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_cannot_be_analysed_holds(content):
    assert run(content, "x.csv").decision.rule == "blocked"
