"""One cell of repeated samples: centre, spread, and an interval that is honest about n."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit

from experimentos.analysis.result import Interval
from experimentos.errors import ContractError

LARGEST = 1e150


@dataclass(frozen=True, slots=True)
class Described:
    """What a list of scores says of itself.

    Attributes
    ----------
    n : int
        Finite samples.
    missing : int
        Samples that are not there or not finite; counted, never imputed.
    mean, low, high : float | None
        Mean, smallest and largest; None when n = 0.
    sd, se : float | None
        Sample standard deviation (n - 1) and standard error of the mean; None when n < 2, or when a
        score is beyond `LARGEST`, whose square no double holds.
    interval : Interval | None
        Student t interval of the mean; None without a standard deviation: one sample says nothing
        of spread.
    """

    n: int
    missing: int
    mean: float | None
    sd: float | None
    se: float | None
    low: float | None
    high: float | None
    interval: Interval | None


def describe(samples: Sequence[float | None], level: float = 0.95) -> Described:
    """Describe repeated scores of one cell, shape (samples,); None and nan count as missing.

    References
    ----------
    Student (1908); the interval is mean +- t(n - 1) sd / sqrt(n).
    """
    given = np.array([math.nan if s is None else s for s in samples], dtype=float)
    scores = given[np.isfinite(given)]
    n, missing = scores.size, given.size - scores.size
    if n == 0:
        return Described(0, missing, None, None, None, None, None, None)
    low, high = float(scores.min()), float(scores.max())
    is_large = max(-low, high) > LARGEST
    # Sums of equal scores round: their mean is the score, and their spread exactly nothing.
    mean = math.fsum(scores / n) if is_large else math.fsum(scores) / n
    mean = low if low == high else mean
    if n == 1 or is_large:
        return Described(n, missing, mean, None, None, low, high, None)
    sd = math.sqrt(math.fsum((scores - mean) ** 2) / (n - 1))
    se = sd / math.sqrt(n)
    return Described(n, missing, mean, sd, se, low, high, t_interval(mean, se, n - 1, level))


def t_interval(centre: float, se: float, df: float, level: float) -> Interval:
    """Return the Student t interval around an estimate with this standard error."""
    reach = float(stdtrit(df, (1 + level) / 2)) * se
    return Interval(centre - reach, centre + reach, level)


PASS_RATE_METHODS = ("wilson", "clopper-pearson", "jeffreys", "agresti-coull")


def pass_rate_interval(
    successes: int, n: int, level: float = 0.95, method: str = "wilson"
) -> Interval:
    """Return an interval for the share of samples that pass.

    Parameters
    ----------
    method
        One of `PASS_RATE_METHODS`.

    Raises
    ------
    ContractError
        If n < 1, successes lie outside 0..n, or the method is unknown.

    References
    ----------
    Wilson (1927); Clopper and Pearson (1934); Brown, Cai and DasGupta (2001).
    """
    if n < 1 or not 0 <= successes <= n:
        raise ContractError(
            f"{successes} of {n} samples passed.", hint="Give 0 <= successes <= n and n >= 1."
        )
    tail = (1 - level) / 2
    match method:
        case "wilson":
            return _wilson(successes, n, level)
        case "agresti-coull":
            z2 = float(ndtri(1 - tail)) ** 2
            p = (successes + z2 / 2) / (n + z2)
            reach = math.sqrt(z2 * p * (1 - p) / (n + z2))
            return Interval(max(p - reach, 0.0), min(p + reach, 1.0), level)
        case "clopper-pearson":
            return _beta_interval(successes, n, level, low_shift=(0, 1), high_shift=(1, 0))
        case "jeffreys":
            return _beta_interval(successes, n, level, low_shift=(0.5, 0.5), high_shift=(0.5, 0.5))
        case _:
            raise ContractError(
                f"There is no interval method {method!r}.", hint=f"Use one of {PASS_RATE_METHODS}."
            )


def _wilson(k: int, n: int, level: float) -> Interval:
    z = float(ndtri((1 + level) / 2))
    p, z2 = k / n, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low = 0.0 if k == 0 else centre - reach
    return Interval(low, 1.0 if k == n else centre + reach, level)


def _beta_interval(
    k: int, n: int, level: float, *, low_shift: tuple[float, float], high_shift: tuple[float, float]
) -> Interval:
    tail = (1 - level) / 2
    low = 0.0 if k == 0 else float(betaincinv(k + low_shift[0], n - k + low_shift[1], tail))
    high = 1.0 if k == n else float(betaincinv(k + high_shift[0], n - k + high_shift[1], 1 - tail))
    return Interval(low, high, level)
