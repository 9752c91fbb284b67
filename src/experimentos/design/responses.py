"""Values of a response by its family, and the scale on which the F test looks at them."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from experimentos.errors import DesignError

type Array = NDArray[np.float64]

HEAVY_DF = 4
TINY = 1e-9
SHARES = frozenset({"bernoulli", "binomial", "beta"})
POSITIVE = frozenset({"poisson", "negative_binomial", "lognormal", "gamma"})


@dataclass(frozen=True, slots=True)
class Scale:
    """How single values are drawn.

    Attributes
    ----------
    family : str
    centre : float
        Mean of single values, in the unit of the response.
    sd : float
        Of single values about their mean; shares and Poisson counts have their own.
    categories : int
        Of an ordered score.
    """

    family: str
    centre: float
    sd: float
    categories: int = 7


ANALYSED = {
    "normal": "as they are",
    "studentt": "as they are",
    "lognormal": "as logarithms",
    "gamma": "as logarithms",
    "poisson": "as square roots of counts",
    "negative_binomial": "as logarithms of counts",
    "bernoulli": "as shares of units",
    "binomial": "as shares of units",
    "beta": "as they are",
    "ordered": "as scores",
}


def on_scale(scale: Scale) -> Scale:
    """Return a scale that its family can hold.

    Raises
    ------
    DesignError
        If the expected value is outside the family's range.
    """
    if scale.family in SHARES and not 0 < scale.centre < 1:
        raise DesignError(
            f"A share of {scale.centre:g} is expected.", hint="State shares between 0 and 1."
        )
    if scale.family in POSITIVE and scale.centre <= 0:
        raise DesignError(
            f"A positive response of {scale.centre:g} is expected.",
            hint="State a positive value, or choose another family.",
        )
    return scale if scale.sd > 0 else replace(scale, sd=TINY)


def draw(
    scale: Scale, offsets: Array, shifts: Array, share: float, rng: np.random.Generator
) -> Array:
    """Return values on the scale on which they are analysed, shape (simulations, rows).

    Parameters
    ----------
    offsets
        Effect of each row's level, shape (rows,).
    shifts
        Standard normal, the same for rows of one unit, shape (simulations, rows).
    share : float in [0, 1]
        Share of the variance that lies between units.
    """
    between = scale.sd * math.sqrt(share) * shifts
    mean = scale.centre + offsets + between
    within = scale.sd * math.sqrt(1 - share)
    if scale.family in SHARES:
        return _shares(scale, scale.centre + offsets, shifts, share, rng)
    if scale.family in POSITIVE:
        return _positive(scale.family, np.maximum(mean, scale.centre * 1e-3), within, rng)
    noise = _noise(scale.family, mean.shape, rng) * within
    if scale.family == "ordered":
        return np.asarray(np.clip(np.rint(mean + noise), 1, scale.categories), dtype=np.float64)
    return np.asarray(mean + noise, dtype=np.float64)


def _noise(family: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    if family == "studentt":
        return rng.standard_t(HEAVY_DF, shape) / math.sqrt(HEAVY_DF / (HEAVY_DF - 2))
    return rng.standard_normal(shape)


def _shares(
    scale: Scale, chance: Array, shifts: Array, share: float, rng: np.random.Generator
) -> Array:
    """Return zeros and ones, or shares; units differ in their chance by a Gaussian copula."""
    from scipy.special import betaincinv, ndtr

    chance = np.asarray(np.clip(chance, TINY, 1 - TINY), dtype=np.float64)
    if scale.family == "beta":
        variance: Array = np.minimum(scale.sd**2, 0.95 * chance * (1 - chance))
        total = chance * (1 - chance) / variance - 1
        mixed = math.sqrt(share) * shifts + math.sqrt(1 - share) * rng.standard_normal(shifts.shape)
        found = betaincinv(chance * total, (1 - chance) * total, ndtr(mixed))
        return np.asarray(found, dtype=np.float64)
    if share >= 1:
        return np.asarray(ndtr(shifts) < chance, dtype=np.float64)
    if share > 0:
        weight = 1 / share - 1
        chance = betaincinv(chance * weight, (1 - chance) * weight, ndtr(shifts))
    return np.asarray(rng.random(shifts.shape) < chance, dtype=np.float64)


def _positive(family: str, mean: Array, sd: float, rng: np.random.Generator) -> Array:
    match family:
        case "lognormal":
            spread = np.log1p((sd / mean) ** 2)
            noise = rng.standard_normal(mean.shape)
            return np.asarray(np.log(mean) - spread / 2 + np.sqrt(spread) * noise, dtype=np.float64)
        case "gamma":
            shape = (mean / max(sd, TINY)) ** 2
            return np.log(np.maximum(rng.gamma(shape, mean / shape), TINY))
        case "negative_binomial":
            extra = np.maximum(sd**2 - mean, TINY)
            rate = rng.gamma(mean**2 / extra, extra / mean)
            return np.log1p(rng.poisson(rate))
        case _:
            return np.sqrt(rng.poisson(mean))
