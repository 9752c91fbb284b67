"""Exact tests, against enumeration in rational numbers."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from experimentos.analysis.exact import barnard_p, fisher_p
from experimentos.metrics.counts import Counts


def fisher_by_fractions(control, treatment):
    converted = control.k + treatment.k
    weights = {
        k: comb(treatment.n, k) * comb(control.n, converted - k)
        for k in range(max(0, converted - control.n), min(converted, treatment.n) + 1)
    }
    seen = weights[treatment.k]
    extreme = sum(weight for weight in weights.values() if weight <= seen)
    return float(Fraction(extreme, sum(weights.values())))


def z_squared(control, treatment):
    converted, n = control.k + treatment.k, control.n + treatment.n
    if converted in (0, n):
        return Fraction(0)
    gap = Fraction(treatment.k, treatment.n) - Fraction(control.k, control.n)
    pooled = Fraction(converted, n)
    return gap**2 / (pooled * (1 - pooled) * (Fraction(1, control.n) + Fraction(1, treatment.n)))


def barnard_by_enumeration(control, treatment, rates):
    seen = z_squared(control, treatment)
    total = np.zeros_like(rates)
    for i in range(control.n + 1):
        for j in range(treatment.n + 1):
            if z_squared(Counts(control.n, i), Counts(treatment.n, j)) >= seen:
                hits, misses = i + j, control.n + treatment.n - i - j
                total += (
                    comb(control.n, i) * comb(treatment.n, j) * rates**hits * (1 - rates) ** misses
                )
    return total.max()


TABLES = [
    (Counts(12, 1), Counts(13, 7)),
    (Counts(7, 2), Counts(7, 6)),
    (Counts(5, 0), Counts(9, 4)),
    (Counts(10, 3), Counts(6, 3)),
    (Counts(8, 8), Counts(8, 4)),
]


@pytest.mark.parametrize(("control", "treatment"), TABLES)
def test_fisher_is_the_sum_over_tables_no_likelier_than_the_one_seen(control, treatment):
    assert fisher_p(control, treatment) == pytest.approx(
        fisher_by_fractions(control, treatment), rel=1e-12
    )


def test_fisher_keeps_its_digits_at_large_n():
    control, treatment = Counts(1_000, 300), Counts(1_000, 350)
    assert fisher_p(control, treatment) == pytest.approx(
        fisher_by_fractions(control, treatment), rel=1e-10
    )


def test_fisher_is_one_where_only_one_table_is_possible():
    assert fisher_p(Counts(5, 0), Counts(5, 0)) == 1


@pytest.mark.parametrize(("control", "treatment"), TABLES)
def test_barnard_is_the_largest_tail_over_all_rates_ties_included(control, treatment):
    rates = np.linspace(0, 1, 20_001)
    got = barnard_p(control, treatment)
    assert got == pytest.approx(barnard_by_enumeration(control, treatment, rates), rel=1e-6)


def test_barnard_keeps_tables_that_tie():
    # scipy 1.18 drops them here and gives 0.01582 (statistics notes, section 3).
    assert barnard_p(Counts(12, 1), Counts(13, 7)) == pytest.approx(0.01601, abs=5e-6)


def test_barnard_is_one_where_the_rates_are_equal():
    assert barnard_p(Counts(10, 3), Counts(20, 6)) == 1


@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_barnard_never_rejects_more_often_than_it_says(alpha):
    n_c, n_t = 11, 7
    rejects = np.array(
        [
            [barnard_p(Counts(n_c, i), Counts(n_t, j)) <= alpha for j in range(n_t + 1)]
            for i in range(n_c + 1)
        ]
    )
    for rate in np.linspace(0.01, 0.99, 50):
        left = [comb(n_c, i) * rate**i * (1 - rate) ** (n_c - i) for i in range(n_c + 1)]
        right = [comb(n_t, j) * rate**j * (1 - rate) ** (n_t - j) for j in range(n_t + 1)]
        assert np.array(left) @ rejects @ np.array(right) <= alpha + 1e-9
