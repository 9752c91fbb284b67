"""Monitoring: stopping, and intervals that cover after stopping."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experimentos.analysis.group_sequential import Look, Stages, monitor, stage_wise_tail
from experimentos.errors import ContractError

PLANNED = (0.25, 0.5, 0.75, 1.0)


def looks_of(z, fractions=PLANNED):
    pairs = zip(z, fractions, strict=False)
    return [Look(t, value / math.sqrt(t), 1 / math.sqrt(t)) for value, t in pairs]


def test_a_single_look_is_the_fixed_test():
    got = monitor([Look(1.0, 0.23, 0.1)])
    assert got.p_value == pytest.approx(math.erfc(2.3 / math.sqrt(2)), rel=1e-9)
    assert got.estimate == pytest.approx(0.23, abs=1e-8)
    assert got.interval.low == pytest.approx(0.23 - 1.959963984540054 * 0.1, abs=1e-8)


def test_an_interim_look_below_its_bound_goes_on_with_the_repeated_interval():
    got = monitor(looks_of([1.0, 2.0]))
    assert not got.is_over
    assert got.stopped_at is None
    assert got.p_value is None
    half = got.boundary.z[1] / math.sqrt(0.5)
    assert got.interval.high - got.interval.low == pytest.approx(2 * half)


def test_the_first_look_that_reaches_its_bound_ends_the_test():
    got = monitor(looks_of([1.0, 3.2, 1.0]))
    assert got.stopped_at == 1
    assert got.is_over
    assert got.p_value < 0.05
    assert 0 not in got.interval


def test_a_two_sided_test_stops_for_harm_and_a_one_sided_one_does_not():
    assert monitor(looks_of([-5.0])).stopped_at == 0
    assert monitor(looks_of([-5.0]), sides=1, alpha=0.025).stopped_at is None


def test_a_look_that_may_spend_nothing_has_an_infinite_interval():
    got = monitor([Look(1e-4, 0.1, 1.0)])
    assert (got.interval.low, got.interval.high) == (-math.inf, math.inf)


def test_an_early_end_and_an_overrun_are_tested_with_what_is_left():
    early = monitor(looks_of([1.0, 2.0]), is_final=True)
    assert early.is_over
    assert early.stopped_at == 1
    over = monitor(looks_of([1.0, 2.0, 2.1], (0.3, 0.6, 1.3)))
    assert over.is_over
    assert over.p_value < 0.05


@settings(deadline=None, max_examples=25)
@given(
    z=st.lists(st.floats(-4.5, 4.5), min_size=4, max_size=4),
    spending=st.sampled_from(["obrien_fleming", "pocock"]),
)
def test_verdict_p_value_and_interval_agree(z, spending):
    got = monitor(looks_of(z), spending)
    assert (got.p_value <= 0.05 + 1e-6) == (got.stopped_at is not None)
    assert (0 in got.interval) == (got.p_value > 0.05)
    assert got.interval.low < got.estimate < got.interval.high


@settings(deadline=None, max_examples=15)
@given(z=st.lists(st.floats(-4.5, 4.5), min_size=4, max_size=4))
def test_swapping_the_arms_mirrors_everything(z):
    one, other = monitor(looks_of(z)), monitor(looks_of([-value for value in z]))
    assert one.stopped_at == other.stopped_at
    assert one.p_value == pytest.approx(other.p_value, abs=1e-6)
    assert one.estimate == pytest.approx(-other.estimate, abs=1e-5)
    assert one.interval.low == pytest.approx(-other.interval.high, abs=1e-5)


@pytest.mark.slow
def test_the_stage_wise_p_value_is_uniform_under_the_null():
    rng = np.random.default_rng(5)
    b = np.cumsum(rng.standard_normal((400, 4)) * 0.5, axis=1)
    p = np.array([monitor(looks_of(row / np.sqrt(PLANNED)), "pocock").p_value for row in b])
    for level in (0.05, 0.25, 0.5, 0.75):
        error = 4 * math.sqrt(level * (1 - level) / len(p))
        assert np.mean(p <= level) == pytest.approx(level, abs=error)


@pytest.mark.parametrize(
    "call",
    [
        lambda: monitor([]),
        lambda: monitor([Look(0.5, 1.0, 0.0)]),
        lambda: monitor([Look(0.5, 1.0, math.nan)]),
        lambda: monitor([Look(0.5, 1.0, 1.0)], sides=3),
        lambda: monitor([Look(0.5, 1.0, 1.0), Look(0.5, 1.0, 1.0)]),
    ],
)
def test_looks_that_make_no_sense_are_refused(call):
    with pytest.raises(ContractError):
        call()


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("z", [(0.4, 1.1, 1.5), (0.4, 4.0), (-3.9,), (0.1, -0.2, -9.0)])
def test_the_ends_of_an_interval_are_where_a_walk_of_their_own_puts_them(z, sides):
    looks = looks_of(z, (0.3, 0.7, 1.0))
    found = monitor(looks, "pocock", 0.05, sides, is_final=True)
    last = found.stopped_at if found.stopped_at is not None else len(z) - 1
    stage = Stages(np.array([last]), np.array([z[last]]), np.array([found.stopped_at is not None]))
    tail = [
        float(stage_wise_tail(found.boundary, stage, drift, sides)[0])
        for drift in (found.interval.low, found.estimate, found.interval.high)
    ]
    each = 0.025 if sides == 2 else 0.05
    assert tail == pytest.approx([each, 0.5, 1 - each], abs=1e-9)
