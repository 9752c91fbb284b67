"""Each check on data that breaks its rule, and on data that does not."""

import math
from dataclasses import replace
from datetime import date

import pytest

from experimentos.health import CHECKS
from experimentos.issue import Severity, Where
from experimentos.metrics.counts import Counts
from experimentos.metrics.mean import EMPTY
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.quantile import of_error
from experimentos.metrics.summary import Metric
from experimentos.plan.charter import EMPTY_CHARTER, Charter, GuardrailPlan
from experimentos.policy import DEFAULT_POLICY
from tests.unit.health import build

NOTE, WARNING, BLOCKED = Severity.NOTE, Severity.WARNING, Severity.BLOCKED
RATIO = Metric(
    "ctr",
    "ratio",
    ("ctr_num_sum", "ctr_den_sum", "ctr_num_sum_sq", "ctr_den_sum_sq", "ctr_num_den_sum"),
)
ADJUSTED = Metric(
    "spend",
    "adjusted",
    ("spend_sum", "spend_sum_sq", "spend_cov_sum", "spend_cov_sum_sq", "spend_cov_cross"),
)
BY_VARIANCE = Metric("revenue", "mean", ("revenue_mean", "revenue_var"))
GOOD = Moments.from_sums(10_000, 50_000, 300_000_000)


def found(name, summary, charter=EMPTY_CHARTER, policy=DEFAULT_POLICY):
    return [
        (issue.code, issue.severity, issue.where)
        for issue in CHECKS[name].run(summary, charter, policy)
    ]


def texts(name, summary, charter=EMPTY_CHARTER):
    return [f"{i.message} {i.fix}" for i in CHECKS[name].run(summary, charter, DEFAULT_POLICY)]


# arms


def test_two_arms_with_users_pass():
    assert found("arms", build.users(1000, 1000)) == []


def test_a_file_without_the_control_is_blocked_and_says_what_there_is():
    without = build.summary(build.cell("B", 10, 2), build.cell("C", 10, 3))
    assert found("arms", without) == [("no_control", BLOCKED, Where(column="variant"))]
    assert "B, C" in texts("arms", without)[0]


def test_a_control_alone_is_blocked():
    assert found("arms", build.users(10)) == [("no_treatment", BLOCKED, Where(column="variant"))]


def test_no_arms_at_all_lack_both():
    assert [code for code, *_ in found("arms", build.summary())] == ["no_control", "no_treatment"]


def test_an_arm_without_users_is_blocked_unless_it_was_planned_to_have_none():
    empty = build.users(10, 10, 0)
    assert found("arms", empty) == [("no_users", BLOCKED, Where(4, "users"))]
    assert found("arms", empty, Charter(split=(1, 1, 0))) == []


# bounds


def test_impossible_counts_are_blocked_where_they_stand():
    bad = build.summary(
        build.cell("control", 100, 2, {"conversion": Counts(100, 101)}),
        build.cell("B", -5, 3, {"conversion": Counts(100, -1)}),
    )
    assert found("bounds", bad) == [
        ("count_exceeds_users", BLOCKED, Where(2, "conversions")),
        ("negative_users", BLOCKED, Where(3, "users")),
        ("negative_count", BLOCKED, Where(3, "conversions")),
    ]


@pytest.mark.parametrize("k", [0, 100])
def test_nobody_and_everybody_are_possible_counts(k):
    edge = build.summary(build.cell("control", 100, 2, {"conversion": Counts(100, k)}))
    assert found("bounds", edge) == []


def test_a_metric_without_columns_is_named_itself():
    bare = Metric("conversion", "conversion", ())
    bad = build.summary(build.cell("control", 1, 2, {"conversion": Counts(1, 2)}), metrics=(bare,))
    assert found("bounds", bad) == [("count_exceeds_users", BLOCKED, Where(2, "conversion"))]


# completeness


