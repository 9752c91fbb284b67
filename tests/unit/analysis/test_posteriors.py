"""Posteriors, against exact sums and against integrals done by scipy."""

import math
from fractions import Fraction
from math import comb, factorial

import numpy as np
import pytest
from scipy import integrate
from scipy.stats import beta, norm

from experimentos.analysis.beta_binomial import (
    difference_interval,
    expected_losses,
    lift_interval,
    posteriors,
    probability_treatment_higher,
)
from experimentos.analysis.compare import Pair, estimates_of
from experimentos.analysis.informational import posterior_of_difference
from experimentos.analysis.lift import Estimates
from experimentos.analysis.method import Question
from experimentos.analysis.normal_posterior import normal_posterior
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Direction
from experimentos.analysis.welch import welch
from experimentos.errors import ContractError
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import Moments


def exact_probability(k_c, n_c, k_t, n_t):
    """Return P(p_t > p_c) under flat priors: Evan Miller's sum, in rational numbers."""

    def b(x, y):
        return Fraction(factorial(x - 1) * factorial(y - 1), factorial(x + y - 1))

    a_c, b_c, a_t, b_t = k_c + 1, n_c - k_c + 1, k_t + 1, n_t - k_t + 1
    return float(
        sum(b(a_c + i, b_c + b_t) / ((b_t + i) * b(1 + i, b_t) * b(a_c, b_c)) for i in range(a_t))
    )


@pytest.mark.parametrize(
    "pair",
    [(0, 5, 0, 9), (3, 40, 9, 42), (30, 200, 45, 210), (60, 60, 55, 60), (1, 300, 0, 20)],
)
def test_the_probability_agrees_with_the_exact_sum(pair):
    k_c, n_c, k_t, n_t = pair
    got = float(probability_treatment_higher(posteriors(Rates.arrays(k_c, n_c, k_t, n_t))))
    assert got == pytest.approx(exact_probability(*pair), abs=1e-12)


def test_three_against_nine_among_a_hundred_thousand_agrees_with_the_poisson_limit_closely():
    # Gamma posteriors: P(Gamma(10) > Gamma(4)) is a negative binomial tail at one half.
    got = probability_treatment_higher(posteriors(Rates.arrays(3, 1e8, 9, 1e8)))
    limit = sum(comb(i + 3, i) * 0.5 ** (i + 4) for i in range(10))
    assert float(got) == pytest.approx(limit, abs=1e-6)


def test_a_hundred_million_users_agree_with_the_normal_limit():
    n = 100_000_000
    rates = Rates.arrays(20_000_000, n, 20_005_000, n)
    got = float(probability_treatment_higher(posteriors(rates)))
    se = math.sqrt((0.2 * 0.8 + 0.20005 * 0.79995) / n)
    assert got == pytest.approx(norm.cdf(5e-5 / se), abs=1e-5)
    loss = float(expected_losses(posteriors(rates)).choose_treatment)
    z = 5e-5 / se
    assert loss == pytest.approx(se * (norm.pdf(z) - z * norm.sf(z)), rel=1e-3)


@pytest.mark.parametrize("prior", [(1, 1), (0.5, 0.5), (20, 180)])
@pytest.mark.parametrize("pair", [(2, 30, 5, 28), (0, 50, 3, 50), (49, 50, 12, 13)])
def test_losses_and_interval_agree_with_numerical_integration(pair, prior):
    got = posteriors(Rates.arrays(*pair), *prior)
    control = beta(float(got.control.a), float(got.control.b))
    treatment = beta(float(got.treatment.a), float(got.treatment.b))
    losses = expected_losses(got)
    # E[(c - t)+] is the integral of P(t < x < c) over x.
    below = integrate.quad(lambda x: treatment.cdf(x) * control.sf(x), 0, 1, epsabs=1e-12)[0]
    above = integrate.quad(lambda x: control.cdf(x) * treatment.sf(x), 0, 1, epsabs=1e-12)[0]
    assert [float(loss) for loss in losses] == pytest.approx([below, above], abs=1e-9)

    def mass_below(d):
        q = (np.arange(20_000) + 0.5) / 20_000
        return float(np.mean(treatment.cdf(control.ppf(q) + d)))

    low, high = (float(end) for end in difference_interval(got, 0.9))
    assert [mass_below(low), mass_below(high)] == pytest.approx([0.05, 0.95], abs=1e-5)


