import pytest

from experimentos.analysis import METHODS
from experimentos.analysis.analyze import analyze
from experimentos.analysis.cuped import cuped
from experimentos.analysis.method import Question
from experimentos.analysis.result import Compared, Direction, Posterior, Role, Unavailable
from experimentos.errors import ContractError
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Metric
from experimentos.plan.charter import Charter, GuardrailPlan
from experimentos.policy import Policy
from tests.unit.analysis.summaries import rates, summary

STEADY = CrossMoments(1_000, 20.0, 10.0, 16_000.0, 4_000.0, 7_000.0)
MOVED = CrossMoments(1_000, 20.4, 10.02, 16_000.0, 4_000.0, 7_000.0)
BROKEN = CrossMoments(1_000, 20.4, 11.0, 16_000.0, 4_000.0, 7_000.0)


def only(analysis):
    ((_, outcome),) = analysis.frequentist.primary.outcomes
    return outcome


def result(analysis, name):
    return next(each for each in analysis.frequentist.metrics if each.metric == name)


def methods(outcome):
    return [each.method for each in outcome.alongside]


def test_without_a_charter_conversion_is_primary_and_other_counts_are_guardrails():
    analysis = analyze(
        summary(
            {
                arm: (
                    100,
                    {
                        "conversion": Counts(100, k),
                        "refunds": Counts(100, 9),
                        "logins": Counts(100, 50),
                        "revenue": Moments(100, 5.0, 400.0),
                    },
                )
                for arm, k in (("control", 20), ("b", 30))
            }
        )
    )
    roles = {each.metric: (each.role, each.direction) for each in analysis.frequentist.metrics}
    assert roles == {
        "conversion": (Role.PRIMARY, Direction.HIGHER),
        "refunds": (Role.GUARDRAIL, Direction.LOWER),
        "logins": (Role.GUARDRAIL, Direction.HIGHER),
        "revenue": (Role.SECONDARY, Direction.HIGHER),
    }
    assert len(analysis.assumptions) == 3
    assert analysis.assumptions[0].startswith("refunds was not planned")


def test_without_conversions_the_first_metric_is_primary_and_that_is_said():
    arms = {arm: (100, {"churned": Counts(100, k)}) for arm, k in (("control", 20), ("b", 30))}
    analysis = analyze(summary(arms))
    assert analysis.frequentist.primary.metric == "churned"
    assert analysis.frequentist.primary.direction is Direction.LOWER
    assert "No primary metric was planned" in analysis.assumptions[0]


@pytest.mark.parametrize("role", ["primary", "guardrail", "secondary"])
def test_a_planned_metric_that_is_not_in_the_data_is_unavailable(role):
    named = (GuardrailPlan(name="signups"),)
    charter = {
        "primary": Charter(primary="signups", mde=0.01),
        "guardrail": Charter(guardrails=named),
        "secondary": Charter(secondary=named),
    }[role]
    missing = result(analyze(rates(control=(100, 10), b=(100, 20)), charter), "signups")
    assert missing.role == role
    assert missing.mde is None
    ((arm, outcome),) = missing.outcomes
    assert arm == "b"
    assert isinstance(outcome, Unavailable)
    assert outcome.code == "not_in_data"
    assert "signups" in outcome.why


def test_a_metric_outside_the_charter_is_secondary_and_that_is_said():
    arms = {
        arm: (100, {"conversion": Counts(100, k), "errors": Counts(100, 4)})
        for arm, k in (("control", 20), ("b", 30))
    }
    analysis = analyze(summary(arms), Charter(guardrails=()))
    assert result(analysis, "errors").role is Role.SECONDARY
    assert any("errors was not planned" in each for each in analysis.assumptions)


def test_a_metric_named_twice_keeps_its_first_part():
    twice = Charter(guardrails=(GuardrailPlan(name="conversion", direction="lower"),))
    analysis = analyze(rates(control=(100, 10), b=(100, 20)), twice)
    assert len(analysis.frequentist.metrics) == 1
    assert analysis.frequentist.primary.direction is Direction.HIGHER
    assert analysis.assumptions[0] == "conversion is named twice; it is read as primary."


