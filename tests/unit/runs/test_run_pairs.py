"""Runs of two variants: which pair, by what test, how many are left out."""

import numpy as np
import pytest
from scipy import stats

from experimentos.analysis.result import Unavailable
from experimentos.errors import ContractError
from experimentos.runs.run_pairs import RunScore, compare_scores, match_runs

SEEDED = [(1, "s1", "h"), (2, "s2", "h"), (3, "s3", "h"), (4, "s4", "h"), (5, "s5", "h")]
A = [0.62, 0.71, 0.55, 0.80, 0.90]
B = [0.65, 0.78, 0.54, 0.86, 0.91]


def scored(values, keys=SEEDED):
    return [RunScore(key, value) for key, value in zip(keys, values, strict=False)]


def test_repeats_with_the_same_seed_and_data_are_tested_by_scipys_paired_t():
    found = compare_scores(scored(A), scored(B)[::-1])
    expected = stats.ttest_rel(B, A)
    span = expected.confidence_interval(0.95)
    assert (found.method, found.pairs, found.lost) == ("paired t", 5, 0)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (span.low, span.high), rel=1e-9
    )
    assert "5 repeats have the same seed" in found.why


def test_effective_n_is_the_unpaired_runs_that_give_the_same_standard_error():
    found = compare_scores(scored(A), scored(B))
    se = np.std(np.subtract(B, A), ddof=1) / np.sqrt(5)
    n = found.effective_n
    assert np.sqrt((np.var(A, ddof=1) + np.var(B, ddof=1)) / n) == pytest.approx(se)
    unpaired = compare_scores(scored(A), scored(B), pairing="unpaired")
    assert unpaired.effective_n == pytest.approx(5)
    assert n > 5


def test_unpaired_as_a_choice_is_scipys_welch():
    found = compare_scores(scored(A), scored(B), pairing="unpaired")
    assert (found.method, found.pairs, found.lost) == ("Welch", 0, 0)
    assert found.p_value == pytest.approx(stats.ttest_ind(B, A, equal_var=False).pvalue, rel=1e-9)
    assert "asked for" in found.why


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ([(k, f"t{k}", "h") for k in range(1, 6)], "5 repeats have another seed"),
        ([(k, f"s{k}", "g") for k in range(1, 6)], "5 repeats have another data hash"),
        ([None] * 5, "no repeat with a seed on record"),
        ([(k, f"s{k}", "h") for k in range(4, 9)], "2 repeats pair"),
    ],
)
def test_runs_that_do_not_pair_are_tested_unpaired_and_it_is_said_why(keys, says):
    found = compare_scores(scored(A), scored(B, keys))
    assert found.method == "Welch"
    assert says in found.why


def test_a_repeat_without_a_partner_or_a_value_is_lost_and_counted():
    found = compare_scores(scored(A), scored([B[0], None, *B[2:4]]))
    assert (found.pairs, found.lost) == (3, 2)
    kept = [0, 2, 3]
    expected = stats.ttest_rel([B[i] for i in kept], [A[i] for i in kept])
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert match_runs(scored(A), scored(B, [None] * 5)).lost == 10


def test_pairs_that_all_differ_by_the_same_are_tested_by_their_signs_if_those_can_tell():
    keys = [*SEEDED, (6, "s6", "h")]
    six = [*A, 0.4]
    found = compare_scores(scored(six, keys), scored([a + 0.1 for a in six], keys))
    assert (found.method, found.interval, found.effective_n) == ("sign flip", None, None)
    assert found.p_value == pytest.approx(2 / 2**6)
    five = [a + 0.1 for a in A]
    few = compare_scores(scored(A), scored(five))
    assert (few.method, "differ by the same" in few.why) == ("Welch", True)
    assert few.p_value == pytest.approx(stats.ttest_ind(five, A, equal_var=False).pvalue)
    assert compare_scores(scored(A), scored(five), pairing="paired").method == "sign flip"


def test_without_spread_there_is_no_test():
    same = compare_scores(scored(A), scored(A))
    assert isinstance(same, Unavailable)
    assert same.code == "no_difference"
    fixed = compare_scores(scored([1.0] * 5), scored([2.0] * 5))
    assert isinstance(fixed, Unavailable)
    assert fixed.code == "no_variation"


@pytest.mark.parametrize("pairing", ["auto", "paired", "unpaired"])
def test_what_no_double_can_square_is_not_tested(pairing):
    found = compare_scores(scored([1e308] * 5), scored([-1e308, *A[1:]]), pairing=pairing)
    assert isinstance(found, Unavailable)
    assert found.code == "too_large"


def test_paired_alone_says_when_nothing_pairs():
    found = compare_scores(scored(A), scored(B, [None] * 5), pairing="paired")
    assert isinstance(found, Unavailable)
    assert "0 repeats" in found.why
    with pytest.raises(ContractError, match="sideways"):
        compare_scores(scored(A), scored(B), pairing="sideways")


def test_which_test_is_used_does_not_depend_on_the_scores():
    rng = np.random.default_rng(1)
    methods = {
        compare_scores(scored(rng.random(5)), scored(rng.random(5))).method for _ in range(9)
    }
    assert methods == {"paired t"}
