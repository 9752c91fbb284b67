"""A plate or a field from above: which place holds what, by code and colour together."""

from collections.abc import Sequence
from dataclasses import dataclass

from experimentos.charts.chart import Chart, layered
from experimentos.charts.visible import one_line

# Light tints: dark text on each has at least 7 to 1, on a light and on a dark page alike.
TINTS = (
    "#9ecae9", "#ffd08a", "#a8d8a0", "#f4b6c2", "#cbb8e8", "#e6d690", "#8fd4cc", "#f2b28f",
    "#b9c7d6", "#d9e28f", "#e3a9d8", "#9fb8f0",
)  # fmt: skip
INK = "#141c2b"
CONTROL = "#e2e5ea"
ROOM = 640
TALLEST, LOWEST = 44, 11
TEXT_LIMIT = 13


@dataclass(frozen=True, slots=True)
class MapCell:
    """One place.

    Attributes
    ----------
    row, column : int
        From 0.
    name : str
        Of the place: B07.
    code : str
        What stands in it, a few characters; "" for an empty place.
    label : str
        What the code means.
    tint : int | None
        Place in the palette (taken round and round); None for a control or an empty place.
    run : int | None
        None for an empty place.
    """

    row: int
    column: int
    name: str
    code: str = ""
    label: str = ""
    tint: int | None = None
    run: int | None = None


def plate_map(
    cells: Sequence[MapCell], rows: Sequence[str], columns: Sequence[str], alt: str
) -> Chart:
    """Return a map of all places, with the code of what each holds.

    Parameters
    ----------
    rows, columns
        Their names, from the top and from the left.
    """
    height = max(LOWEST, min(TALLEST, ROOM // max(len(rows), len(columns))))
    values = [_value(cell, rows, columns) for cell in cells]
    place = {
        "x": {
            "field": "column", "type": "ordinal", "sort": list(columns), "title": None,
            "axis": {"orient": "top", "labelAngle": 0, "labelOverlap": True, "ticks": False,
                     "domain": False},
        },
        "y": {
            "field": "row", "type": "ordinal", "sort": list(rows), "title": None,
            "axis": {"labelOverlap": True, "ticks": False, "domain": False},
        },
        "tooltip": [
            {"field": "place", "title": "Place"},
            {"field": "label", "title": "Holds"},
            {"field": "run", "title": "Run"},
        ],
    }  # fmt: skip
    tile = {
        "mark": {"type": "rect", "stroke": "#7d848d", "strokeWidth": 0.6, "cornerRadius": 2},
        "encoding": {**place, "color": {"field": "fill", "type": "nominal", "scale": None}},
    }
    text = {
        "mark": {"type": "text", "fontSize": min(TEXT_LIMIT, height - 4), "color": INK},
        "encoding": {**place, "text": {"field": "code"}},
    }
    chart = layered(values, [tile, text], alt)
    return Chart({**chart.spec, "height": {"step": height}}, chart.alt)


def _value(cell: MapCell, rows: Sequence[str], columns: Sequence[str]) -> dict[str, object]:
    fill = "transparent" if not cell.code else CONTROL
    if cell.tint is not None:
        fill = TINTS[cell.tint % len(TINTS)]
    return {
        "row": rows[cell.row],
        "column": columns[cell.column],
        "place": cell.name,
        "code": cell.code,
        "label": one_line(cell.label) or "empty",
        "run": "" if cell.run is None else str(cell.run),
        "fill": fill,
    }
