"""Sample size, power and minimum detectable effect of the very test that will be run."""

import math
from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experimentos.errors import ContractError
from experimentos.plan.means import Spread, means_mde, means_n, means_power
from experimentos.plan.rates import POOLED, UNPOOLED, Null, rates_far_tail, rates_n, rates_power
from experimentos.plan.scheme import Scheme

type Array = NDArray[np.float64]

DEFAULT_SCHEME = Scheme()
_SCAN = 64
_HALVINGS = 50


@dataclass(frozen=True, slots=True)
class Rate:
    """A conversion rate.

    Attributes
    ----------
    baseline : float in (0, 1)
        The control's rate.
    pooled : bool
        Tested with the null variance (score), as the app does; False is Wald's test.
    """

    baseline: float
    pooled: bool = True

    def __post_init__(self) -> None:
        if not 0 < self.baseline < 1:
            raise ContractError(
                f"The baseline rate is {self.baseline:g}; it must lie between 0 and 1.",
                hint="Write 0.12 for 12 %.",
            )


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean per unit, or a ratio of two sums by its delta-method variance per unit.

    Attributes
    ----------
    sd : float
        Standard deviation of one control unit, > 0; for a ratio the square root of the variance
        per randomised unit.
    sd_treatment : float | None
        Of one treatment unit; None is the same.
    explained : float in [0, 1)
        Share of the variance that a covariate will remove (CUPED), the squared correlation of
        covariate and outcome.
    welch : bool
        Tested with Satterthwaite's degrees of freedom, as the app does; False is Student's test.
    """

    sd: float
    sd_treatment: float | None = None
    explained: float = 0.0
    welch: bool = True

    def __post_init__(self) -> None:
        sds = (self.sd, self.sd if self.sd_treatment is None else self.sd_treatment)
        if not all(0 < sd < math.inf for sd in sds):
            raise ContractError("The standard deviation must be positive.")
        if not 0 <= self.explained < 1:
            raise ContractError(
                f"The explained share of variance is {self.explained:g}; it must lie in [0, 1).",
                hint="Give the squared correlation of covariate and outcome.",
            )

    def spread(self, ratio: float) -> Spread:
        """Return the standard deviations left after the covariate."""
        left = math.sqrt(1 - self.explained)
        treatment = self.sd if self.sd_treatment is None else self.sd_treatment
        return Spread(self.sd * left, treatment * left, ratio, self.welch)


type Metric = Rate | Mean


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How many units an experiment needs.

    Attributes
    ----------
    exact : float
        Control units before rounding up.
    control, treatment : int
        Units of the control and of each treatment arm.
    total : int
        Over all arms.
    method : str
        The test it was solved for, in words.
    """

    exact: float
    control: int
    treatment: int
    total: int
    method: str


def sample_size(
    metric: Metric, effect: float, scheme: Scheme = DEFAULT_SCHEME, power: float = 0.8
) -> SampleSize:
    """Return the units needed to find this effect.

    Parameters
    ----------
    metric
        `Rate` or `Mean`.
    effect
        True treatment - control, unit of the metric: 0.01 is one point of a rate. For a
        non-inferiority test usually 0.
    scheme
        The test: level, sides, allocation, arms, looks, margin.
    power
        In (alpha, 1); of each arm's comparison.

    Raises
    ------
    ContractError
        If no number of units reaches the power: no effect, or a true harm beyond the margin.
    """
    exact = float(required_n(metric, effect, scheme, power))
    if not math.isfinite(exact):
        raise ContractError(
            "No number of units shows an effect of 0.",
            hint="Give the smallest effect worth finding.",
        )
    control = max(1, math.ceil(exact - 1e-9))
    treatment = max(1, math.ceil(exact * scheme.ratio - 1e-9))
    total = control + scheme.arms * treatment
    return SampleSize(exact, control, treatment, total, method(metric, scheme))


def power(
    metric: Metric, effect: float, n_control: float, scheme: Scheme = DEFAULT_SCHEME
) -> float:
    """Return the chance to find this effect with this many control units.

    Each treatment arm has `scheme.ratio` times as many. See `sample_size` for the parameters.
    """
    _check_effect(metric, effect)
    _check_n(n_control)
    return float(power_at(metric, effect, n_control, scheme))


def mde(
    metric: Metric,
    n_control: float,
    scheme: Scheme = DEFAULT_SCHEME,
    power: float = 0.8,
    *,
    increase: bool = True,
) -> float | None:
    """Return the smallest effect found with this power, or None where no effect is.

    Parameters
    ----------
    metric, n_control, scheme, power
        As in `sample_size`.
    increase
        Look for an increase of the metric; False for a decrease.

    Returns
    -------
    float | None
        A positive difference (negative for a decrease), unit of the metric. For a non-inferiority
        test: the true difference, possibly on the bad side, from which the power is reached.
    """
    _check_n(n_control)
    _check_power(power, scheme)
    wanted = scheme.fixed_power(power)
    if isinstance(metric, Mean):
        size = float(
            means_mde(n_control, metric.spread(scheme.ratio), *_level(scheme), power=wanted)
        )
        if scheme.margin is not None:
            return (size - scheme.margin) * (1 if scheme.higher_is_better else -1)
        return size if increase else -size
    if scheme.margin is not None:
        increase = scheme.higher_is_better
    return _rate_mde(metric, n_control, scheme, wanted, increase=increase)


