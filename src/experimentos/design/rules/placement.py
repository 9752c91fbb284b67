"""Plates and fields: order, capacity, edges, controls."""

from collections.abc import Iterator

from experimentos.design.derive import unit_total
from experimentos.design.edits import Patch, SetDocument
from experimentos.design.geometry import grid_of, plate_size, spread_wells, well_places
from experimentos.design.names import counted, is_same_name
from experimentos.design.parts import Layout
from experimentos.design.rules.finding import Context, DesignRule, Found, fix, warning

WELLS = (6, 12, 24, 48, 96, 384, 1536)
CONTROL_NAMES = ("negative control", "positive control")


def _placed(given: Context) -> Iterator[Found]:
    layout = given.document.layout
    if layout is None:
        return
    if layout.order == "systematic":
        yield warning(
            "layout",
            "order",
            message="The layout is systematic: a gradient would look like an effect.",
            fixes=[_set(layout, "Randomise the layout", order="randomised")],
        )
    grid = grid_of(layout)
    needed = _needed(given, layout)
    if grid is None or needed is None:
        return
    rows, columns = grid
    all_units, inner = rows * columns, max(0, rows - 2) * max(0, columns - 2)
    usable = inner if layout.edge == "guard" else all_units
    if needed > usable:
        yield warning(
            "layout",
            "capacity",
            message=f"{needed} units do not fit the {usable} places of one {layout.form}.",
            fixes=_bigger(layout, needed),
        )
    elif layout.edge == "use" and needed <= inner:
        yield warning(
            "layout",
            "edge",
            message=f"Places at the edge are used, though {needed} units fit inside.",
            fixes=[_set(layout, "Leave the edge as a guard", edge="guard")],
        )


def _needed(given: Context, layout: Layout) -> int | None:
    """Return how many places one plate or field must hold."""
    document = given.document
    unit = document.unit(layout.units_id) or (document.units[-1] if document.units else None)
    total = unit_total(document, unit) if unit else None
    if total is None or unit is None:
        return None
    plates = [u for u in document.units if is_same_name(u.name, "plate")]
    count = unit_total(document, plates[0]) if plates else 1
    return -(-total // (count or 1)) + len(layout.controls)


def _set(layout: Layout, title: str, **fields: object) -> Patch:
    return fix(title, SetDocument(fields={"layout": layout.model_dump(mode="json") | fields}))


def _bigger(layout: Layout, needed: int) -> Iterator[Patch]:
    if layout.form == "plate":
        for wells in WELLS:
            rows, columns = plate_size(wells)
            guarded = layout.edge == "guard"
            room = max(0, rows - 2) * max(0, columns - 2) if guarded else rows * columns
            if needed <= room:
                yield _set(layout, f"Use a plate of {wells} wells", wells=wells)
                return
    elif layout.rows:
        columns = -(-needed // max(1, layout.rows - 2 * (layout.edge == "guard")))
        wide = columns + 2 * (layout.edge == "guard")
        yield _set(layout, f"Use {counted(wide, 'column')}", columns=wide)


def _controls(given: Context) -> Iterator[Found]:
    layout = given.document.layout
    if layout is None or layout.form != "plate" or layout.wells is None:
        return
    has_level = any(x.is_control for f in given.document.treatments for x in f.levels)
    wells = spread_wells(layout.wells)
    if not layout.control_levels and not has_level:
        names = {"control_levels": CONTROL_NAMES, "controls": wells}
        yield warning(
            "layout",
            "controls",
            message="The plate has neither a negative nor a positive control.",
            fixes=[_set(layout, "Add controls spread over the plate", **names)],
        )
    elif len(layout.controls) > 1 and _in_one_corner(layout):
        yield warning(
            "layout",
            "corner",
            message="All controls lie in one corner of the plate.",
            fixes=[_set(layout, "Spread the controls over the plate", controls=wells)],
        )


def _in_one_corner(layout: Layout) -> bool:
    rows, columns = plate_size(layout.wells or 96)
    places = well_places(layout.controls)
    halves = {(r < rows / 2, c < columns / 2) for r, c in places}
    return len(halves) == 1


PLACED = DesignRule(
    "R36",
    "A randomised layout that fits",
    "Plates dry at the edge and fields have gradients: randomise places and guard the rim.",
    _placed,
)
CONTROLS = DesignRule(
    "R37",
    "Controls spread over each plate",
    "Plates differ from one another and from side to side; controls measure that.",
    _controls,
)
