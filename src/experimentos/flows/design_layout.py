"""How the units of a design are laid out: what is asked for, and the map that comes of it."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from experimentos.charts.chart import Chart
from experimentos.charts.plate_map import MapCell, plate_map
from experimentos.design.derive import unit_total
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import AddConstraint, Edit, Patch, Remove, SetDocument
from experimentos.design.geometry import PLATES, row_name, spread_wells, well_name, well_places
from experimentos.design.layout import Arrangement, Place
from experimentos.design.names import slug
from experimentos.design.parts import Constraint, Layout
from experimentos.errors import DesignError

FORMS = ("run_sheet", "plate", "field")
FORM_WORDS = {"run_sheet": "Run sheet only", "plate": "Plates", "field": "Field or bench grid"}
SIZES = tuple(PLATES)
FIRST_SEED = 1
TREATMENTS = "treatments"
JOINT = ", "
KINDS = ("max_adjacent", "no_edge", "keep_together", "fixed", "balance")
KIND_WORDS = {
    "max_adjacent": "At most so many equal neighbours",
    "no_edge": "Nothing at the edge",
    "keep_together": "Keep units together",
    "fixed": "Fix a level at places",
    "balance": "Balance levels within units",
}


@dataclass(frozen=True, slots=True)
class ConstraintWish:
    """A constraint as it is asked for.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    limit : int
        For "max_adjacent".
    unit_id : str
        For "keep_together" and "balance".
    factor_id, level, positions : str
        For "fixed": places with commas between them.
    """

    kind: str
    limit: int = 2
    unit_id: str = ""
    factor_id: str = ""
    level: str = ""
    positions: str = ""


def seed_of(document: ExperimentDescription) -> int:
    """Return the seed that a design records, `FIRST_SEED` when it records none."""
    layout = document.layout
    return FIRST_SEED if layout is None or layout.seed is None else layout.seed


def seed_patch(document: ExperimentDescription, seed: int) -> Patch:
    """Return the patch that records another seed."""
    return layout_patch(document, f"Seed {seed}", seed=seed)


def layout_patch(document: ExperimentDescription, title: str, **fields: Any) -> Patch:
    """Return the patch that changes fields of the layout; control wells are checked by name.

    Raises
    ------
    DesignError
        If a control is no well.
    """
    layout = (document.layout or Layout()).model_copy(update=fields)
    well_places(layout.controls)
    changed = layout.model_dump(mode="json")
    return Patch(title=title, edits=(SetDocument(fields={"layout": changed}),))


def suggested_grid(document: ExperimentDescription) -> tuple[int, int] | None:
    """Return rows and columns that the units of a design just fill, None when they are not known.

    Crossed units are the rows and columns themselves; blocks are rows; else as square as can be.
    """
    layout = document.layout or Layout()
    placed = document.unit(layout.units_id) or (document.units[-1] if document.units else None)
    total = unit_total(document, placed) if placed else None
    if placed is None or not total:
        return None
    for unit in document.units:
        other = document.unit(next(iter(unit.crossed_with), None))
        match (other.count if other else None, unit.count):
            case (int(rows), int(columns)) if rows * columns == total:
                return rows, columns
            case _:
                continue
    outer = document.units[0].count
    if placed is not document.units[0] and isinstance(outer, int) and total % outer == 0:
        return outer, total // outer
    rows = next(r for r in range(math.isqrt(total), 0, -1) if total % r == 0)
    return rows, total // rows


def listed_names(text: str) -> tuple[str, ...]:
    """Return names typed with commas, blanks or line breaks between them, each once."""
    words = text.replace(",", " ").replace(";", " ").split()
    return tuple(dict.fromkeys(words))


def spread(wells: int) -> tuple[str, ...]:
    """Return one inner well of each quarter of a plate, for controls."""
    return spread_wells(wells)


def constraint_patch(document: ExperimentDescription, wish: ConstraintWish) -> Patch:
    """Return the patch that adds a constraint; one of the same kind and subject is replaced.

    Raises
    ------
    DesignError
        If a unit, factor, level or place is missing.
    """
    fields = _fields(document, wish)
    ids = [c.id for c in document.constraints]
    made = Constraint.model_validate({"id": slug(wish.kind, ids), "kind": wish.kind, **fields})
    same = [
        c for c in document.constraints
        if (c.kind, c.unit_id, c.factor_ids, c.levels)
        == (made.kind, made.unit_id, made.factor_ids, made.levels)
    ]  # fmt: skip
    edits: tuple[Edit, ...] = tuple(Remove(part="constraints", id=c.id) for c in same)
    title = sentence(document, made)
    return Patch.model_validate({"title": title, "edits": (*edits, AddConstraint(constraint=made))})


def drop_patch(document: ExperimentDescription, constraint: Constraint) -> Patch:
    """Return the patch that takes a constraint away."""
    title = f"No longer: {sentence(document, constraint)}"
    return Patch(title=title, edits=(Remove(part="constraints", id=constraint.id),))


def sentence(document: ExperimentDescription, constraint: Constraint) -> str:
    """Return what a constraint asks for."""
    unit = document.unit(constraint.unit_id)
    each = unit.name if unit else "unit"
    names = [f.name for i in constraint.factor_ids if (f := document.factor(i)) is not None]
    fixed = " ".join((*names, *constraint.levels))
    total = "" if constraint.total is None else f"{constraint.total:g}"
    said = {
        "max_adjacent": f"At most {constraint.limit} equal neighbours in a line",
        "no_edge": "Nothing at the edge",
        "keep_together": f"The parts of each {each} stay together",
        "fixed": f"{fixed} stays at {', '.join(constraint.positions)}",
        "balance": f"Levels are equally frequent in each {each}",
        "disallowed": f"Never together: {', '.join(constraint.levels)}",
        "mixture": f"{', '.join(names)} sum to {total}",
    }
    return said[constraint.kind]


def _fields(document: ExperimentDescription, wish: ConstraintWish) -> dict[str, Any]:
    match wish.kind:
        case "max_adjacent":
            return {"limit": wish.limit}
        case "keep_together" | "balance":
            if document.unit(wish.unit_id) is None:
                raise DesignError("A unit is needed.", hint="Choose which units.")
            return {"unit_id": wish.unit_id}
        case "fixed":
            factor = document.factor(wish.factor_id)
            if factor is None or wish.level not in [x.label for x in factor.levels]:
                raise DesignError("A level is needed.", hint="Choose the factor and its level.")
            places = tuple(p.upper() for p in listed_names(wish.positions))
            if not places:
                raise DesignError("A place is needed.", hint="Name places such as B02, C05.")
            return {"factor_ids": (factor.id,), "levels": (wish.level,), "positions": places}
        case _:
            return {}


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the legend."""

    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class LayoutMap:
    """One plate or field as a chart, with its legend."""

    chart: Chart
    keys: tuple[Key, ...]


