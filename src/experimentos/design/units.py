"""Units of measurement: dimensions and conversion, with the units of the bench added to pint's."""

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

EXTRA = (
    "RLU = []", "RFU = []", "equiv = []", "pH = []", "CFU = []", "PFU = []", "OD = []", "AU = []",
    "score = []", "cell = []", "molar = mol / liter = M",
)  # fmt: skip
CHARACTERS_LIMIT = 60


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    for definition in EXTRA:
        if definition.split(" ")[0] not in registry:
            registry.define(definition)
    return registry


@cache
def _unit(name: str) -> Any:
    if len(name) > CHARACTERS_LIMIT or "**" in name:
        return None
    try:
        return _registry().parse_units(name)
    except Exception:  # noqa: BLE001 - pint raises whatever its tokenizer meets in a free text
        return None


def is_known(unit: str) -> bool:
    """Return whether a unit can be read."""
    return _unit(unit) is not None


def same_dimension(unit: str, other: str) -> bool:
    """Return whether two units measure the same dimension; equal names always do."""
    if unit == other:
        return True
    a, b = _unit(unit), _unit(other)
    return a is not None and b is not None and bool(a.dimensionality == b.dimensionality)


def convert(value: float, unit: str, target: str) -> float:
    """Return a value in another unit of the same dimension."""
    if unit == target:
        return value
    return float(_registry().Quantity(value, _unit(unit)).to(_unit(target)).magnitude)
