"""Alias tables of fractional factorials."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from experimentos.design.parts import Matrix
from experimentos.design.runs import coded_matrix
from experimentos.errors import DesignError

SAME = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Alias:
    """Effects that share one column of a fraction.

    Attributes
    ----------
    effects : tuple[tuple[str, ...], ...]
        Factor ids of each effect, shortest first.
    """

    effects: tuple[tuple[str, ...], ...]


def alias_table(matrix: Matrix, *, order: int = 2) -> tuple[Alias, ...]:
    """Return the groups of effects up to an order that cannot be told apart.

    Effects alone in their group are left out, so an empty table means that all are clear.

    Parameters
    ----------
    order
        Largest number of factors in an effect.

    Raises
    ------
    DesignError
        If the matrix cannot be built.
    """
    columns = _effects(matrix, order)
    groups: list[list[tuple[str, ...]]] = []
    leaders: list[np.ndarray] = []
    for ids, column in columns:
        for group, leader in zip(groups, leaders, strict=True):
            if abs(float(column @ leader)) >= SAME * float(leader @ leader):
                group.append(ids)
                break
        else:
            groups.append([ids])
            leaders.append(column)
    return tuple(Alias(tuple(g)) for g in groups if len(g) > 1)


def resolution(matrix: Matrix) -> int | None:
    """Return the length of the shortest word of the defining relation; None for a full factorial.

    References
    ----------
    Box and Hunter (1961), The 2^(k-p) fractional factorial designs, Technometrics 3.
    """
    if matrix.form != "fraction":
        raise DesignError("Resolution is of two-level fractions.", hint="Use a fraction.")
    columns = dict(_effects(matrix, 1))
    if len(next(iter(columns.values()))) >= 2 ** len(columns):
        return None
    for size in range(1, len(columns) + 1):
        for chosen in combinations(columns.values(), size):
            if abs(float(np.prod(chosen, axis=0).sum())) >= SAME * len(chosen[0]):
                return size
    return None


def _effects(matrix: Matrix, order: int) -> Iterator[tuple[tuple[str, ...], "np.ndarray"]]:
    coded = coded_matrix(matrix.model_copy(update={"centre_points": 0}))
    for size in range(1, order + 1):
        for chosen in combinations(range(len(matrix.factor_ids)), size):
            ids = tuple(matrix.factor_ids[k] for k in chosen)
            yield ids, np.prod(coded[:, list(chosen)], axis=1)
