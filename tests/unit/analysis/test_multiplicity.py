"""Adjusted p-values against R's p.adjust, statsmodels and their laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from experimentos.analysis.multiplicity import ADJUSTMENTS, adjust
from experimentos.errors import ContractError

FAMILIES = st.lists(st.floats(0, 1), min_size=1, max_size=30)
PEERS = {
    "bonferroni": "bonferroni",
    "sidak": "sidak",
    "holm": "holm",
    "holm-sidak": "holm-sidak",
    "hochberg": "simes-hochberg",
    "hommel": "hommel",
    "bh": "fdr_bh",
    "by": "fdr_by",
}
# Benjamini & Hochberg 1995, section 3: thrombolysis after myocardial infarction.
INFARCTION = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


@pytest.mark.parametrize(("method", "rejected"), [("bonferroni", 3), ("hochberg", 3), ("bh", 4)])
def test_the_myocardial_infarction_example_rejects_as_printed(method, rejected):
    assert sum(p <= 0.05 for p in adjust(INFARCTION, method)) == rejected


@pytest.mark.parametrize("method", PEERS)
@pytest.mark.parametrize("size", [1, 2, 3, 17, 60])
def test_every_correction_agrees_with_statsmodels(method, size):
    p = np.random.default_rng(size).random(size) ** 3
    theirs = multipletests(p, method=PEERS[method])[1]
    assert adjust(list(p), method) == pytest.approx(list(theirs), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("method", ADJUSTMENTS)
@given(p=FAMILIES)
def test_adjusting_never_lowers_a_p_value_and_keeps_the_order(method, p):
    adjusted = adjust(p, method)
    assert all(a >= raw for a, raw in zip(adjusted, p, strict=True))
    assert max(adjusted) <= 1
    by_raw = [adjusted[i] for i in np.argsort(p, kind="stable")]
    assert all(a <= b + 1e-15 for a, b in itertools.pairwise(by_raw))


@pytest.mark.parametrize("method", ADJUSTMENTS)
@given(p=FAMILIES, seed=st.integers(0, 99))
def test_the_order_of_the_family_does_not_matter(method, p, seed):
    order = np.random.default_rng(seed).permutation(len(p))
    shuffled = adjust([p[i] for i in order], method)
    straight = adjust(p, method)
    assert shuffled == pytest.approx([straight[i] for i in order], rel=1e-12, abs=0)


@given(p=FAMILIES)
def test_a_sharper_correction_never_gives_a_larger_p(p):
    chains = [("hommel", "hochberg"), ("hochberg", "holm"), ("holm", "bonferroni"), ("bh", "by")]
    for sharp, blunt in chains:
        pairs = zip(adjust(p, sharp), adjust(p, blunt), strict=True)
        assert all(a <= b * (1 + 1e-12) for a, b in pairs)


def test_a_tiny_p_value_keeps_its_digits_under_sidak():
    assert adjust([1e-20, 1.0], "sidak") == pytest.approx([2e-20, 1.0], rel=1e-12)


def test_an_empty_family_stays_empty():
    assert adjust([], "holm") == []


@pytest.mark.parametrize("p", [[float("nan")], [1.5], [-0.1, 0.2]])
def test_numbers_that_are_no_p_values_are_refused(p):
    with pytest.raises(ContractError, match="between 0 and 1"):
        adjust(p, "holm")


def test_an_unknown_correction_is_refused_with_the_list_of_known_ones():
    with pytest.raises(ContractError, match="hommel"):
        adjust([0.5], "tukey")
