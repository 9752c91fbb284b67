"""Capping values per unit before their means are compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experimentos.analysis.method import Method
from experimentos.analysis.quantile import checked
from experimentos.metrics.moments import Moments

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Winsorized:
    """Two arms capped at one value.

    Attributes
    ----------
    control, treatment : Moments
    cap : float
        Unit of the metric; every larger value counts as this one.
    capped : int
        Units that were capped.
    """

    control: Moments
    treatment: Moments
    cap: float
    capped: int


def winsorize(control: ArrayLike, treatment: ArrayLike, share: float = 0.99) -> Winsorized:
    """Return both arms' moments after capping at a quantile of all units together.

    Parameters
    ----------
    control, treatment
        One value per unit, shapes (n,), finite, at least one each.
    share
        Quantile of the pooled values to cap at, in (0, 1).

    Notes
    -----
    The cap is one for all units: a cap per arm would itself move with the treatment.
    """
    c, t = checked(control, share), checked(treatment, share)
    everything = np.concatenate((c, t))
    cap = float(np.quantile(everything, share))
    return Winsorized(
        _moments(np.minimum(c, cap)),
        _moments(np.minimum(t, cap)),
        cap,
        int(np.sum(everything > cap)),
    )


def _moments(values: Array) -> Moments:
    mean = float(values.mean())
    return Moments(values.size, mean, float(np.sum((values - mean) ** 2)))


WINSOR = Method(
    name="winsor",
    title="Means of capped values",
    accepts=Moments,
    words=(
        "Values above one quantile of all units of both arms together count as that quantile; the "
        "means of what is left are compared by Welch's test."
    ),
    source="Dixon (1960), Annals of Mathematical Statistics 31:385-391; Tukey (1962), ibid. 33.",
    assumptions=(
        "Units are independent: one value per randomised unit.",
        "The effect on capped values is the effect that matters: what happens above is not seen.",
    ),
)