def test_limits_of_harm_come_from_the_charter_then_from_the_policy():
    arms = {
        arm: (
            100,
            {
                "conversion": Counts(100, 20),
                "errors": Counts(100, 4),
                "revenue": Moments(100, 5.0, 400.0),
            },
        )
        for arm in ("control", "b")
    }
    plan = Charter(
        guardrails=(
            GuardrailPlan(name="errors", direction="lower", harm=0.02),
            GuardrailPlan(name="revenue"),
        )
    )
    policy = Policy(guardrail_severe_harm=0.05, guardrail_relative_harm=0.07)
    analysis = analyze(summary(arms), plan, policy)
    errors, revenue = result(analysis, "errors"), result(analysis, "revenue")
    assert (errors.harm, errors.severe_harm) == (0.02, 0.05)
    assert (revenue.harm, revenue.severe_harm) == (0.07, policy.guardrail_relative_severe_harm)


@pytest.mark.parametrize(
    ("control", "b", "code"),
    [
        ((100, 0), (100, 0), "no_conversions"),
        ((100, 100), (90, 90), "all_converted"),
        ((0, 0), (90, 9), "no_users"),
    ],
)
def test_rates_that_cannot_be_compared_say_why(control, b, code):
    outcome = only(analyze(rates(control=control, b=b)))
    assert isinstance(outcome, Unavailable)
    assert (outcome.method, outcome.code) == ("score", code)


def test_an_arm_without_users_has_no_posterior_and_no_mde():
    analysis = analyze(rates(control=(0, 0), b=(90, 9)))
    assert analysis.posteriors[0].code == "no_users"
    assert analysis.frequentist.primary.mde is None


def test_a_lift_needs_conversions_in_the_control():
    outcome = only(analyze(rates(control=(500, 0), b=(500, 6))))
    assert outcome.lift.code == "no_control_conversions"
    assert "fieller" not in methods(outcome)


def test_a_treatment_without_conversions_has_a_lift_of_minus_one_with_an_interval():
    outcome = only(analyze(rates(control=(500, 12), b=(500, 0))))
    assert outcome.lift.estimate == -1
    assert outcome.lift.method == "koopman"
    assert outcome.lift.interval.low == -1
    assert -1 < outcome.lift.interval.high < 0


def test_small_expected_counts_bring_the_exact_tests_and_the_reason():
    analysis = analyze(rates(control=(40, 3), b=(42, 5)))
    assert methods(only(analysis))[-2:] == ["fisher", "barnard"]
    assert "expected count is 3.9" in analysis.assumptions[-1]


def test_many_users_and_few_conversions_bring_fisher_alone():
    assert methods(only(analyze(rates(control=(9_000, 1), b=(9_000, 6)))))[-1] == "fisher"


def test_wald_has_no_statistic_where_neither_arm_varies():
    outcome = only(analyze(rates(control=(20, 0), b=(10, 10))))
    wald = next(each for each in outcome.alongside if each.method == "wald")
    assert wald.statistic is None
    assert wald.p_value is None


@pytest.mark.parametrize(
    ("control", "code"),
    [
        (Moments(0, 0.0, 0.0), "no_users"),
        (Moments(1, 5.0, 0.0), "too_few_units"),
        (Moments(9, 5.0, 0.0), "no_variation"),
    ],
)
def test_means_that_cannot_be_compared_say_why(control, code):
    data = summary({"control": (9, {"x": control}), "b": (9, {"x": Moments(9, 5.0, 0.0)})})
    analysis = analyze(data)
    outcome = only(analysis)
    assert (outcome.method, outcome.code) == ("welch", code)
    assert (analysis.posteriors[0].method, analysis.posteriors[0].code) == (
        "normal_posterior",
        code,
    )
    assert analysis.frequentist.primary.mde is None


def ratio(kind, control, treatment):
    arms = {"control": (control.n, {"x": control}), "b": (treatment.n, {"x": treatment})}
    return summary(arms, {"x": kind})


@pytest.mark.parametrize(
    ("treatment", "code"),
    [
        (CrossMoments(1, 1.0, 1.0, 0.0, 0.0, 0.0), "too_few_units"),
        (CrossMoments(9, 1.0, 0.0, 3.0, 3.0, 0.0), "zero_denominator"),
        (CrossMoments(9, 2.0, 1.0, 12.0, 3.0, 6.0), "no_variation"),
    ],
)
def test_ratios_that_cannot_be_compared_say_why(treatment, code):
    control = CrossMoments(9, 2.0, 1.0, 12.0, 3.0, 6.0)
    outcome = only(analyze(ratio("ratio", control, treatment)))
    assert (outcome.method, outcome.code) == ("delta", code)


