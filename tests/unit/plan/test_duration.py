"""Days from traffic, and the curves over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.errors import ContractError
from experimentos.plan.curves import mde_by_day, power_by_users, users_by_effect
from experimentos.plan.duration import Traffic, arm_units, days_for, units_by, whole_weeks
from experimentos.plan.power import Mean, Rate, mde, power, sample_size
from experimentos.plan.scheme import Scheme

RAMP = Traffic(1000, (0.05, 0.25, 1.0))


def test_a_ramp_delays_the_end():
    assert days_for(10_000, Traffic(1000)) == 10
    # 50 + 250 + 1,000 on the three days of the ramp leave 8,700 for nine more days.
    assert days_for(10_000, RAMP) == 12
    assert days_for(300, RAMP) == 2


@given(
    units=st.floats(1, 1e6),
    per_day=st.floats(10, 1e5),
    ramp=st.lists(st.floats(0, 1), max_size=5),
)
def test_the_days_are_the_first_with_enough_units(units, per_day, ramp):
    traffic = Traffic(per_day, (*ramp, 0.5))
    days = days_for(units, traffic)
    assert units_by(days, traffic) >= units * (1 - 1e-6)
    assert units_by(days - 1, traffic) <= units * (1 + 1e-6)


def test_units_grow_within_a_day():
    assert units_by(1.5, RAMP) == pytest.approx(50 + 125)
    assert units_by(0, RAMP) == 0


def test_a_week_counts_every_weekday():
    assert [whole_weeks(days) for days in (1, 7, 8)] == [7, 7, 14]


def test_units_are_split_by_shares():
    assert arm_units(1000, (9, 1)) == (900, 100)
    with pytest.raises(ContractError):
        arm_units(10, (-1, 2))


@pytest.mark.parametrize(
    "call",
    [
        lambda: Traffic(0),
        lambda: Traffic(10, ()),
        lambda: Traffic(10, (1.5,)),
        lambda: Traffic(10, (1.0, 0.0)),
    ],
)
def test_traffic_that_never_arrives_is_refused(call):
    with pytest.raises(ContractError):
        call()


def test_curves_pass_through_the_single_answers():
    metric, scheme = Rate(0.1), Scheme(ratio=2, arms=2)
    curve = power_by_users(metric, 0.02, [500, 1000, 2000], scheme)
    assert curve.x == (2500, 5000, 10_000)
    assert curve.y[1] == pytest.approx(power(metric, 0.02, 1000, scheme), rel=1e-12)
    sizes = users_by_effect(metric, [0.0, 0.01, 0.02], scheme)
    assert sizes.x == (0.01, 0.02)
    assert sizes.y[1] == pytest.approx(5 * sample_size(metric, 0.02, scheme).exact, rel=1e-12)
    days = mde_by_day(Mean(3.0), RAMP, [0, 7, 14])
    assert days.x == (7, 14)
    assert days.y[0] == pytest.approx(mde(Mean(3.0), units_by(7, RAMP) / 2), rel=1e-12)
