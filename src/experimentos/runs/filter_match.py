"""Whether a run is what a filter asks for: the meaning that every store must share."""

from collections.abc import Mapping
from datetime import datetime

from experimentos.runs.documents import Run
from experimentos.runs.search import (
    Among,
    And,
    Between,
    Compare,
    Empty,
    Field,
    Filter,
    Not,
    Operator,
    Or,
    Value,
)


def matches(asked: Filter, run: Run) -> bool:
    """Return whether the filter is true for the run.

    Numbers equal numbers only, text text, and true or false are neither; a place that holds a list
    or an object equals nothing. A metric that is not finite is the word for it.
    """
    match asked:
        case And(parts):
            return all(matches(part, run) for part in parts)
        case Or(parts):
            return any(matches(part, run) for part in parts)
        case Not(part):
            return not matches(part, run)
        case _:
            return _holds(asked, run)


def _holds(asked: Compare | Among | Between | Empty, run: Run) -> bool:
    found = value_at(run, asked.field)
    match asked:
        case Empty():
            return found in (None, "")
        case Among(values=values):
            return any(_equal(found, value) for value in values)
        case Between(low=low, high=high):
            return _compared(found, Operator.AT_LEAST, low) and _compared(
                found, Operator.AT_MOST, high
            )
        case Compare(operator=operator, value=value):
            return _compared(found, operator, value)


def value_at(run: Run, field: Field) -> object:
    """Return what stands at this place of the run, None when nothing does."""
    head, *inner = field.path
    found: object = getattr(run, head)
    for name in inner:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _compared(found: object, operator: Operator, value: Value) -> bool:
    if operator is Operator.EQUAL:
        return _equal(found, value)
    if operator is Operator.UNEQUAL:
        return found not in (None, "") and not _equal(found, value)
    if operator is Operator.CONTAINS:
        return isinstance(found, str) and str(value).lower() in found.lower()
    if not _is_alike(found, value) or isinstance(value, bool):
        return False
    return _ordered(found, operator, value)


def _ordered(found: object, operator: Operator, value: Value) -> bool:
    less, equal = found < value, found == value  # type: ignore[operator]  # alike
    match operator:
        case Operator.LESS:
            return bool(less)
        case Operator.AT_MOST:
            return bool(less or equal)
        case Operator.MORE:
            return not (less or equal)
        case _:
            return not less


def _equal(found: object, value: Value) -> bool:
    return _is_alike(found, value) and found == value


def _is_alike(found: object, value: Value) -> bool:
    if isinstance(found, bool) or isinstance(value, bool):
        return isinstance(found, bool) and isinstance(value, bool)
    if isinstance(value, float):
        return isinstance(found, int | float)
    if isinstance(value, datetime):
        return isinstance(found, datetime)
    return isinstance(found, str)
