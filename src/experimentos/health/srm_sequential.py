"""A sample ratio mismatch test that may be read after every batch of users."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from experimentos.errors import ContractError

CONCENTRATION = 10_000.0
"""Weight of the planned split in the alternative; the value of Optimizely's ssrm-test."""


@dataclass(frozen=True, slots=True)
class SequentialSrm:
    """The test after each batch.

    Attributes
    ----------
    p : tuple[float, ...]
        Smallest p-value so far, after each batch, in [0, 1]; valid at every look.
    log_bayes_factor : float
        Of a mismatch against the plan, after the last batch; infinite when an arm that must
        receive nobody has users.
    """

    p: tuple[float, ...]
    log_bayes_factor: float

    def alarm(self, alpha: float) -> int | None:
        """Return the index of the first batch with p <= alpha, or None."""
        return next((k for k, p in enumerate(self.p) if p <= alpha), None)


def srm_sequential(
    batches: Sequence[Sequence[int]],
    split: Sequence[float],
    concentration: float = CONCENTRATION,
) -> SequentialSrm:
    """Return the sequential multinomial test of the planned split.

    Parameters
    ----------
    batches
        New users per arm in each batch, shape (batches, arms), counts.
    split
        Planned weights, shape (arms,), >= 0, any scale.
    concentration
        The alternative is Dirichlet(concentration * split): the larger, the nearer to the plan.

    Raises
    ------
    ContractError
        If shapes differ, a count is negative, or no weight is positive.

    References
    ----------
    Lindon and Malek (2022), Anytime-valid inference for multinomial count data, NeurIPS.
    """
    counts = np.asarray(batches, dtype=np.float64)
    weights = np.asarray(split, dtype=np.float64)
    _check(counts, weights, concentration)
    share = weights / weights.sum()
    seen = np.cumsum(counts, axis=0)
    planned = share > 0
    leaked = seen[:, ~planned].sum(axis=1) > 0
    prior = concentration * share[planned]
    within = seen[:, planned]
    total = within.sum(axis=1)
    log_bayes_factor = (
        gammaln(concentration)
        - gammaln(concentration + total)
        + (gammaln(prior + within) - gammaln(prior)).sum(axis=1)
        - within @ np.log(share[planned])
    )
    log_bayes_factor = np.where(leaked, np.inf, log_bayes_factor)
    p = np.minimum.accumulate(np.exp(-np.maximum(log_bayes_factor, 0.0)))
    return SequentialSrm(tuple(p.tolist()), float(log_bayes_factor[-1]))


def _check(counts: NDArray[np.float64], weights: NDArray[np.float64], concentration: float) -> None:
    if counts.ndim != 2 or counts.shape[0] == 0 or counts.shape[1:] != weights.shape:
        raise ContractError(
            "Each batch needs one count per arm of the planned split.",
            hint="Give batches as rows and arms as columns.",
        )
    if not np.all(np.isfinite(counts) & (counts >= 0)):
        raise ContractError("Users per batch are counts of 0 or more.")
    positive = np.all(np.isfinite(weights) & (weights >= 0)) and weights.sum() > 0
    if not positive or not 0 < concentration < math.inf:
        raise ContractError("Planned shares and the concentration must be positive.")
