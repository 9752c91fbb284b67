"""Exports of an arrangement: run sheet, data-entry workbook, JSON."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

from experimentos.design.document import ExperimentDescription
from experimentos.design.layout.places import Arrangement, Place
from experimentos.design.parts import Response, UnitLevel

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
WHERE: dict[str, tuple[tuple[str, Callable[[Place], str]], ...]] = {
    "run_sheet": (),
    "plate": (("plate", lambda p: str(p.plate)), ("place", lambda p: p.name)),
    "field": (("place", lambda p: p.name),),
}
OWN_COLUMNS = frozenset({"run", "plate", "place", "control"})
ROWS_AFTER_HEADER = 1


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if not cell.startswith(FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def run_sheet_csv(document: ExperimentDescription, arrangement: Arrangement) -> str:
    """Return the run sheet as CSV: run, place, units, levels and an empty column per response."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([guarded(name) for name in header(document, arrangement)])
    for row in rows(document, arrangement):
        writer.writerow([guarded(cell) for cell in row])
    return buffer.getvalue()


def header(document: ExperimentDescription, arrangement: Arrangement) -> list[str]:
    """Return the names of the columns: run, plate, place, units, factors, control, responses.

    Without plates or a field the place says no more than the run; a field has no plates, and the
    column of the controls is there when there are some.
    """
    factors = [f.name for f in document.factors if _is_shown(f.id, arrangement)]
    units = [u.name for u in _shown_units(document, arrangement)]
    measured = [r.name + (f" ({r.unit})" if r.unit else "") for r in document.responses]
    where = [name for name, _ in WHERE[arrangement.form]]
    control = ["control"] if _has_controls(arrangement) else []
    return ["run", *where, *_unlike(units, factors), *factors, *control, *measured]


def rows(document: ExperimentDescription, arrangement: Arrangement) -> list[list[str]]:
    """Return the rows of a run sheet, in run order, responses empty."""
    units = [u.id for u in _shown_units(document, arrangement)]
    factors = [f.id for f in document.factors if _is_shown(f.id, arrangement)]
    empty = [""] * len(document.responses)
    where, is_controlled = WHERE[arrangement.form], _has_controls(arrangement)
    return [
        [
            str(place.run),
            *(cell(place) for _, cell in where),
            *(place.units.get(u, "") for u in units),
            *(place.levels.get(f, "") for f in factors),
            *((place.control,) if is_controlled else ()),
            *empty,
        ]
        for place in arrangement.places
    ]


def layout_json(document: ExperimentDescription, arrangement: Arrangement) -> str:
    """Return an arrangement as JSON, with the seed and the hash of the design it is for."""
    return json.dumps(
        {
            "schema_version": 1,
            "design": document.hash(),
            "seed": arrangement.seed,
            "form": arrangement.form,
            "grid": arrangement.grid,
            "places": [
                {
                    "run": p.run, "plate": p.plate, "place": p.name, "row": p.row,
                    "column": p.column, "units": dict(p.units), "levels": dict(p.levels),
                    "control": p.control,
                }
                for p in arrangement.places
            ],
        },
        ensure_ascii=False,
        indent=1,
    )  # fmt: skip


def entry_workbook(document: ExperimentDescription, arrangement: Arrangement) -> bytes:
    """Return an XLSX workbook for data entry: the run sheet, with allowed values per response.

    Cells are text or numbers, never formulas or links. A second sheet says what is allowed.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Run sheet")
        names = header(document, arrangement)
        sheet.write_row(0, 0, names, bold)
        sheet.freeze_panes(1, 1 + len(WHERE[arrangement.form]))
        for k, row in enumerate(rows(document, arrangement), start=1):
            for column, cell in enumerate(row):
                _write(sheet, k, column, cell)
        first = len(names) - len(document.responses)
        for column, response in enumerate(document.responses, start=first):
            _allow(sheet, response, column, len(arrangement.places))
        about = book.add_worksheet("About")
        for k, line in enumerate(_about(document, arrangement)):
            about.write_row(k, 0, [str(cell) for cell in line])
    return buffer.getvalue()


def _has_controls(arrangement: Arrangement) -> bool:
    return any(p.control for p in arrangement.places)


def _shown_units(document: ExperimentDescription, arrangement: Arrangement) -> list[UnitLevel]:
    """Return the units that have a column: not those whose factor says the same beside it."""
    placed = [p for p in arrangement.places if not p.control]
    return [
        unit
        for unit in document.units
        if any(unit.id in p.units for p in placed)
        and (
            unit.factor_id is None
            or any(p.units.get(unit.id) != p.levels.get(unit.factor_id) for p in placed)
        )
    ]


def _is_shown(factor_id: str, arrangement: Arrangement) -> bool:
    return any(factor_id in p.levels for p in arrangement.places)


def _unlike(units: Sequence[str], factors: Sequence[str]) -> list[str]:
    """Tell a unit from a factor of the same name (a block from the factor block), or a column."""
    named = [f"{name} number" if name in factors else name for name in units]
    return [f"{name} as listed" if name in OWN_COLUMNS else name for name in named]


def _write(sheet: Any, row: int, column: int, cell: str) -> None:
    try:
        number = float(cell)
    except ValueError:
        sheet.write_string(row, column, cell)
        return
    if abs(number) < 1e15 and cell == f"{number:g}":
        sheet.write_number(row, column, number)
    else:
        sheet.write_string(row, column, cell)


def _allow(sheet: Any, response: Response, column: int, count: int) -> None:
    rule = _allowed(response)
    if rule is not None and count:
        words = {
            "error_title": "Value not possible",
            "error_message": _limits(response)[:255],
            "error_type": "stop",
        }
        sheet.data_validation(ROWS_AFTER_HEADER, column, count, column, rule | words)


def _allowed(response: Response) -> dict[str, Any] | None:
    low, high = _bounds(response)
    kind = "decimal"
    if response.family in {"poisson", "negative_binomial", "binomial", "bernoulli", "ordered"}:
        kind = "integer"
    if low is not None and high is not None:
        return {"validate": kind, "criteria": "between", "minimum": low, "maximum": high}
    if low is not None:
        return {"validate": kind, "criteria": ">=", "value": low}
    if high is not None:
        return {"validate": kind, "criteria": "<=", "value": high}
    return None


def _bounds(response: Response) -> tuple[float | None, float | None]:
    low, high = response.bounds
    match response.family:
        case "bernoulli":
            return 0, 1
        case "ordered":
            return 1, response.cutpoints or high
        case "beta" if response.unit not in {"%", "percent"}:
            return low if low is not None else 0, high if high is not None else 1
        case "poisson" | "negative_binomial" | "binomial" | "lognormal" | "gamma":
            return low if low is not None else 0, high
        case _:
            return low, high


def _limits(response: Response) -> str:
    low, high = _bounds(response)
    if low is not None and high is not None:
        return f"{response.name} lies between {low:g} and {high:g}."
    if low is not None:
        return f"{response.name} is at least {low:g}."
    return f"{response.name} is at most {high:g}." if high is not None else "Any number."


def _about(document: ExperimentDescription, arrangement: Arrangement) -> list[tuple[object, ...]]:
    return [
        ("title", document.title),
        ("design", document.hash()),
        ("seed", arrangement.seed),
        *((r.name, _limits(r)) for r in document.responses),
    ]