def test_a_metric_that_one_arm_lacks_is_blocked_in_that_row():
    partial = build.summary(
        build.cell("control", 100, 2, {"conversion": Counts(100, 10), "revenue": GOOD}),
        build.cell("B", 100, 3),
        metrics=(build.CONVERSION, build.REVENUE),
    )
    assert found("completeness", partial) == [
        ("metric_incomplete", BLOCKED, Where(3, "revenue_sum_sq"))
    ]
    assert found("completeness", build.users(1, 2)) == []


def test_a_metric_that_names_no_column_is_pointed_at_by_its_own_name():
    bare = replace(build.REVENUE, columns=())
    partial = build.summary(build.cell("control", 1, 2), metrics=(bare,))
    assert found("completeness", partial) == [("metric_incomplete", BLOCKED, Where(2, "revenue"))]


# moments


def revenue(*statistics, metric=build.REVENUE):
    return build.one_metric(metric, *statistics)


def test_ordinary_sums_pass():
    assert found("moments", revenue(GOOD, GOOD)) == []


def test_squares_smaller_than_the_sums_allow_are_blocked():
    broken = Moments.from_sums(10_000, 50_000, 1_000)
    assert found("moments", revenue(broken, GOOD)) == [
        ("squares_contradict_sum", BLOCKED, Where(2, "revenue_sum_sq"))
    ]
    assert "1,000 against 250,000" in texts("moments", revenue(broken, GOOD))[0]


def test_a_variance_of_zero_is_blocked_and_called_variance():
    constant = Moments.from_sums(10_000, 50_000, 250_000)
    assert found("moments", revenue(constant, GOOD)) == [
        ("zero_variance", BLOCKED, Where(2, "revenue_sum_sq"))
    ]
    assert "variance" in texts("moments", revenue(constant, GOOD))[0]


def test_squares_that_miss_the_sums_by_rounding_are_a_variance_of_zero():
    # 1/3 three thousand times, the squares summed in doubles and rounded down.
    rounded = Moments.from_sums(3_000, 1_000, 333.33333333333326)
    assert rounded.m2 < 0
    assert [code for code, *_ in found("moments", revenue(rounded, GOOD))] == ["zero_variance"]


def test_a_metric_that_is_zero_for_everybody_is_only_a_warning():
    nothing = Moments.from_sums(10_000, 0, 0)
    assert found("moments", revenue(nothing, GOOD)) == [
        ("zero_variance", WARNING, Where(2, "revenue_sum_sq"))
    ]


@pytest.mark.parametrize(("n", "blocked"), [(0, True), (1, True), (2, False)])
def test_a_variance_needs_two_units(n, blocked):
    few = Moments(n, 1.0, 2.0 if n > 1 else 0.0)
    expected = [("too_few_units", BLOCKED, Where(2, "revenue_sum_sq"))] if blocked else []
    assert found("moments", revenue(few, GOOD)) == expected


def test_an_arm_without_users_is_not_also_called_too_small():
    empty = build.one_metric(build.REVENUE, Moments(0, 0.0, 0.0), users=0)
    assert found("moments", empty) == []


def test_sums_that_lost_their_digits_are_warned_of_and_the_cure_is_named():
    # Mean 1e6, sd 1.4, n 1000: notes on peers, the case where a peer is off by 2e-4 in p.
    n, mean, variance = 1_000, 10**6, 2
    big = Moments.from_sums(n, n * mean, n * mean**2 + variance * (n - 1))
    assert found("moments", revenue(big, GOOD)) == [
        ("cancellation", WARNING, Where(2, "revenue_sum_sq"))
    ]
    text = texts("moments", revenue(big, GOOD))[0]
    assert "revenue_mean, revenue_var" in text
    assert "about 12 of the 16 digits" in text


def test_the_same_spread_given_as_a_variance_is_not_warned_of():
    big = Moments.from_variance(1_000, 1e6, 2.0)
    assert found("moments", revenue(big, GOOD, metric=BY_VARIANCE)) == []