def colourings(document: ExperimentDescription, arrangement: Arrangement) -> dict[str, str]:
    """Return by what a map can be coloured: id to words, all treatments together first."""
    first = arrangement.places[0]
    others = (f for f in document.factors if f.kind != "treatment")
    names = {f.id: f.name for f in (*document.treatments, *others) if f.id in first.levels}
    units = {f"unit:{u.id}": f"{u.name} (unit)" for u in document.units[:-1] if u.id in first.units}
    together = {TREATMENTS: "All treatments"} if len(document.treatments) > 1 else {}
    return {**together, **names, **units}


def plates_of(arrangement: Arrangement) -> int:
    """Return the number of plates."""
    return max(p.plate for p in arrangement.places)


def layout_map(
    document: ExperimentDescription, arrangement: Arrangement, by: str, plate: int = 1
) -> LayoutMap | None:
    """Return the map of a plate or field, None when there is no grid.

    Parameters
    ----------
    by
        A key of `colourings`.
    """
    if arrangement.grid is None:
        return None
    height, width = arrangement.grid
    places = [p for p in arrangement.places if p.plate == plate]
    labels = {k: _label(document, p, by) for k, p in enumerate(places)}
    order = _in_order(document, by, [labels[k] for k, p in enumerate(places) if not p.control])
    codes = {label: _code(k) for k, label in enumerate(order)}
    at = {(p.row, p.column): k for k, p in enumerate(places)}
    is_plate = arrangement.form == "plate"
    cells = [
        _cell(r, c, places[k] if (k := at.get((r, c))) is not None else None, codes,
              labels[k] if k is not None else "", is_plate=is_plate)
        for r in range(height) for c in range(width)
    ]  # fmt: skip
    counts = Counter(labels.values())
    keys = tuple(Key(codes.get(x, "ctl"), x, counts[x]) for x in (*order, *sorted(
        x for x in counts if x not in codes)))  # fmt: skip
    rows = [row_name(r) if is_plate else str(r + 1) for r in range(height)]
    told = ", ".join(f"{key.code} is {key.label} at {key.count} places" for key in keys[:12])
    alt = f"Map of {height} by {width} places. {told}."
    return LayoutMap(plate_map(cells, rows, [str(c + 1) for c in range(width)], alt), keys)


def _cell(
    row: int, column: int, place: Place | None, codes: dict[str, str], label: str, *, is_plate: bool
) -> MapCell:
    if place is None:
        name = well_name(row, column) if is_plate else f"R{row + 1}C{column + 1}"
        return MapCell(row, column, name)
    if place.control:
        return MapCell(row, column, place.name, "ctl", place.control, None, place.run)
    tint = list(codes).index(label)
    return MapCell(row, column, place.name, codes[label], label, tint, place.run)


def _label(document: ExperimentDescription, place: Place, by: str) -> str:
    if place.control:
        return place.control
    if by.startswith("unit:"):
        return place.units.get(by.removeprefix("unit:"), "")
    if by == TREATMENTS:
        return JOINT.join(place.levels[f.id] for f in document.treatments if f.id in place.levels)
    return place.levels.get(by, "")


def _in_order(document: ExperimentDescription, by: str, labels: Sequence[str]) -> list[str]:
    """Return the labels that occur, levels in the order of their card, numbers by size."""
    found = list(dict.fromkeys(labels))
    if by == TREATMENTS:
        ranks = [{x.label: k for k, x in enumerate(f.levels)} for f in document.treatments]
        return sorted(found, key=lambda label: _ranked(label, ranks))
    factor = document.factor(by)
    if factor is not None and factor.levels:
        known = {x.label: k for k, x in enumerate(factor.levels)}
        return sorted(found, key=lambda x: known.get(x, len(known)))
    return sorted(found, key=lambda x: (len(x), x) if x.isdecimal() else (0, x))


def _ranked(label: str, ranks: Sequence[dict[str, int]]) -> tuple[int, ...]:
    """Return the places of the levels of a combination; a label with commas in it comes last."""
    parts = label.split(JOINT)
    if len(parts) != len(ranks):
        return (len(ranks) and max(map(len, ranks)),)
    return tuple(known.get(part, len(known)) for part, known in zip(parts, ranks, strict=True))


def _code(place: int) -> str:
    """Return A to Z, then AA, AB, ..."""
    letters = ascii_uppercase
    if place < len(letters):
        return letters[place]
    return letters[place // len(letters) - 1] + letters[place % len(letters)]
