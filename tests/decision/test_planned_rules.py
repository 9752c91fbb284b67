"""Margins, sides and the sharing of alpha: planned in the charter, followed by the decision."""

import pytest
from pydantic import ValidationError

from experimentos.analysis.non_inferiority import non_inferiority
from experimentos.decision.decide import decide
from experimentos.decision.judge import Guard, judge
from experimentos.flows.ab_test import run
from experimentos.metrics.counts import Counts
from experimentos.plan.charter import Charter, GuardrailPlan
from experimentos.plan.freeze import plan_hash

FILE = b"variant,users,conversions,refunds\ncontrol,5000,500,100\ntreatment,5000,600,98\n"
MANY = b"""variant,users,conversions,refunds,logins
control,5000,500,100,2500
treatment,5000,560,130,2400
"""


def planned(margin=None, **more):
    guardrail = GuardrailPlan(name="refunds", direction="lower", margin=margin)
    return Charter(guardrails=(guardrail,), **more)


def test_nothing_is_launched_while_harm_beyond_a_planned_margin_is_possible():
    assert run(FILE, "f.csv", planned()).decision.verdict == "Launch"
    held = run(FILE, "f.csv", planned(0.004))
    assert held.decision.rule == "guardrail_unshown"
    assert held.decision.verdict == "Hold"
    assert "beyond its margin of 0.40 points" in held.decision.sentence
    shown = run(FILE, "f.csv", planned(0.006))
    assert shown.decision.verdict == "Launch"
    assert any("non-inferior" in reason for reason in shown.decision.reasons)


@pytest.mark.parametrize("margin", [0.001, 0.003, 0.0045, 0.0055, 0.008, 0.02])
def test_the_verdict_is_that_of_the_score_test_of_non_inferiority(margin):
    test = run(FILE, "f.csv", planned(margin))
    [arm] = judge(test.analysis.frequentist, test.policy)
    exact = non_inferiority(
        Counts(5000, 100), Counts(5000, 98), margin, 0.025, higher_is_better=False, corrected=True
    )
    assert (arm.guardrails[0].state is Guard.CLEAN) == exact.non_inferior


def test_a_guardrail_that_is_worse_is_told_so_before_its_margin():
    worse = b"variant,users,conversions,refunds\ncontrol,5000,500,100\ntreatment,5000,600,110\n"
    assert run(worse, "f.csv", planned(0.002)).decision.rule == "guardrail_worse"


def test_one_sided_alpha_is_held_against_two_sided_p_values_at_its_double():
    close = b"variant,users,conversions\ncontrol,5000,500\ntreatment,5000,555\n"
    two, one = run(close, "f.csv"), run(close, "f.csv", Charter(sides=1))
    ((_, first),), ((_, second),) = (
        test.analysis.frequentist.primary.outcomes for test in (two, one)
    )
    assert first.p_value == second.p_value
    assert 0.05 < first.p_value < 0.1
    assert (two.decision.verdict, one.decision.verdict) == ("Hold", "Launch")
    assert second.interval.level == 0.9
    assert first.interval.low < 0 < second.interval.low
    assert decide(one.health, one.analysis.frequentist, one.policy) == one.decision


def test_a_one_sided_alpha_above_a_quarter_is_refused():
    with pytest.raises(ValidationError, match=r"0\.25 at most"):
        Charter(alpha=0.3, sides=1)


@pytest.mark.parametrize(
    ("correction", "adjusted"),
    [
        ("guardrails", {"conversion": "", "refunds": "holm", "logins": "holm"}),
        ("all_metrics", dict.fromkeys(("conversion", "refunds", "logins"), "holm")),
        ("none", dict.fromkeys(("conversion", "refunds", "logins"), "")),
    ],
)
def test_alpha_is_shared_by_the_metrics_that_the_charter_names(correction, adjusted):
    frequentist = run(MANY, "f.csv", Charter(correction=correction)).analysis.frequentist
    found = {each.metric: each.outcomes[0][1] for each in frequentist.metrics}
    assert {name: each.adjustment for name, each in found.items()} == adjusted
    p = sorted(each.unadjusted_p for each in found.values())
    if correction == "all_metrics":
        assert min(each.p_value for each in found.values()) == pytest.approx(3 * p[0])


def test_a_plan_that_sets_none_of_them_keeps_the_hash_of_a_plan_from_before():
    # Made by the version before these fields existed.
    before = "fa69438ed88709651f3cbaa6f7e3392e7a04bd107cc8fb5de0e0947324316c2b"
    guardrail = GuardrailPlan(name="refunds", direction="lower", harm=0.002)
    assert plan_hash(Charter(mde=0.01, guardrails=(guardrail,))) == before
    assert plan_hash(planned(0.01)) != plan_hash(planned())
    assert plan_hash(Charter(sides=1)) != plan_hash(Charter())
    assert plan_hash(Charter(correction="none")) != plan_hash(Charter())