def test_a_cancellation_of_fewer_than_six_digits_passes():
    share = DEFAULT_POLICY.cancellation_digits * 0.99
    fine = Moments(1_000, math.sqrt(share / 1_000), 1.0)
    assert found("moments", revenue(fine, GOOD)) == []


def test_a_negative_variance_and_a_variance_of_zero_are_blocked_at_their_column():
    negative = Moments.from_variance(1_000, 5.0, -1.0)
    zero = Moments.from_variance(1_000, 5.0, 0.0)
    assert found("moments", revenue(negative, GOOD, metric=BY_VARIANCE)) == [
        ("negative_variance", BLOCKED, Where(2, "revenue_var"))
    ]
    assert found("moments", revenue(GOOD, zero, metric=BY_VARIANCE)) == [
        ("zero_variance", BLOCKED, Where(3, "revenue_var"))
    ]


def test_a_constant_value_in_one_segment_is_no_defect():
    part = {"conversion": Counts(10, 1), "revenue": Moments(10, 3.0, 0.0)}
    rest = {"conversion": Counts(90, 1), "revenue": Moments(90, 5.0, 80.0)}
    split = build.summary(
        build.cell("control", 10, 2, part, segment="a"),
        build.cell("control", 90, 3, rest, segment="b"),
        metrics=(build.CONVERSION, build.REVENUE),
    )
    assert found("moments", split) == []


JOINT = CrossMoments(1_000, 2.0, 4.0, 900.0, 400.0, 300.0)


def test_joint_moments_within_a_correlation_of_one_pass():
    assert found("moments", build.one_metric(RATIO, JOINT, JOINT)) == []


def test_a_correlation_beyond_one_is_blocked_at_the_cross_product():
    bad = replace(JOINT, c_xy=700.0)
    assert found("moments", build.one_metric(RATIO, bad, JOINT)) == [
        ("cross_product_impossible", BLOCKED, Where(2, "ctr_num_den_sum"))
    ]
    assert found("moments", build.one_metric(ADJUSTED, JOINT, bad)) == [
        ("cross_product_impossible", BLOCKED, Where(3, "spend_cov_cross"))
    ]


def test_the_squares_of_a_denominator_are_checked_at_their_own_column():
    bad = replace(JOINT, m2_y=-5_000.0)
    assert found("moments", build.one_metric(RATIO, bad, JOINT)) == [
        ("squares_contradict_sum", BLOCKED, Where(2, "ctr_den_sum_sq"))
    ]
    assert "denominator" in texts("moments", build.one_metric(RATIO, bad, JOINT))[0]


def test_a_constant_denominator_is_an_ordinary_mean():
    constant = replace(JOINT, m2_y=0.0, c_xy=0.0)
    assert found("moments", build.one_metric(RATIO, constant, constant)) == []


def test_a_denominator_of_nothing_is_warned_of():
    nothing = replace(JOINT, mean_y=0.0, m2_y=0.0, c_xy=0.0)
    assert found("moments", build.one_metric(RATIO, nothing, JOINT)) == [
        ("zero_denominator", WARNING, Where(2, "ctr_den_sum_sq"))
    ]


def test_a_constant_numerator_is_blocked_and_a_constant_covariate_warned_of():
    numerator = replace(JOINT, m2_x=0.0, c_xy=0.0)
    covariate = replace(JOINT, m2_y=0.0, c_xy=0.0)
    assert found("moments", build.one_metric(RATIO, numerator, JOINT)) == [
        ("zero_variance", BLOCKED, Where(2, "ctr_num_sum_sq"))
    ]
    assert found("moments", build.one_metric(ADJUSTED, covariate, JOINT)) == [
        ("zero_variance", WARNING, Where(2, "spend_cov_sum_sq"))
    ]


# srm


