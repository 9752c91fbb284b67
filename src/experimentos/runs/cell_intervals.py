"""Intervals of the means of many cells at once: Student t, Wilson, Clopper-Pearson, BCa."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri, stdtrit

from experimentos.errors import ContractError
from experimentos.runs.bootstrap import bootstrap

type Scores = NDArray[np.float64]
type Codes = NDArray[np.intp]

INTERVALS = ("auto", "clopper-pearson", "bca")
"""The first is Wilson for 0/1 scores and Student t for others."""
MOST_RESAMPLED = 500
"""Cells: each takes up to 20,000 resamples, about 5 ms."""


def interval_name(interval: str, *, is_binary: bool) -> str:
    """Return the name of the interval that cells get.

    Raises
    ------
    ContractError
        If it is not known, or not for such scores.
    """
    match interval:
        case "auto":
            return "Wilson" if is_binary else "Student t"
        case "clopper-pearson" if is_binary:
            return "Clopper-Pearson"
        case "clopper-pearson":
            raise ContractError(
                "Clopper-Pearson intervals are for scores of 0 and 1.", hint="Use auto or bca."
            )
        case "bca":
            return "BCa bootstrap"
        case _:
            raise ContractError(
                f"There is no interval {interval[:40]!r}.", hint=f"Use {', '.join(INTERVALS)}."
            )


def t_ends(mean: Scores, sd: Scores, n: Codes, level: float) -> tuple[Scores, Scores]:
    """Return the ends of Student's t intervals; nan when n < 2."""
    # Cells have few distinct sizes: one quantile for each is enough.
    sizes, place = np.unique(n, return_inverse=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = stdtrit(np.maximum(sizes - 1, 1), (1 + level) / 2) / np.sqrt(sizes)
        reach = np.where(n > 1, factor[place] * sd, np.nan)
    return mean - reach, mean + reach


def wilson_ends(p: Scores, n: Codes, level: float) -> tuple[Scores, Scores]:
    """Return the ends of Wilson's intervals; nan when n < 2."""
    z = float(ndtri((1 + level) / 2))
    z2 = z * z
    size = np.where(n > 1, n, np.nan)
    centre = (p + z2 / (2 * size)) / (1 + z2 / size)
    reach = z / (1 + z2 / size) * np.sqrt(p * (1 - p) / size + z2 / (4 * size * size))
    low = np.where((p == 0) & (n > 1), 0.0, centre - reach)
    return low, np.where((p == 1) & (n > 1), 1.0, centre + reach)


def clopper_pearson_ends(p: Scores, n: Codes, level: float) -> tuple[Scores, Scores]:
    """Return the ends of Clopper and Pearson's intervals; nan when n < 2.

    References
    ----------
    Clopper and Pearson (1934), The use of confidence or fiducial limits.
    """
    tail = (1 - level) / 2
    size = np.where(n > 1, n, np.nan)
    k = np.rint(np.where(n > 0, p, 0) * size)
    with np.errstate(invalid="ignore"):
        low = np.where(k == 0, 0.0, betaincinv(np.maximum(k, 1), size - k + 1, tail))
        high = np.where(k == size, 1.0, betaincinv(k + 1, np.maximum(size - k, 1), 1 - tail))
    return np.where(n > 1, low, np.nan), np.where(n > 1, high, np.nan)


def bca_ends(x: Scores, cell: Codes, cells: int, level: float) -> tuple[Scores, Scores]:
    """Return the ends of BCa intervals; nan where the scores of a cell do not differ.

    Parameters
    ----------
    x, cell
        Scores and their cells, shape (samples,).

    Raises
    ------
    ContractError
        If there are more than `MOST_RESAMPLED` cells.
    """
    if cells > MOST_RESAMPLED:
        raise ContractError(
            f"{cells:,} cells are too many for a bootstrap of each; {MOST_RESAMPLED} are drawn.",
            hint="Use auto, or fewer scenarios.",
        )
    low, high = np.full((2, cells), np.nan)
    for at, scores in _by_cell(x, cell):
        if np.ptp(scores) > 0:
            found = bootstrap(scores.tolist(), level=level).bca
            low[at], high[at] = found.low, found.high
    return low, high


def _by_cell(x: Scores, cell: Codes) -> Iterator[tuple[int, Scores]]:
    order = np.argsort(cell, kind="stable")
    keys, starts = np.unique(cell[order], return_index=True)
    yield from zip(keys.tolist(), np.split(x[order], starts[1:]), strict=True)
