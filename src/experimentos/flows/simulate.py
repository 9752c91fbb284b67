"""Simulated experiments: many at once, as arrays, from rates or means like the user's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from experimentos.analysis.confidence_sequence import critical, tuned_rho
from experimentos.analysis.group_sequential import first_stage, stage_wise_tail
from experimentos.analysis.newcombe import newcombe_interval
from experimentos.analysis.pooled_z import pooled_se, unpooled_se, wald_interval, z_statistic
from experimentos.analysis.rates import Rates
from experimentos.analysis.score import score_interval, score_statistic
from experimentos.analysis.welch import Samples, welch_arrays
from experimentos.plan.looks import boundary

type Array = NDArray[np.float64]
type Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Experiments like the user's own, one look or several.

    Attributes
    ----------
    n_control, n_treatment : int
        Units of each arm at the end.
    control : float
        True rate or mean of the control.
    effect : float
        True difference, treatment minus control.
    sd : float | None
        Standard deviation of one unit; None for a rate.
    skewed : bool
        Log-normal units instead of normal ones; needs a positive mean and unit-level draws.
    alpha : float
        Two-sided level over all looks.
    looks : tuple[float, ...]
        Information fractions of the looks, the last 1.
    spending : str
        Spending function of a group-sequential test.
    """

    n_control: int
    n_treatment: int
    control: float
    effect: float = 0.0
    sd: float | None = None
    skewed: bool = False
    alpha: float = 0.05
    looks: tuple[float, ...] = (1.0,)
    spending: str = "obrien_fleming"

    def sizes(self, n: int) -> NDArray[np.int64]:
        """Return the units of an arm of n at each look, at least 2 and increasing."""
        steps = np.arange(len(self.looks))
        # Distinct looks stay distinct also where they round to the same number of units.
        free = np.maximum.accumulate(np.round(np.asarray(self.looks) * n) - steps)
        return (np.maximum(free, 2) + steps).astype(np.int64)


class Verdicts(NamedTuple):
    """What a method said of each simulated experiment: shape (experiments,)."""

    rejected: Flags
    covered: Flags


class Estimated(NamedTuple):
    """Estimates at the looks: shape (experiments, looks); information fractions (looks,)."""

    difference: Array
    se: Array
    fractions: Array
    units: Array


type Judge = Callable[[World, np.random.Generator, int], Verdicts]


def draw_rates(world: World, rng: np.random.Generator, size: int) -> Rates:
    """Return conversions of both arms, shape (experiments,)."""
    return Rates.arrays(
        rng.binomial(world.n_control, world.control, size),
        world.n_control,
        rng.binomial(world.n_treatment, world.control + world.effect, size),
        world.n_treatment,
    )


def draw_samples(world: World, rng: np.random.Generator, size: int) -> tuple[Samples, Samples]:
    """Return counts, means and centred squares of both arms, shape (experiments,)."""
    arms = (
        (world.n_control, world.control),
        (world.n_treatment, world.control + world.effect),
    )
    control, treatment = (_samples(world, n, mean, rng, size) for n, mean in arms)
    return control, treatment


def _samples(world: World, n: int, mean: float, rng: np.random.Generator, size: int) -> Samples:
    sd = world.sd or 0.0
    if world.skewed:
        spread = np.log1p((sd / mean) ** 2)
        units = rng.lognormal(np.log(mean) - spread / 2, np.sqrt(spread), (size, n))
        centre = units.mean(axis=1)
        return Samples.arrays(n, centre, ((units - centre[:, None]) ** 2).sum(axis=1))
    # Mean and variance of a normal sample are independent: no unit needs to be drawn.
    centre = mean + sd / np.sqrt(n) * rng.standard_normal(size)
    return Samples.arrays(n, centre, sd * sd * rng.chisquare(n - 1, size))


def estimate_at_looks(world: World, rng: np.random.Generator, size: int) -> Estimated:
    """Return the difference and its standard error at every look."""
    n_control, n_treatment = world.sizes(world.n_control), world.sizes(world.n_treatment)
    if world.sd is None:
        k_control = _growing(n_control, world.control, rng, size)
        k_treatment = _growing(n_treatment, world.control + world.effect, rng, size)
        rates = Rates.arrays(k_control, n_control, k_treatment, n_treatment)
        # An early look may have no conversions at all: its standard error is then 0.
        difference, spread = rates.difference, pooled_se(rates)
    else:
        control = _walk(n_control, world.control, world.sd, rng, size)
        treatment = _walk(n_treatment, world.control + world.effect, world.sd, rng, size)
        difference = treatment.mean - control.mean
        spread = np.sqrt(control.mean_variance + treatment.mean_variance)
    units = (n_control + n_treatment).astype(np.float64)
    information = 1 / (1 / n_control + 1 / n_treatment)
    return Estimated(difference, np.asarray(spread), information / information[-1], units)


def _growing(
    sizes: NDArray[np.int64], rate: float, rng: np.random.Generator, size: int
) -> NDArray[np.int64]:
    steps = np.diff(sizes, prepend=0)
    return np.cumsum(rng.binomial(steps, rate, (size, len(steps))), axis=1)


def _walk(
    sizes: NDArray[np.int64], mean: float, sd: float, rng: np.random.Generator, size: int
) -> Samples:
    """Return normal samples that grow from look to look, shape (experiments, looks)."""
    steps = np.diff(sizes, prepend=0)
    sums = mean * steps + sd * np.sqrt(steps) * rng.standard_normal((size, len(steps)))
    freedom = np.diff(sizes - 1, prepend=0)
    squares = sd * sd * np.cumsum(_chi_square(freedom, rng, size), axis=1)
    return Samples.arrays(sizes, np.cumsum(sums, axis=1) / sizes, squares)


