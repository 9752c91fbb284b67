"""Laws that an analysis obeys whatever the data."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from experimentos.analysis.analyze import analyze
from experimentos.analysis.beta_binomial import (
    difference_interval,
    expected_losses,
    posteriors,
    probability_treatment_higher,
)
from experimentos.analysis.delta import delta
from experimentos.analysis.method import Question
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Compared, Lift, Posterior
from experimentos.analysis.score import score
from experimentos.analysis.welch import welch
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Cell, Metric, Source, Summary
from experimentos.plan.charter import Charter, GuardrailPlan

ASKED = Question("m", "b", 0.05, 0.95)
ROUNDING = 1e-9
"""Relative: p-values and ends after a few hundred roundings and one root search."""


@st.composite
def counts(draw, most=100_000):
    n = draw(st.integers(1, most))
    return Counts(n, draw(st.integers(0, n)))


@st.composite
def moments(draw):
    n = draw(st.integers(2, 100_000))
    mean = draw(st.floats(-1e3, 1e3))
    sd = draw(st.floats(0.01, 1e3))
    return Moments(n, mean, sd**2 * (n - 1))


@st.composite
def ratios(draw):
    n = draw(st.integers(3, 10_000))
    x, y = draw(st.floats(0.5, 50)), draw(st.floats(0.5, 50))
    sd_x, sd_y = draw(st.floats(0.1, 20)), draw(st.floats(0.1, 20))
    rho = draw(st.floats(-0.95, 0.95))
    return CrossMoments(n, x, y, sd_x**2 * (n - 1), sd_y**2 * (n - 1), rho * sd_x * sd_y * (n - 1))


def mirrored(outcome):
    return (
        -outcome.difference,
        -outcome.statistic,
        -outcome.interval.high,
        -outcome.interval.low,
        outcome.p_value,
    )


def shown(outcome):
    return (
        outcome.difference,
        outcome.statistic,
        outcome.interval.low,
        outcome.interval.high,
        outcome.p_value,
    )


@given(counts(), counts())
def test_the_score_interval_holds_zero_exactly_when_it_does_not_reject(control, treatment):
    outcome = score(control, treatment, ASKED)
    assume(isinstance(outcome, Compared))
    assume(abs(outcome.p_value - ASKED.alpha) > ROUNDING)
    assert (0 in outcome.interval) == (outcome.p_value >= ASKED.alpha)
    assert outcome.difference in outcome.interval


@pytest.mark.parametrize(
    ("compare", "values"), [(score, counts()), (welch, moments()), (delta, ratios())]
)
@given(data=st.data())
def test_swapping_the_arms_flips_every_sign(compare, values, data):
    a, b = data.draw(values), data.draw(values)
    there, back = compare(a, b, ASKED), compare(b, a, ASKED)
    assume(isinstance(there, Compared))
    scale = ROUNDING * (abs(there.difference) + there.se)
    assert shown(there) == pytest.approx(mirrored(back), rel=ROUNDING, abs=scale)


@given(moments(), moments(), st.sampled_from([0.25, 8.0, 1024.0, -2.0]))
def test_changing_the_unit_leaves_the_p_value(control, treatment, factor):
    def scaled(arm):
        return Moments(arm.n, arm.mean * factor, arm.m2 * factor**2)

    before = welch(control, treatment, ASKED)
    after = welch(scaled(control), scaled(treatment), ASKED)
    assert after.p_value == pytest.approx(before.p_value, rel=ROUNDING)
    assert after.difference == pytest.approx(factor * before.difference, rel=ROUNDING)


@given(ratios(), ratios(), st.sampled_from([0.25, 8.0, 1024.0]))
def test_changing_the_unit_of_a_numerator_leaves_the_p_value(control, treatment, factor):
    def scaled(arm):
        return replace(
            arm, mean_x=arm.mean_x * factor, m2_x=arm.m2_x * factor**2, c_xy=arm.c_xy * factor
        )

    before = delta(control, treatment, ASKED)
    after = delta(scaled(control), scaled(treatment), ASKED)
    assert after.p_value == pytest.approx(before.p_value, rel=ROUNDING)


@given(moments(), moments())
def test_a_lift_has_the_sign_of_its_difference(control, treatment):
    outcome = welch(control, treatment, ASKED)
    if isinstance(outcome.lift, Lift) and outcome.difference != 0:
        assert (outcome.lift.estimate > 0) == (outcome.difference > 0)
        assert outcome.lift.interval.low <= outcome.lift.interval.high


@given(counts(), counts())
def test_the_losses_differ_by_the_difference_of_the_means(control, treatment):
    pair = posteriors(Rates.of(control, treatment))
    losses = expected_losses(pair)
    gain = float(pair.treatment.mean - pair.control.mean)
    assert float(losses.choose_control - losses.choose_treatment) == pytest.approx(gain, abs=1e-12)
    assert min(losses) >= 0


@given(counts(), counts())
def test_a_posterior_probability_is_one_and_turns_with_the_arms(control, treatment):
    there = float(probability_treatment_higher(posteriors(Rates.of(control, treatment))))
    back = float(probability_treatment_higher(posteriors(Rates.of(treatment, control))))
    assert 0 <= there <= 1
    assert there + back == pytest.approx(1, abs=1e-9)


@given(counts(), counts())
def test_a_credible_interval_lies_within_the_possible_and_is_ordered(control, treatment):
    low, high = difference_interval(posteriors(Rates.of(control, treatment)), 0.95)
    assert -1 <= float(low) < float(high) <= 1


def built(cells, metrics):
    return Summary(tuple(cells), metrics, "control", Source("made.csv", "0" * 64, "csv"))


RATE = Metric("conversion", "conversion", ("conversions",))
ERRORS = Metric("errors", "conversion", ("errors",))
CRASHES = Metric("crashes", "conversion", ("crashes",))
REVENUE = Metric("revenue", "mean", ("revenue_sum", "revenue_sum_sq"))


@st.composite
def experiments(draw, arms=("control", "b", "c"), rates=(RATE, ERRORS, CRASHES)):
    cells = []
    for row, arm in enumerate(arms, start=2):
        n = draw(st.integers(5, 5_000))
        statistics = {metric.name: Counts(n, draw(st.integers(0, n))) for metric in rates}
        statistics["revenue"] = replace(draw(moments()), n=n)
        cells.append(Cell(arm, n, statistics, row))
    return built(cells, (*rates, REVENUE))


def outcomes(analysis):
    return {
        (result.metric, arm): outcome
        for result in analysis.frequentist.metrics
        for arm, outcome in result.outcomes
    }


@settings(max_examples=30)
@given(experiments())
def test_an_interval_excludes_zero_exactly_when_the_adjusted_p_is_below_alpha(summary):
    analysis = analyze(summary, Charter(alpha=0.1))
    for outcome in outcomes(analysis).values():
        if isinstance(outcome, Compared):
            assert (0 not in outcome.interval) == (outcome.p_value < 0.1)
            assert outcome.p_value >= outcome.unadjusted_p * (1 - ROUNDING)


@settings(max_examples=15)
@given(experiments())
def test_the_order_of_the_arms_is_neutral(summary):
    control, b, c = summary.cells
    turned = built([c, control, b], summary.metrics)
    before, after = outcomes(analyze(summary)), outcomes(analyze(turned))
    assert before.keys() == after.keys()
    for key, outcome in before.items():
        if isinstance(outcome, Compared):
            assert after[key].p_value == pytest.approx(outcome.p_value, rel=1e-6, abs=1e-12)
        else:
            assert after[key] == outcome


@settings(max_examples=15)
@given(experiments(arms=("control", "b"), rates=(RATE,)), st.data())
def test_splitting_a_row_in_two_leaves_everything(summary, data):
    control, b = summary.cells
    whole = b.statistics["conversion"]
    k = data.draw(st.integers(0, whole.k))
    n = data.draw(st.integers(k, whole.n - whole.k + k))
    revenue = b.statistics["revenue"]
    assume(0 < n < whole.n)
    # Two parts with the same mean, their squares shared out by size, pool to the whole.
    parts = [
        {
            "conversion": Counts(size, hits),
            "revenue": Moments(size, revenue.mean, revenue.m2 * size / revenue.n),
        }
        for size, hits in ((n, k), (whole.n - n, whole.k - k))
    ]
    cells = [Cell("b", part["conversion"].n, part, 3 + i) for i, part in enumerate(parts)]
    before = outcomes(analyze(summary))
    after = outcomes(analyze(built([control, *cells], summary.metrics)))
    for key, outcome in before.items():
        if isinstance(outcome, Compared):
            assert shown(after[key]) == pytest.approx(shown(outcome), rel=ROUNDING, abs=1e-12)
        else:
            assert after[key] == outcome


@settings(max_examples=15)
@given(experiments(arms=("control", "b"), rates=(RATE, ERRORS)))
def test_turning_a_direction_round_turns_its_posterior_round(summary):
    def of(way):
        plan = Charter(
            direction=way, guardrails=(), secondary=(GuardrailPlan(name="revenue", direction=way),)
        )
        posteriors = analyze(summary, plan).posteriors
        return [each for each in posteriors if each.metric in ("conversion", "revenue")]

    for up, down in zip(of("higher"), of("lower"), strict=True):
        assert isinstance(up, Posterior)
        assert up.probability_better + down.probability_better == pytest.approx(1, abs=1e-12)
        assert (up.loss_if_launched, up.loss_if_kept) == (down.loss_if_kept, down.loss_if_launched)
        assert up.difference == down.difference
