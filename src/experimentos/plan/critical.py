"""The critical value of many treatments against one control, known before the data."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experimentos.errors import ContractError
from experimentos.plan.roots import find_root

# Twenty nodes per panel of half a standard deviation: below 1e-14 of a smooth integrand.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)


def dunnett_critical(alpha: float, n_control: float, n: Sequence[float]) -> float:
    """Return c so that no arm passes |z| >= c under the null with probability 1 - alpha.

    Parameters
    ----------
    alpha
        Two-sided family-wise level, in (0, 1).
    n_control, n
        Units of the control and of each treatment, shape (arms,), positive. Where the variances
        differ, pass the precisions 1 / se_i^2 of the arm values instead: the correlation of two
        differences that share a control is the same formula.

    Raises
    ------
    ContractError
        If a size is not positive and finite, or alpha is not in (0, 1).

    References
    ----------
    Dunnett (1955), JASA 50; large-sample (known variance) form.
    """
    if not 0 < alpha < 1:
        raise ContractError(f"alpha is {alpha}; it must lie between 0 and 1.")
    check_sizes(n_control, n)
    return _critical(float(alpha), float(n_control), tuple(float(value) for value in n))


def check_sizes(n_control: float, n: Sequence[float]) -> None:
    """Refuse an empty family, and sizes that are not positive and finite.

    Raises
    ------
    ContractError
    """
    if not n or not all(math.isfinite(value) and value > 0 for value in (n_control, *n)):
        raise ContractError(
            "Comparing arms with a control needs positive sizes in every arm.",
            hint="Leave arms without users out of the family.",
        )


def exceedance(c: float, n_control: float, n: Sequence[float]) -> float:
    """Return P(max |Z_i| >= c) of the differences from a shared control, under the null.

    The differences are independent given the control's own error u, so the k-dimensional integral
    is one-dimensional: over u, one minus the product of the arms' chances to stay below c. The
    complement is integrated directly, so that p-values of 1e-30 keep their digits.
    """
    if c <= 0:
        return 1.0
    sizes = np.asarray(n, dtype=np.float64)
    loading = np.sqrt(sizes / (sizes + n_control))[:, None]
    scale = np.sqrt(n_control / (sizes + n_control))[:, None]
    u, weight = _grid(c, loading[:, 0], scale[:, 0])
    outside = ndtr((loading * u - c) / scale) + ndtr((-loading * u - c) / scale)
    with np.errstate(divide="ignore"):
        log_inside = np.log1p(-np.minimum(outside, 1.0)).sum(axis=0)
    density = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
    # The integrand is even in u: half the line, twice.
    return min(1.0, 2.0 * float(np.sum(weight * density * -np.expm1(log_inside))))


def _grid(
    c: float, loading: NDArray[np.float64], scale: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return nodes and weights on u >= 0, dense where an arm crosses c.

    With a small control (scale near 0) the integrand is a step at u = c / loading of this width.
    """
    end = max(9.0, c + 6.0)
    # A step is the finer the smaller the control: panels of half its width, out to 8 widths.
    steps = (c + np.arange(-8, 8.5, 0.5)[:, None] * scale) / np.maximum(loading, 1e-12)
    edges = np.concatenate([np.arange(0.0, end + 0.25, 0.5), steps.ravel()])
    edges = np.unique(np.clip(edges, 0.0, end))
    half = np.diff(edges)[:, None] / 2
    nodes = edges[:-1, None] + half * (1 + _NODES)
    return nodes.ravel(), (half * _WEIGHTS).ravel()


@lru_cache(maxsize=1024)
def _critical(alpha: float, n_control: float, n: tuple[float, ...]) -> float:
    low = -float(ndtri(alpha / 2))
    if len(n) == 1:
        return low
    high = -float(ndtri(alpha / (2 * len(n)))) + 1e-9
    return find_root(lambda c: exceedance(c, n_control, n) - alpha, low, high)