@pytest.mark.parametrize(
    ("counts", "severity"),
    [
        ((50_000, 50_000), None),
        ((44_700, 45_489), NOTE),  # Cookie Cats, p = 0.0086
        ((49_450, 50_550), WARNING),  # p = 0.0005
        ((821_588, 815_482), BLOCKED),  # Kohavi, Tang and Xu 2020, p = 1.8e-6
    ],
)
def test_a_mismatch_is_as_severe_as_its_p_value(counts, severity):
    issues = found("srm", build.users(*counts))
    assert [sev for _, sev, _ in issues] == ([] if severity is None else [severity])


def test_a_mismatch_names_the_arm_its_size_and_p():
    text = texts("srm", build.users(5_000, 5_000, 4_000))[0]
    assert "Arm C has 4,000 users" in text
    assert "4.8 points below its share" in text
    assert "p < 0.000001" in text
    assert found("srm", build.users(5_000, 5_000, 4_000))[0][2] == Where(4, "users")


def test_an_unequal_plan_is_no_mismatch_when_it_is_kept():
    # mozilla/experimenter 16010: a 95/5 design raised alarms because 50/50 was assumed.
    assert found("srm", build.users(95_120, 4_880), Charter(split=(95, 5))) == []
    assert found("srm", build.users(95_120, 4_880))[0][1] is BLOCKED


def test_users_in_an_arm_that_was_to_receive_nobody_are_a_leak():
    leak = found("srm", build.users(1_000, 1_000, 1), Charter(split=(1, 1, 0)))
    assert leak == [("arm_leak", BLOCKED, Where(4, "users"))]
    assert found("srm", build.users(1_000, 1_000, 0), Charter(split=(1, 1, 0))) == []


@pytest.mark.parametrize(
    ("split", "code"),
    [
        ((1, 1, 1), "split_length"),
        ((1,), "split_length"),
        ((1, -1), "split_unusable"),
        ((0, 0), "split_unusable"),
        ((1e308, 1e308), "split_unusable"),
    ],
)
def test_a_split_that_does_not_fit_the_arms_is_blocked(split, code):
    issues = found("srm", build.users(100, 100), Charter(split=split))
    assert [(c, s) for c, s, _ in issues] == [(code, BLOCKED)]


def test_without_arms_there_is_nothing_to_say():
    assert found("srm", build.summary(), Charter(split=(1, 1))) == []


# segments and days


def by_segment(*pairs, day=False):
    cells = []
    for index, (control, treatment) in enumerate(pairs):
        where = {"day": date(2026, 1, 1 + index)} if day else {"segment": f"s{index}"}
        cells.append(build.cell("control", control, 2 + 2 * index, **where))
        cells.append(build.cell("B", treatment, 3 + 2 * index, **where))
    return build.summary(*cells)


def test_a_broken_segment_is_named_though_the_whole_is_balanced():
    crossed = by_segment((5_000, 6_000), (6_000, 5_000))
    assert found("srm", crossed) == []
    assert found("segments", crossed) == [
        ("segment_sample_ratio", WARNING, Where(2, "segment")),
        ("segment_sample_ratio", WARNING, Where(4, "segment")),
    ]
    assert texts("segments", crossed)[0].startswith("Segment s0: Arm control has 5,000 users")


def test_many_segments_raise_the_bar():
    # p of 5000 v 5270 is 0.0077: a note on its own, chance among twenty.
    odd = (5_000, 5_270)
    assert found("segments", by_segment(odd, (5_000, 5_000))) == []
    assert found("segments", by_segment((5_000, 5_330), (5_000, 5_000)))[0][1] is NOTE
    assert found("segments", by_segment((5_000, 5_330), *[(5_000, 5_000)] * 19)) == []


def test_one_segment_is_the_whole():
    assert found("segments", by_segment((5_000, 6_000))) == []


def test_an_odd_day_is_a_note():
    assert found("days", by_segment((5_000, 6_000), (5_000, 5_010), day=True)) == [
        ("day_sample_ratio", NOTE, Where(2, "date"))
    ]


