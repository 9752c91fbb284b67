"""One cap for all units keeps the test honest; a cap per arm does not."""

import numpy as np
import pytest

from experimentos.analysis.method import Question
from experimentos.analysis.welch import welch
from experimentos.analysis.winsor import winsorize
from experimentos.errors import ContractError
from experimentos.metrics.moments import Moments

ASKED = Question("m", "b", 0.05, 0.95)


def test_both_arms_are_capped_at_one_value():
    result = winsorize(np.arange(100.0), np.arange(100.0) + 50, 0.9)
    pooled = np.concatenate((np.arange(100.0), np.arange(100.0) + 50))
    assert result.cap == np.quantile(pooled, 0.9)
    assert result.capped == (pooled > result.cap).sum()
    capped = np.minimum(np.arange(100.0) + 50, result.cap)
    assert result.treatment.mean == pytest.approx(capped.mean())
    assert result.treatment.variance == pytest.approx(capped.var(ddof=1))


def moments(values):
    return Moments(values.size, values.mean(), values.var() * values.size)


def test_a_cap_per_arm_rejects_too_often_and_the_pooled_cap_does_not():
    # A tenth of the units is capped, as where a few buyers make most of the revenue.
    rng = np.random.default_rng(12)
    draws = rng.lognormal(0, 1.5, size=(2, 1_500, 300))
    per_arm, pooled = [], []
    for a, b in zip(*draws, strict=True):
        own = [np.minimum(each, np.quantile(each, 0.9)) for each in (a, b)]
        per_arm.append(welch(*map(moments, own), ASKED).p_value)
        both = winsorize(a, b, 0.9)
        pooled.append(welch(both.control, both.treatment, ASKED).p_value)
    wrong = [np.mean(np.array(p) < 0.05) for p in (per_arm, pooled)]
    error = np.sqrt(0.05 * 0.95 / 1_500)
    assert wrong[0] > 0.05 + 4 * error
    assert wrong[1] == pytest.approx(0.05, abs=3 * error)


def test_values_that_are_not_there_cannot_be_capped():
    with pytest.raises(ContractError):
        winsorize([1.0, np.inf], [1.0, 2.0])
