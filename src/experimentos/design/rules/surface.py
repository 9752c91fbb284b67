"""Optimisation and mixtures."""

import math
from collections.abc import Iterator

from experimentos.design.edits import Patch, Remove, SetDocument, Update
from experimentos.design.parts import Constraint, Factor, Matrix
from experimentos.design.rules.finding import Context, DesignRule, Found, error, fix, info

CENTRE_POINTS = 4
FACTORS_LIMIT = 6


def _curvature(given: Context) -> Iterator[Found]:
    document, matrix = given.document, given.document.matrix
    two = [f for f in document.treatments if _is_two_level(f)]
    has_centre = matrix is not None and (
        matrix.centre_points > 0 or matrix.form in {"ccd", "box_behnken"}
    )
    if document.purpose != "optimise" or len(two) < 2 or has_centre:
        return
    yield info(
        *(f.id for f in two),
        message=f"{len(two)} numeric factors at two levels cannot show a curved optimum.",
        fixes=_centre(matrix, two),
    )


def _is_two_level(factor: Factor) -> bool:
    return factor.scale == "numeric" and len(factor.levels) == 2


def _centre(matrix: Matrix | None, two: list[Factor]) -> Iterator[Patch]:
    title = f"Add {CENTRE_POINTS} centre points"
    if matrix is not None and matrix.form != "runs":
        added = matrix.model_copy(update={"centre_points": CENTRE_POINTS})
        yield fix(title, SetDocument(fields={"matrix": added.model_dump(mode="json")}))
    elif len(two) <= FACTORS_LIMIT:
        letters = " ".join("abcdef"[: len(two)])
        added = Matrix(
            form="fraction",
            factor_ids=tuple(f.id for f in two),
            generators=letters,
            centre_points=CENTRE_POINTS,
        )
        yield fix(title, SetDocument(fields={"matrix": added.model_dump(mode="json")}))


def _mixture(given: Context) -> Iterator[Found]:
    for constraint in given.document.constraints:
        if constraint.kind != "mixture":
            continue
        if constraint.total is None:
            yield error(
                constraint.id,
                "total",
                message="The total of the mixture is not stated.",
                fixes=[
                    fix(
                        f"The parts sum to {words}",
                        Update(part="constraints", id=constraint.id, fields={"total": total}),
                    )
                    for words, total in (("1", 1.0), ("100", 100.0))
                ],
            )
        elif not _sums(given, constraint):
            last = given.document.factor(constraint.factor_ids[-1])
            yield error(
                constraint.id,
                *constraint.factor_ids,
                message=f"The parts of the mixture do not sum to {constraint.total:g} in every "
                "run.",
                fixes=[
                    fix(
                        f"{last.name} is the slack: it fills up what the others leave",
                        Remove(part="factors", id=last.id),
                    )
                ]
                if last
                else [],
            )


def _sums(given: Context, constraint: Constraint) -> bool:
    """Return whether every row of the table sums to the total; unknown tables pass."""
    if given.table is None:
        return True
    columns = [given.table.factor(f) for f in constraint.factor_ids]
    present = [c for c in columns if c is not None]
    if len(present) != len(columns) or constraint.total is None:
        return False
    try:
        rows = {tuple(float(x) for x in row) for row in zip(*(c.values() for c in present),
                                                            strict=True)}  # fmt: skip
    except ValueError:
        return False
    return all(math.isclose(sum(row), constraint.total, rel_tol=1e-6) for row in rows)


CURVATURE = DesignRule(
    "R24",
    "A check of curvature",
    "At two levels every response looks straight; centre points show whether it bends "
    "(Box, Hunter and Hunter).",
    _curvature,
)
MIXTURE = DesignRule(
    "R46",
    "Parts that sum to the whole",
    "Parts of a mixture cannot be varied one by one: the last is what the others leave.",
    _mixture,
)
