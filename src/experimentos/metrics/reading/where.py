"""Keep the rows of one experiment of a file that holds several."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from experimentos.issue import Issue
from experimentos.metrics.reading.grid import Grid, Line, Refusal, blocked, note
from experimentos.metrics.reading.header import normal
from experimentos.metrics.reading.names import visible

PREFIX = "where="
MOST_NAMED = 5
EXPERIMENT = re.compile(r"(experiment|exp|test|study|campaign|treatment)([ _-]?(id|name|key))?")


def split_mapping(mapping: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the mapping of columns and arms, and the wanted values by column name."""
    columns = {key: value for key, value in mapping.items() if not key.startswith(PREFIX)}
    wanted = {
        key.removeprefix(PREFIX): value for key, value in mapping.items() if key.startswith(PREFIX)
    }
    return columns, wanted


def select(grid: Grid, wanted: Mapping[str, str]) -> Grid:
    """Return the rows with these values, without the columns that they were chosen by.

    Raises
    ------
    Refusal
        If there is no such column, or no such row.
    """
    if not wanted:
        return grid
    places = {_place(grid, column): value.strip() for column, value in wanted.items()}
    kept = tuple(
        line
        for line in grid.lines
        if all(_cell(line, place) == value for place, value in places.items())
    )
    if not kept:
        raise Refusal(_no_such_row(grid, places))
    rule = " and ".join(f"{column} = {value}" for column, value in wanted.items())
    message = f"Kept {len(kept):,} of {len(grid.lines):,} rows: {visible(rule, 200)}."
    return replace(
        grid,
        header=_without(grid.header, places),
        lines=tuple(replace(line, cells=_without(line.cells, places)) for line in kept),
        notes=(*grid.notes, note("rows_selected", message)),
    )


def refuse_several(grid: Grid, variant: str) -> None:
    """Raise Refusal when arms repeat and a column tells several experiments apart.

    Parameters
    ----------
    variant
        Name of the column that holds the arms.
    """
    arms = _values(grid, variant)
    if len(set(arms)) == len(arms):
        return
    for column in grid.header:
        names = list(dict.fromkeys(_values(grid, column)))
        if not EXPERIMENT.fullmatch(normal(column)) or len(names) < 2:
            continue
        shown = visible(column.strip(), 64)
        raise Refusal(
            blocked(
                "several_experiments",
                f"The file holds {len(names):,} experiments, told apart by {shown} "
                f"({_some(names)}); they cannot be pooled.",
                f"Keep the rows of one (command line: --where {shown}={visible(names[0], 64)}) "
                "and analyse each on its own.",
                row=grid.header_row,
                column=shown,
            )
        )


def _values(grid: Grid, column: str) -> list[str]:
    """Return the cells of a column, stripped; none when it is not there."""
    places = [i for i, name in enumerate(grid.header) if normal(name) == normal(column)]
    return [_cell(line, places[0]) for line in grid.lines] if places else []


def _place(grid: Grid, column: str) -> int:
    for place, name in enumerate(grid.header):
        if normal(name) == normal(column):
            return place
    raise Refusal(
        blocked(
            "where_column",
            f"There is no column {visible(column, 64)} to choose rows by.",
            f"The columns are {visible(', '.join(grid.header), 200)}.",
            row=grid.header_row,
            column=visible(column, 64),
        )
    )


def _no_such_row(grid: Grid, places: Mapping[int, str]) -> Issue:
    place, value = next(
        (
            (place, value)
            for place, value in places.items()
            if all(_cell(line, place) != value for line in grid.lines)
        ),
        next(iter(places.items())),
    )
    column = visible(grid.header[place].strip(), 64)
    found = list(dict.fromkeys(_cell(line, place) for line in grid.lines))
    return blocked(
        "where_value",
        f"No row has {column} = {visible(value, 64)} together with the other conditions.",
        f"{column} holds {_some(found)}.",
        column=column,
    )


def _some(names: Sequence[str]) -> str:
    more = "…" if len(names) > MOST_NAMED else ""
    return visible(", ".join(names[:MOST_NAMED]), 200) + more


def _cell(line: Line, place: int) -> str:
    return line.cells[place].strip() if place < len(line.cells) else ""


def _without(cells: tuple[str, ...], places: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(cell for place, cell in enumerate(cells) if place not in places)
