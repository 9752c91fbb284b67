"""Units to places: a run order, a plate map or a field map."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from experimentos.design.document import ExperimentDescription
from experimentos.design.geometry import grid_of, is_edge, well_name, well_places
from experimentos.design.layout.check import limits
from experimentos.design.layout.places import Arrangement, Place
from experimentos.design.layout.separate import separated
from experimentos.design.parts import Constraint, Layout
from experimentos.design.table import MEASUREMENT, Column, DesignTable, expand
from experimentos.errors import DesignError

type Codes = NDArray[np.int64]
type Spot = tuple[int, int, int]

RESTARTS = 4
LAYOUT_STREAM = 7919


def arrange(document: ExperimentDescription, seed: int) -> Arrangement:
    """Return the places of all units; the same document and seed give the same arrangement.

    Blocks stay together: whole blocks are put in random order, then the units inside each. Units
    that follow one another in time keep their order. On plates and fields the units then take the
    free places; fixed levels take theirs first; neighbours are exchanged at random, inside the
    blocks, until no line has too many equal ones.

    Parameters
    ----------
    seed
        Recorded in the result. It draws the treatments (see `expand`) and the places.

    Raises
    ------
    DesignError
        If the table does not expand, the units do not fit, or the constraints cannot be met.
    """
    layout = document.layout or Layout()
    table = expand(document, seed)
    rows = _unit_rows(table, layout)
    for restart in range(RESTARTS):
        rng = np.random.default_rng([abs(seed), LAYOUT_STREAM, restart])
        order = _order(document, table, rows, layout, rng)
        spots = _spots(document, table, order, layout, rng)
        places = _places(document, table, order, spots, layout)
        groups = _groups(document, table, places)
        order_found = separated(places, list(limits(document)), groups, rng)
        if order_found is not None:
            found = _taken(places, order_found)
            return Arrangement(
                seed, layout.form, grid_of(layout), (*found, *_controls(layout, found))
            )
    raise DesignError(
        "No order was found in which the constraints hold.",
        hint="Allow more equal neighbours, or use a larger plate.",
    )


def _unit_rows(table: DesignTable, layout: Layout) -> Codes:
    """Return the first row of every unit that takes a place."""
    units = [c for c in table.units if c.id != MEASUREMENT]
    chosen = next((c for c in units if c.id == layout.units_id), units[-1])
    _, first = np.unique(chosen.codes, return_index=True)
    return first.astype(np.int64)


def _order(
    document: ExperimentDescription,
    table: DesignTable,
    rows: Codes,
    layout: Layout,
    rng: np.random.Generator,
) -> Codes:
    """Return the rows in run order: outer units permuted first, then the units inside each."""
    keys = []
    for column in table.units:
        unit = document.unit(column.id)
        keep = layout.order == "systematic" or (unit is not None and unit.is_ordered)
        count = len(column.labels)
        key = np.arange(count) if keep else rng.permutation(count)
        keys.append(key[column.codes[rows]])
    return rows[np.lexsort(keys[::-1])]


def _spots(
    document: ExperimentDescription,
    table: DesignTable,
    order: Codes,
    layout: Layout,
    rng: np.random.Generator,
) -> list[Spot]:
    """Return plate, row and column of every unit in run order."""
    grid = grid_of(layout)
    if grid is None:
        return [(0, k, 0) for k in range(len(order))]
    sides = _sides(document, table, grid) if layout.form == "field" else None
    if sides is not None:
        return [(0, int(sides[0].codes[r]), int(sides[1].codes[r])) for r in order]
    free = _free(document, layout, grid)
    if not free:
        raise DesignError("The layout has no free place.", hint="Use a larger plate.")
    plate = _plates(document, table, order, len(free))
    spots: list[Spot] = []
    for number in range(int(plate.max()) + 1):
        count = int((plate == number).sum())
        if count > len(free):
            raise DesignError(
                f"{count} units do not fit the {len(free)} free places of one {layout.form}.",
                hint="Use a larger plate, or fewer guards.",
            )
        used = _used(document, layout, free, count)
        shuffled = layout.order == "randomised" and not _has_blocks(document, table)
        places = rng.permutation(count) if shuffled else np.arange(count)
        spots += [(number, *used[k]) for k in places]
    return spots


def _used(
    document: ExperimentDescription, layout: Layout, free: list[tuple[int, int]], count: int
) -> list[tuple[int, int]]:
    """Return the first free places, positions with a fixed level always among them."""
    if layout.form != "plate":
        return free[:count]
    fixed = {p for c in document.constraints if c.kind == "fixed" for p in c.positions}
    first = [spot for spot in free if well_name(*spot) in fixed]
    rest = [spot for spot in free if spot not in first]
    chosen = set([*first, *rest][:count])
    return [spot for spot in free if spot in chosen]


def _has_blocks(document: ExperimentDescription, table: DesignTable) -> bool:
    """Return whether units lie in larger ones (other than plates), which then stay together."""
    outer = [c for c in table.units[:-1] if not _is_plate(c)]
    together = any(c.kind == "keep_together" for c in document.constraints)
    return bool(outer) or together


def _is_plate(column: Column) -> bool:
    return column.name.casefold().rstrip("s") == "plate"


def _plates(document: ExperimentDescription, table: DesignTable, order: Codes, room: int) -> Codes:
    """Return the plate of each unit in run order: the unit called plate, or as they fill up."""
    for column in table.units:
        if _is_plate(column) and document.unit(column.id) is not None:
            _, plate = np.unique(column.codes[order], return_inverse=True)
            first = np.full(int(plate.max()) + 1, len(order))
            np.minimum.at(first, plate, np.arange(len(order)))
            return np.asarray(np.argsort(np.argsort(first))[plate], dtype=np.int64)
    return np.arange(len(order), dtype=np.int64) // room


def _sides(
    document: ExperimentDescription, table: DesignTable, grid: tuple[int, int]
) -> tuple[Column, Column] | None:
    """Return the crossed unit levels that are the rows and columns of the field, if any."""
    for unit in document.units:
        for other in unit.crossed_with:
            pair = [c for i in (other, unit.id) for c in table.units if c.id == i]
            sizes = tuple(len(c.labels) for c in pair)
            if len(pair) == 2 and sizes == grid and grid[0] * grid[1] == table.n:
                return pair[0], pair[1]
    return None


def _free(
    document: ExperimentDescription, layout: Layout, grid: tuple[int, int]
) -> list[tuple[int, int]]:
    """Return the free places in serpentine order, so that neighbours in the list touch."""
    rows, columns = grid
    guarded = layout.edge == "guard" or any(c.kind == "no_edge" for c in document.constraints)
    taken = set(well_places(layout.controls)) if layout.form == "plate" else set()
    return [
        (r, c)
        for r in range(rows)
        for c in (range(columns) if r % 2 == 0 else reversed(range(columns)))
        if (r, c) not in taken and not (guarded and is_edge(r, c, rows, columns))
    ]


def _places(
    document: ExperimentDescription,
    table: DesignTable,
    order: Codes,
    spots: Sequence[Spot],
    layout: Layout,
) -> list[Place]:
    units = {c.id: c.values() for c in table.units if c.id != MEASUREMENT}
    factors = {c.id: c.values() for c in table.factors}
    places = [
        Place(
            run=k + 1,
            plate=spot[0] + 1,
            row=spot[1],
            column=spot[2],
            name=_name(layout, spot, k),
            units={u: labels[row] for u, labels in units.items()},
            levels={f: labels[row] for f, labels in factors.items()},
        )
        for k, (row, spot) in enumerate(zip(order, spots, strict=True))
    ]
    for constraint in document.constraints:
        if constraint.kind == "fixed":
            _fix(places, constraint)
    return places


def _name(layout: Layout, spot: Spot, run: int) -> str:
    match layout.form:
        case "plate":
            return well_name(spot[1], spot[2])
        case "field":
            return f"R{spot[1] + 1}C{spot[2] + 1}"
        case _:
            return str(run + 1)


def _fix(places: list[Place], constraint: Constraint) -> None:
    """Exchange units so that the fixed positions hold their level."""
    factor, level = constraint.factor_ids[0], constraint.levels[0]
    wanted = [k for k, p in enumerate(places) if p.name in constraint.positions]
    if len(wanted) < len(constraint.positions):
        raise DesignError(
            f"A position fixed for {level} is not a place of this layout.",
            hint=f"Positions look like {places[0].name}.",
        )
    donors = [
        k for k, p in enumerate(places)
        if p.levels.get(factor) == level and k not in set(wanted)
    ]  # fmt: skip
    for k in wanted:
        if places[k].levels.get(factor) == level:
            continue
        if not donors:
            raise DesignError(
                f"{level} has fewer units than fixed positions.", hint="Fix fewer positions."
            )
        near = min(donors, key=lambda d: _steps_apart(places[d], places[k]))
        donors.remove(near)
        _exchange(places, k, near)


def _steps_apart(a: Place, b: Place) -> int:
    """Return in how many unit levels two places differ: a donor of the same block is best."""
    return sum(a.units.get(u) != label for u, label in b.units.items())


def _exchange(places: list[Place], a: int, b: int) -> None:
    """Let two places swap their units."""
    first, second = places[a], places[b]
    places[a] = replace(first, units=second.units, levels=second.levels)
    places[b] = replace(second, units=first.units, levels=first.levels)


def _taken(places: Sequence[Place], unit_at: Sequence[int]) -> list[Place]:
    """Return the places with the units they take in the end."""
    return [
        place if k == unit else replace(place, units=places[unit].units, levels=places[unit].levels)
        for (k, place), unit in zip(enumerate(places), unit_at, strict=True)
    ]


def _groups(
    document: ExperimentDescription, table: DesignTable, places: Sequence[Place]
) -> Mapping[int, tuple[int, ...]]:
    """Return for each place the places whose units it may take: same block, neither fixed."""
    outer = [c.id for c in table.units[:-1] if c.id != MEASUREMENT]
    fixed = {p for c in document.constraints if c.kind == "fixed" for p in c.positions}
    ordered = any(u.is_ordered for u in document.units)
    members: dict[tuple[str, ...], list[int]] = {}
    for k, place in enumerate(places):
        if place.name not in fixed and not ordered:
            members.setdefault(tuple(place.units.get(u, "") for u in outer), []).append(k)
    # One tuple for all of a group: one for each place would be quadratic in memory.
    return {k: group for group in map(tuple, members.values()) for k in group}


def _controls(layout: Layout, placed: Sequence[Place]) -> Iterator[Place]:
    """Yield the control wells of every plate, their levels in turn."""
    if layout.form != "plate" or not layout.controls:
        return
    names = layout.control_levels or ("control",)
    run = len(placed)
    for plate in sorted({p.plate for p in placed}):
        for k, (row, column) in enumerate(well_places(layout.controls)):
            run += 1
            yield Place(
                run, plate, row, column, well_name(row, column), {}, {}, names[k % len(names)]
            )
