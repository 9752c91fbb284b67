"""Chi-square and exact multinomial tests of a planned split."""

import json
import math
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.errors import ContractError
from experimentos.health.goodness_of_fit import chi_square, exact_multinomial, table_count

CASES = [
    case
    for case in json.loads(
        (Path(__file__).parents[2] / "reference" / "statistics" / "cases.json").read_text()
    )["cases"]
    if case["kind"] == "srm"
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_chi_square_agrees_with_the_reference(case):
    test = chi_square(case["inputs"]["observed"], case["inputs"]["expected_weights"])
    assert test.p_value == pytest.approx(case["expected"]["p"], **case["tolerance"])
    assert test.statistic == pytest.approx(case["expected"]["chi2"], **case["tolerance"])


def by_hand(users, shares):
    """Sum multinomial probabilities with whole factorials, one table after the other."""
    total = sum(users)

    def chance(table):
        ways = math.factorial(total)
        for count in table:
            ways //= math.factorial(count)
        return ways * math.prod(p**n for p, n in zip(shares, table, strict=True))

    seen = chance(users)
    tables = product(range(total + 1), repeat=len(users))
    return sum(chance(t) for t in tables if sum(t) == total and chance(t) <= seen * (1 + 1e-7))


@pytest.mark.parametrize(
    ("users", "shares"),
    [
        ((3, 9), (0.5, 0.5)),
        ((1, 9), (0.3, 0.7)),
        ((0, 6), (0.5, 0.5)),
        ((2, 3, 7), (1 / 3, 1 / 3, 1 / 3)),
        ((5, 1, 2), (0.5, 0.25, 0.25)),
        ((1, 2, 3, 4), (0.1, 0.2, 0.3, 0.4)),
    ],
)
def test_the_exact_test_agrees_with_whole_number_enumeration(users, shares):
    assert exact_multinomial(users, shares) == pytest.approx(by_hand(users, shares), rel=1e-10)


def test_the_exact_test_agrees_with_a_published_binomial_test():
    # R: binom.test(682, 925, p = 0.75), the Mendel example of its help page: p = 0.3825.
    assert exact_multinomial((682, 243), (0.75, 0.25)) == pytest.approx(0.3825, abs=5e-5)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=3).filter(any))
def test_a_p_value_is_a_probability_whatever_the_order_of_the_arms(users):
    shares = [1 / len(users)] * len(users)
    for test in (exact_multinomial, lambda u, s: chi_square(u, s).p_value):
        p_value = test(users, shares)
        assert 0 < p_value <= 1
        assert p_value == pytest.approx(test(users[::-1], shares), rel=1e-9)


@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=4),
    st.floats(1e-3, 1e3),
)
def test_the_scale_of_the_weights_does_not_matter(users, scale):
    weights = [1.0] * len(users)
    scaled = [weight * scale for weight in weights]
    assert chi_square(users, weights) == pytest.approx(chi_square(users, scaled), rel=1e-6)


def test_the_planned_split_itself_has_a_p_value_of_one():
    assert chi_square((100, 300), (1, 3)).p_value == 1
    assert exact_multinomial((5, 15), (1, 3)) == pytest.approx(1)


def test_the_number_of_tables_is_counted_not_listed():
    assert table_count((400, 300, 300)) == math.comb(1002, 2) == 501_501


def test_a_hopeless_mismatch_keeps_a_positive_p_value():
    assert 0 < chi_square((10_000, 9_000), (1, 1)).p_value < 1e-10


@pytest.mark.parametrize(
    ("users", "weights"),
    [((1,), (1,)), ((1, 2), (1, 1, 1)), ((1, 2), (1, 0)), ((0, 0), (1, 1)), ((-1, 2), (1, 1))],
)
def test_a_call_without_arms_weights_or_users_is_refused(users, weights):
    with pytest.raises(ContractError):
        chi_square(users, weights)


def binomial(k, n, share):
    return math.comb(n, k) * share**k * (1 - share) ** (n - k)


@given(st.integers(1, 60), st.floats(0.05, 0.95), st.sampled_from([0.05, 0.01, 0.001]))
def test_the_exact_test_never_raises_more_false_alarms_than_it_promises(n, share, alpha):
    alarms = [k for k in range(n + 1) if exact_multinomial((k, n - k), (share, 1 - share)) <= alpha]
    assert sum(binomial(k, n, share) for k in alarms) <= alpha * (1 + 1e-6)


@pytest.mark.parametrize("share", [0.5, 0.1])
def test_chi_square_raises_about_one_false_alarm_in_a_thousand(share):
    # Every outcome of 1,001 users is listed, so this is the rate itself, not a simulation.
    n = 1_001
    logs = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    rate = sum(
        math.exp(logs[k] + k * math.log(share) + (n - k) * math.log(1 - share))
        for k in range(n + 1)
        if chi_square((k, n - k), (share, 1 - share)).p_value < 0.001
    )
    assert 0.0007 < rate < 0.0013
