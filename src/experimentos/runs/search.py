"""The filter of run lists: `status = completed AND params.temperature IN 0.2..0.8`.

Grammar, words in any case::

    filter     = term (OR term)*
    term       = factor (AND factor)*
    factor     = NOT factor | "(" filter ")" | comparison
    comparison = field (= | != | < | <= | > | >=) value
               | field [NOT] CONTAINS text
               | field [NOT] IN (value, value, ...)
               | field [NOT] IN low..high            both ends included
               | field [NOT] BETWEEN low AND high
               | field IS [NOT] EMPTY

A field is a column of a run (`status`, `variant`, `score`, ...) or a place inside it
(`params.optimizer.lr`, `metrics.loss`, `tags.team`, `environment.python`). A comparison with what
a run does not have is false, `!=` too; `NOT` and `IS EMPTY` find those.

Here are the values that `filter_text` makes of it; it knows no SQL.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from experimentos.runs.documents import RUN_KINDS, RUN_STATUSES

type Value = str | float | bool | datetime

INSIDE = ("params", "metrics", "tags", "environment")


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    ANY = "any"


# The columns of a run, by their type.
COLUMNS = {
    "run_id": FieldType.TEXT,
    "project": FieldType.TEXT,
    "experiment": FieldType.TEXT,
    "variant": FieldType.TEXT,
    "kind": FieldType.TEXT,
    "title": FieldType.TEXT,
    "status": FieldType.TEXT,
    "host": FieldType.TEXT,
    "error_kind": FieldType.TEXT,
    "error": FieldType.TEXT,
    "parent_run_id": FieldType.TEXT,
    "reproduces_run_id": FieldType.TEXT,
    "inputs_sha256": FieldType.TEXT,
    "code_sha256": FieldType.TEXT,
    "config_sha256": FieldType.TEXT,
    "repeat": FieldType.NUMBER,
    "sample_count": FieldType.NUMBER,
    "primary_value": FieldType.NUMBER,
    "cost_usd": FieldType.NUMBER,
    "created_at": FieldType.MOMENT,
    "started_at": FieldType.MOMENT,
    "ended_at": FieldType.MOMENT,
}

# Shorter words for some of them.
ALIASES = {
    "id": "run_id",
    "score": "primary_value",
    "primary": "primary_value",
    "samples": "sample_count",
    "cost": "cost_usd",
    "created": "created_at",
    "started": "started_at",
    "ended": "ended_at",
    "parent": "parent_run_id",
    "reproduces": "reproduces_run_id",
    "code": "code_sha256",
    "inputs": "inputs_sha256",
    "config": "config_sha256",
}

WORDS = {"status": RUN_STATUSES, "kind": RUN_KINDS}


class Operator(StrEnum):
    """How a field is compared with one value."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "contains"


ORDERED = frozenset({Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST})


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a run.

    Attributes
    ----------
    path : tuple[str, ...]
        ("status",), ("params", "optimizer", "lr").
    type : FieldType
        Of `metrics` NUMBER, of `tags` TEXT, of `params` and `environment` ANY.
    """

    path: tuple[str, ...]
    type: FieldType

    @property
    def name(self) -> str:
        """Return the field as it is written."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Compare:
    """A field against one value; CONTAINS ignores case, nothing else does."""

    field: Field
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Among:
    """A field equal to one of several values."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """A field within a range, both ends included; its ends are of one type."""

    field: Field
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Empty:
    """A field that a run does not have, or that is blank text."""

    field: Field


@dataclass(frozen=True, slots=True)
class Not:
    """What the part is false for."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class And:
    """What every part is true for."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What at least one part is true for."""

    parts: tuple["Filter", ...]


type Filter = Compare | Among | Between | Empty | Not | And | Or
