"""The run sheet of a design: who gets what, where, in the order of the work."""

from dataclasses import dataclass
from functools import lru_cache

from experimentos.design.document import ExperimentDescription
from experimentos.design.layout import Arrangement, arrange, entry_workbook, layout_json
from experimentos.design.layout.sheet import header, rows
from experimentos.memo.exports import csv_bytes


@dataclass(frozen=True, slots=True)
class RunSheet:
    """A run sheet as text cells.

    Attributes
    ----------
    header : tuple[str, ...]
        "run", the place where there are plates or a field, units from the outermost, factors,
        then one empty column per response.
    rows : tuple[tuple[str, ...], ...]
        In the order of the work.
    seed : int
        Of the draw and of the order.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    seed: int


@lru_cache(maxsize=16)
def arranged(document: ExperimentDescription, seed: int) -> Arrangement:
    """Return the places of all units; remembered, since every view of one layout asks for it.

    Raises
    ------
    DesignError
        If the design cannot be laid out yet.
    """
    return arrange(document, seed)


def run_sheet(document: ExperimentDescription, seed: int) -> RunSheet:
    """Return the run sheet of a design; the same design and seed give the same sheet.

    The order is that of `design.layout.arrange`: random, with blocks kept together.

    Raises
    ------
    DesignError
        If the design cannot be laid out yet: a count or levels are missing, units do not fit.
    """
    arrangement = arranged(document, seed)
    lines = tuple(tuple(row) for row in rows(document, arrangement))
    return RunSheet(tuple(header(document, arrangement)), lines, seed)


def sheet_csv(sheet: RunSheet) -> bytes:
    """Return a run sheet for spreadsheets, its seed in a last column; no cell is a formula."""
    return csv_bytes((*sheet.header, "seed"), tuple((*row, str(sheet.seed)) for row in sheet.rows))


def sheet_workbook(document: ExperimentDescription, seed: int) -> bytes:
    """Return the run sheet as an XLSX workbook for data entry, with the allowed values."""
    return entry_workbook(document, arranged(document, seed))


def sheet_json(document: ExperimentDescription, seed: int) -> bytes:
    """Return all places as JSON, with the seed and the hash of the design."""
    return layout_json(document, arranged(document, seed)).encode()