def test_a_lift_interval_turns_over_with_the_arms():
    there = lift_interval(posteriors(Rates.arrays(20, 100, 30, 90)), 0.95)
    back = lift_interval(posteriors(Rates.arrays(30, 90, 20, 100)), 0.95)
    turned = [1 / (1 + float(back.high)) - 1, 1 / (1 + float(back.low)) - 1]
    assert [float(end) for end in there] == pytest.approx(turned, rel=1e-9)


def test_many_posteriors_are_those_of_each_pair():
    rng = np.random.default_rng(7)
    n = rng.integers(5, 5_000, size=(3, 900))
    rates = Rates.arrays(rng.binomial(n, 0.1), n, rng.binomial(n, 0.12), n)
    many = probability_treatment_higher(posteriors(rates))
    assert many.shape == (3, 900)
    for i in (0, 1, 2):
        one = Rates(*(column[i, 700] for column in rates))
        assert float(probability_treatment_higher(posteriors(one))) == pytest.approx(many[i, 700])
    pairs = posteriors(Rates(*(column[:, :2] for column in rates)))
    assert difference_interval(pairs, 0.95).low.shape == (3, 2)
    assert np.all(lift_interval(pairs, 0.95).low < lift_interval(pairs, 0.95).high)


@pytest.mark.parametrize("prior", [(0.1, 1), (1, 0.4)])
def test_a_prior_with_poles_beyond_jeffreys_is_refused(prior):
    with pytest.raises(ContractError, match=r"at least 0\.5"):
        posteriors(Rates.arrays(1, 10, 2, 10), *prior)


@pytest.mark.parametrize("z", [-40.0, -29.9, -12.0, -3.0, 0.0, 3.0, 12.0])
def test_a_normal_loss_agrees_with_numerical_integration(z):
    # E[(Z + z)+] = phi(z) times the integral of u exp(z u - u^2 / 2): nothing cancels.
    area = integrate.quad(lambda u: u * math.exp(z * u - u * u / 2), 0, np.inf, epsrel=1e-11)[0]
    expected = norm.pdf(z) * area
    got = normal_posterior(z, 1.0)
    assert got.loss_above == pytest.approx(expected, rel=1e-9)
    assert normal_posterior(-z, 1.0).loss_below == pytest.approx(expected, rel=1e-9)


def test_a_region_far_in_the_tail_keeps_its_digits():
    high = normal_posterior(0.0, 1.0).probability_between(9.0, 10.0)
    low = normal_posterior(0.0, 1.0).probability_between(-10.0, -9.0)
    assert high == pytest.approx(low, rel=1e-12)
    assert high == pytest.approx(norm.sf(9) - norm.sf(10))


def test_the_lift_of_a_mean_has_a_credible_interval_only_where_the_control_is_clear():
    asked = Question("m", "b", 0.05, 0.95)
    clear = (Moments(100, 5.0, 99.0), Moments(100, 6.0, 99.0))
    vague = (Moments(100, 0.1, 99.0), Moments(100, 6.0, 99.0))
    zero = (Moments(100, 0.0, 99.0), Moments(100, 6.0, 99.0))
    views = [
        posterior_of_difference(
            welch(*arms, asked), estimates_of(Pair(*arms, "mean"), "welch"), asked, Direction.HIGHER
        )
        for arms in (clear, vague, zero)
    ]
    assert views[0].lift.low < 0.2 < views[0].lift.high
    assert views[1].lift is None
    assert views[2].lift is None


def test_rates_have_no_estimates_of_means():
    with pytest.raises(ContractError, match="posterior of their own"):
        estimates_of(Pair(Counts(9, 1), Counts(9, 2), "conversion"), "score")


def test_estimates_are_doubles_whatever_they_were_made_from():
    assert Estimates.of(1, 2, 3, 4).control.dtype == np.float64