def test_a_ratio_has_a_result_a_posterior_and_an_mde():
    analysis = analyze(ratio("ratio", STEADY, MOVED))
    assert only(analysis).method == "delta"
    assert analysis.posteriors[0].method == "normal_posterior"
    assert analysis.frequentist.primary.mde > 0


def test_an_adjusted_metric_shows_what_the_covariate_saved():
    analysis = analyze(ratio("adjusted", STEADY, MOVED))
    outcome = only(analysis)
    assert outcome.method == "cuped"
    assert methods(outcome) == ["variance_ratio", "welch", "ancova"]
    # rho = 7000 / sqrt(16000 * 4000) = 0.875, so the variance falls to 1 - rho^2.
    assert outcome.alongside[0].statistic == pytest.approx(1 - 0.875**2, rel=1e-3)
    assert isinstance(analysis.posteriors[0], Posterior)
    assert not any("covariate" in each for each in analysis.assumptions)


def test_a_covariate_that_moved_is_left_out_and_that_is_said():
    analysis = analyze(ratio("adjusted", STEADY, BROKEN))
    outcome = only(analysis)
    assert outcome.method == "welch"
    assert outcome.difference == pytest.approx(0.4)
    assert "analysed without its covariate" in analysis.assumptions[-1]
    posterior = analysis.posteriors[0]
    middle = (posterior.difference.low + posterior.difference.high) / 2
    assert middle == pytest.approx(0.4)


def test_the_policy_says_how_far_a_covariate_may_move():
    strict = analyze(ratio("adjusted", STEADY, MOVED), policy=Policy(balance_t=0.1))
    assert only(strict).method == "welch"


def test_a_regression_without_residuals_is_not_shown():
    # Within each arm the outcome is the covariate; between them it moves by five.
    control = CrossMoments(40, 2.0, 2.0, 40.0, 40.0, 40.0)
    treatment = CrossMoments(40, 7.1, 2.1, 40.0, 40.0, 40.0)
    assert methods(only(analyze(ratio("adjusted", control, treatment)))) == [
        "variance_ratio",
        "welch",
    ]


@pytest.mark.parametrize(
    ("control", "treatment", "code"),
    [
        (STEADY, BROKEN, "covariate_unbalanced"),
        (
            CrossMoments(9, 2.0, 1.0, 12.0, 0.0, 0.0),
            CrossMoments(9, 2.0, 1.0, 12.0, 0.0, 0.0),
            "covariate_constant",
        ),
        (STEADY, CrossMoments(1, 2.0, 1.0, 0.0, 0.0, 0.0), "too_few_units"),
        (
            CrossMoments(4, 2.0, 2.0, 4.0, 4.0, 4.0),
            CrossMoments(4, 2.5, 2.5, 4.0, 4.0, 4.0),
            "no_variation",
        ),
    ],
)
def test_cuped_says_why_it_cannot_be_used(control, treatment, code):
    assert cuped(control, treatment, Question("m", "b", 0.05, 0.95)).code == code


def test_two_arms_with_different_statistics_are_a_wrong_call():
    data = summary({"control": (9, {"x": Counts(9, 3)}), "b": (9, {"x": Moments(9, 1.0, 2.0)})})
    with pytest.raises(ContractError, match="different statistics"):
        analyze(data)


def test_three_arms_are_adjusted_by_dunnett_and_two_are_not():
    three = analyze(rates(control=(1_000, 100), b=(1_000, 130), c=(1_000, 131)))
    two = analyze(rates(control=(1_000, 100), b=(1_000, 130)))
    adjusted, plain = three.frequentist.primary.outcomes[0][1], only(two)
    assert adjusted.adjustment == "dunnett"
    assert plain.adjustment == ""
    assert adjusted.unadjusted_p == plain.p_value < adjusted.p_value
    assert adjusted.interval.low < plain.interval.low
    assert three.frequentist.primary.mde > two.frequentist.primary.mde


