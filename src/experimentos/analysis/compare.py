"""From the kind of a metric to its method."""

from dataclasses import dataclass, replace

from experimentos.analysis.cuped import adjusted_pair, cuped
from experimentos.analysis.delta import Pairs, delta, ratio_estimates
from experimentos.analysis.exact import LARGEST_ARM, barnard_p, fisher_p
from experimentos.analysis.informational import (
    Region,
    informed,
    posterior_of_difference,
    posterior_of_rates,
)
from experimentos.analysis.informed import (
    INFORMED_LIFT,
    Evidence,
    evidence_of_means,
    evidence_of_rates,
)
from experimentos.analysis.lift import Estimates
from experimentos.analysis.method import Question
from experimentos.analysis.quantile_se import quantile_se
from experimentos.analysis.result import (
    Alongside,
    Compared,
    Direction,
    Informed,
    Outcome,
    Posterior,
    Unavailable,
)
from experimentos.analysis.score import score
from experimentos.analysis.welch import Samples, mean_estimates, welch
from experimentos.errors import ContractError
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.metrics.summary import Statistic
from experimentos.plan.charter import Belief
from experimentos.policy import Policy


@dataclass(frozen=True, slots=True)
class Pair:
    """The same statistic of the control and of one treatment arm.

    Attributes
    ----------
    control, treatment : Statistic
        Both of one type.
    kind : str
        Key of `metrics.KINDS`; "adjusted" reads joint moments as outcome and covariate, any
        other kind as numerator and denominator.
    """

    control: Statistic
    treatment: Statistic
    kind: str

    @property
    def control_level(self) -> float:
        """Return the control's rate, mean or ratio, 0 where it has none."""
        match self.control:
            case Counts() as counts:
                return counts.rate if counts.n else 0.0
            case Moments() as moments:
                return moments.mean
            case CrossMoments() as joint if self.kind == "adjusted":
                return joint.mean_x
            case CrossMoments() as joint:
                return joint.mean_x / joint.mean_y if joint.mean_y else 0.0


def compare(pair: Pair, question: Question, policy: Policy) -> Outcome:
    """Compare two arms by the method of the metric's kind."""
    match pair.control, pair.treatment:
        case Counts() as control, Counts() as treatment:
            return _rates(control, treatment, question, policy)
        case Moments() as control, Moments() as treatment:
            by_mean = quantile_se if pair.kind == "quantile" else welch
            return by_mean(control, treatment, question)
        case CrossMoments() as control, CrossMoments() as treatment:
            if pair.kind == "adjusted":
                return _adjusted(control, treatment, question, policy)
            return delta(control, treatment, question)
        case _:
            raise ContractError(
                f"{question.metric}: the two arms hold different statistics.",
                hint="Give every arm the same columns.",
            )


def smallest_expected(control: Counts, treatment: Counts) -> float:
    """Return the smallest expected count of the two-by-two table; both arms together have users."""
    n = control.n + treatment.n
    converted = control.k + treatment.k
    return min(control.n, treatment.n) * min(converted, n - converted) / n


def _rates(control: Counts, treatment: Counts, question: Question, policy: Policy) -> Outcome:
    outcome = score(control, treatment, question)
    if isinstance(outcome, Unavailable):
        return outcome
    if smallest_expected(control, treatment) >= policy.expected_count_exact:
        return outcome
    exact = [Alongside("fisher", p_value=fisher_p(control, treatment))]
    if max(control.n, treatment.n) <= LARGEST_ARM:
        exact.append(Alongside("barnard", p_value=barnard_p(control, treatment)))
    return replace(outcome, alongside=(*outcome.alongside, *exact))


def _adjusted(
    control: CrossMoments, treatment: CrossMoments, question: Question, policy: Policy
) -> Outcome:
    outcome = cuped(control, treatment, question, policy.balance_t)
    if isinstance(outcome, Compared):
        return outcome
    # Without its covariate the metric is still a mean of a randomised experiment.
    return welch(control.x, treatment.x, question)


def estimates_of(pair: Pair, method: str) -> Estimates:
    """Return the two values that a method of means compared, and their squared errors.

    Parameters
    ----------
    method
        "welch", "cuped" or "delta", as the comparison carries it.
    """
    match pair.control, pair.treatment:
        case Moments() as control, Moments() as treatment:
            return mean_estimates(Samples.of(control), Samples.of(treatment))
        case CrossMoments() as control, CrossMoments() as treatment if method == "delta":
            return ratio_estimates(Pairs.of(control), Pairs.of(treatment))
        case CrossMoments() as control, CrossMoments() as treatment:
            # An adjusted metric whose covariate was refused was compared as a plain mean.
            plain = control.x, treatment.x
            arms = adjusted_pair(control, treatment) if method == "cuped" else plain
            return mean_estimates(*(Samples.of(each) for each in arms))
        case _:
            raise ContractError(
                "Rates have a posterior of their own.", hint="Use posterior_of_rates."
            )


@dataclass(frozen=True, slots=True)
class View:
    """What the Bayesian view of one comparison is asked.

    Attributes
    ----------
    question : Question
    direction : Direction
    region : Region | None
        Lifts too small to matter.
    """

    question: Question
    direction: Direction
    region: Region | None


def posterior(pair: Pair, view: View, policy: Policy) -> Posterior | Unavailable:
    """Return the informational posterior of a comparison, flat priors, in the good direction."""
    question, rest = view.question, (view.question, view.direction, view.region)
    if isinstance(pair.control, Counts) and isinstance(pair.treatment, Counts):
        return posterior_of_rates(pair.control, pair.treatment, *rest)
    outcome = compare(pair, question, policy)
    if isinstance(outcome, Unavailable):
        return replace(outcome, method="normal_posterior")
    return posterior_of_difference(outcome, estimates_of(pair, outcome.method), *rest)


def informed_posterior(
    pair: Pair, view: View, belief: Belief, policy: Policy
) -> Informed | Unavailable:
    """Return the informational posterior under a stated belief about the lift."""
    evidence = _evidence(pair, view.question, policy)
    if isinstance(evidence, Unavailable):
        return replace(evidence, method=INFORMED_LIFT.name)
    return informed(evidence, belief, view.region, view.question, view.direction)


def _evidence(pair: Pair, question: Question, policy: Policy) -> Evidence | Unavailable:
    if isinstance(pair.control, Counts) and isinstance(pair.treatment, Counts):
        if min(pair.control.n, pair.treatment.n) == 0:
            return Unavailable("", "no_users", "One of the two arms has no users.")
        return evidence_of_rates(pair.control, pair.treatment)
    outcome = compare(pair, question, policy)
    if isinstance(outcome, Unavailable):
        return outcome
    return evidence_of_means(estimates_of(pair, outcome.method))
