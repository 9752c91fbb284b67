"""Numbers as the decision writes them."""

import pytest

from experimentos.analysis.result import Direction, Interval
from experimentos.decision import RULES
from experimentos.decision.judge import judge
from experimentos.decision.rule import Evidence
from experimentos.decision.wording import (
    amount,
    comparison,
    guard_text,
    interval_text,
    level,
    limit,
    mde_text,
    p_text,
    percent,
    points,
)
from experimentos.errors import ContractError
from experimentos.policy import DEFAULT_POLICY
from tests.decision import build

RATE = build.primary(build.BETTER)
MEAN = build.primary(build.BETTER, kind="mean", mde=12_345.6)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.05, "p = 0.05"),
        (0.0499, "p = 0.0499"),
        (0.0001, "p = 0.0001"),
        (0.00009999, "p < 0.0001"),
        (0.0, "p < 0.0001"),
        (1.0, "p = 1"),
    ],
)
def test_a_p_value_has_three_digits_and_is_never_zero(p, text):
    assert p_text(p) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.012, "+1.20 points"), (-0.0001, "-0.01 points"), (0.0, "0.00 points")],
)
def test_a_difference_of_rates_is_in_signed_points(share, text):
    assert points(share, signed=True) == text


def test_a_small_rate_does_not_read_as_zero():
    assert percent(0.0000123) == "0.0012%"
    assert percent(0.5) == "50.00%"


def test_a_mean_keeps_its_unit():
    assert amount(MEAN, 1.5, signed=True) == "+1.5"
    assert amount(MEAN, 12_345.6) == "12,346"
    assert amount(MEAN, 2e20) == "2e+20"
    assert amount(MEAN, 0.0001234) == "0.000123"
    assert level(MEAN, 3.14159) == "3.142"
    assert level(RATE, 0.1) == "10.00%"
    assert limit(MEAN, 0.01) == "1.00%"
    assert limit(RATE, 0.001) == "0.10 points"


def test_an_interval_names_its_level_and_an_open_end():
    assert interval_text(RATE, Interval(0.001, 0.02, 0.975)) == (
        "97.5% interval +0.10 to +2.00 points"
    )
    assert interval_text(MEAN, Interval(float("-inf"), 2.0, 0.95)) == (
        "95% interval no limit to +2"
    )
    assert interval_text(RATE, Interval(0.01, float("inf"), 0.95)).endswith("+1.00 to no limit")
    assert "no limit to +2.00 points" in interval_text(RATE, Interval(float("-inf"), 0.02, 0.95))


def test_a_comparison_gives_values_interval_and_p():
    assert comparison(RATE, build.BETTER) == (
        "+1.20 points, 10.00% to 11.20% (95% interval +0.70 to +1.70 points, p = 0.01)"
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
        "significant at 0.05 (p = 0.01)"
    )
    assert clean == (
        "Guardrail refunds: 0.00 points, 2.00% to 2.00% (p = 0.9); no harm beyond 0.10 points was "
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
