"""Where each number of a pass is put before it is summed."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from experimentos.engine.need import Need
from experimentos.engine.port import Row


@dataclass(frozen=True, slots=True)
class Placed:
    """A need with the shift and the cap of each of its numbers.

    Attributes
    ----------
    need : Need
    shifts : tuple[float, ...]
        Subtracted before summing, one per number.
    caps : tuple[float | None, ...]
        Larger values count as this, one per number.
    exact : tuple[bool, ...]
        Whether a number is whole and small enough that plain sums of it may be exact; empty when
        none is. Whether they were is seen from the sums of squares (`were_exact`).
    """

    need: Need
    shifts: tuple[float, ...]
    caps: tuple[float | None, ...]
    exact: tuple[bool, ...] = ()

    def is_exact(self, *places: int) -> bool:
        """Return whether plain sums of these numbers, or of their product, may be exact."""
        return bool(self.exact) and all(self.exact[place] for place in places)


# Sums of whole numbers are exact in doubles as long as they stay below this.
WHOLE = 2.0**53


def were_exact(at: Placed, rows: Iterable[Row]) -> bool:
    """Return whether every plain sum of whole numbers was exact.

    A whole number is at most its square, and a product at most the mean of two squares, so a sum
    of squares below 2^53 bounds every partial sum.
    """
    squares = [
        place
        for place, term in enumerate(at.need.terms)
        if term.of == "square" and at.is_exact(term.x)
    ]
    return all(float(row.totals[place] or 0) < WHOLE for row in rows for place in squares)


def placed(
    need: Need,
    means: tuple[float | None, ...],
    whole: tuple[bool, ...],
    quantiles: tuple[float | None, ...],
) -> Placed:
    """Return the shifts and caps that follow from a first look.

    Parameters
    ----------
    need
    means, whole
        Of each number in the rows that were looked at, and whether all were whole.
    quantiles
        Found for each number, None where none was asked for.
    """
    caps = tuple(
        value.cap if value.cap is not None else quantile
        for value, quantile in zip(need.values, quantiles, strict=True)
    )
    counted = {term.x for term in need.terms if term.of == "stray"}
    shifts = tuple(
        0.0 if i in counted else _shift(mean, cap, is_whole=is_whole)
        for i, (mean, cap, is_whole) in enumerate(zip(means, caps, whole, strict=True))
    )
    return Placed(need, shifts, caps)


def _shift(mean: float | None, cap: float | None, *, is_whole: bool) -> float:
    """Return what to subtract: a whole number from whole numbers, so that the sums stay exact."""
    if mean is None or not math.isfinite(mean):
        return 0.0
    near = mean if cap is None else min(mean, cap)
    return float(round(near)) if is_whole else near
