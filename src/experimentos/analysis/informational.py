"""The Bayesian view of an analysis: it informs and never decides."""

from scipy.special import ndtri

from experimentos.analysis.beta_binomial import (
    difference_interval,
    expected_losses,
    lift_interval,
    posteriors,
    probability_treatment_higher,
)
from experimentos.analysis.lift import (
    CLEARLY_AWAY_FROM_ZERO,
    Estimates,
    fieller_g,
    fieller_lift,
)
from experimentos.analysis.method import Question
from experimentos.analysis.normal_posterior import normal_posterior
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Compared, Direction, Interval, Posterior, Unavailable
from experimentos.metrics.counts import Counts


def posterior_of_rates(
    control: Counts, treatment: Counts, question: Question, direction: Direction
) -> Posterior | Unavailable:
    """Return the flat-prior Beta-binomial view of one pair of arms."""
    if min(control.n, treatment.n) == 0:
        return Unavailable("beta_binomial", "no_users", "One of the two arms has no users.")
    pair = posteriors(Rates.of(control, treatment))
    higher = float(probability_treatment_higher(pair))
    losses = expected_losses(pair)
    launched, kept = float(losses.choose_treatment), float(losses.choose_control)
    difference, lift = (
        difference_interval(pair, question.level),
        lift_interval(pair, question.level),
    )
    better = direction is Direction.HIGHER
    return Posterior(
        metric=question.metric,
        arm=question.arm,
        method="beta_binomial",
        prior="Flat: every rate from 0 to 1 equally likely, Beta(1, 1), in each arm.",
        probability_better=higher if better else 1 - higher,
        loss_if_launched=launched if better else kept,
        loss_if_kept=kept if better else launched,
        difference=Interval(float(difference.low), float(difference.high), question.level),
        lift=Interval(float(lift.low), float(lift.high), question.level),
    )


def posterior_of_difference(
    compared: Compared, estimates: Estimates, question: Question, direction: Direction
) -> Posterior:
    """Return the flat-prior normal view of a compared mean or ratio."""
    posterior = normal_posterior(compared.difference, compared.se)
    sign = 1.0 if direction is Direction.HIGHER else -1.0
    gain = normal_posterior(sign * compared.difference, compared.se)
    return Posterior(
        metric=question.metric,
        arm=question.arm,
        method="normal_posterior",
        prior="Flat: every value of the mean equally likely, in each arm.",
        probability_better=gain.probability_positive,
        loss_if_launched=gain.loss_below,
        loss_if_kept=gain.loss_above,
        difference=posterior.interval(question.level),
        lift=_credible_lift(estimates, question.level),
    )


def _credible_lift(estimates: Estimates, level: float) -> Interval | None:
    # With flat normal posteriors P(t - r c <= 0) is Fieller's pivot, as long as the control's
    # own posterior has no weight on the other side of 0.
    if float(estimates.control) == 0 or float(fieller_g(estimates, CLEARLY_AWAY_FROM_ZERO)) >= 1:
        return None
    low, high = fieller_lift(estimates, -float(ndtri((1 - level) / 2)))
    return Interval(float(low), float(high), level)
