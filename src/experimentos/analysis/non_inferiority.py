"""Non-inferiority and equivalence of two rates by the score method."""

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from experimentos.analysis.method import Method
from experimentos.analysis.rates import Rates
from experimentos.analysis.result import Interval
from experimentos.analysis.score import score_interval, score_statistic
from experimentos.metrics.counts import Counts


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """A one-sided test that the treatment is not worse than the control by the margin.

    Attributes
    ----------
    z_score, p_score : float
        Score test with the rates restricted to the margin: the verdict.
    z_wald, p_wald : float
        The same with unpooled standard error; infinite z where neither arm varies.
    bound_score, bound_wald : float
        One-sided bound of p_treatment - p_control at 1 - alpha: a lower one where higher is
        better, else an upper one.
    non_inferior, non_inferior_wald : bool
        Whether p is below alpha; the bound then lies inside the margin.
    """

    z_score: float
    p_score: float
    z_wald: float
    p_wald: float
    bound_score: float
    bound_wald: float
    non_inferior: bool
    non_inferior_wald: bool


def non_inferiority(
    control: Counts,
    treatment: Counts,
    margin: float,
    alpha: float,
    *,
    higher_is_better: bool = True,
    corrected: bool = False,
) -> NonInferiority:
    """Test that the treatment's rate is not worse than the control's by the margin or more.

    Parameters
    ----------
    margin
        Largest harm that is acceptable, in points of the rate, > 0.
    alpha
        One-sided level.
    corrected
        Score variance with N / (N - 1) (Miettinen and Nurminen); without it as Farrington and
        Manning (1990).

    Notes
    -----
    H0: p_t - p_c <= -margin where higher is better, p_t - p_c >= margin where lower is. Both arms
    need users.
    """
    sign = 1 if higher_is_better else -1
    rates = Rates.of(control, treatment)
    difference = float(rates.difference)
    z_score = sign * float(score_statistic(rates, -sign * margin, corrected=corrected))
    se = math.sqrt(
        control.rate * (1 - control.rate) / control.n
        + treatment.rate * (1 - treatment.rate) / treatment.n
    )
    distance = sign * difference + margin
    z_wald = distance / se if se > 0 else math.copysign(math.inf, distance)
    p_score, p_wald = float(ndtr(-z_score)), float(ndtr(-z_wald))
    low, high = score_interval(rates, 2 * alpha, corrected=corrected)
    return NonInferiority(
        z_score=z_score,
        p_score=p_score,
        z_wald=z_wald,
        p_wald=p_wald,
        bound_score=float(low if higher_is_better else high),
        bound_wald=difference + sign * float(ndtri(alpha)) * se,
        non_inferior=p_score < alpha,
        non_inferior_wald=p_wald < alpha,
    )


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests that the effect lies within a region of practical equivalence.

    Attributes
    ----------
    p_value : float
        The larger of the two one-sided p-values.
    interval : Interval
        Score interval at 1 - 2 alpha: inside the region exactly when `equivalent`.
    equivalent : bool
    """

    p_value: float
    interval: Interval
    equivalent: bool


def equivalence(control: Counts, treatment: Counts, margin: float, alpha: float) -> Equivalence:
    """Test that two rates differ by less than the margin either way, by the score method.

    References
    ----------
    Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15: two one-sided tests.
    """
    rates = Rates.of(control, treatment)
    above = float(ndtr(-float(score_statistic(rates, -margin))))
    below = float(ndtr(float(score_statistic(rates, margin))))
    low, high = score_interval(rates, 2 * alpha)
    p = max(above, below)
    return Equivalence(p, Interval(float(low), float(high), 1 - 2 * alpha), p < alpha)


NON_INFERIORITY = Method(
    name="non_inferiority",
    title="Non-inferiority by the score method",
    accepts=Counts,
    words=(
        "The distance of the difference from the margin over its standard error at the margin, "
        "with the rates of highest likelihood that differ by just the margin; one-sided."
    ),
    source="Farrington and Manning (1990), Statistics in Medicine 9:1447-1454.",
    assumptions=("The margin was fixed before the data.", "Users are independent."),
)

EQUIVALENCE = Method(
    name="equivalence",
    title="Equivalence by two one-sided score tests",
    accepts=Counts,
    words=(
        "The effect lies within the region when both one-sided score tests reject, that is when "
        "the interval at 1 - 2 alpha lies inside it."
    ),
    source="Schuirmann (1987), J. Pharmacokinet. Biopharm. 15:657-680.",
    assumptions=("The region was fixed before the data.", "Users are independent."),
)
