"""Dunnett's adjustment: several treatments against one control."""

import math
from collections.abc import Sequence

from experimentos.errors import ContractError
from experimentos.plan.critical import check_sizes, exceedance
from experimentos.plan.critical import dunnett_critical as dunnett_critical


def dunnett_p(z: Sequence[float], n_control: float, n: Sequence[float]) -> list[float]:
    """Return the two-sided adjusted p-value of each treatment's z against the control.

    Parameters
    ----------
    z
        Standardised differences, shape (arms,); infinite is allowed, nan is not.
    n_control, n
        Units of the control and of each treatment, shape (arms,); or the precisions 1 / se_i^2 of
        the arm values where the variances differ.

    Returns
    -------
    list[float]
        P(max |Z_j| >= |z_i|) under the null, each in [0, 1]; `z_i` reaches
        `dunnett_critical(alpha, ...)` exactly when its p is at most alpha.

    Raises
    ------
    ContractError
        If lengths differ, a size is not positive, or a z is nan.

    References
    ----------
    Dunnett (1955), JASA 50; large-sample (known variance) form.
    """
    check_sizes(n_control, n)
    if len(z) != len(n) or any(math.isnan(value) for value in z):
        raise ContractError(
            f"{len(n)} treatment arms need one z value each.",
            hint="Leave arms without a test out of the family.",
        )
    return [_one(abs(value), n_control, n) for value in z]


def _one(c: float, n_control: float, n: Sequence[float]) -> float:
    if math.isinf(c):
        return 0.0
    if len(n) == 1:
        return math.erfc(c / math.sqrt(2))
    return exceedance(c, n_control, n)
