"""The least favourable means of a treatment's levels, and the information a design has on them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experimentos.design.anatomy import Anatomy
from experimentos.design.table import Column, DesignTable
from experimentos.design.terms import Array, Term, orthonormal

NEGLIGIBLE = 1e-9
UNSEEN = 1e-6


@dataclass(frozen=True, slots=True)
class LeastFavourable:
    """What an effect of one means for the levels of a treatment, and how well it is seen.

    Attributes
    ----------
    means : tuple[float, ...]
        Expected value of each level: two differ by one, or a straight line rises by one from the
        low to the high setting.
    noncentrality : float
        Of the F test of the treatment when observations have a variance of one.
    """

    means: tuple[float, ...]
    noncentrality: float


def least_favourable(table: DesignTable, found: Anatomy, factor_id: str) -> LeastFavourable | None:
    """Return the means of a treatment's levels that are hardest to find, None if it has no test.

    Let C be the information on the levels in the stratum of the test, adjusted for the terms there
    that do not contain the treatment, and V its inverse. Of all means in which levels i and j
    differ by one, V (e_i - e_j) / v gives the least noncentrality, 1 / v, where v = v_ii + v_jj -
    2 v_ij is the variance of the difference; the pair with the largest v is used. With equal
    replication r and efficiency E that is E r / 2, the other levels halfway between.

    References
    ----------
    Montgomery (2017), Design and Analysis of Experiments, section 3.7; Bailey (2008), chapter 11.
    """
    tested = found.tested(factor_id)
    column = table.factor(factor_id)
    if tested is None or column is None:
        return None
    term = next(t for t in found.terms if t.factor_ids == (factor_id,))
    root = found.stratum(tested.unit_id).root
    sizes = np.bincount(found.cell).astype(np.float64)
    own = root.T @ term.columns()
    others = adjusted_for(term, seen_terms(found, tested.unit_id))
    own -= _projected(own, [t.image(root, sizes) for t in others])
    if term.slope is not None:
        means = np.array(column.coded) / 2
        return LeastFavourable(tuple(means.tolist()), float((own**2).sum()) / 4)
    return _hardest_pair(own.T @ own, column)


def adjusted_for(own: Term, seen: Sequence[Term]) -> list[Term]:
    """Return the terms that a term is adjusted for: those that do not contain it.

    A slope is one coefficient of a polynomial, which is adjusted for all others.
    """
    others = [t for t in seen if t is not own]
    if own.slope is not None:
        return others
    return [t for t in others if not set(own.factor_ids) <= set(t.factor_ids)]


def seen_terms(found: Anatomy, unit_id: str) -> list[Term]:
    """Return the terms that gain something in a stratum: an alias of those before them does not."""
    present = {s.factor_ids for s in found.stratum(unit_id).sources}
    return [t for t in found.terms if t.factor_ids in present]


def _projected(own: Array, images: Sequence[Array]) -> Array:
    """Return the part of some columns that lies in the span of others."""
    touching = [i for i in images if np.abs(i.T @ own).max(initial=0.0) > NEGLIGIBLE]
    if not touching:
        return np.zeros_like(own)
    # All of them: what does not touch the term may touch those that do.
    basis, _ = orthonormal(np.hstack(list(images)))
    return np.asarray(basis @ (basis.T @ own), dtype=np.float64)


def _hardest_pair(information: Array, column: Column) -> LeastFavourable:
    count = len(column.labels)
    padded = np.zeros((count, count))
    size = len(information)
    padded[:size, :size] = information
    inverse = np.linalg.pinv(padded, rcond=1e-9, hermitian=True)
    # A difference that leaves the range of the information has no estimate at all.
    unseen = _of_differences(np.eye(count) - padded @ inverse) > UNSEEN
    variance = np.where(unseen, np.inf, _of_differences(inverse))
    first, last = 0, count - 1
    if variance.max(initial=0.0) > variance[first, last] * (1 + 1e-9):
        first, last = (int(k) for k in np.unravel_index(variance.argmax(), variance.shape))
    largest = float(variance[first, last])
    if not np.isfinite(largest) or largest <= 0:
        means = np.zeros(count)
        means[first], means[last] = -0.5, 0.5
        return LeastFavourable(tuple(means.tolist()), 0.0)
    means = (inverse[:, last] - inverse[:, first]) / largest
    return LeastFavourable(tuple(means.tolist()), 1 / largest)


def _of_differences(matrix: Array) -> Array:
    """Return (e_i - e_j)' M (e_i - e_j) for all pairs."""
    diagonal = np.diag(matrix)
    return np.asarray(diagonal[:, None] + diagonal[None, :] - 2 * matrix, dtype=np.float64)
