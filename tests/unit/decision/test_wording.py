"""Numbers as the decision writes them."""

import pytest

from experimentos.analysis.result import Direction
from experimentos.decision import RULES
from experimentos.decision.judge import judge
from experimentos.decision.rule import Evidence
from experimentos.decision.wording import (
    amount,
    comparison,
    guard_text,
    limit,
    mde_text,
)
from experimentos.errors import ContractError
from experimentos.policy import DEFAULT_POLICY
from tests.decision import build

RATE = build.primary(build.BETTER)
MEAN = build.primary(build.BETTER, kind="mean", mde=12_345.6)


def test_a_mean_keeps_its_unit():
    assert amount(MEAN, 1.5, signed=True) == "+1.50"
    assert amount(MEAN, -12_345.6) == "12,345.60"
    assert amount(RATE, float("inf")) == "no limit"
    assert limit(MEAN, 0.01) == "1.00%"
    assert limit(RATE, 0.001) == "0.10 points"
    assert limit(RATE, float("inf")) == "no limit"


def test_a_comparison_gives_values_interval_and_p():
    assert comparison(RATE, build.BETTER) == (
        "+1.20 points, 10.00% to 11.20% (95% CI +0.70 to +1.70 points, p = 0.010)"
    )
    assert comparison(RATE, build.NO_RESULT) == "Nobody converted"


def test_an_unknown_mde_is_said_to_be_unknown():
    unknown = build.primary(build.UNCLEAR, mde=None)
    assert mde_text(unknown, 0.8) == "what this many users could detect is not known"
    assert "1.00 points with 80% power" in mde_text(RATE, 0.8)


def test_a_clean_guardrail_says_so_and_a_harm_says_whether_it_is_significant():
    refunds = build.guardrail(build.compared(0.002, 0.01, metric="refunds", control=0.02))
    arms = judge(
        build.frequentist(build.primary(build.BETTER), refunds, build.guardrail(build.CLEAN)),
        DEFAULT_POLICY,
    )
    worse, clean = (guard_text(guard, 0.05) for guard in arms[0].guardrails)
    assert worse == (
        "Guardrail refunds is worse by 0.20 points (limit 0.10 points), "
        "significant at 0.05 (p = 0.010)"
    )
    assert clean == (
        "Guardrail refunds: 0.00 points, 2.00% to 2.00% (p = 0.90); no harm beyond 0.10 points was "
        "seen, but harm up to 0.50 points is not ruled out"
    )


@pytest.mark.parametrize(
    ("half_width", "control", "kind", "text"),
    [
        (0.0009, 0.02, "conversion", "harm beyond 0.10 points is ruled out"),
        (0.001, 0.0, "mean", "harm up to any size is not ruled out"),
        (float("inf"), 0.02, "conversion", "harm up to any size is not ruled out"),
    ],
)
def test_a_clean_guardrail_says_which_harm_is_not_ruled_out(half_width, control, kind, text):
    seen = build.compared(0.0, 0.9, half_width=half_width, control=control)
    result = build.guardrail(seen, kind=kind)
    arm = judge(build.frequentist(build.primary(build.BETTER), result), DEFAULT_POLICY)[0]
    assert guard_text(arm.guardrails[0], 0.05).endswith(text)


def test_a_harm_without_a_baseline_has_no_relative_size():
    seen = build.compared(-1.0, 0.01, control=0.0)
    revenue = build.guardrail(seen, direction=Direction.HIGHER, kind="mean")
    arm = judge(build.frequentist(build.primary(build.BETTER), revenue), DEFAULT_POLICY)[0]
    assert "control value is zero" in guard_text(arm.guardrails[0], 0.05)


def test_a_rule_about_an_arm_refuses_an_experiment_without_one():
    evidence = Evidence(build.HEALTHY, DEFAULT_POLICY, None)
    with pytest.raises(ContractError, match="not_analysed"):
        RULES[-1].sentence(evidence)


def test_an_arm_without_a_result_has_no_certain_gain():
    arm = judge(build.frequentist(build.primary(build.NO_RESULT)), DEFAULT_POLICY)[0]
    assert arm.certain_gain == float("-inf")
    assert arm.margin is None
