"""What an analysis can say, and the type for what it cannot."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a metric is for in the decision."""

    PRIMARY = "primary"
    GUARDRAIL = "guardrail"
    SECONDARY = "secondary"


class Direction(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence or credible interval.

    Attributes
    ----------
    low, high : float
        Ends in the unit of the estimate; may be infinite (one-sided, Fieller), never nan.
    level : float in (0, 1)
        Coverage, 0.95 for a 95 % interval.
    """

    low: float
    high: float
    level: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A result that does not exist.

    Attributes
    ----------
    method : str
        What was asked for.
    code : str
        Stable snake_case reason.
    why : str
        The reason for people: one sentence.
    """

    method: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Lift:
    """A relative effect.

    Attributes
    ----------
    estimate : float
        Difference over the absolute control value; 0.05 is +5 %.
    interval : Interval
    method : str
        "log_ratio", "fieller" or "delta".
    """

    estimate: float
    interval: Interval
    method: str


@dataclass(frozen=True, slots=True)
class Alongside:
    """A second method shown beside the first, for comparison only.

    Attributes
    ----------
    method : str
        "pooled_z", "newcombe", "wald", "fisher", "fieller", ...
    statistic, p_value : float | None
    interval : Interval | None
        For the difference, or for the lift when the method is about the lift.
    """

    method: str
    statistic: float | None = None
    p_value: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One metric of one arm against the control.

    Attributes
    ----------
    metric : str
    arm : str
    method : str
        Key of `analysis.METHODS`.
    control_value, treatment_value : float
        Rate in [0, 1], mean, or ratio.
    difference : float
        Treatment minus control, unit of the metric.
    interval : Interval
        For the difference; agrees with `p_value` at its level.
    statistic, p_value : float
        Two-sided; adjusted for the number of arms when `adjustment` says so.
    se : float
        Standard error of the difference.
    df : float | None
        Degrees of freedom, None for a normal statistic.
    lift : Lift | Unavailable
    n_control, n_treatment : int
        Units behind the two values.
    unadjusted_p : float
        The p-value before any adjustment; equals `p_value` when there is none.
    adjustment : str
        "" for none, else "dunnett", "holm", ...
    alongside : tuple[Alongside, ...]
    """

    metric: str
    arm: str
    method: str
    control_value: float
    treatment_value: float
    difference: float
    interval: Interval
    statistic: float
    p_value: float
    se: float
    df: float | None
    lift: Lift | Unavailable
    n_control: int
    n_treatment: int
    unadjusted_p: float
    adjustment: str = ""
    alongside: tuple[Alongside, ...] = ()


type Outcome = Compared | Unavailable


@dataclass(frozen=True, slots=True)
class MetricResult:
    """Everything a frequentist analysis says of one metric.

    Attributes
    ----------
    metric : str
    kind : str
        Key of `metrics.KINDS`.
    role : Role
    direction : Direction
    harm, severe_harm : float
        For a guardrail: how much worse is worse, and severely worse; in points of the rate for
        conversions, share of the control value otherwise.
    outcomes : tuple[tuple[str, Outcome], ...]
        (arm name, outcome), one per treatment arm in the summary's order.
    mde : float | None
        Smallest absolute difference this n would have detected at the policy's power; None where
        it cannot be computed.
    planned_mde : float | None
        Smallest absolute difference worth finding, as the charter planned it; for the primary
        only. An effect whose whole interval lies within it is called negligible.
    margin : float | None
        Non-inferiority margin of a guardrail, in the unit of `harm`; None when none was planned.
    waiting : tuple[tuple[str, str], ...]
        (arm name, why the planned monitoring lets it not be decided yet), for the primary only.
    """

    metric: str
    kind: str
    role: Role
    direction: Direction
    harm: float
    severe_harm: float
    outcomes: tuple[tuple[str, Outcome], ...]
    mde: float | None
    planned_mde: float | None = None
    margin: float | None = None
    waiting: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Frequentist:
    """The part of an analysis that a decision may read: it cannot hold a posterior.

    Attributes
    ----------
    alpha : float
    primary : MetricResult
    guardrails, secondary : tuple[MetricResult, ...]
    """

    alpha: float
    primary: MetricResult
    guardrails: tuple[MetricResult, ...]
    secondary: tuple[MetricResult, ...]

    @property
    def metrics(self) -> tuple[MetricResult, ...]:
        """Return the primary, the guardrails and the secondary metrics, in this order."""
        return (self.primary, *self.guardrails, *self.secondary)


@dataclass(frozen=True, slots=True)
class Rope:
    """How probable it is that a lift is too small to matter (region of practical equivalence).

    Attributes
    ----------
    low, high : float
        Relative lifts between which the arms count as equal: -0.01 and 0.01 are -1 % and +1 %.
    probability : float in [0, 1]
        That the lift lies between them.
    source : "charter", "mde" or "policy"
        Who says what is too small: the charter's range, its smallest effect worth finding, or
        `Policy.negligible_relative`.
    """

    low: float
    high: float
    probability: float
    source: str


@dataclass(frozen=True, slots=True)
class Posterior:
    """A Bayesian reading of one metric and arm; informational only.

    Attributes
    ----------
    metric, arm : str
    method : str
        "beta_binomial" or "normal_posterior".
    prior : str
        The prior in words.
    probability_better : float in [0, 1]
        That the treatment is better, in the direction of the metric.
    loss_if_launched, loss_if_kept : float
        Expected loss of choosing the treatment, of keeping the control; unit of the metric.
    difference, lift : Interval | None
        Equal-tailed credible intervals of the difference and of the relative lift.
    rope : Rope | None
        For the primary metric, where it has a relative lift.
    """

    metric: str
    arm: str
    method: str
    prior: str
    probability_better: float
    loss_if_launched: float
    loss_if_kept: float
    difference: Interval
    lift: Interval | None
    rope: Rope | None = None


@dataclass(frozen=True, slots=True)
class Informed:
    """The primary metric of one arm under the belief that the charter states; informational only.

    Attributes
    ----------
    metric, arm : str
    method : str
        "informed_lift".
    prior : str
        The belief in words.
    probability_better : float in [0, 1]
    loss_if_launched, loss_if_kept : float
        Expected loss of choosing the treatment, of keeping the control; unit of the metric.
    lift : Interval
        Equal-tailed credible interval of the relative lift.
    rope : Rope | None
    """

    metric: str
    arm: str
    method: str
    prior: str
    probability_better: float
    loss_if_launched: float
    loss_if_kept: float
    lift: Interval
    rope: Rope | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """A whole analysis: what decides, and what informs.

    Attributes
    ----------
    frequentist : Frequentist
    posteriors : tuple[Posterior | Unavailable, ...]
        One per metric and treatment arm.
    assumptions : tuple[str, ...]
        What was assumed and not planned (directions, roles), in words; the memo repeats them.
    informed : tuple[Informed | Unavailable, ...]
        One per treatment arm when the charter states a belief, else empty.
    """

    frequentist: Frequentist
    posteriors: tuple[Posterior | Unavailable, ...]
    assumptions: tuple[str, ...] = ()
    informed: tuple[Informed | Unavailable, ...] = ()
