"""A belief entered as a range, and lifts too small to matter, against integrals done by scipy."""

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import beta, binom, norm

from experimentos.analysis.analyze import analyze
from experimentos.analysis.beta_binomial import posteriors, probability_lift_below
from experimentos.analysis.informational import Region, posterior_of_difference, region_of
from experimentos.analysis.informed import InformedLift, evidence_of_means, evidence_of_rates
from experimentos.analysis.lift import Estimates
from experimentos.analysis.method import Question
from experimentos.analysis.normal_posterior import normal_posterior
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Compared, Direction, Informed, Interval, Unavailable
from experimentos.decision.decide import decide
from experimentos.flows.ab_test import run
from experimentos.metrics.counts import Counts
from experimentos.metrics.summary import Cell, Metric, Source, Summary
from experimentos.plan.charter import Belief, Charter, LiftRange
from experimentos.policy import DEFAULT_POLICY

EXPECTED = Belief(low=-0.02, high=0.05)
MEAN, SD = 0.015, 0.07 / 2 / norm.ppf(0.975)
SAMPLES = Path(__file__).parents[3] / ".tmp" / "samples"
RESULTS = b"variant,users,conversions\ncontrol,1000,120\ntreatment,1000,140\n"


def gauss(count, low, high):
    points, weights = np.polynomial.legendre.leggauss(count)
    return low + (high - low) * (points + 1) / 2, weights * (high - low) / 2


def one(level, _lift):
    return 0 * level + 1


@pytest.mark.parametrize(
    "pair",
    [(120, 1000, 140, 1000), (0, 50, 3, 50), (50, 50, 49, 50), (5, 5, 5, 5), (0, 9, 0, 12)],
)
def test_rates_agree_with_a_double_integral_over_the_binomial_likelihood(pair):
    k_c, n_c, k_t, n_t = pair
    got = InformedLift(evidence_of_rates(Counts(n_c, k_c), Counts(n_t, k_t)), EXPECTED)

    def share(f, low, high):
        """Integrate over lift and control rate on either side of 0, where the edge has a kink."""
        cuts = sorted({low, min(max(0.0, low), high), high})
        return sum(one_side(f, *ends) for ends in pairwise(cuts))

    def one_side(f, low, high):
        lift, lift_weight = (each[:, None] for each in gauss(60, low, high))
        top = np.minimum(1.0, 1 / (1 + lift))
        unit, unit_weight = gauss(500, 0, 1)
        p = top * unit
        both = binom.pmf(k_c, n_c, p) * binom.pmf(k_t, n_t, p * (1 + lift))
        weight = lift_weight * top * unit_weight * norm.pdf(lift, MEAN, SD)
        return float((f(p, lift) * both * weight).sum())

    low, high = MEAN - 8 * SD, MEAN + 8 * SD
    whole = share(one, low, high)
    assert 1 - got.below(0) == pytest.approx(share(one, 0, high) / whole, abs=1e-8)
    inside = share(one, -0.01, 0.01) / whole
    assert got.between(-0.01, 0.01) == pytest.approx(inside, abs=1e-8)
    assert got.loss_below == pytest.approx(-share(np.multiply, low, 0) / whole, rel=1e-7)
    assert got.loss_above == pytest.approx(share(np.multiply, 0, high) / whole, rel=1e-7)


def test_a_hundred_million_users_agree_with_the_product_of_two_normals():
    n, k_c, k_t = 10**8, 20_000_000, 20_005_000
    got = InformedLift(evidence_of_rates(Counts(n, k_c), Counts(n, k_t)), EXPECTED)
    ratio = k_t / k_c
    se = ratio * math.sqrt(1 / k_c - 1 / n + 1 / k_t - 1 / n)
    limit = normal_posterior(ratio - 1, se, MEAN, SD)
    assert 1 - got.below(0) == pytest.approx(limit.probability_positive, abs=2e-4)
    ends = limit.interval(0.95)
    assert got.interval(0.95) == pytest.approx((ends.low, ends.high), rel=2e-3)


