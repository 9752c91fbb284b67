"""Segments: one effect from all of them, and a test of whether they differ."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtr, ndtri

from experimentos.analysis.lift import Estimates, lift_of_means
from experimentos.analysis.method import Method, Question
from experimentos.analysis.result import Compared, Interval, Outcome, Unavailable
from experimentos.analysis.welch import Samples
from experimentos.metrics.counts import Counts
from experimentos.metrics.moments import Moments

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Strata:
    """One arm, segment by segment.

    Attributes
    ----------
    parts : tuple[Moments, ...]
        One per segment, in an order that all arms share.
    """

    parts: tuple[Moments, ...]

    @classmethod
    def of(cls, parts: Sequence[Counts | Moments]) -> "Strata":
        """Return the strata of rates or means; a rate is the mean of zeros and ones."""
        return cls(tuple(_moments(part) for part in parts))

    @property
    def samples(self) -> Samples:
        """Return the segments as arrays, shape (segments,)."""
        return Samples.arrays(
            [part.n for part in self.parts],
            [part.mean for part in self.parts],
            [part.m2 for part in self.parts],
        )


@dataclass(frozen=True, slots=True)
class Interaction:
    """A test that the effect is the same in every segment.

    Attributes
    ----------
    q : float
        Cochran's Q, >= 0.
    df : int
        Segments minus one.
    p_value : float
    """

    q: float
    df: int
    p_value: float


def _moments(part: Counts | Moments) -> Moments:
    if isinstance(part, Moments):
        return part
    rate = part.rate if part.n else 0.0
    return Moments(part.n, rate, part.k * (1 - rate))


def poststratify(control: Strata, treatment: Strata, question: Question) -> Outcome:
    """Compare two arms within segments, and average by the segments' share of all users.

    Notes
    -----
    Unavailable when a segment has fewer than two units in an arm: it has no variance there.

    References
    ----------
    Miratrix, Sekhon and Yu (2013), JRSS B 75, conditional on the segments' sizes.
    """
    missing = _missing(control, treatment)
    if missing is not None:
        return missing
    c, t = control.samples, treatment.samples
    weights = (c.n + t.n) / np.sum(c.n + t.n)
    estimates = Estimates.of(
        np.sum(weights * c.mean),
        np.sum(weights**2 * c.mean_variance),
        np.sum(weights * t.mean),
        np.sum(weights**2 * t.mean_variance),
    )
    variance = float(estimates.control_variance + estimates.treatment_variance)
    if variance == 0:
        return Unavailable("poststratification", "no_variation", "No segment varies in any arm.")
    difference, se = float(estimates.treatment - estimates.control), variance**0.5
    critical = -float(ndtri(question.alpha / 2))
    z = difference / se
    p = 2 * float(ndtr(-abs(z)))
    return Compared(
        metric=question.metric,
        arm=question.arm,
        method="poststratification",
        control_value=float(estimates.control),
        treatment_value=float(estimates.treatment),
        difference=difference,
        interval=Interval(difference - critical * se, difference + critical * se, question.level),
        statistic=z,
        p_value=p,
        se=se,
        df=None,
        lift=lift_of_means(estimates, critical, question.level),
        n_control=sum(part.n for part in control.parts),
        n_treatment=sum(part.n for part in treatment.parts),
        unadjusted_p=p,
    )


def interaction(control: Strata, treatment: Strata) -> Interaction | Unavailable:
    """Test whether the effect differs between segments.

    References
    ----------
    Cochran (1954), Biometrics 10: Q on the segments' differences, weighted by their precision.
    """
    missing = _missing(control, treatment)
    if missing is not None:
        return missing
    c, t = control.samples, treatment.samples
    variances = c.mean_variance + t.mean_variance
    if len(control.parts) < 2 or np.any(variances == 0):
        return Unavailable(
            "interaction", "no_variation", "Two segments are needed, each with some variation."
        )
    differences = t.mean - c.mean
    centre = np.sum(differences / variances) / np.sum(1 / variances)
    q = float(np.sum((differences - centre) ** 2 / variances))
    df = len(control.parts) - 1
    return Interaction(q, df, float(chdtrc(df, q)))


def _missing(control: Strata, treatment: Strata) -> Unavailable | None:
    smallest = min((part.n for part in (*control.parts, *treatment.parts)), default=0)
    if smallest < 2:
        return Unavailable(
            "poststratification",
            "too_few_units",
            "A segment has fewer than two users in an arm; join it with another one.",
        )
    return None


POSTSTRATIFICATION = Method(
    name="poststratification",
    title="Post-stratification",
    accepts=Moments,
    words=(
        "The difference within each segment, averaged with the segment's share of all users; the "
        "variance adds the squared shares times each segment's own."
    ),
    source="Miratrix, Sekhon and Yu (2013), JRSS B 75:369-396.",
    assumptions=(
        "Segments were fixed before exposure and the treatment cannot change them.",
        "Every segment has several users in each arm.",
    ),
)

INTERACTION = Method(
    name="interaction",
    title="Cochran's Q over segments",
    accepts=Moments,
    words=(
        "The squared distances of the segments' differences from their average, each over its own "
        "variance, added up: large when the effect is not the same in every segment. Held against "
        "a chi-square distribution with one degree of freedom fewer than segments."
    ),
    source="Cochran (1954), Biometrics 10:417-451.",
    assumptions=("Each segment's difference is close to normal.",),
)
