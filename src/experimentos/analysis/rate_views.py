"""What is shown beside the score test of two rates."""

from scipy.special import ndtri

from experimentos.analysis.koopman import koopman_interval
from experimentos.analysis.lift import fieller_g, fieller_lift, log_lift, relative_lift
from experimentos.analysis.method import Question
from experimentos.analysis.newcombe import newcombe
from experimentos.analysis.pooled_z import pooled_z, rate_estimates, wald
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Alongside, Interval, Lift, Unavailable
from experimentos.metrics.counts import Counts


def lift_of_rates(control: Counts, treatment: Counts, question: Question) -> Lift | Unavailable:
    """Return the lift by log ratio, or by Koopman where no one converted in the treatment."""
    if control.k == 0:
        return Unavailable(
            "lift",
            "no_control_conversions",
            "Nobody converted in the control: no relative effect exists.",
        )
    rates = Rates.of(control, treatment)
    estimates = rate_estimates(rates)
    estimate = float(relative_lift(estimates))
    if treatment.k == 0:
        ratio = koopman_interval(rates, question.alpha)
        interval = Interval(float(ratio.low) - 1, float(ratio.high) - 1, question.level)
        return Lift(estimate, interval, "koopman")
    ends = log_lift(estimates, -float(ndtri(question.alpha / 2)))
    return Lift(estimate, Interval(float(ends.low), float(ends.high), question.level), "log_ratio")


def companions(control: Counts, treatment: Counts, question: Question) -> tuple[Alongside, ...]:
    """Return pooled z, Newcombe, Wald and, for the lift, Fieller where it is bounded."""
    shown = [
        pooled_z(control, treatment),
        newcombe(control, treatment, question.alpha, question.level),
        wald(control, treatment, question.alpha, question.level),
    ]
    estimates = rate_estimates(Rates.of(control, treatment))
    critical = -float(ndtri(question.alpha / 2))
    if control.k > 0 and float(fieller_g(estimates, critical)) < 1:
        low, high = fieller_lift(estimates, critical)
        shown.append(
            Alongside("fieller", interval=Interval(float(low), float(high), question.level))
        )
    return tuple(shown)
