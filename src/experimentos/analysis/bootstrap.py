"""Bootstrap intervals for differences of means, ratios and quantiles of values per unit."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from experimentos.analysis.buckets import bucket_sums
from experimentos.analysis.method import Method
from experimentos.analysis.result import Interval
from experimentos.errors import ContractError
from experimentos.metrics.moments import Moments

type Array = NDArray[np.float64]

BUCKETS = 2_000
"""Arms with more units are resampled by buckets of units."""

LEAST_RESAMPLES = 100
# The standard error of a standard error from k buckets is 1 / sqrt(2 k) of it: 7 % here.
LEAST_BUCKETS = 100

_CHUNK_CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """A bootstrapped difference, treatment minus control.

    Attributes
    ----------
    difference, se : float
        Unit of the metric.
    percentile : Interval
        Quantiles of the resampled differences.
    bca : Interval | None
        The same, corrected for bias and skewness; None for quantiles, whose influence on the
        estimate needs the density.
    """

    difference: float
    se: float
    percentile: Interval
    bca: Interval | None


type _Draw = Callable[[Array, int, np.random.Generator], Array]


class _Arm(NamedTuple):
    """A sum over a sum: residuals num - value den, denominators, and the ratio itself."""

    residual: Array
    denominator: Array
    value: float

    @property
    def influence(self) -> Array:
        return self.residual / self.denominator.sum()


def bootstrap(
    control: ArrayLike, treatment: ArrayLike, seed: int, alpha: float = 0.05, resamples: int = 4_000
) -> Bootstrap:
    """Return the bootstrap distribution of a difference of means in two intervals.

    Parameters
    ----------
    control, treatment
        One value per unit, shapes (n,), finite, at least two each, not all alike; the unit is
        the one that was randomised.
    seed
        The same seed gives the same intervals.
    resamples
        At least 100.

    Notes
    -----
    Arms of at most `BUCKETS` units are resampled with replacement. Larger ones are dealt at random
    into that many buckets, which get Poisson(1) weights: the Poisson bootstrap of bucket sums.

    References
    ----------
    Efron (1987), JASA 82 (BCa); Chamandy, Muralidharan, Najmi and Naidu (2012), Google (Poisson).
    """
    arms = [_checked(values) for values in (control, treatment)]
    return _bootstrap([_arm(x, np.ones(x.size)) for x in arms], seed, alpha, resamples)


def bootstrap_ratio(
    control: ArrayLike, treatment: ArrayLike, seed: int, alpha: float = 0.05, resamples: int = 4_000
) -> Bootstrap:
    """Return the bootstrap distribution of a difference of ratios, sum over sum.

    Parameters
    ----------
    control, treatment
        Numerator and denominator per unit, shapes (n, 2), finite; denominators not negative and
        not all 0, numerators not all proportional to them.
    seed, resamples
        As in `bootstrap`, and resampled in the same two ways.
    """
    arms = [_checked_pairs(values) for values in (control, treatment)]
    return _bootstrap([_arm(rows[:, 0], rows[:, 1]) for rows in arms], seed, alpha, resamples)


@dataclass(frozen=True, slots=True)
class Buckets:
    """One arm, its units dealt at random into buckets by whoever holds them.

    Attributes
    ----------
    residual : Array
        Sum per bucket of numerator - value * denominator, shape (buckets,); sums to 0.
    denominator : Array
        Sum per bucket of the denominator; of a mean, its units. Shape (buckets,).
    value : float
        The ratio of all units, or their mean.
    squares : float
        Squared residuals added up over units.
    """

    residual: Array
    denominator: Array
    value: float
    squares: float


def bootstrap_buckets(
    control: Buckets, treatment: Buckets, seed: int, alpha: float = 0.05, resamples: int = 4_000
) -> Bootstrap:
    """Return the bootstrap distribution of a difference of means or ratios from sums of buckets.

    Parameters
    ----------
    seed, resamples
        As in `bootstrap`.

    Notes
    -----
    The buckets' sums are scaled so that their squares add up to those of the units (see
    `buckets.bucket_sums`), and get Poisson(1) weights.
    """
    arms = []
    for arm in (control, treatment):
        seen = float(np.sum(arm.residual**2))
        if len(arm.residual) < LEAST_BUCKETS or not 0 < seen < math.inf or arm.squares <= 0:
            raise ContractError(
                f"A bootstrap needs {LEAST_BUCKETS} buckets or more per arm, not all alike.",
                hint="Collect more units, or make fewer buckets of them.",
            )
        scale = math.sqrt(arm.squares / seen)
        arms.append(_Arm(arm.residual * scale, arm.denominator, arm.value))
    return _bootstrap(arms, seed, alpha, resamples, _poisson_sums)


def bootstrap_quantile(
    arms: tuple[ArrayLike, ArrayLike],
    q: float,
    seed: int,
    alpha: float = 0.05,
    resamples: int = 4_000,
) -> Bootstrap:
    """Return the bootstrap distribution of a difference of quantiles.

    Parameters
    ----------
    arms
        Control and treatment, one value per unit, as in `bootstrap`.
    q
        In (0, 1); the quantile is the value of rank ceil(n q), which ties leave in place.

    Notes
    -----
    No resample is made: the value of rank k of a resample is the value at place floor(n U) of the
    sorted sample, U ~ Beta(k, n + 1 - k). This is the bootstrap distribution itself.
    """
    if not 0 < q < 1:
        raise ContractError(
            f"A quantile of {q:g} does not exist.", hint="Write 0.9 for the 90th percentile."
        )
    rng = _random(seed, resamples)
    drawn, values = [], []
    for given in arms:
        ordered = np.sort(_checked(given))
        rank = math.ceil(ordered.size * q)
        places = rng.beta(rank, ordered.size + 1 - rank, resamples) * ordered.size
        drawn.append(ordered[np.minimum(places.astype(np.int64), ordered.size - 1)])
        values.append(float(ordered[rank - 1]))
    differences = drawn[1] - drawn[0]
    tails = np.array([alpha / 2, 1 - alpha / 2])
    return Bootstrap(
        difference=values[1] - values[0],
        se=float(differences.std(ddof=1)),
        percentile=_interval(differences, tails, alpha),
        bca=None,
    )


def _arm(numerator: Array, denominator: Array) -> _Arm:
    value = float(numerator.sum() / denominator.sum())
    return _Arm(numerator - value * denominator, denominator, value)


def _bootstrap(
    arms: list[_Arm], seed: int, alpha: float, resamples: int, draw: _Draw | None = None
) -> Bootstrap:
    rng = _random(seed, resamples)
    c, t = (_resampled(arm, resamples, rng, draw) for arm in arms)
    difference = arms[1].value - arms[0].value
    drawn = np.sort(t - c)
    tails = np.array([alpha / 2, 1 - alpha / 2])
    influence = np.concatenate((-arms[0].influence, arms[1].influence))
    return Bootstrap(
        difference=difference,
        se=float(drawn.std(ddof=1)),
        percentile=_interval(drawn, tails, alpha),
        bca=_interval(drawn, _corrected(drawn, difference, influence, tails), alpha),
    )


def _resampled(arm: _Arm, resamples: int, rng: np.random.Generator, draw: _Draw | None) -> Array:
    """Return the ratios of resamples: the residuals' sum is small, so no digit of it is lost."""
    sums = bucket_sums(arm.residual[:, None], arm.denominator[:, None], BUCKETS, rng)
    if draw is None:
        draw = _poisson_sums if arm.residual.size > BUCKETS else _picked_sums
    drawn = np.empty((resamples, 2))
    step = max(1, _CHUNK_CELLS // len(sums))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn[start : start + rows] = draw(sums, rows, rng)
    residual, denominator = drawn.T
    if denominator.min() <= 0:
        raise ContractError(
            "A resample has a denominator of 0: too few units have one.",
            hint="Collect more units, or compare means.",
        )
    return np.asarray(arm.value + residual / denominator)


def _picked_sums(sums: Array, rows: int, rng: np.random.Generator) -> Array:
    picks = rng.integers(0, len(sums), size=(rows, len(sums)))
    return np.column_stack([column[picks].sum(axis=1) for column in sums.T])


def _poisson_sums(sums: Array, rows: int, rng: np.random.Generator) -> Array:
    return _POISSON[rng.integers(0, 2**16, (rows, len(sums)), dtype=np.uint16)] @ sums


def _poisson_table() -> Array:
    """Return Poisson(1) counts at 2^16 equally likely places, probabilities rounded to 2^-16."""
    chances = np.cumsum([math.exp(-1) / math.factorial(k) for k in range(9)])
    ends = np.round(chances / chances[-1] * 2**16).astype(np.int64)
    return np.repeat(np.arange(9.0), np.diff(ends, prepend=0))


_POISSON = _poisson_table()


def _corrected(drawn: Array, estimate: float, influence: Array, tails: Array) -> Array:
    """Return the tail probabilities after the correction for bias and acceleration."""
    below = (np.sum(drawn < estimate) + 0.5 * np.sum(drawn == estimate)) / drawn.size
    bias = ndtri(np.clip(below, 0.5 / drawn.size, 1 - 0.5 / drawn.size))
    acceleration = np.sum(influence**3) / (6 * np.sum(influence**2) ** 1.5)
    z = bias + ndtri(tails)
    return np.asarray(ndtr(bias + z / (1 - acceleration * z)))


def _interval(drawn: Array, tails: Array, alpha: float) -> Interval:
    low, high = np.quantile(drawn, tails)
    return Interval(float(low), float(high), 1 - alpha)


def _random(seed: int, resamples: int) -> np.random.Generator:
    if resamples < LEAST_RESAMPLES:
        raise ContractError(
            f"A bootstrap needs at least {LEAST_RESAMPLES} resamples.", hint="Take 4,000."
        )
    return np.random.default_rng(seed)


def _checked(values: ArrayLike) -> Array:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or array.size < 2 or not np.all(np.isfinite(array)) or np.ptp(array) == 0:
        raise ContractError(
            "A bootstrap needs two or more finite values per arm that are not all alike.",
            hint="Give one value per randomised unit.",
        )
    return array


def _checked_pairs(values: ArrayLike) -> Array:
    rows = np.asarray(values, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != 2 or len(rows) < 2 or not np.all(np.isfinite(rows)):
        raise ContractError(
            "A ratio needs a finite numerator and denominator of two or more units per arm.",
            hint="Give an array of shape (units, 2).",
        )
    numerator, denominator = rows.T
    if denominator.min() < 0 or denominator.sum() == 0:
        raise ContractError(
            "Denominators must not be negative, nor all 0.", hint="Count views or orders per unit."
        )
    if np.ptp(numerator * denominator.sum() - denominator * numerator.sum()) == 0:
        raise ContractError(
            "The ratio is the same for every unit of an arm.", hint="There is nothing to resample."
        )
    return rows


BOOTSTRAP = Method(
    name="bootstrap",
    title="Bootstrap of a difference",
    accepts=Moments,
    words=(
        "Both arms are drawn again with replacement, thousands of times; the interval holds the "
        "middle of the resampled differences, corrected for bias and skewness (BCa)."
    ),
    source="Efron (1987), JASA 82:171-185; Chamandy et al. (2012) for the Poisson form.",
    assumptions=("Units are independent: one value per randomised unit.",),
)
