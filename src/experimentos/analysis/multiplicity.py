"""Adjusted p-values for a family of tests."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from experimentos.errors import ContractError

type Array = NDArray[np.float64]


def adjust(p: Sequence[float], method: str) -> list[float]:
    """Return the p-values adjusted for their family, in the order given.

    Parameters
    ----------
    p
        Raw p-values of one family, shape (tests,), each in [0, 1].
    method
        A key of `ADJUSTMENTS`: "none", "bonferroni", "sidak", "holm", "holm-sidak",
        "hochberg", "hommel", "bh" or "by".

    Raises
    ------
    ContractError
        If the method is unknown, or a p-value is not in [0, 1].

    Notes
    -----
    Family-wise error under any dependence: bonferroni, holm. Under independence or positive
    dependence: sidak, holm-sidak, hochberg, hommel. False discovery rate: bh (positive
    dependence), by (any dependence).

    References
    ----------
    Holm (1979); Hochberg (1988); Hommel (1988); Benjamini and Hochberg (1995); Benjamini and
    Yekutieli (2001); Sidak (1967).
    """
    rule = ADJUSTMENTS.get(method)
    if rule is None:
        raise ContractError(
            f"There is no correction called {method!r}.",
            hint=f"Choose one of {', '.join(ADJUSTMENTS)}.",
        )
    raw = np.asarray(p, dtype=np.float64)
    if raw.ndim != 1 or not np.all((raw >= 0) & (raw <= 1)):
        raise ContractError(
            "A family of tests needs one list of p-values between 0 and 1.",
            hint="Leave tests that gave no p-value out of the family.",
        )
    if raw.size == 0:
        return []
    order = np.argsort(raw, kind="stable")
    adjusted = np.empty_like(raw)
    # Rounding may leave 0.9 * 10 / 9 an ulp below 0.9; an adjusted p is never below the raw one.
    adjusted[order] = np.clip(rule(raw[order]), raw[order], 1.0)
    return [float(value) for value in adjusted]


def _remaining(p: Array) -> Array:
    """Return how many hypotheses are left at each step from the smallest p: m, m - 1, ..., 1."""
    return np.arange(p.size, 0, -1, dtype=np.float64)


def _sidak_of(p: Array, tests: Array | float) -> Array:
    # 1 - (1 - p)^m by logarithms: exact for p = 1e-20, where 1 - p is 1.
    with np.errstate(divide="ignore"):
        return np.asarray(-np.expm1(tests * np.log1p(-p)), dtype=np.float64)


def _up(p: Array) -> Array:
    """Return the running minimum from the largest p down (step-up)."""
    return np.minimum.accumulate(p[::-1])[::-1]


def _none(p: Array) -> Array:
    return p


def _bonferroni(p: Array) -> Array:
    return p * p.size


def _sidak(p: Array) -> Array:
    return _sidak_of(p, float(p.size))


def _holm(p: Array) -> Array:
    return np.maximum.accumulate(p * _remaining(p))


def _holm_sidak(p: Array) -> Array:
    return np.maximum.accumulate(_sidak_of(p, _remaining(p)))


def _hochberg(p: Array) -> Array:
    return _up(p * _remaining(p))


def _hommel(p: Array) -> Array:
    # Wright (1992), the algorithm of R's p.adjust: q holds the Simes p of every subset size m.
    n = p.size
    rank = np.arange(1, n + 1, dtype=np.float64)
    simes = float(np.min(n * p / rank))
    q = np.full(n, simes)
    adjusted = q.copy()
    for m in range(n - 1, 1, -1):
        tail = float(np.min(m * p[n - m + 1 :] / rank[1:m]))
        q[: n - m + 1] = np.minimum(m * p[: n - m + 1], tail)
        q[n - m + 1 :] = q[n - m]
        np.maximum(adjusted, q, out=adjusted)
    return adjusted


def _bh(p: Array) -> Array:
    return _up(p * p.size / np.arange(1, p.size + 1))


def _by(p: Array) -> Array:
    harmonic = float(np.sum(1.0 / np.arange(1, p.size + 1)))
    return _up(p * harmonic * p.size / np.arange(1, p.size + 1))


ADJUSTMENTS: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "none": _none,
        "bonferroni": _bonferroni,
        "sidak": _sidak,
        "holm": _holm,
        "holm-sidak": _holm_sidak,
        "hochberg": _hochberg,
        "hommel": _hommel,
        "bh": _bh,
        "by": _by,
    }
)
"""Every correction: sorted raw p-values in, adjusted ones out."""
