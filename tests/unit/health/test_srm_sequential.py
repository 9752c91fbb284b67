"""The sequential SRM test against ssrm-test, and its promise at every look."""

import math

import numpy as np
import pytest

from experimentos.errors import ContractError
from experimentos.health.srm_sequential import srm_sequential

# Output of ssrm-test 0.1.5 on a balanced null.
BATCHES = [
    *([1967, 2056], [1928, 2035], [2039, 2020], [1986, 1967], [2024, 1920], [2020, 1974]),
    *([1988, 2011], [2051, 1985], [1999, 2069], [2009, 1993], [1938, 1961], [1968, 2007]),
]


def test_the_p_sequence_agrees_with_ssrm_test():
    got = srm_sequential(BATCHES, [1, 1])
    assert got.p[0] == pytest.approx(0.892805202960368, rel=1e-9)
    assert got.p[1:] == pytest.approx([0.4609310286236014] * 11, rel=1e-9)
    assert got.log_bayes_factor == pytest.approx(-0.8215719928120961, abs=1e-9)
    assert got.alarm(0.05) is None


def test_splitting_a_batch_changes_only_the_looks():
    whole = srm_sequential([[500, 700], [400, 500]], [1, 1])
    parts = srm_sequential([[200, 400], [300, 300], [400, 500]], [2, 2])
    assert whole.log_bayes_factor == pytest.approx(parts.log_bayes_factor, abs=1e-9)


def test_a_lost_percent_of_one_arm_is_found():
    rng = np.random.default_rng(1)
    control = rng.binomial(2_000, 0.52, 30)
    got = srm_sequential(np.stack([control, 2_000 - control], axis=1), [1, 1])
    assert got.alarm(0.001) is not None
    assert list(got.p) == sorted(got.p, reverse=True)


def test_looking_at_every_batch_keeps_the_level():
    rng = np.random.default_rng(2)
    control = rng.binomial(2_000, 0.5, (2_000, 30))
    alarms = [
        srm_sequential(np.stack([row, 2_000 - row], axis=1), [1, 1]).alarm(0.05) for row in control
    ]
    assert np.mean([alarm is not None for alarm in alarms]) <= 0.05


def test_one_user_in_an_arm_that_must_be_empty_is_proof():
    got = srm_sequential([[100, 100, 0], [100, 100, 1]], [1, 1, 0])
    assert got.p[1] == 0.0
    assert got.log_bayes_factor == math.inf
    assert got.alarm(0.001) == 1


@pytest.mark.parametrize(
    ("batches", "split", "concentration"),
    [
        ([], [1, 1], 10.0),
        ([[1, 2, 3]], [1, 1], 10.0),
        ([[1, -2]], [1, 1], 10.0),
        ([[1, 2]], [0, 0], 10.0),
        ([[1, 2]], [1, math.nan], 10.0),
        ([[1, 2]], [1, 1], 0.0),
    ],
)
def test_counts_that_make_no_sense_are_refused(batches, split, concentration):
    with pytest.raises(ContractError):
        srm_sequential(batches, split, concentration)
