"""Values to JSON: the one spelling that reports, history and downloads share."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import singledispatch
from pathlib import PurePath

from pydantic import BaseModel

from experimentos.runs.experiment_evaluation import Evaluation

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None


@singledispatch
def encode(value: object) -> Json:
    """Return the value as JSON holds it, numbers exact.

    Finite floats keep every bit (`repr`); infinities become the strings "Infinity" and
    "-Infinity", and nan becomes null, because JSON has neither. Dataclasses and pydantic models
    become objects, tuples become arrays, enumerations their value, dates ISO 8601, decimals their
    digits as a string. Fields that begin with an underscore are left out.

    Raises
    ------
    TypeError
        For anything else: what JSON cannot hold is not guessed.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name))
            for field in fields(value)
            if not field.name.startswith("_")
        }
    raise TypeError(f"{type(value).__name__} has no JSON form.")


@encode.register(type(None))
@encode.register(bool)
def _(value: bool | None) -> Json:  # noqa: FBT001 - the dispatched value, not a flag
    return value


@encode.register
def _(value: int) -> Json:
    return int(value)


@encode.register
def _(value: float) -> Json:
    if math.isnan(value):
        return None
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)


@encode.register
def _(value: str) -> Json:
    return str(value)


@encode.register
def _(value: Enum) -> Json:
    return encode(value.value)


@encode.register
def _(value: Decimal) -> Json:
    return str(value)


@encode.register
def _(value: date) -> Json:
    return value.isoformat()


@encode.register
def _(value: PurePath) -> Json:
    return value.name


@encode.register
def _(value: BaseModel) -> Json:
    return {name: encode(getattr(value, name)) for name in type(value).model_fields}


@encode.register(Evaluation)
def _(value: Evaluation) -> Json:
    return {name: encode(getattr(value, name)) for name in value.model_dump()}


@encode.register(Mapping)
def _(value: Mapping[object, object]) -> Json:
    return {str(encode(key)): encode(item) for key, item in value.items()}


@encode.register(tuple)
@encode.register(list)
def _(value: tuple[object, ...] | list[object]) -> Json:
    return [encode(item) for item in value]


def decode_float(value: Json) -> float:
    """Return the float that `encode` wrote; nan for null.

    Raises
    ------
    ValueError
        If the value is no number.
    """
    if value is None:
        return math.nan
    if isinstance(value, str) and value not in ("Infinity", "-Infinity"):
        raise ValueError(f"{value!r} is not a number as encode writes it.")
    if isinstance(value, list | dict):
        raise ValueError("An array or object is not a number.")  # noqa: TRY004 - data, not a call
    return float(value)
