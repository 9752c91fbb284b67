"""Relative effects, their signs and where they do not exist."""

import math

import pytest

from experimentos.analysis.lift import (
    Estimates,
    delta_lift,
    delta_se,
    fieller_lift,
    lift_of_means,
    log_lift,
    relative_lift,
)

Q = 1.959963984540054


def lift(*values):
    return lift_of_means(Estimates.of(*values), Q, 0.95)


def ends(interval):
    return [float(end) for end in interval]


def test_a_clear_mean_has_a_log_ratio_lift():
    result = lift(10.0, 0.04, 11.0, 0.05)
    half = Q * math.sqrt(0.05 / 121 + 0.04 / 100)
    assert result.method == "log_ratio"
    assert result.estimate == pytest.approx(0.1)
    assert [result.interval.low, result.interval.high] == pytest.approx(
        [1.1 * math.exp(-half) - 1, 1.1 * math.exp(half) - 1]
    )


def test_a_mean_near_zero_has_a_fieller_lift_and_nearer_still_none():
    assert lift(10.0, 9.0, 11.0, 9.0).method == "fieller"
    assert lift(10.0, 26.1, 11.0, 9.0).code == "control_near_zero"
    assert lift(0.0, 1.0, 11.0, 9.0).code == "zero_control"


def test_means_on_two_sides_of_zero_have_a_fieller_lift():
    # tea-tasting 2.0 puts the ends in the wrong order here.
    result = lift(-10.0, 0.04, 5.0, 0.05)
    assert result.method == "fieller"
    assert result.estimate == pytest.approx(1.5)
    assert result.interval.low < 1.5 < result.interval.high


@pytest.mark.parametrize("method", [log_lift, fieller_lift, delta_lift])
def test_two_negative_means_have_the_mirrored_lift_of_two_positive_ones(method):
    positive = ends(method(Estimates.of(10.0, 0.5, 9.0, 0.4), Q))
    negative = ends(method(Estimates.of(-10.0, 0.5, -9.0, 0.4), Q))
    assert negative == pytest.approx([-positive[1], -positive[0]])
    assert float(relative_lift(Estimates.of(-10.0, 0.5, -9.0, 0.4))) == pytest.approx(0.1)


@pytest.mark.parametrize("treatment", [8.4, 8.5, 8.7, 9.9, 11.3, 11.5, 12.0])
def test_fieller_excludes_no_lift_exactly_when_the_difference_is_significant(treatment):
    estimates = Estimates.of(10.0, 0.3, treatment, 0.3)
    low, high = ends(fieller_lift(estimates, Q))
    assert (low > 0 or high < 0) == (abs(treatment - 10.0) > Q * math.sqrt(0.6))


def test_what_does_not_exist_is_nan():
    zero, opposite = Estimates.of(0.0, 1.0, 2.0, 1.0), Estimates.of(-1.0, 0.01, 2.0, 0.01)
    assert math.isnan(float(relative_lift(zero)))
    assert math.isnan(float(delta_se(zero)))
    assert math.isnan(ends(log_lift(opposite, Q))[0])
    assert math.isnan(ends(fieller_lift(Estimates.of(1.0, 1.0, 2.0, 1.0), Q))[0])
