"""A filter of `runs.search` as a condition with bound values; nothing of a person becomes SQL."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from experimentos.errors import ContractError
from experimentos.runs.search import (
    COLUMNS,
    Among,
    And,
    Between,
    Compare,
    Empty,
    Field,
    FieldType,
    Filter,
    Not,
    Operator,
    Or,
    Value,
)
from experimentos.store.run_rows import NESTED, naive
from experimentos.store.sql import Dialect

# `environment` has no column of its own: it is read from the whole document, slowly.
WITHIN_DOCUMENT = {
    "duckdb": "json_extract(document, '$.environment')",
    "postgres": "(document::jsonb -> 'environment')",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL and the values of its marks, in their order."""

    sql: str
    values: tuple[object, ...] = ()


def condition(where: Filter, dialect: Dialect) -> Condition:
    """Return the condition that is true for what the filter finds, and never unknown."""
    match where:
        case And(parts=parts):
            return _joined(" and ", parts, dialect)
        case Or(parts=parts):
            return _joined(" or ", parts, dialect)
        case Not(part=part):
            inner = condition(part, dialect)
            return Condition(f"(not {inner.sql})", inner.values)
        case _:
            return _relation_of(where, dialect)


def _relation_of(where: Compare | Among | Between | Empty, dialect: Dialect) -> Condition:
    match where:
        case Compare():
            return _compared(where, dialect)
        case Empty(field=field):
            return _empty(field, dialect)
        case Among(field=field, values=values):
            equals = tuple(Compare(field, Operator.EQUAL, value) for value in values)
            return _joined(" or ", equals, dialect)
        case Between(field=field, low=low, high=high):
            ends = (Compare(field, Operator.AT_LEAST, low), Compare(field, Operator.AT_MOST, high))
            return _joined(" and ", ends, dialect)


def _joined(word: str, parts: Sequence[Filter], dialect: Dialect) -> Condition:
    conditions = [condition(part, dialect) for part in parts]
    return Condition(
        f"({word.join(part.sql for part in conditions)})",
        tuple(value for part in conditions for value in part.values),
    )


def _empty(field: Field, dialect: Dialect) -> Condition:
    if field.path[0] in COLUMNS:
        (name,) = field.path
        blank = f" or {name} = ''" if field.type is FieldType.TEXT else ""
        return Condition(f"({name} is null{blank})")
    return _place(field, dialect).is_empty()


def _compared(compare: Compare, dialect: Dialect) -> Condition:
    field, operator, value = compare.field, compare.operator, compare.value
    if field.path[0] in COLUMNS:
        return _column_compared(field.path[0], operator, value)
    place = _place(field, dialect)
    if operator is Operator.UNEQUAL:
        equal, empty = place.compared(Operator.EQUAL, value), place.is_empty()
        return Condition(f"(not {equal.sql} and not {empty.sql})", (*equal.values, *empty.values))
    return place.compared(operator, value)


def _column_compared(name: str, operator: Operator, value: Value) -> Condition:
    bound = naive(value) if isinstance(value, datetime) else value
    if operator is Operator.UNEQUAL:
        there = f" and {name} <> ''" if isinstance(value, str) else ""
        return Condition(f"coalesce({name} <> ?{there}, false)", (bound,))
    return Condition(f"coalesce({_relation(operator, name)}, false)", (bound,))


class _DuckDbPlace:
    """A place inside a JSON column of DuckDB."""

    def __init__(self, column: str, keys: Sequence[str]) -> None:
        path = "$" + "".join(f'."{key}"' for key in keys)
        self._raw = Condition(f"cast(json_extract({column}, ?) as varchar)", (path,))
        self._text = Condition(f"json_extract_string({column}, ?)", (path,))

    def is_empty(self) -> Condition:
        sql = f"""(coalesce({self._raw.sql}, 'null') in ('null', '""'))"""
        return Condition(sql, self._raw.values)

    def compared(self, operator: Operator, value: Value) -> Condition:
        raw, text = self._raw, self._text
        if isinstance(value, bool):
            return Condition(f"coalesce({raw.sql} = ?, false)", (*raw.values, json.dumps(value)))
        if isinstance(value, float):
            # The raw text of a number has no quotes, that of a text has.
            sql = f"coalesce(try_cast({raw.sql} as double) {operator.value} ?, false)"
            return Condition(sql, (*raw.values, value))
        relation = _relation(operator, text.sql)
        return Condition(
            f"""(coalesce({relation}, false) and starts_with({raw.sql}, '"'))""",
            (*text.values, str(value), *raw.values),
        )


class _PostgresPlace:
    """A place inside a jsonb column of PostgreSQL."""

    def __init__(self, column: str, keys: Sequence[str]) -> None:
        self._column, self._keys = column, tuple(keys)
        # By text: what stands in an array is no place.
        self._json = f"({column}{' -> ?::text' * len(self._keys)})"

    def is_empty(self) -> Condition:
        sql = f"""(coalesce({self._json}, 'null'::jsonb) in ('null'::jsonb, '""'::jsonb))"""
        return Condition(sql, self._keys)

    def compared(self, operator: Operator, value: Value) -> Condition:
        if operator is Operator.EQUAL:
            # The one that an index answers; a container never equals what is looked for.
            inner: object = value
            for key in reversed(self._keys):
                inner = {key: inner}
            text = json.dumps(inner, default=str, ensure_ascii=False)
            return Condition(f"({self._column} @> ?::jsonb)", (text,))
        if isinstance(value, float):
            number = (
                f"case when jsonb_typeof({self._json}) = 'number' then {self._json}::numeric end"
            )
            sql = f"coalesce({number} {operator.value} ?, false)"
            return Condition(sql, (*self._keys, *self._keys, Decimal(repr(value))))
        relation = _relation(operator, f"({self._json} #>> '{{}}') collate \"C\"")
        sql = f"(coalesce({relation}, false) and jsonb_typeof({self._json}) = 'string')"
        return Condition(sql, (*self._keys, str(value), *self._keys))


def _relation(operator: Operator, text: str) -> str:
    if operator is Operator.CONTAINS:
        return f"strpos(lower({text}), lower(?)) > 0"
    return f"{text} {operator.value} ?"


def _place(field: Field, dialect: Dialect) -> _DuckDbPlace | _PostgresPlace:
    head, *keys = field.path
    if not keys or any(mark in key for key in keys for mark in '"\\\x00'):
        raise ContractError(f"{field.name!r} names no place in a run.", hint="Such as params.lr.")
    column = head if head in NESTED else WITHIN_DOCUMENT[dialect]
    return (_DuckDbPlace if dialect == "duckdb" else _PostgresPlace)(column, keys)
