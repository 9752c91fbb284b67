"""Always-valid tests against gbstats and R, and the laws between p and interval."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis.confidence_sequence import asymptotic_cs, cost, msprt, running
from experimentos.analysis.result import Unavailable
from experimentos.errors import ContractError

TESTS = {
    "asymptotic_cs": lambda estimate, se, alpha: asymptotic_cs(estimate, se, 20_000, 5_000, alpha),
    "msprt": lambda estimate, se, alpha: msprt(estimate, se, 1e-4, alpha),
}


def test_the_confidence_sequence_agrees_with_gbstats():
    # gbstats 0.8.0, sequential_difference; total sample 20,000, tuned at 5,000.
    got = asymptotic_cs(0.012, 0.0047, 20_000, 5_000)
    assert got.rho == pytest.approx(0.03984006677137368, rel=1e-12)
    assert got.interval.low == pytest.approx(-0.002697436475333553, abs=1e-14)
    assert got.interval.high == pytest.approx(0.026697436475333555, abs=1e-14)
    assert got.p_value == pytest.approx(0.24280800299543834, rel=1e-12)


def test_the_mixture_test_agrees_with_r():
    got = msprt(0.03, 0.01, 0.0009)
    assert got.evidence == pytest.approx(18.150669616528862, rel=1e-12)
    assert got.p_value == pytest.approx(0.055094386109554465, rel=1e-12)
    assert got.interval.high == pytest.approx(0.06035722436459644, abs=1e-14)


def test_always_valid_costs_half_again_the_width_at_its_best():
    # notes of Waudby-Smith et al.: 1.549 times the fixed 95 % interval at the tuned size.
    assert cost(0.05) == pytest.approx(1.549, abs=5e-4)


@pytest.mark.parametrize("name", TESTS)
@given(z=st.floats(-30, 30), se=st.floats(1e-6, 10), alpha=st.floats(0.001, 0.2))
def test_the_interval_excludes_zero_exactly_when_p_is_below_alpha(name, z, se, alpha):
    got = TESTS[name](z * se, se, alpha)
    if abs(got.p_value - alpha) > 1e-9:
        assert (0 in got.interval) == (got.p_value > alpha)
    assert 0 <= got.p_value <= 1


def test_overwhelming_evidence_overflows_nothing():
    got = msprt(100.0, 0.01, 1.0)
    assert got.evidence == math.inf
    assert got.p_value == 0.0
    assert math.isfinite(got.log_evidence)


def test_a_running_sequence_only_narrows():
    looks = [
        asymptotic_cs(e, s, n, 5_000) for e, s, n in [(3, 1, 1e3), (1, 0.5, 4e3), (9, 0.3, 9e3)]
    ]
    ran = running(looks)
    assert [look.p_value for look in ran] == sorted((k.p_value for k in ran), reverse=True)
    assert ran[1].interval.high == min(looks[0].interval.high, looks[1].interval.high)
    assert ran[2].interval.low == ran[2].interval.high == ran[1].interval.high


@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("se", [0.0, math.inf, math.nan])
def test_no_variation_gives_no_result(name, se):
    got = TESTS[name](0.1, se, 0.05)
    assert isinstance(got, Unavailable)
    assert got.code == "no_variation"


@pytest.mark.parametrize(
    "call",
    [
        lambda: asymptotic_cs(0.1, 0.1, 0, 100),
        lambda: asymptotic_cs(0.1, 0.1, 100, -1),
        lambda: asymptotic_cs(0.1, 0.1, 100, 100, 1.0),
        lambda: msprt(0.1, 0.1, 0.0),
        lambda: cost(0.0),
    ],
)
def test_a_tuning_that_makes_no_sense_is_refused(call):
    with pytest.raises(ContractError):
        call()
