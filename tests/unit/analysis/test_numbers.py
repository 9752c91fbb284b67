"""Numbers for people lose neither the sign nor the side of a border."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis import numbers
from experimentos.analysis.result import Interval, Unavailable


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0016, "p = 0.0016"),
        (0.00009, "p < 0.0001"),
        (0.0, "p < 0.0001"),
        (0.27, "p = 0.27"),
        (1.0, "p = 1.00"),
        (0.0499, "p = 0.0499"),
        (0.04996, "p = 0.04996"),
        (0.05, "p = 0.05"),
        (0.0504, "p = 0.0504"),
    ],
)
def test_a_p_value_is_short_and_honest(p, text):
    assert numbers.p_value(p).rstrip("0") == text.rstrip("0")


@given(st.floats(0.0001, 1.0))
def test_a_written_p_value_stays_on_its_side_of_five_percent(p):
    written = float(numbers.bare_p(p))
    assert (written < 0.05) == (p < 0.05)
    assert (written > 0.05) == (p > 0.05)
    assert math.isclose(written, p, rel_tol=0.06)


def test_differences_of_rates_are_points_with_a_sign():
    assert numbers.points(0.012) == "+1.20 points"
    assert numbers.points(-0.0035) == "\N{MINUS SIGN}0.35 points"
    assert numbers.points(0.00004) == "+0.0040 points"
    assert numbers.points(0.0) == "0.00 points"


def test_an_interval_reads_as_one_phrase():
    text = numbers.interval_points(Interval(0.0045, 0.0195, 0.95))
    assert text == "95% CI +0.45 to +1.95 points"


def test_an_endless_interval_is_written_as_such():
    assert "\N{MINUS SIGN}∞ to +2.00" in numbers.interval_quantity(Interval(-math.inf, 2.0, 0.95))


def test_an_end_beside_zero_is_not_shown_as_zero():
    assert "+0.001 to" in numbers.interval_points(Interval(0.00001, 0.02, 0.95))


def test_a_value_that_rounds_to_zero_carries_no_sign():
    assert numbers.signed(-0.0001, 2) == "0.00"
    assert numbers.signed(0.0001, 2) == "0.00"


def test_big_counts_are_grouped_by_commas():
    assert numbers.count(1234567) == "1,234,567"
    assert numbers.fixed(-1234.5, 1) == "\N{MINUS SIGN}1,234.5"


def test_what_could_not_be_computed_says_why():
    text = numbers.unavailable(Unavailable("welch", "no_variance", "All values are equal."))
    assert text == "not available: All values are equal."


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_exact_text_reads_back_as_the_same_number(value):
    assert float(numbers.exact(value)) == value
