"""Post-stratification and the test of interaction."""

import numpy as np
import pytest
from scipy.stats import chi2

from experimentos.analysis.method import Question
from experimentos.analysis.poststratification import Strata, interaction, poststratify
from experimentos.analysis.welch import welch
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import Moments

ASKED = Question("m", "b", 0.05, 0.95)


def moments(values):
    values = np.asarray(values, dtype=float)
    return Moments(values.size, float(values.mean()), float(((values - values.mean()) ** 2).sum()))


def test_one_segment_is_welch_with_a_normal_quantile():
    control, treatment = moments([1, 2, 3, 6]), moments([2, 4, 7, 9, 9])
    one = poststratify(Strata.of([control]), Strata.of([treatment]), ASKED)
    plain = welch(control, treatment, ASKED)
    assert one.difference == pytest.approx(plain.difference)
    assert one.se == pytest.approx(plain.se)
    assert one.statistic == pytest.approx(plain.statistic)


def test_segments_are_weighted_by_their_share_of_all_users():
    # Country A: 30 users, effect 1; country B: 10 users, effect 5.
    control = Strata.of([moments([0, 2] * 10), moments([10, 12] * 2)])
    treatment = Strata.of([moments([1, 3] * 5), moments([15, 17] * 3)])
    result = poststratify(control, treatment, ASKED)
    assert result.difference == pytest.approx(0.75 * 1 + 0.25 * 5)
    variances = [1 / 19 + 1 / 9, 1 / 3 + 1 / 5]
    assert result.se**2 == pytest.approx(0.75**2 * variances[0] + 0.25**2 * variances[1])
    assert (result.n_control, result.n_treatment) == (24, 16)


def test_an_uneven_mix_no_longer_biases_the_difference():
    # The same rates in both arms of both segments; the mix differs, so the plain rates do.
    control = Strata.of([Counts(100, 10), Counts(900, 450)])
    treatment = Strata.of([Counts(900, 90), Counts(100, 50)])
    assert poststratify(control, treatment, ASKED).difference == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "too_few_units"),
        ([Counts(5, 2), Counts(0, 0)], "too_few_units"),
        ([Counts(5, 0), Counts(5, 5)], "no_variation"),
    ],
)
def test_segments_that_cannot_be_used_say_why(parts, code):
    strata = Strata.of(parts)
    assert poststratify(strata, strata, ASKED).code == code
    assert interaction(strata, strata).code == code


def test_the_interaction_is_cochrans_q():
    control = Strata.of([Moments(50, 1.0, 98.0), Moments(50, 1.0, 98.0)])
    treatment = Strata.of([Moments(50, 1.2, 98.0), Moments(50, 2.0, 98.0)])
    result = interaction(control, treatment)
    # Two differences of 0.2 and 1.0 with variance 0.08 each lie 0.4 from their mean.
    assert result.q == pytest.approx(2 * 0.4**2 / 0.08)
    assert result.df == 1
    assert result.p_value == pytest.approx(chi2.sf(4.0, 1))


def test_one_segment_has_no_interaction():
    one = Strata.of([Moments(50, 1.0, 98.0)])
    assert interaction(one, one).code == "no_variation"
