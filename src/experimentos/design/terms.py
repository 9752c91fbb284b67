"""Treatment terms over the cells of a design: effects of levels, slopes, curvature, products."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from experimentos.design.table import Column

type Codes = NDArray[np.int64]
type Array = NDArray[np.float64]

CELLS_LIMIT = 400
RANK_TOLERANCE = 1e-7


@dataclass(frozen=True, slots=True)
class Term:
    """A main effect, a slope, a curvature or an interaction.

    Attributes
    ----------
    factor_ids : tuple[str, ...]
        One factor is a main effect, several an interaction; a factor named twice is its square.
    name : str
    codes : ndarray of int, shape (cells,)
        The combination of levels of each cell.
    df : int
        Degrees of freedom when nothing is lost.
    slope : ndarray of shape (cells, columns) or None
        Columns of a term with a numeric scale; None: one column for each combination.
    """

    factor_ids: tuple[str, ...]
    name: str
    codes: Codes
    df: int
    slope: Array | None = None

    def columns(self) -> Array:
        """Return the columns of the term, shape (cells, columns)."""
        if self.slope is not None:
            return self.slope
        return np.asarray(np.eye(int(self.codes.max()) + 1)[self.codes], dtype=np.float64)

    def image(self, root: Array, sizes: Array) -> Array:
        """Return the term in the space of a root of the cell Gram matrix, shape (rank, columns).

        Its columns have length one before the space is entered, so that the squares of what is left
        are shares of information.
        """
        if self.slope is not None:
            weight = np.sqrt(sizes)[:, None]
            centred = self.slope - sizes @ self.slope / sizes.sum()
            basis, _ = orthonormal(weight * centred)
            return np.asarray(root.T @ (basis / weight), dtype=np.float64)
        count = int(self.codes.max()) + 1
        image = np.zeros((root.shape[1], count))
        np.add.at(image.T, self.codes, root)
        return image / np.sqrt(np.bincount(self.codes, weights=sizes, minlength=count))


def cells(factors: Sequence[Column], n: int) -> tuple[Codes, Codes]:
    """Return the cell of every row, and the level of each factor in each cell (cells, factors)."""
    if not factors:
        return np.zeros(n, dtype=np.int64), np.zeros((1, 0), dtype=np.int64)
    joint = np.zeros(n, dtype=np.int64)
    for column in factors:
        joint = joint * (int(column.codes.max()) + 1) + column.codes
        _, joint = np.unique(joint, return_inverse=True)
    _, first = np.unique(joint, return_index=True)
    return joint, np.column_stack([c.codes[first] for c in factors])


def terms(factors: Sequence[Column], levels: Codes, order: int) -> tuple[Term, ...]:
    """Return the terms of some factors: main effects, then interactions, then curvature.

    Factors with coded settings are fitted by a polynomial of the second order: slopes, products of
    two, squares. Settings that bend together (centre points of a two-level fraction) are one
    curvature.

    Parameters
    ----------
    levels
        Of each factor in each cell, shape (cells, factors).
    order
        Largest number of factors in an interaction.

    References
    ----------
    Box and Wilson (1951), JRSS B 13; Montgomery (2017), sections 6.8 and 11.4.
    """
    main = [k for k, c in enumerate(factors) if c.kind != "treatment"]
    treated = [k for k, c in enumerate(factors) if c.kind == "treatment"]
    squares = list(_squares(factors, levels, [k for k in treated if factors[k].coded]))
    second = 2 if len(squares) > 1 else order
    found = [_term(factors, levels, (k,)) for k in (*main, *treated)]
    for size in range(2, min(order, len(treated)) + 1):
        for chosen in combinations(treated, size):
            term = _term(factors, levels, chosen)
            numeric = sum(bool(factors[k].coded) for k in chosen)
            if int(term.codes.max()) < CELLS_LIMIT and numeric <= second:
                found.append(term)
    return (*found, *squares)


def orthonormal(columns: Array) -> tuple[Array, int]:
    """Return an orthonormal basis of some columns, by pivoted QR, and its rank."""
    from scipy.linalg import qr

    q, r, _ = qr(columns, mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(r)) > np.sqrt(RANK_TOLERANCE)).sum())
    return q[:, :rank], rank


def _term(factors: Sequence[Column], levels: Codes, chosen: tuple[int, ...]) -> Term:
    codes = np.zeros(len(levels), dtype=np.int64)
    for k in chosen:
        codes = codes * (int(levels[:, k].max()) + 1) + levels[:, k]
        _, codes = np.unique(codes, return_inverse=True)
    own = [1 if factors[k].coded else len(np.unique(levels[:, k])) - 1 for k in chosen]
    names = " x ".join(factors[k].name for k in chosen)
    ids = tuple(factors[k].id for k in chosen)
    slope = _product(factors, levels, chosen) if any(factors[k].coded for k in chosen) else None
    return Term(ids, names, codes, int(np.prod(own)), slope)


def _product(factors: Sequence[Column], levels: Codes, chosen: tuple[int, ...]) -> Array:
    product = np.ones((len(levels), 1))
    for k in chosen:
        coded = factors[k].coded
        column = (
            np.array(coded)[levels[:, k], None]
            if coded
            else np.eye(int(levels[:, k].max()) + 1)[levels[:, k]]
        )
        product = (product[:, :, None] * column[:, None, :]).reshape(len(levels), -1)
    return product


def _squares(factors: Sequence[Column], levels: Codes, coded: Sequence[int]) -> Iterator[Term]:
    squares = [np.array(factors[k].coded)[levels[:, k]] ** 2 for k in coded]
    together = len(coded) > 1 and all(np.allclose(s, squares[0]) for s in squares[1:])
    if together:
        ids = tuple(factors[k].id for k in coded for _ in range(2))
        yield Term(ids, "curvature", _distinct(squares[0]), 1, squares[0][:, None])
        return
    for k, square in zip(coded, squares, strict=True):
        factor = factors[k]
        name = f"{factor.name} squared"
        yield Term((factor.id, factor.id), name, _distinct(square), 1, square[:, None])


def _distinct(values: Array) -> Codes:
    _, codes = np.unique(np.round(values, 6), return_inverse=True)
    return np.asarray(codes, dtype=np.int64)
