"""Intervals of many cells: each agrees with the same interval of one cell, and with scipy."""

import numpy as np
import pytest
from scipy import stats

from experimentos.errors import ContractError
from experimentos.runs.bootstrap import bootstrap
from experimentos.runs.samples import samples_of
from experimentos.runs.variance import variance_table

SCENARIOS = [name for name in "abcde" for _ in range(5)]
PASSED = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, np.nan]
GRADED = np.round(np.random.default_rng(4).random(25), 3)


def table(score, interval):
    return variance_table(samples_of(SCENARIOS, ["m"] * 25, score), interval=interval)


def test_clopper_pearson_intervals_of_cells_are_scipys():
    found = table(PASSED, "clopper-pearson")
    assert found.interval == "Clopper-Pearson"
    cells = found.cells
    for at in range(5):
        k, n = round(cells.mean[at] * cells.n[at]), int(cells.n[at])
        expected = stats.binomtest(k, n).proportion_ci(0.95, "exact")
        got = cells.interval_low[at], cells.interval_high[at]
        assert got == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_bca_intervals_of_cells_are_those_of_each_cell_and_none_where_nothing_varies():
    score = GRADED.copy()
    score[:5] = 0.1
    cells = table(score, "bca").cells
    assert np.isnan([cells.interval_low[0], cells.interval_high[0]]).all()
    for at in range(1, 5):
        alone = bootstrap(score[5 * at : 5 * at + 5].tolist()).bca
        assert (cells.interval_low[at], cells.interval_high[at]) == (alone.low, alone.high)


def test_an_interval_that_does_not_fit_is_refused_with_what_would():
    with pytest.raises(ContractError, match="0 and 1"):
        table(GRADED, "clopper-pearson")
    with pytest.raises(ContractError, match="no interval 'wald'"):
        table(PASSED, "wald")
    many = [str(at) for at in range(501)]
    with pytest.raises(ContractError, match="too many"):
        variance_table(samples_of(many, ["m"] * 501, np.arange(501.0)), interval="bca")


def test_one_sample_has_no_interval_of_any_kind():
    for interval in ("auto", "clopper-pearson", "bca"):
        cells = variance_table(samples_of("ab", ["m"] * 2, [1, 0]), interval=interval).cells
        assert np.isnan(cells.interval_low).all()