def test_an_arm_missing_from_a_segment_counts_as_empty():
    missing = build.summary(
        build.cell("control", 5_000, 2, segment="a"),
        build.cell("B", 5_000, 3, segment="a"),
        build.cell("B", 400, 4, segment="b"),
    )
    assert [where for *_, where in found("segments", missing)] == [Where(4, "segment")]


def test_a_segment_too_small_for_either_test_is_left_alone():
    def four(counts, segment, row):
        return [
            build.cell(arm, count, row + i, segment=segment)
            for i, (arm, count) in enumerate(zip("ABCD", counts, strict=True))
        ]

    # 60 users in four arms are 39,711 tables; one arm's expected count is 0.6.
    cells = [*four((59, 0, 0, 1), "small", 2), *four((0, 0, 0, 0), "none", 6)]
    cells += four((1_000, 1_000, 1_000, 30), "large", 10)
    several = replace(build.summary(*cells), control="A")
    assert found("segments", several, Charter(split=(1, 1, 1, 0.03))) == []


def test_a_split_of_other_arms_silences_the_segments():
    assert found("segments", by_segment((5, 60), (5, 5)), Charter(split=(1, 1, 1))) == []


# size


def test_a_small_arm_is_warned_of():
    assert found("size", build.users(99, 100)) == [("small_arm", WARNING, Where(2, "users"))]


@pytest.mark.parametrize(("k", "noted"), [(4, True), (5, False), (196, True), (195, False)])
def test_few_expected_events_are_noted_at_either_end(k, noted):
    counts = Counts(200, k)
    rare = build.summary(
        build.cell("control", 200, 2, {"conversion": counts}),
        build.cell("B", 200, 3, {"conversion": counts}),
    )
    expected = [("few_events", NOTE, Where(2, "conversions"))] if noted else []
    assert found("size", rare) == expected


def test_impossible_or_missing_counts_are_left_to_other_checks():
    broken = build.summary(build.cell("control", 200, 2, {"conversion": Counts(200, 300)}))
    assert found("size", broken) == []
    assert found("size", build.summary(build.cell("control", 200, 2, {}))) == []


# dates


def dated(*days):
    return build.summary(
        *(build.cell("control", 10, 2 + i, day=date(2026, 3, day)) for i, day in enumerate(days))
    )


def test_days_outside_the_plan_are_warned_of_at_the_furthest_row():
    plan = Charter(start=date(2026, 3, 5), stop=date(2026, 3, 10))
    assert found("dates", dated(4, 5, 10, 12, 11, 3), plan) == [
        ("before_start", WARNING, Where(7, "date")),
        ("after_stop", WARNING, Where(5, "date")),
    ]
    assert found("dates", dated(5, 10), plan) == []
    assert found("dates", dated(1, 30)) == []
    assert found("dates", build.users(1, 2), plan) == []


# orders


def test_orders_are_warned_of_and_the_ratio_columns_named():
    aov = Metric("aov", "mean", ("aov_sum", "aov_sum_sq"), unit="order")
    issues = found("orders", build.one_metric(aov, GOOD, GOOD))
    assert issues == [("not_independent", WARNING, Where(2, "aov_sum_sq"))]
    text = texts("orders", build.one_metric(aov, GOOD, GOOD))[0]
    assert "aov_num_sum, aov_den_sum, aov_num_sum_sq, aov_den_sum_sq, aov_num_den_sum" in text
    assert "not independent" in text
    assert found("orders", build.one_metric(build.REVENUE, GOOD, GOOD)) == []
    assert found("orders", build.summary(metrics=(aov,))) == []


# balance


def covariates(*means):
    return build.one_metric(ADJUSTED, *(replace(JOINT, mean_y=mean) for mean in means))


def test_a_covariate_that_differs_by_more_than_four_standard_errors_is_warned_of():
    # se = sqrt(2 * (400 / 999) / 1000) = 0.0283
    assert found("balance", covariates(4.0, 4.06)) == []
    assert [code for code, _, _ in found("balance", covariates(4.0, 4.11))] == [
        "covariate_doubtful"
    ]
    assert found("balance", covariates(4.0, 4.12)) == [
        ("covariate_unbalanced", WARNING, Where(3, "spend_cov_sum_sq"))
    ]
    assert found("balance", covariates(4.0, 3.88, 4.0, 4.2))[1][2] == Where(5, "spend_cov_sum_sq")


