"""The treatment combinations of a design: full crossing, fraction, response surface, listed."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from experimentos.design.document import ExperimentDescription
from experimentos.design.parts import Constraint, Factor, Matrix
from experimentos.errors import DesignError

type Codes = NDArray[np.int64]
RUNS_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Runs:
    """Combinations of some factors.

    Attributes
    ----------
    factor_ids : tuple[str, ...]
    labels : tuple[tuple[str, ...], ...]
        Level labels per factor.
    codes : ndarray of int, shape (runs, factors)
        Index into the labels.
    coded : tuple[tuple[float, ...], ...]
        Settings of a response surface in coded units, for each label of each factor; empty for
        a factor of two settings, and when there is no matrix.
    """

    factor_ids: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    codes: Codes
    coded: tuple[tuple[float, ...], ...] = ()


def treatment_runs(document: ExperimentDescription, factors: Sequence[Factor]) -> Runs:
    """Return the combinations of some factors that the design uses, disallowed ones left out.

    Raises
    ------
    DesignError
        If a factor has no level, the matrix cannot be built, or nothing is left.
    """
    ids = tuple(f.id for f in factors)
    matrix = document.matrix
    if matrix is not None and set(matrix.factor_ids) == set(ids):
        return matrix_runs(document, matrix)
    labels = tuple(level_labels(f) for f in factors)
    total = int(np.prod([len(names) for names in labels]))
    if total > RUNS_LIMIT:
        raise DesignError(
            f"{total:,} treatment combinations are more than {RUNS_LIMIT:,}.",
            hint="Use a fraction of the design, or fewer levels.",
        )
    codes = np.array(list(product(*(range(len(names)) for names in labels))), dtype=np.int64)
    kept = _allowed(document.constraints, ids, labels, codes)
    if not len(kept):
        raise DesignError(
            "No treatment combination is allowed.", hint="Remove a disallowed combination."
        )
    return Runs(ids, labels, kept)


def level_labels(factor: Factor) -> tuple[str, ...]:
    """Return the labels of a factor's levels.

    Raises
    ------
    DesignError
        If it has none.
    """
    if not factor.levels:
        raise DesignError(f"{factor.name} has no levels yet.", hint="Add its levels.")
    return tuple(level.label for level in factor.levels)


def matrix_runs(document: ExperimentDescription, matrix: Matrix) -> Runs:
    """Return the runs of a design matrix.

    Raises
    ------
    DesignError
        If a factor is missing or the matrix does not fit its factors.
    """
    factors = [document.factor(i) for i in matrix.factor_ids]
    if any(f is None for f in factors) or not factors:
        raise DesignError("The design matrix names a missing factor.", hint="Choose its factors.")
    present = [f for f in factors if f is not None]
    if matrix.form == "runs":
        return _listed(present, matrix)
    coded = coded_matrix(matrix)
    columns = [_uncoded(f, coded[:, k]) for k, f in enumerate(present)]
    return Runs(
        matrix.factor_ids,
        tuple(names for names, _ in columns),
        np.column_stack([codes for _, codes in columns]),
        tuple(_settings(coded[:, k]) for k in range(coded.shape[1])),
    )


def coded_matrix(matrix: Matrix) -> NDArray[np.float64]:
    """Return the matrix in coded units (-1 low, 0 centre, +1 high), shape (runs, factors).

    Raises
    ------
    DesignError
        If the generators or the number of factors do not fit the form.
    """
    import pydoe

    k = len(matrix.factor_ids)
    try:
        match matrix.form:
            case "fraction":
                coded = pydoe.fracfact(matrix.generators)
            case "plackett_burman":
                coded = pydoe.pbdesign(k)
            case "box_behnken":
                coded = pydoe.bbdesign(k, center=0)
            case _:
                coded = pydoe.ccdesign(k, center=(0, 0), alpha="rotatable", face="circumscribed")
    except (ValueError, IndexError, AssertionError, KeyError) as exc:
        raise DesignError(
            f"The {matrix.form.replace('_', '-')} matrix does not exist for {k} factors.",
            hint=str(exc) or "Check the number of factors and the generators.",
        ) from exc
    if coded.shape[1] != k:
        raise DesignError(
            f"The generators make {coded.shape[1]} columns for {k} factors.",
            hint='Give one word per factor, such as "a b c ab ac bc abc".',
        )
    return np.vstack([coded, np.zeros((matrix.centre_points, k))])


def _uncoded(factor: Factor, coded: NDArray[np.float64]) -> tuple[tuple[str, ...], Codes]:
    points, codes = np.unique(np.round(coded, 6), return_inverse=True)
    names = [level.label for level in factor.levels]
    low, high = _ends(factor)
    if len(names) == len(points):
        return tuple(names), codes.astype(np.int64)
    if low is None or high is None:
        if len(points) <= len(names):
            return tuple(names[: len(points)]), codes.astype(np.int64)
        raise DesignError(
            f"{factor.name} has no numeric range for {len(points)} settings.",
            hint="Give its lowest and highest value.",
        )
    values = (low + high) / 2 + points * (high - low) / 2
    return tuple(f"{value:.6g}" for value in values), codes.astype(np.int64)


def _settings(coded: NDArray[np.float64]) -> tuple[float, ...]:
    points = np.unique(np.round(coded, 6))
    return tuple(float(p) for p in points) if len(points) > 2 else ()


def _ends(factor: Factor) -> tuple[float | None, float | None]:
    if factor.range is not None:
        return factor.range
    values = [level.value for level in factor.levels if level.value is not None]
    return (min(values), max(values)) if len(values) > 1 else (None, None)


def _listed(factors: Sequence[Factor], matrix: Matrix) -> Runs:
    labels = tuple(level_labels(f) for f in factors)
    try:
        codes = [
            [names.index(label) for names, label in zip(labels, run, strict=True)]
            for run in matrix.runs
        ]
    except ValueError as exc:
        raise DesignError(
            "A listed run does not give one known level per factor.",
            hint="Correct the run, or add the level to its factor.",
        ) from exc
    if not codes:
        raise DesignError("The list of runs is empty.", hint="Add runs.")
    return Runs(matrix.factor_ids, labels, np.array(codes, dtype=np.int64))


def _allowed(
    constraints: Sequence[Constraint],
    ids: tuple[str, ...],
    labels: tuple[tuple[str, ...], ...],
    codes: Codes,
) -> Codes:
    keep = np.ones(len(codes), dtype=bool)
    for constraint in constraints:
        named = zip(constraint.factor_ids, constraint.levels, strict=False)
        pairs = [(ids.index(f), level) for f, level in named if f in ids]
        if constraint.kind != "disallowed" or len(pairs) != len(constraint.factor_ids):
            continue
        hit = np.ones(len(codes), dtype=bool)
        for k, level in pairs:
            hit &= np.array([labels[k][c] == level for c in codes[:, k]], dtype=bool)
        keep &= ~hit if pairs else True
    return codes[keep]
