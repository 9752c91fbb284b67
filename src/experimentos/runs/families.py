"""Several variants at once: one-way analysis of variance and all pairs after Tukey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from experimentos.analysis.result import Unavailable


@dataclass(frozen=True, slots=True)
class AllPairs:
    """One-way analysis of variance and Tukey-Kramer comparisons.

    Attributes
    ----------
    f, p_value : float
    df_between, df_within : int
    pairs : Mapping[tuple[str, str], float]
        (first, second) in alphabetical order to the family-wise p-value.
    """

    f: float
    p_value: float
    df_between: int
    df_within: int
    pairs: Mapping[tuple[str, str], float]


def all_pairs(groups: Mapping[str, Sequence[float]]) -> AllPairs | Unavailable:
    """Compare the means of independent groups, all pairs, family-wise.

    References
    ----------
    Fisher (1925); Tukey (1949); Kramer (1956) for unequal sizes.
    """
    from scipy.stats import studentized_range

    names = sorted(groups)
    arrays = [np.asarray(groups[name], dtype=float) for name in names]
    n, k = sum(a.size for a in arrays), len(arrays)
    if k < 2 or min(a.size for a in arrays) < 1 or n <= k:
        return Unavailable("tukey", "too_few", "Two groups and a repeated sample are needed.")
    grand = np.concatenate(arrays).mean()
    between = sum(a.size * (a.mean() - grand) ** 2 for a in arrays) / (k - 1)
    within = sum(float(np.sum((a - a.mean()) ** 2)) for a in arrays) / (n - k)
    if within == 0:
        return Unavailable(
            "tukey", "no_variation", "No group varies: there is no error to test by."
        )
    pairs: dict[tuple[str, str], float] = {}
    for i in range(k):
        for j in range(i + 1, k):
            se = np.sqrt(within / 2 * (1 / arrays[i].size + 1 / arrays[j].size))
            q = abs(arrays[i].mean() - arrays[j].mean()) / se
            pairs[names[i], names[j]] = float(studentized_range.sf(q, k, n - k))
    f = float(between / within)
    return AllPairs(f, float(fdtrc(k - 1, n - k, f)), k - 1, n - k, pairs)
