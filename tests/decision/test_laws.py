"""Laws of the decision, for all analyses."""

import dataclasses
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis.result import Analysis, Compared, Direction, Interval, Posterior
from experimentos.decision.decide import decide
from experimentos.decision.decision import Verdict
from experimentos.decision.rule import Evidence
from experimentos.policy import DEFAULT_POLICY
from tests.decision import build

SEVERITY = {Verdict.LAUNCH: 0, Verdict.HOLD: 1, Verdict.ROLLBACK: 2}

differences = st.floats(-0.05, 0.05)
p_values = st.floats(0.0, 1.0)
widths = st.floats(0.0, 0.05)
outcomes = st.one_of(
    st.builds(lambda d, p, w: build.compared(d, p, half_width=w), differences, p_values, widths),
    st.just(build.NO_RESULT),
)
directions = st.sampled_from(Direction)
guardrails = st.lists(
    st.builds(
        lambda outcomes, direction, kind: build.guardrail(
            *outcomes, direction=direction, kind=kind
        ),
        st.lists(outcomes, min_size=2, max_size=2),
        directions,
        st.sampled_from(["conversion", "mean"]),
    ),
    max_size=3,
)
analyses = st.builds(
    lambda outcomes, direction, guards: build.frequentist(
        build.primary(*outcomes, direction=direction), *guards
    ),
    st.lists(outcomes, min_size=1, max_size=2),
    directions,
    guardrails,
)


@given(analyses, st.floats(0.0, 0.001, exclude_max=True))
def test_a_sample_ratio_warning_never_launches_and_never_rolls_back(analysis, p_value):
    assert decide(build.srm(p_value), analysis).verdict is Verdict.HOLD


@given(analyses)
def test_an_arm_with_a_guardrail_beyond_its_limit_never_launches(analysis):
    decision = decide(build.HEALTHY, analysis)
    if decision.verdict is not Verdict.LAUNCH:
        return
    for guardrail in analysis.guardrails:
        seen = dict(guardrail.outcomes)[decision.arm]
        sign = -1 if guardrail.direction is Direction.HIGHER else 1
        harm = sign * seen.difference
        if guardrail.kind != "conversion":
            harm /= abs(seen.control_value)
        assert harm <= guardrail.harm * (1 + 1e-9)
        assert not (harm > 0 and seen.p_value < analysis.alpha)


@given(analyses)
def test_a_launch_is_always_significant_and_in_the_good_direction(analysis):
    decision = decide(build.HEALTHY, analysis)
    if decision.verdict is not Verdict.LAUNCH:
        return
    seen = dict(analysis.primary.outcomes)[decision.arm]
    sign = 1 if analysis.primary.direction is Direction.HIGHER else -1
    assert seen.p_value < analysis.alpha
    assert sign * seen.difference > 0


@given(outcomes, st.tuples(differences, differences), p_values)
def test_more_harm_never_makes_the_verdict_milder(outcome, harms, p_value):
    verdicts = []
    for harm in sorted(harms):
        seen = build.compared(harm, p_value, metric="refunds")
        analysis = build.frequentist(build.primary(outcome), build.guardrail(seen))
        verdicts.append(SEVERITY[decide(build.HEALTHY, analysis).verdict])
    assert verdicts == sorted(verdicts)


@given(analyses, guardrails)
def test_one_more_guardrail_never_makes_the_verdict_milder(analysis, more):
    longer = dataclasses.replace(analysis, guardrails=(*analysis.guardrails, *more))
    before = SEVERITY[decide(build.HEALTHY, analysis).verdict]
    after = SEVERITY[decide(build.HEALTHY, longer).verdict]
    assert after >= before


@given(analyses)
def test_turning_every_direction_and_every_sign_leaves_the_verdict(analysis):
    turned = dataclasses.replace(
        analysis,
        primary=mirrored(analysis.primary),
        guardrails=tuple(mirrored(result) for result in analysis.guardrails),
    )
    here, there = decide(build.HEALTHY, analysis), decide(build.HEALTHY, turned)
    assert (here.verdict, here.rule, here.arm) == (there.verdict, there.rule, there.arm)


@given(analyses)
def test_every_decision_has_a_sentence_with_its_verdict_and_something_to_do(analysis):
    decision = decide(build.HEALTHY, analysis)
    assert decision.sentence.startswith(decision.verdict)
    assert decision.sentence.endswith(".")
    assert ".." not in decision.sentence.replace("...", "")
    assert decision.next_actions
    assert not any("{" in action for action in decision.next_actions)
    assert decision == decide(build.HEALTHY, analysis, DEFAULT_POLICY)


def types_within(hint):
    """Every class that a value of this type can hold, through unions, tuples and fields."""
    seen, waiting = set(), [hint]
    while waiting:
        hint = waiting.pop()
        hint = getattr(hint, "__value__", hint)
        waiting.extend(get_args(hint))
        if isinstance(hint, type) and hint not in seen:
            seen.add(hint)
            if dataclasses.is_dataclass(hint):
                waiting.extend(get_type_hints(hint).values())
    return seen


@pytest.mark.parametrize("parameter", ["health", "frequentist", "policy"])
def test_nothing_that_decide_takes_can_hold_a_posterior(parameter):
    held = types_within(get_type_hints(decide)[parameter])
    assert Posterior not in held
    assert (Compared in held) == (parameter == "frequentist")


def test_an_analysis_holds_posteriors_and_is_therefore_not_what_decide_takes():
    assert Posterior in types_within(Analysis)
    assert Analysis not in types_within(get_type_hints(decide)["frequentist"])
    assert Posterior not in types_within(Evidence)


def mirrored(result):
    other = Direction.LOWER if result.direction is Direction.HIGHER else Direction.HIGHER
    return dataclasses.replace(
        result,
        direction=other,
        outcomes=tuple((arm, negated(outcome)) for arm, outcome in result.outcomes),
    )


def negated(outcome):
    if outcome is build.NO_RESULT:
        return outcome
    bounds = outcome.interval
    return dataclasses.replace(
        outcome,
        difference=-outcome.difference,
        interval=Interval(-bounds.high, -bounds.low, bounds.level),
    )
