"""The run sheet of a design: who gets what, in the order of the work."""

from dataclasses import dataclass

import numpy as np

from experimentos.design.document import ExperimentDescription
from experimentos.design.table import DesignTable, expand
from experimentos.memo.exports import csv_bytes

ORDER_STREAM = 0x0DE5


@dataclass(frozen=True, slots=True)
class RunSheet:
    """A run sheet as text cells.

    Attributes
    ----------
    header : tuple[str, ...]
        "run", the units from the outermost, the factors, then one empty column per response.
    rows : tuple[tuple[str, ...], ...]
        In the order of the work, one per observation.
    seed : int
        Of the allotment and of the order.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    seed: int


def run_sheet(document: ExperimentDescription, seed: int) -> RunSheet:
    """Return the run sheet of a design; the same design and seed give the same sheet.

    Levels come to units by the rules of the design. The work goes through the units in random
    order, one container after the other: blocks and whole plots stay together, and units that
    follow one another in time keep their order.

    Raises
    ------
    DesignError
        If the design cannot be expanded yet: a count or levels are missing.
    """
    table = expand(document, seed)
    order = run_order(document, table)
    shown = [c for c in table.units if c.id not in _shown_as_factors(table)]
    columns = [c.values() for c in (*shown, *table.factors)]
    names = [c.name for c in (*shown, *table.factors)]
    responses = [f"{r.name} ({r.unit})" if r.unit else r.name for r in document.responses]
    blank = ("",) * len(responses)
    rows = tuple(
        (str(number), *(column[row] for column in columns), *blank)
        for number, row in enumerate(order, start=1)
    )
    return RunSheet(("run", *names, *responses), rows, seed)


def run_order(document: ExperimentDescription, table: DesignTable) -> tuple[int, ...]:
    """Return the rows of a design table in a random order that keeps containers together."""
    rng = np.random.default_rng([abs(table.seed), ORDER_STREAM])
    ranks = []
    for column in table.units:
        unit = document.unit(column.id)
        rank = np.arange(len(column.labels))
        if unit is None or not unit.is_ordered:
            rank = rng.permutation(len(column.labels))
        ranks.append(rank[column.codes])
    return tuple(int(row) for row in np.lexsort(ranks[::-1]))


def sheet_csv(sheet: RunSheet) -> bytes:
    """Return a run sheet for spreadsheets, its seed in a last column; no cell is a formula."""
    rows = tuple((*row, str(sheet.seed)) for row in sheet.rows)
    return csv_bytes((*sheet.header, "seed"), rows)


def _shown_as_factors(table: DesignTable) -> set[str]:
    """Return the units whose own factor says the same: "block" once, not twice."""
    same = set()
    for column in table.units:
        for factor in table.factors:
            if table.allotted.get(factor.id) == column.id and factor.name == column.name:
                same.add(column.id)
    return same