def test_balance_is_not_asked_where_it_cannot_be_told():
    constant = replace(JOINT, m2_y=0.0)
    assert found("balance", build.one_metric(ADJUSTED, constant, JOINT)) == []
    assert found("balance", build.one_metric(ADJUSTED, JOINT, constant)) == []
    assert found("balance", build.one_metric(RATIO, JOINT, replace(JOINT, mean_y=9.0))) == []


# plan


def test_a_planned_primary_that_is_missing_is_blocked_and_says_what_there_is():
    issues = found("plan", build.users(10, 10), Charter(primary="signups"))
    assert issues == [("primary_missing", BLOCKED, Where(column="signups"))]
    assert (
        "The data has: conversion."
        in texts("plan", build.users(10, 10), Charter(primary="signups"))[0]
    )


def test_a_planned_guardrail_that_is_missing_is_a_warning_and_a_secondary_a_note():
    charter = Charter(
        guardrails=(GuardrailPlan(name="latency"),), secondary=(GuardrailPlan(name="clicks"),)
    )
    assert found("plan", build.users(10, 10), charter) == [
        ("guardrail_missing", WARNING, Where(column="latency")),
        ("secondary_missing", NOTE, Where(column="clicks")),
    ]


def test_a_charter_that_the_data_fulfils_passes():
    charter = Charter(
        guardrails=(GuardrailPlan(name="revenue", harm=0.01, severe_harm=0.01),),
        secondary=(GuardrailPlan(name="revenue"),),
        planned_users=20_000,
        start=date(2026, 1, 1),
        stop=date(2026, 1, 1),
    )
    assert found("plan", revenue(GOOD, GOOD), charter) == []


@pytest.mark.parametrize(
    ("charter", "code", "severity"),
    [
        (Charter(planned_users=21), "fewer_than_planned", NOTE),
        (Charter(alpha=0.2), "unusual_alpha", NOTE),
        (Charter(alpha=0.0001), "unusual_alpha", NOTE),
        (
            Charter(start=date(2026, 1, 2), stop=date(2026, 1, 1)),
            "stop_before_start",
            WARNING,
        ),
        (
            Charter(guardrails=(GuardrailPlan(name="conversion"),)),
            "primary_as_guardrail",
            NOTE,
        ),
    ],
)
def test_an_odd_plan_is_pointed_out(charter, code, severity):
    issues = found("plan", build.users(10, 10), charter)
    assert [(c, s) for c, s, _ in issues] == [(code, severity)]


def test_a_severe_limit_below_the_limit_is_warned_of():
    plan = GuardrailPlan(name="revenue", harm=0.02, severe_harm=0.01)
    issues = found("plan", revenue(GOOD, GOOD), Charter(guardrails=(plan,)))
    assert issues == [("limits_reversed", WARNING, Where(column="revenue"))]


# quantiles


QUANTILE = Metric("p90", "quantile", ("p90_quantile", "p90_quantile_se"))


def test_a_quantile_is_no_sum_and_cannot_cancel():
    exact = of_error(10_000, 1e12, 1e-3)
    assert found("moments", build.one_metric(QUANTILE, exact, exact)) == []


def test_a_quantile_that_many_share_warns_and_blocks_nothing():
    tied = of_error(10_000, 5.0, 0.0)
    wide = of_error(10_000, 5.0, 0.1)
    assert found("moments", build.one_metric(QUANTILE, wide, tied)) == [
        ("quantile_without_width", WARNING, Where(3, "p90_quantile_se"))
    ]
    assert found("moments", build.one_metric(QUANTILE, wide, EMPTY)) == []
    assert found("additive", build.one_metric(QUANTILE, wide, wide)) == []