def test_an_arm_without_a_result_leaves_the_family():
    analysis = analyze(rates(control=(1_000, 100), b=(1_000, 130), c=(0, 0)))
    (_, compared), (_, missing) = analysis.frequentist.primary.outcomes
    assert compared.adjustment == ""
    assert isinstance(missing, Unavailable)
    assert analysis.frequentist.primary.mde is None


def test_guardrails_are_stepped_down_by_holm_with_intervals_that_agree():
    # Raw p about 0.0002 and 0.03: Holm gives twice the first and once the second.
    arms = {
        arm: (
            10_000,
            {
                "conversion": Counts(10_000, 1_000),
                "errors": Counts(10_000, errors),
                "crashes": Counts(10_000, crashes),
            },
        )
        for arm, errors, crashes in (("control", 100, 100), ("b", 160, 133))
    }
    analysis = analyze(summary(arms))
    (_, errors), (_, crashes) = (each.outcomes[0] for each in analysis.frequentist.guardrails)
    assert errors.adjustment == crashes.adjustment == "holm"
    assert errors.p_value == pytest.approx(2 * errors.unadjusted_p)
    assert crashes.p_value == crashes.unadjusted_p < 0.05
    # The interval at alpha / 2 holds 0: the step-down still rejects, so it is cut there.
    assert 0 < crashes.interval.low < 1e-300
    assert crashes.lift.interval.low > 0
    assert only(analysis).adjustment == ""


def test_three_arms_and_two_guardrails_are_adjusted_both_ways():
    arms = {
        arm: (
            1_000,
            {
                "conversion": Counts(1_000, 100),
                "errors": Counts(1_000, 30),
                "crashes": Counts(1_000, crashes),
            },
        )
        for arm, crashes in (("control", 10), ("b", 0), ("c", 40))
    }
    guardrails = analyze(summary(arms)).frequentist.guardrails
    assert {each.adjustment for g in guardrails for _, each in g.outcomes} == {"dunnett+holm"}


def test_the_mde_of_a_metric_where_lower_is_better_is_a_decrease():
    lower = analyze(rates(control=(1_000, 100), b=(1_000, 90)), Charter(direction="lower"))
    higher = analyze(rates(control=(1_000, 100), b=(1_000, 90)), Charter(direction="higher"))
    assert lower.frequentist.primary.mde < higher.frequentist.primary.mde


def test_where_no_decrease_can_be_found_the_mde_is_an_increase():
    lower = analyze(rates(control=(1_000, 1), b=(1_000, 9)), Charter(direction="lower"))
    higher = analyze(rates(control=(1_000, 1), b=(1_000, 9)), Charter(direction="higher"))
    assert lower.frequentist.primary.mde == higher.frequentist.primary.mde


def test_the_planned_mde_travels_with_the_primary():
    analysis = analyze(rates(control=(1_000, 100), b=(1_000, 90)), Charter(mde=0.02))
    assert analysis.frequentist.primary.planned_mde == 0.02


def test_an_experiment_without_treatments_has_no_outcomes():
    analysis = analyze(rates(control=(1_000, 100)))
    assert analysis.frequentist.primary.outcomes == ()
    assert analysis.frequentist.primary.mde is None
    assert analysis.posteriors == ()


def test_every_method_that_a_result_names_can_be_explained():
    data = summary(
        {
            arm: (
                n,
                {
                    "conversion": Counts(n, k),
                    "revenue": Moments(n, mean, 50.0),
                    "ctr": STEADY,
                    "spend": MOVED,
                },
            )
            for arm, n, k, mean in (("control", 40, 3, 4.0), ("b", 42, 0, 5.0))
        },
        {"ctr": "ratio", "spend": "adjusted"},
    )
    analysis = analyze(data)
    named = set()
    for each in analysis.frequentist.metrics:
        for _, outcome in each.outcomes:
            assert isinstance(outcome, Compared)
            named |= {outcome.method, outcome.lift.method, *methods(outcome)}
    named |= {each.method for each in analysis.posteriors}
    assert named <= set(METHODS)


def test_a_metric_of_an_unknown_kind_is_read_by_its_statistic():
    arms = {arm: (9, {"x": Counts(9, 3)}) for arm in ("control", "b")}
    assert summary(arms, {"x": "retention"}).metrics == (Metric("x", "retention", ("x",)),)
    assert only(analyze(summary(arms, {"x": "retention"}))).method == "score"
