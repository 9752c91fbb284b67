"""Dunnett's critical values and p-values against printed tables and R's mvtnorm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.analysis.dunnett import dunnett_critical, dunnett_p
from experimentos.errors import ContractError

SIZES = st.lists(st.integers(1, 10**7), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("arms", "printed"), [(1, 1.96), (2, 2.21), (3, 2.35), (4, 2.44), (5, 2.51), (9, 2.69)]
)
def test_the_critical_value_is_the_one_of_dunnetts_table_for_infinite_df(arms, printed):
    # Dunnett 1964, Biometrics 20, table II (two-sided 5 %, infinite degrees of freedom).
    assert dunnett_critical(0.05, 100, [100] * arms) == pytest.approx(printed, abs=0.0051)


def test_adjusted_p_values_agree_with_mvtnorm():
    # R 4.2.2, mvtnorm 1.1.3, pmvnorm with correlation 1/2.
    expected = [0.09166997662346144, 0.3607633623590284, 0.02548006388161772]
    assert dunnett_p([2.1, 1.4, 2.6], 1000, [1000] * 3) == pytest.approx(expected, abs=1e-9)


@given(n_control=st.integers(1, 10**7), n=SIZES, alpha=st.sampled_from([0.2, 0.05, 0.001, 1e-8]))
def test_the_critical_value_has_p_alpha(n_control, n, alpha):
    c = dunnett_critical(alpha, n_control, n)
    assert dunnett_p([c] * len(n), n_control, n)[0] == pytest.approx(alpha, rel=1e-8)


@given(n_control=st.integers(1, 10**7), n=SIZES, z=st.floats(-35, 35))
def test_the_adjusted_p_lies_between_the_raw_one_and_bonferroni(n_control, n, z):
    raw = dunnett_p([z], n_control, n[:1])[0]
    adjusted = dunnett_p([z] * len(n), n_control, n)[0]
    assert raw * (1 - 1e-9) <= adjusted <= min(1.0, raw * len(n) * (1 + 1e-9))


def test_a_control_of_any_size_keeps_the_limits_of_independence_and_of_one_arm():
    # A huge control makes the differences independent (Sidak); a tiny one makes them one.
    independent = 1 - 0.95 ** (1 / 3)
    sidak = dunnett_p([dunnett_critical(0.05, 1e15, [10, 10, 10])], 1, [1])[0]
    assert sidak == pytest.approx(independent, rel=1e-6)
    assert dunnett_critical(0.05, 1, [1e14, 1e14]) == pytest.approx(1.959964, abs=1e-5)


def test_an_infinite_z_has_p_zero():
    assert dunnett_p([float("inf"), 0.0], 5, [5, 5]) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("z", "n_control", "n"),
    [
        ([1.0], 0, [10]),
        ([1.0], 10, [0]),
        ([], 10, []),
        ([1.0, 2.0], 10, [10]),
        ([float("nan")], 10, [10]),
        ([1.0], 10, [float("inf")]),
    ],
)
def test_a_family_that_cannot_be_compared_is_refused(z, n_control, n):
    with pytest.raises(ContractError):
        dunnett_p(z, n_control, n)


@pytest.mark.parametrize("alpha", [0.0, 1.0, float("nan")])
def test_an_alpha_outside_zero_and_one_is_refused(alpha):
    with pytest.raises(ContractError, match="alpha"):
        dunnett_critical(alpha, 10, [10])
