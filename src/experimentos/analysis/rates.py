"""Pairs of rates as arrays: what every method for conversions computes on."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experimentos.analysis.result import Unavailable
from experimentos.metrics.counts import Counts

type Array = NDArray[np.float64]


class Rates(NamedTuple):
    """Conversions and units of many pairs of arms, arrays of one shape."""

    k_control: Array
    n_control: Array
    k_treatment: Array
    n_treatment: Array

    @classmethod
    def of(cls, control: Counts, treatment: Counts) -> "Rates":
        """Return one pair as arrays of no dimension."""
        return cls.arrays(control.k, control.n, treatment.k, treatment.n)

    @classmethod
    def arrays(
        cls,
        k_control: ArrayLike,
        n_control: ArrayLike,
        k_treatment: ArrayLike,
        n_treatment: ArrayLike,
    ) -> "Rates":
        """Return the four broadcast to one shape."""
        given = (k_control, n_control, k_treatment, n_treatment)
        return cls(*np.broadcast_arrays(*(np.asarray(each, dtype=float) for each in given)))

    @property
    def control(self) -> Array:
        """Return the control rates."""
        return np.asarray(self.k_control / self.n_control)

    @property
    def treatment(self) -> Array:
        """Return the treatment rates."""
        return np.asarray(self.k_treatment / self.n_treatment)

    @property
    def difference(self) -> Array:
        """Return p_treatment - p_control, with one rounding for counts below 2**26."""
        numerator = self.k_treatment * self.n_control - self.k_control * self.n_treatment
        return np.asarray(numerator / (self.n_control * self.n_treatment))


def no_rates(control: Counts, treatment: Counts, method: str) -> Unavailable | None:
    """Return why two rates cannot be compared, or None when they can."""
    if min(control.n, treatment.n) == 0:
        return Unavailable(method, "no_users", "One of the two arms has no users.")
    converted = control.k + treatment.k
    if converted == 0:
        return Unavailable(method, "no_conversions", "Nobody converted in either arm.")
    if converted == control.n + treatment.n:
        return Unavailable(method, "all_converted", "Everybody converted in both arms.")
    return None
