"""CUPED and ANCOVA: a covariate from before the experiment takes away noise."""

import math
from dataclasses import dataclass, replace

from scipy.special import stdtr, stdtrit

from experimentos.analysis.method import Method, Question
from experimentos.analysis.result import Alongside, Interval, Outcome, Unavailable
from experimentos.analysis.welch import Samples, no_means, welch, welch_arrays
from experimentos.metrics.moments import CrossMoments, Moments
from experimentos.policy import DEFAULT_POLICY


@dataclass(frozen=True, slots=True)
class Ancova:
    """Least squares of the outcome on treatment and covariate, classical errors.

    Attributes
    ----------
    theta : float
        Slope within arms, unit of the outcome per unit of the covariate.
    difference, se, df, p_value : float
    low, high : float
        Interval of the difference on t(df).
    """

    theta: float
    difference: float
    se: float
    df: float
    p_value: float
    low: float
    high: float


def theta_total(control: CrossMoments, treatment: CrossMoments) -> float:
    """Return cov / var of all units pooled, without regard to arm; the covariate must vary."""
    joint = control + treatment
    return joint.c_xy / joint.m2_y


def theta_within(control: CrossMoments, treatment: CrossMoments) -> float:
    """Return the common slope within arms; the covariate must vary within an arm."""
    return (control.c_xy + treatment.c_xy) / (control.m2_y + treatment.m2_y)


def adjusted(arm: CrossMoments, theta: float, centre: float) -> Moments:
    """Return the moments of x - theta (y - centre): the outcome without what y explains."""
    m2 = arm.m2_x - 2 * theta * arm.c_xy + theta**2 * arm.m2_y
    return Moments(arm.n, arm.mean_x - theta * (arm.mean_y - centre), max(m2, 0.0))


def adjusted_pair(control: CrossMoments, treatment: CrossMoments) -> tuple[Moments, Moments]:
    """Return both arms' adjusted moments, with `theta_total` and the overall covariate mean."""
    theta, centre = theta_total(control, treatment), (control + treatment).mean_y
    return adjusted(control, theta, centre), adjusted(treatment, theta, centre)


def variance_ratio(control: CrossMoments, treatment: CrossMoments) -> float:
    """Return adjusted over raw squared standard error: 0.6 saves 40 % of the users."""
    after = [Samples.of(arm).mean_variance for arm in adjusted_pair(control, treatment)]
    before = [Samples.of(arm.x).mean_variance for arm in (control, treatment)]
    return float(sum(after) / sum(before))


def covariate_t(control: CrossMoments, treatment: CrossMoments) -> float:
    """Return Welch's t of the covariate between arms: far from 0 it was not from before."""
    return float(welch_arrays(Samples.of(control.y), Samples.of(treatment.y), 0.05).t)


def ancova(control: CrossMoments, treatment: CrossMoments, alpha: float) -> Ancova:
    """Return the treatment effect of a regression on treatment and covariate.

    Notes
    -----
    At least four units in all; the covariate must vary within an arm.
    """
    theta = theta_within(control, treatment)
    gap = treatment.mean_y - control.mean_y
    difference = treatment.mean_x - control.mean_x - theta * gap
    m2_y = control.m2_y + treatment.m2_y
    residual = max(control.m2_x + treatment.m2_x - theta * (control.c_xy + treatment.c_xy), 0.0)
    df = control.n + treatment.n - 3
    se = math.sqrt(residual / df * (1 / control.n + 1 / treatment.n + gap**2 / m2_y))
    half = -float(stdtrit(df, alpha / 2)) * se
    p = 2 * float(stdtr(df, -abs(difference / se))) if se > 0 else float(difference == 0)
    return Ancova(theta, difference, se, df, p, difference - half, difference + half)


def cuped(
    control: CrossMoments,
    treatment: CrossMoments,
    question: Question,
    balance_t: float = DEFAULT_POLICY.balance_t,
) -> Outcome:
    """Compare two means after taking away what the covariate explains.

    Parameters
    ----------
    balance_t
        Unavailable when the covariate differs between arms by more standard errors than this: it
        was then not measured before the experiment, or the split is broken.
    """
    missing = _missing(control, treatment, balance_t)
    if missing is not None:
        return missing
    outcome = welch(*adjusted_pair(control, treatment), question)
    if isinstance(outcome, Unavailable):
        return Unavailable("cuped", "no_variation", "The covariate explains the outcome wholly.")
    return replace(outcome, method="cuped", alongside=_alongside(control, treatment, question))


def _missing(
    control: CrossMoments, treatment: CrossMoments, balance_t: float
) -> Unavailable | None:
    missing = no_means(control.x, treatment.x, "cuped")
    if missing is not None:
        return missing
    if control.m2_y + treatment.m2_y <= 0:
        return Unavailable(
            "cuped", "covariate_constant", "The covariate has the same value for every unit."
        )
    t = covariate_t(control, treatment)
    if abs(t) > balance_t:
        return Unavailable(
            "cuped",
            "covariate_unbalanced",
            f"The covariate differs between the arms (t = {t:.1f}): it was not measured before "
            "the experiment, or the split is broken. The adjustment would be biased.",
        )
    return None


def _alongside(
    control: CrossMoments, treatment: CrossMoments, question: Question
) -> tuple[Alongside, ...]:
    raw = welch_arrays(Samples.of(control.x), Samples.of(treatment.x), question.alpha)
    ends = Interval(float(raw.interval.low), float(raw.interval.high), question.level)
    shown = [
        Alongside("variance_ratio", variance_ratio(control, treatment)),
        Alongside("welch", float(raw.t), float(raw.p), ends),
    ]
    fit = ancova(control, treatment, question.alpha)
    if fit.se > 0:
        interval = Interval(fit.low, fit.high, question.level)
        shown.append(Alongside("ancova", fit.difference / fit.se, fit.p_value, interval))
    return tuple(shown)


CUPED = Method(
    name="cuped",
    title="CUPED",
    accepts=CrossMoments,
    words=(
        "Each unit's outcome minus theta times its covariate's distance from the overall mean, "
        "theta being the covariance over the variance of all units; then Welch's t test."
    ),
    source="Deng, Xu, Kohavi and Walker (2013), WSDM; ANCOVA: Fisher (1932).",
    assumptions=(
        "The covariate was measured before the experiment and cannot be changed by it.",
        "Units are independent and each is counted once.",
    ),
    compare=cuped,
)

ANCOVA = Method(
    name="ancova",
    title="ANCOVA",
    accepts=CrossMoments,
    words="Least squares of the outcome on treatment and covariate, with classical errors.",
    source="Fisher (1932), Statistical Methods for Research Workers, 4th ed.",
    assumptions=(
        "The covariate was measured before the experiment and cannot be changed by it.",
        "The same slope and the same residual variance in both arms.",
    ),
)

VARIANCE_RATIO = Method(
    name="variance_ratio",
    title="Variance kept by CUPED",
    accepts=CrossMoments,
    words=(
        "The squared standard error after the adjustment over the one before it: 0.6 means that "
        "60 % of the users would have given the same precision."
    ),
    source="Deng, Xu, Kohavi and Walker (2013), WSDM, section 3.",
    assumptions=("As for CUPED.",),
)
