"""Which combinations of the treatments are run: all, a fraction, a response surface."""

from collections.abc import Iterator
from dataclasses import dataclass

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Edit, Patch, SetDocument, Update
from experimentos.design.fractions import FRACTIONS
from experimentos.design.parts import Factor, Matrix
from experimentos.design.runs import coded_matrix
from experimentos.errors import DesignError
from experimentos.flows.design_aliases import ROMAN

SHARE = {2: "Half", 4: "Quarter", 8: "Eighth", 16: "Sixteenth"}
PLACKETT_BURMAN_MOST = 23
SURFACE_MOST = 7


@dataclass(frozen=True, slots=True)
class RunsOption:
    """One way to choose the combinations that are run.

    Attributes
    ----------
    key : str
        "" for the full crossing.
    label : str
    matrix : Matrix | None
        None for the full crossing.
    runs : int
        Without centre points.
    """

    key: str
    label: str
    matrix: Matrix | None
    runs: int


def crossed_treatments(document: ExperimentDescription) -> tuple[Factor, ...]:
    """Return the treatments that a matrix may hold: those drawn together for one kind of unit."""
    groups: dict[tuple[str, str], list[Factor]] = {}
    for factor in document.treatments:
        allotment = document.allotment(factor.id)
        if allotment is not None and not allotment.ratio:
            groups.setdefault((allotment.unit_id, allotment.rule), []).append(factor)
    largest = max(groups.values(), key=len, default=[])
    return tuple(largest) if len(largest) > 1 else ()


def runs_options(document: ExperimentDescription) -> tuple[RunsOption, ...]:
    """Return what fits the treatments of a design, the full crossing first; empty for one."""
    factors = crossed_treatments(document)
    return tuple(_options(factors)) if factors else ()


def present_option(document: ExperimentDescription) -> str:
    """Return the key of the option that a design uses; "own" for runs that none of them gives."""
    matrix = document.matrix
    if matrix is None:
        return ""
    bare = matrix.model_copy(update={"centre_points": 0})
    return next((o.key for o in runs_options(document) if o.matrix == bare), "own")


def present_replicates(document: ExperimentDescription) -> int:
    """Return how often the whole set of runs is carried out, as far as the units tell; 1 if not."""
    found = next((o for o in runs_options(document) if o.key == present_option(document)), None)
    factors = crossed_treatments(document)
    allotment = document.allotment(factors[0].id) if factors else None
    unit = document.unit(allotment.unit_id) if allotment else None
    if found is None or unit is None or not isinstance(unit.count, int):
        return 1
    runs = found.runs + (document.matrix.centre_points if document.matrix else 0)
    return max(1, unit.count // runs)


def runs_patch(
    document: ExperimentDescription, option: RunsOption, centre_points: int, replicates: int
) -> Patch:
    """Return the patch that runs other combinations, with as many units as they need.

    The number of units changes where one number says it: units that lie in no others.

    Raises
    ------
    DesignError
        If centre points are asked of treatments that have no middle.
    """
    factors = crossed_treatments(document)
    matrix = option.matrix
    if centre_points and matrix is not None:
        without = next((f for f in factors if not _has_middle(f)), None)
        if without is not None:
            raise DesignError(
                f"{without.name} has no setting halfway between its levels.",
                hint="Give it two numbers as levels, or use no centre points.",
            )
        matrix = matrix.model_copy(update={"centre_points": centre_points})
    whole = matrix.model_dump(mode="json") if matrix is not None else None
    edits: list[Edit] = [SetDocument(fields={"matrix": whole})]
    allotment = document.allotment(factors[0].id) if factors else None
    unit = document.unit(allotment.unit_id) if allotment else None
    wanted = (option.runs + (centre_points if matrix is not None else 0)) * replicates
    if unit is not None and unit.parent is None and unit.count != wanted:
        edits.append(Update(part="units", id=unit.id, fields={"count": wanted}))
    return Patch(title=f"Run: {option.label}", edits=tuple(edits))


def _options(factors: tuple[Factor, ...]) -> Iterator[RunsOption]:
    ids = tuple(f.id for f in factors)
    every = 1
    for factor in factors:
        every *= max(1, len(factor.levels))
    yield RunsOption("", f"All {every:,} combinations", None, every)
    k = len(factors)
    if all(len(f.levels) == 2 for f in factors):
        for generators, resolution in FRACTIONS.get(k, ()):
            base = sum(len(word) == 1 for word in generators.split())
            share = SHARE[2 ** (k - base)]
            label = f"{share} fraction: {2**base} runs, resolution {ROMAN[resolution]}"
            matrix = Matrix(form="fraction", factor_ids=ids, generators=generators)
            yield RunsOption(generators, label, matrix, 2**base)
        if 3 <= k <= PLACKETT_BURMAN_MOST:
            matrix = Matrix(form="plackett_burman", factor_ids=ids)
            runs = 4 * (k // 4 + 1)
            yield RunsOption("pb", f"Plackett-Burman: {runs} runs", matrix, runs)
    if all(_has_middle(f) for f in factors) and k <= SURFACE_MOST:
        yield _surface("ccd", "Central composite", ids)
        if k > 2:
            yield _surface("box_behnken", "Box-Behnken", ids)


def _surface(form: str, name: str, ids: tuple[str, ...]) -> RunsOption:
    matrix = Matrix.model_validate({"form": form, "factor_ids": ids})
    runs = len(coded_matrix(matrix))
    return RunsOption(form, f"{name}: {runs} runs and centre points", matrix, runs)


def _has_middle(factor: Factor) -> bool:
    values = [level.value for level in factor.levels if level.value is not None]
    return factor.range is not None or len(set(values)) > 1