def required_n(
    metric: Metric, effect: ArrayLike, scheme: Scheme = DEFAULT_SCHEME, power: float = 0.8
) -> Array:
    """Return the control units before rounding up, for an array of effects at once.

    Infinite where there is no effect to find. The far tail of a two-sided z test is left out.
    """
    _check_effect(metric, effect)
    _check_power(power, scheme)
    wanted = scheme.fixed_power(power)
    difference = np.asarray(effect, dtype=np.float64)
    match metric:
        case Rate():
            rates = _rates(metric, difference, scheme)
            return rates_n(*rates, scheme.ratio, scheme.critical, wanted, _null(metric, scheme))
        case Mean():
            shift = _shift(difference, scheme)
            return means_n(shift, metric.spread(scheme.ratio), *_level(scheme), power=wanted)
        case _:
            assert_never(metric)


def power_at(
    metric: Metric, effect: ArrayLike, n_control: ArrayLike, scheme: Scheme = DEFAULT_SCHEME
) -> Array:
    """Return the power for arrays of effects and control sizes, broadcast together."""
    difference = np.asarray(effect, dtype=np.float64)
    match metric:
        case Rate():
            fixed = _rate_power(metric, difference, n_control, scheme)
        case Mean():
            shift = _shift(difference, scheme)
            spread = metric.spread(scheme.ratio)
            fixed = means_power(shift, n_control, spread, *_level(scheme))
        case _:
            assert_never(metric)
    if len(scheme.looks) == 1:
        return np.minimum(fixed, 1.0)
    return np.asarray(np.vectorize(scheme.power_with_looks, otypes=[np.float64])(fixed))


def method(metric: Metric, scheme: Scheme) -> str:
    """Return in words which test the numbers are for."""
    parts = [f"{scheme.sides}-sided {_test_name(metric, scheme)} at {scheme.alpha:g}"]
    if scheme.margin is not None:
        parts.append(f"non-inferiority margin {scheme.margin:g}")
    if isinstance(metric, Mean) and metric.explained > 0:
        parts.append(f"variance reduced by {metric.explained:.0%} (CUPED)")
    if scheme.arms > 1:
        parts.append(f"{scheme.arms} arms against one control (Dunnett)")
    if len(scheme.looks) > 1:
        spending = scheme.spending.replace("_", " ")
        parts.append(f"{len(scheme.looks)} looks, {spending} spending")
    return ", ".join(parts)


def _test_name(metric: Metric, scheme: Scheme) -> str:
    match metric:
        case Rate(pooled=True) if scheme.margin is not None:
            return "score (Farrington-Manning) test of two rates"
        case Rate(pooled=True):
            return "score (pooled z) test of two rates"
        case Rate():
            return "Wald (unpooled z) test of two rates"
        case Mean(welch=welch):
            return "Welch t test of two means" if welch else "Student t test of two means"
        case _:
            assert_never(metric)


def _null(metric: Rate, scheme: Scheme) -> Null:
    if scheme.margin is None:
        return POOLED if metric.pooled else UNPOOLED
    return Null(scheme.margin, "score" if metric.pooled else "wald")


def _level(scheme: Scheme) -> tuple[float, int]:
    """Return alpha and sides of the equivalent test of one arm."""
    return scheme.side_alpha * scheme.sides, scheme.sides


def _shift(difference: Array, scheme: Scheme) -> Array:
    """Return the distance from the null towards the alternative."""
    if scheme.margin is None:
        return np.abs(difference)
    return (difference if scheme.higher_is_better else -difference) + scheme.margin


def _rates(metric: Rate, difference: Array, scheme: Scheme) -> tuple[Array, Array]:
    """Return the two rates; of the good outcome, where a margin makes direction matter."""
    control, treatment = np.asarray(metric.baseline), metric.baseline + difference
    if scheme.margin is None or scheme.higher_is_better:
        return control, treatment
    return 1 - control, 1 - treatment


def _rate_power(metric: Rate, difference: Array, n_control: ArrayLike, scheme: Scheme) -> Array:
    at = (*_rates(metric, difference, scheme), n_control, scheme.ratio, scheme.critical)
    null = _null(metric, scheme)
    near = rates_power(*at, null)
    return near + rates_far_tail(*at, null) if scheme.sides == 2 else near


def _rate_mde(
    metric: Rate, n_control: float, scheme: Scheme, wanted: float, *, increase: bool
) -> float | None:
    room = 1 - metric.baseline if increase else metric.baseline
    sign = 1.0 if increase else -1.0
    low = 0.0 if scheme.margin is None else -min(scheme.margin, 1 - room)

    def reached(difference: Array) -> NDArray[np.bool_]:
        return _rate_power(metric, sign * difference, n_control, scheme) >= wanted

    # Power need not rise everywhere at tiny n: scan for the first crossing, then halve.
    grid = np.linspace(low, room, _SCAN + 1)[1:]
    passed = np.flatnonzero(reached(grid))
    if passed.size == 0:
        return None
    below, above = grid[passed[0]] - (room - low) / _SCAN, grid[passed[0]]
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if reached(np.asarray(middle)):
            above = middle
        else:
            below = middle
    return sign * float(above)


def _check_power(wanted: float, scheme: Scheme) -> None:
    if not scheme.alpha < wanted < 1:
        raise ContractError(
            f"The power is {wanted:g}; it must lie between alpha ({scheme.alpha:g}) and 1.",
            hint="0.8 is usual.",
        )


def _check_effect(metric: Metric, effect: ArrayLike) -> None:
    difference = np.asarray(effect, dtype=np.float64)
    if not np.all(np.isfinite(difference)):
        raise ContractError("The effect must be a finite number.")
    if isinstance(metric, Rate):
        rates = metric.baseline + difference
        if np.any((rates < 0) | (rates > 1)):
            raise ContractError(
                "Baseline and effect together leave the range of a rate, 0 to 1.",
                hint="The effect is a difference of rates: 0.01 is one point.",
            )


def _check_n(n_control: float) -> None:
    if not 1 <= n_control < math.inf:
        raise ContractError(f"The control has {n_control} units; it needs at least 1.")