def test_the_interval_holds_its_level_in_two_equal_tails():
    got = InformedLift(evidence_of_rates(Counts(1000, 120), Counts(1000, 140)), EXPECTED)
    low, high = got.interval(0.9)
    assert got.below(low) == pytest.approx(0.05, abs=1e-10)
    assert got.below(high) == pytest.approx(0.95, abs=1e-10)


def test_data_far_from_the_belief_win_when_they_are_many():
    got = InformedLift(evidence_of_rates(Counts(10**7, 10**6), Counts(10**7, 1_500_000)), EXPECTED)
    low, high = got.interval(0.95)
    assert 0.48 < low < high < 0.51


@pytest.mark.parametrize("side", [1, -1])
def test_means_agree_with_an_integral_over_the_controls_level(side):
    control, treatment = side * 10.0, side * 10.0 + 0.4
    estimates = Estimates.of(control, 0.25, treatment, 0.36)
    got = InformedLift(evidence_of_means(estimates), EXPECTED)

    def share(f, low, high):
        lift, lift_weight = (each[:, None] for each in gauss(60, low, high))
        level, level_weight = gauss(200, control - 5, control + 5)
        seen = norm.pdf(control, level, 0.5) * norm.pdf(treatment, level + lift * abs(level), 0.6)
        weight = lift_weight * level_weight * norm.pdf(lift, MEAN, SD)
        return float((f(level, lift) * seen * weight).sum())

    low, high = MEAN - 8 * SD, MEAN + 8 * SD
    whole = share(one, low, high)
    assert 1 - got.below(0) == pytest.approx(share(one, 0, high) / whole, abs=1e-7)
    kept = share(lambda level, lift: lift * np.abs(level), 0, high) / whole
    assert got.loss_above == pytest.approx(kept, rel=1e-6)


def test_a_control_near_zero_has_no_lift_to_believe_in():
    missing = evidence_of_means(Estimates.of(0.1, 1.0, 0.2, 1.0))
    assert isinstance(missing, Unavailable)
    assert missing.code == "control_near_zero"


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 3000),
    m=st.integers(1, 3000),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    belief=st.tuples(st.floats(-0.5, 0.5), st.floats(0.001, 1)),
)
def test_probabilities_and_losses_are_what_they_must_be(n, m, shares, belief):
    control, treatment = Counts(n, round(n * shares[0])), Counts(m, round(m * shares[1]))
    stated = Belief(low=belief[0], high=belief[0] + belief[1])
    got = InformedLift(evidence_of_rates(control, treatment), stated)
    at = [got.below(x) for x in (-1, -0.5, -0.01, 0, 0.01, 0.5, 1000)]
    assert np.diff(at).min() >= -1e-15
    assert at[0] == pytest.approx(0, abs=1e-15)
    assert at[-1] == pytest.approx(1, abs=1e-15)
    low, high = got.interval(0.95)
    assert -1 <= low < high
    assert got.loss_below >= 0
    assert got.loss_above >= 0


@pytest.mark.parametrize("lift", [-1.5, -0.3, 0.0, 0.1, 2.0])
@pytest.mark.parametrize("pair", [(12, 100, 20, 100), (3, 40, 9, 4000), (0, 20, 2, 10)])
def test_the_flat_probability_of_a_lift_agrees_with_numerical_integration(pair, lift):
    got = posteriors(Rates.arrays(*pair))
    control = beta(float(got.control.a), float(got.control.b))
    treatment = beta(float(got.treatment.a), float(got.treatment.b))
    t, weight = gauss(400, treatment.ppf(1e-17), treatment.isf(1e-17))
    beyond = control.sf(t / (1 + lift)) if lift > -1 else 0 * t
    wanted = float((treatment.pdf(t) * beyond * weight).sum())
    assert float(probability_lift_below(got, lift)) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("side", [1, -1])