def _chi_square(freedom: NDArray[np.int64], rng: np.random.Generator, size: int) -> Array:
    drawn = rng.chisquare(np.maximum(freedom, 1), (size, len(freedom)))
    return np.where(freedom > 0, drawn, 0.0)


def score(world: World, rng: np.random.Generator, size: int) -> Verdicts:
    """Judge by the score test and interval."""
    rates = draw_rates(world, rng, size)
    z = score_statistic(rates)
    return Verdicts(_beyond(z, world.alpha), _inside(world, score_interval(rates, world.alpha)))


def wald(world: World, rng: np.random.Generator, size: int) -> Verdicts:
    """Judge by the unpooled z test and Wald's interval."""
    rates = draw_rates(world, rng, size)
    z = z_statistic(rates, unpooled_se(rates))
    return Verdicts(_beyond(z, world.alpha), _inside(world, wald_interval(rates, world.alpha)))


def newcombe(world: World, rng: np.random.Generator, size: int) -> Verdicts:
    """Judge by Newcombe's interval: reject when it leaves out 0."""
    rates = draw_rates(world, rng, size)
    low, high = newcombe_interval(rates, world.alpha)
    return Verdicts((low > 0) | (high < 0), _inside(world, (low, high)))


def welch(world: World, rng: np.random.Generator, size: int) -> Verdicts:
    """Judge by Welch's test and interval."""
    result = welch_arrays(*draw_samples(world, rng, size), world.alpha)
    return Verdicts(np.asarray(result.p < world.alpha), _inside(world, result.interval))


def fixed_at_every_look(world: World, rng: np.random.Generator, size: int) -> Verdicts:
    """Judge by the fixed test read at every look and stopped at the first success."""
    seen = estimate_at_looks(world, rng, size)
    z = _standardised(seen)
    limit = -float(ndtri(world.alpha / 2))
    over = np.abs(z) >= limit
    stop = np.where(over.any(axis=1), over.argmax(axis=1), z.shape[1] - 1)
    at = np.arange(size), stop
    half = limit * seen.se[at]
    return Verdicts(over.any(axis=1), np.abs(seen.difference[at] - world.effect) <= half)


def group_sequential(world: World, rng: np.random.Generator, size: int) -> Verdicts:
    """Judge by a Lan-DeMets boundary and the stage-wise interval."""
    seen = estimate_at_looks(world, rng, size)
    z = _standardised(seen)
    bound = boundary(seen.fractions.tolist(), world.spending, world.alpha / 2)
    stage = first_stage(z, bound)
    # The interval holds the truth when its tail there is between alpha / 2 and 1 - alpha / 2.
    drift = world.effect / float(np.mean(seen.se[:, -1]))
    tail = stage_wise_tail(bound, stage, drift)
    low, high = world.alpha / 2, 1 - world.alpha / 2
    return Verdicts(stage.stopped, (tail >= low) & (tail <= high))


def confidence_sequence(world: World, rng: np.random.Generator, size: int) -> Verdicts:
    """Judge by the asymptotic confidence sequence, tuned to the final size."""
    seen = estimate_at_looks(world, rng, size)
    half = critical(seen.units, tuned_rho(float(seen.units[-1]), world.alpha), world.alpha)
    gap = np.abs(seen.difference - world.effect)
    varied = seen.se > 0
    rejected = ((np.abs(seen.difference) > half * seen.se) & varied).any(axis=1)
    return Verdicts(rejected, ((gap <= half * seen.se) | ~varied).all(axis=1))


def _standardised(seen: Estimated) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(seen.se > 0, seen.difference / seen.se, 0.0)


def _beyond(z: Array, alpha: float) -> Flags:
    return np.asarray(np.abs(z) >= -float(ndtri(alpha / 2)))


def _inside(world: World, ends: tuple[Array, Array]) -> Flags:
    low, high = ends
    return np.asarray((low <= world.effect) & (world.effect <= high))


@dataclass(frozen=True, slots=True)
class Simulated:
    """A method that can be simulated.

    Attributes
    ----------
    name, title : str
    takes : "rate", "mean" or "both"
    looks : bool
        Whether it looks more than once.
    judge : Judge
    """

    name: str
    title: str
    takes: str
    looks: bool
    judge: Judge


SIMULATED: Mapping[str, Simulated] = MappingProxyType(
    {
        one.name: one
        for one in (
            Simulated("score", "Score test and interval", "rate", looks=False, judge=score),
            Simulated("wald", "Unpooled z test, Wald interval", "rate", looks=False, judge=wald),
            Simulated("newcombe", "Newcombe interval", "rate", looks=False, judge=newcombe),
            Simulated("welch", "Welch's t test", "mean", looks=False, judge=welch),
            Simulated(
                "peeking", "Fixed test at every look", "both", looks=True, judge=fixed_at_every_look
            ),
            Simulated(
                "group_sequential",
                "Group-sequential test",
                "both",
                looks=True,
                judge=group_sequential,
            ),
            Simulated(
                "confidence_sequence",
                "Asymptotic confidence sequence",
                "both",
                looks=True,
                judge=confidence_sequence,
            ),
        )
    }
)
"""The methods that `calibrate` knows, by name."""
