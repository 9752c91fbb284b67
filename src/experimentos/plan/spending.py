"""How a level is spent over the looks of a group-sequential plan."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from scipy.special import ndtr, ndtri

from experimentos.errors import ContractError

type Spend = Callable[[float, float], float]


def spent(spending: str, fraction: float, alpha: float) -> float:
    """Return the one-sided level spent when this share of the information is in.

    Parameters
    ----------
    spending
        "obrien_fleming", "pocock", "linear", or "kim" with an exponent: "kim2", "kim1.5".
    fraction
        Information fraction, >= 0; from 1 on everything is spent.
    alpha
        One-sided level of the whole design, in (0, 0.5].

    Raises
    ------
    ContractError
        If the spending function is unknown.

    References
    ----------
    Lan and DeMets (1983), Biometrika 70; Kim and DeMets (1987), Biometrika 74.
    """
    if fraction >= 1:
        return alpha
    if fraction <= 0:
        return 0.0
    if spending.startswith("kim"):
        return alpha * float(fraction ** _exponent(spending))
    rule = SPENDING.get(spending)
    if rule is None:
        raise ContractError(
            f"There is no spending function called {spending!r}.",
            hint=f"Choose one of {', '.join(SPENDING)}, or kim with an exponent such as kim2.",
        )
    return rule(fraction, alpha)


def _exponent(spending: str) -> float:
    try:
        exponent = float(spending.removeprefix("kim"))
    except ValueError:
        exponent = math.nan
    if not 0 < exponent < math.inf:
        raise ContractError(
            f"{spending!r} names no exponent for the Kim-DeMets spending function.",
            hint="Write kim followed by a positive number, such as kim2.",
        )
    return exponent


def _obrien_fleming(fraction: float, alpha: float) -> float:
    return 2.0 * float(ndtr(ndtri(alpha / 2) / math.sqrt(fraction)))


def _pocock(fraction: float, alpha: float) -> float:
    return alpha * math.log1p((math.e - 1) * fraction)


def _linear(fraction: float, alpha: float) -> float:
    return alpha * fraction


SPENDING: Mapping[str, Spend] = MappingProxyType(
    {"obrien_fleming": _obrien_fleming, "pocock": _pocock, "linear": _linear}
)
"""The spending functions without a parameter: (information fraction, alpha) to level spent."""
