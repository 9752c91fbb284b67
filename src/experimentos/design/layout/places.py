"""A unit at its place, and all of them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One unit at its place.

    Attributes
    ----------
    run : int
        From 1, in the order in which the units are run.
    plate : int
        From 1; 1 when there are no plates.
    row, column : int
        From 0.
    name : str
        Well, plot or run.
    units, levels : Mapping[str, str]
        Label by unit id and by factor id.
    control : str
        Name of a control well; empty for a unit of the design.
    """

    run: int
    plate: int
    row: int
    column: int
    name: str
    units: Mapping[str, str]
    levels: Mapping[str, str]
    control: str = ""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All places, with the seed that drew them.

    Attributes
    ----------
    seed : int
    form : str
        "run_sheet", "plate" or "field".
    grid : (int, int) | None
        Rows and columns.
    places : tuple[Place, ...]
        In run order; control wells last.
    """

    seed: int
    form: str
    grid: tuple[int, int] | None
    places: tuple[Place, ...]
