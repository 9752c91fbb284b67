"""Places on plates and fields: sizes, names, edges."""

import re
from collections.abc import Iterable

from experimentos.design.parts import Layout
from experimentos.errors import DesignError

# Rows and columns of the formats of ANSI SLAS 4-2004 and of the smaller culture plates.
PLATES = {
    6: (2, 3), 12: (3, 4), 24: (4, 6), 48: (6, 8), 96: (8, 12), 384: (16, 24), 1536: (32, 48),
}  # fmt: skip
WELL = re.compile(r"([A-Za-z]{1,2})(\d{1,3})")


def plate_size(wells: int) -> tuple[int, int]:
    """Return rows and columns of a plate.

    Raises
    ------
    DesignError
        If there is no such format.
    """
    if wells not in PLATES:
        raise DesignError(f"There is no plate of {wells} wells.", hint=f"Use one of {[*PLATES]}.")
    return PLATES[wells]


def grid_of(layout: Layout) -> tuple[int, int] | None:
    """Return rows and columns of a layout, or None for a plain run sheet."""
    if layout.form == "plate":
        return plate_size(layout.wells or 96)
    if layout.form == "field" and layout.rows and layout.columns:
        return layout.rows, layout.columns
    return None


def row_name(row: int) -> str:
    """Return the letters of a plate row: A to Z, AA to AF."""
    return chr(65 + row) if row < 26 else "A" + chr(65 + row - 26)


def well_name(row: int, column: int) -> str:
    """Return the name of a well, such as B07; rows and columns count from 0."""
    return f"{row_name(row)}{column + 1:02d}"


def well_places(names: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Return row and column, from 0, of wells by name.

    Raises
    ------
    DesignError
        If a name is not a well.
    """
    return tuple(_place(name) for name in names)


def _place(name: str) -> tuple[int, int]:
    match = WELL.fullmatch(name.strip())
    if match is None or int(match[2]) < 1:
        raise DesignError(f"{name!r} is not a well.", hint="Write a letter and a number: B07.")
    letters = match[1].upper()
    row = ord(letters[-1]) - 65 + (26 if len(letters) == 2 else 0)
    return row, int(match[2]) - 1


def is_edge(row: int, column: int, rows: int, columns: int) -> bool:
    """Return whether a place lies at the rim."""
    return row in {0, rows - 1} or column in {0, columns - 1}


def spread_wells(wells: int) -> tuple[str, ...]:
    """Return one inner well of each quarter of a plate, for controls."""
    rows, columns = plate_size(wells)
    picked = dict.fromkeys(
        (r, c)
        for r in (rows // 4, rows - 1 - rows // 4)
        for c in (columns // 4, columns - 1 - columns // 4)
    )
    return tuple(well_name(r, c) for r, c in picked)