def test_the_flat_probability_of_a_lift_of_means_agrees_with_draws_in_closed_form(side):
    estimates = Estimates.of(side * 10.0, 0.01, side * 10.0 + 0.05, 0.01)
    compared = Compared(
        "m", "b", "welch", side * 10.0, side * 10 + 0.05, 0.05, Interval(-1, 1, 0.95),
        0.0, 1.0, math.sqrt(0.02), None, Unavailable("lift", "x", "x"), 10, 10, 1.0,
    )  # fmt: skip
    question = Question("m", "b", 0.05, 0.95)
    region = Region(-0.01, 0.01, "policy")
    got = posterior_of_difference(compared, estimates, question, Direction.HIGHER, region)

    def below(lift):
        # P(t < c + lift |c|) with both normal: integrated over c.
        return integrate.quad(
            lambda c: (
                norm.pdf(c, side * 10, 0.1) * norm.cdf(c + lift * abs(c), side * 10 + 0.05, 0.1)
            ),
            side * 10 - 1,
            side * 10 + 1,
        )[0]

    assert got.rope.probability == pytest.approx(below(0.01) - below(-0.01), abs=1e-9)


def test_what_is_too_small_comes_from_the_charter_then_the_planned_effect_then_the_policy():
    stated = Charter(rope=LiftRange(low=-0.03, high=0.02), mde=0.01)
    assert region_of(stated, DEFAULT_POLICY, 0.1) == (-0.03, 0.02, "charter")
    assert region_of(Charter(mde=0.01), DEFAULT_POLICY, 0.1) == pytest.approx((-0.1, 0.1, "mde"))
    assert region_of(Charter(), DEFAULT_POLICY, 0.1) == (-0.01, 0.01, "policy")
    assert region_of(Charter(), DEFAULT_POLICY, 0.0) is None


def test_a_belief_is_answered_for_every_arm_and_never_reaches_the_decision():
    three = b"variant,users,conversions\ncontrol,1000,120\na,1000,140\nb,1000,90\n"
    plain, stated = run(three, "f.csv"), run(three, "f.csv", Charter(belief=EXPECTED))
    assert [each.arm for each in stated.analysis.informed] == ["a", "b"]
    assert plain.analysis.informed == ()
    assert stated.decision == plain.decision
    assert stated.analysis.frequentist == plain.analysis.frequentist
    frequentist = stated.analysis.frequentist
    assert decide(stated.health, frequentist, stated.policy) == plain.decision


def test_a_metric_that_is_better_lower_turns_probability_and_losses():
    higher = run(RESULTS, "f.csv", Charter(belief=EXPECTED)).analysis.informed[0]
    lower = run(RESULTS, "f.csv", Charter(belief=EXPECTED, direction="lower")).analysis.informed[0]
    assert isinstance(higher, Informed)
    assert lower.probability_better == pytest.approx(1 - higher.probability_better)
    assert (lower.loss_if_launched, lower.loss_if_kept) == (
        higher.loss_if_kept,
        higher.loss_if_launched,
    )
    assert lower.rope == higher.rope


def test_an_arm_without_users_has_no_informed_posterior():
    cells = (
        Cell("control", 100, {"conversion": Counts(100, 10)}, 2),
        Cell("treatment", 0, {"conversion": Counts(0, 0)}, 3),
    )
    source = Source("x.csv", "0" * 64, "csv")
    empty = Summary(cells, (Metric("conversion", "conversion", ("x",)),), "control", source)
    [missing] = analyze(empty, Charter(belief=EXPECTED)).informed
    assert isinstance(missing, Unavailable)
    assert missing.code == "no_users"


def test_a_mean_that_cannot_be_compared_has_no_informed_posterior():
    flat = b"variant,users,conversions,r_sum,r_sum_sq\ncontrol,10,1,10,10\ntreatment,10,2,10,10\n"
    summary = run(flat, "f.csv").reading.summary
    [missing] = analyze(summary, Charter(belief=EXPECTED, primary="r")).informed
    assert isinstance(missing, Unavailable)
    assert missing.method == "informed_lift"


def test_a_mean_has_an_informed_posterior_in_the_unit_of_its_losses():
    file = (SAMPLES / "revenue_and_orders.csv").read_bytes()
    [found] = run(file, "f.csv", Charter(belief=EXPECTED, primary="revenue")).analysis.informed
    assert 0.5 < found.probability_better < 1
    assert -0.02 < found.lift.low < 0.09 < found.lift.high + 0.05
    assert found.rope.source == "policy"
