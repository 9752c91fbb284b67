"""Latin, Graeco-Latin and Williams squares."""

import numpy as np
from numpy.typing import NDArray

from experimentos.errors import DesignError

type Codes = NDArray[np.int64]
ORDERS_WITHOUT_GRAECO = (1, 2, 6)


def latin_square(t: int, rng: np.random.Generator) -> Codes:
    """Return a random Latin square, shape (t, t), symbols 0 to t-1.

    Rows, columns and symbols of the cyclic square are permuted, which makes the randomisation
    valid for any t (Fisher and Yates 1938; Bailey 2008, section 6.2).
    """
    square = np.add.outer(np.arange(t), np.arange(t)) % t
    square = square[rng.permutation(t)][:, rng.permutation(t)]
    return np.asarray(rng.permutation(t)[square], dtype=np.int64)


def graeco_latin_square(t: int, rng: np.random.Generator) -> tuple[Codes, Codes]:
    """Return two random orthogonal Latin squares, each of shape (t, t).

    Odd orders use i + j and i + 2j; orders 4 and 8 use the field of that size.

    Raises
    ------
    DesignError
        For orders 1, 2 and 6, where no pair exists (Tarry 1900), and for the even orders above 8
        or of 10, 12, ... that this construction does not reach.
    """
    i, j = np.indices((t, t))
    if t % 2 and t > 1:
        pair = ((i + j) % t, (i + 2 * j) % t)
    elif t in {4, 8}:
        pair = (i ^ j, i ^ _times_x(j, t))
    else:
        why = "does not exist" if t in ORDERS_WITHOUT_GRAECO else "is not constructed here"
        raise DesignError(
            f"A Graeco-Latin square of order {t} {why}.",
            hint="Use an odd number of treatments, 4 or 8; or a Latin square.",
        )
    rows, columns = rng.permutation(t), rng.permutation(t)
    first, second = (square[rows][:, columns] for square in pair)
    return rng.permutation(t)[first].astype(np.int64), rng.permutation(t)[second].astype(np.int64)


def williams_sequences(t: int) -> Codes:
    """Return sequences balanced for first-order carry-over, shape (t or 2t, t).

    Every treatment follows every other equally often: t sequences for even t, 2t for odd t
    (Williams 1949).
    """
    zigzag = np.array([(k + 1) // 2 if k % 2 else -(k // 2) for k in range(t)])
    square = (zigzag + np.arange(t)[:, None]) % t
    return np.asarray(square if t % 2 == 0 else np.vstack([square, square[:, ::-1]]), np.int64)


def _times_x(j: Codes, t: int) -> Codes:
    """Multiply by x in the field of 4 (x^2 = x + 1) or 8 (x^3 = x + 1) elements."""
    reduced = {4: 0b111, 8: 0b1011}[t]
    doubled = j << 1
    return np.where(doubled >= t, doubled ^ reduced, doubled)
