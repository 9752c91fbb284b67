"""Whether counts follow planned shares: chi-square and exact multinomial."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincc, gammaln

from experimentos.errors import ContractError

# Two tables of equal probability differ in the last digits of a double; R and scipy use the same.
TIE = 1e-7


class GoodnessOfFit(NamedTuple):
    """A chi-square statistic and its p-value."""

    statistic: float
    p_value: float


def chi_square(users: Sequence[int], weights: Sequence[float]) -> GoodnessOfFit:
    """Test with Pearson's chi-square whether users follow the weights.

    Parameters
    ----------
    users
        Users per arm, shape (arms,), counts with a positive sum, at least two arms.
    weights
        Planned weights, shape (arms,), each positive; divided by their sum.

    Raises
    ------
    ContractError
        If the shapes differ, a weight is not positive or there are no users.

    References
    ----------
    Pearson (1900); Fabijan et al. (2019), Diagnosing Sample Ratio Mismatch, KDD.
    """
    observed, shares = _validated(users, weights)
    expected = shares * observed.sum()
    statistic = float(((observed - expected) ** 2 / expected).sum())
    # The upper tail itself, not 1 - cdf: it must not round to zero.
    return GoodnessOfFit(statistic, float(gammaincc((len(users) - 1) / 2, statistic / 2)))


def exact_multinomial(users: Sequence[int], weights: Sequence[float]) -> float:
    """Return the probability, under the weights, of a table as improbable as this or more so.

    For two arms this is the two-sided binomial test. Every table of the same total is listed, so
    ask `table_count` first.

    Parameters
    ----------
    users, weights
        As for `chi_square`.

    Raises
    ------
    ContractError
        As for `chi_square`.

    References
    ----------
    Cressie and Read (1989), Int. Stat. Rev. 57: ordering by probability.
    """
    return _exact_multinomial(tuple(users), tuple(weights))


def table_count(users: Sequence[int]) -> int:
    """Return how many tables share this total and number of arms."""
    return math.comb(sum(users) + len(users) - 1, len(users) - 1)


# A screen asks the same question again with every rerun.
@lru_cache(maxsize=256)
def _exact_multinomial(users: tuple[int, ...], weights: tuple[float, ...]) -> float:
    observed, shares = _validated(users, weights)
    log_shares = np.log(shares)
    seen = float((observed * log_shares - gammaln(observed + 1)).sum())
    log_terms = _all_tables(int(observed.sum()), log_shares)
    constant = gammaln(observed.sum() + 1)
    extreme = log_terms[log_terms <= seen + TIE]
    return min(1.0, float(np.exp(extreme + constant).sum()))


def _all_tables(total: int, log_shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log probability of every table, less log(total!), shape (tables,)."""
    left = np.array([total])
    terms = np.zeros(1)
    for log_share in log_shares[:-1]:
        sizes = left + 1
        starts = np.cumsum(sizes) - sizes
        taken = np.arange(sizes.sum()) - np.repeat(starts, sizes)
        terms = np.repeat(terms, sizes) + taken * log_share - gammaln(taken + 1)
        left = np.repeat(left, sizes) - taken
    return np.asarray(terms + left * log_shares[-1] - gammaln(left + 1), dtype=np.float64)


def _validated(
    users: Sequence[int], weights: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    observed = np.asarray(users, dtype=np.float64)
    planned = np.asarray(weights, dtype=np.float64)
    if observed.shape != planned.shape or observed.size < 2:
        raise ContractError(
            f"{observed.size} arms and {planned.size} weights were given.",
            hint="Give one weight per arm, for two arms or more.",
        )
    if not (planned > 0).all() or not (observed >= 0).all() or observed.sum() == 0:
        raise ContractError(
            "A sample ratio needs positive weights and at least one user.",
            hint="Leave out arms that were to receive nobody.",
        )
    return observed, planned / planned.sum()
