"""Local files on DuckDB, in memory, with nothing reachable but the files of the source."""

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from experimentos.engine.collect import merged_rows
from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Column, Type, type_of
from experimentos.engine.files import Files, Form, fingerprint
from experimentos.engine.need import Value
from experimentos.engine.placed import Placed, placed, were_exact
from experimentos.engine.port import Attributed, Question, Ranks, Row, Scanned, State
from experimentos.engine.sql import (
    caps_sql,
    location_sql,
    moments_sql,
    ordered_sql,
    units_sql,
)
from experimentos.engine.writer import ATTRIBUTED, Writer, quoted
from experimentos.errors import ContractError, EngineError, UnreadableError

if TYPE_CHECKING:
    from types import TracebackType

NUMBERS = frozenset(
    {
        *(f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")),
        *("INTEGER", "UINTEGER", "FLOAT", "DOUBLE", "DECIMAL", "BIGNUM"),
    }
)
# Whole numbers that reach no further are added plainly: 10^8 squares of them stay below 2^53.
PLAIN_RANGE = 9_000.0
INTEGERS = frozenset(word for word in NUMBERS if word.endswith(("INT", "INTEGER")))
TIMES = ("DATE", "TIMESTAMP", "TIMESTAMPTZ")
BEFORE_FILES: Mapping[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
}


class DuckDbEngine:
    """A source of local files."""

    name = "duckdb"

    def __init__(self, files: Files, exposures: Files | None = None) -> None:
        self._files, self._exposures = files, exposures
        self._databases: dict[str, str] = {}
        self._spill = tempfile.TemporaryDirectory(prefix="experimentos-")
        self._connection = duckdb.connect(":memory:", config=dict(BEFORE_FILES))
        try:
            with self._translated():
                self._relation, self._parameters = self._attach(files, "files")
                self._exposed = ""
                if exposures is not None:
                    self._exposed, more = self._attach(exposures, "exposure_files")
                    self._parameters |= more
                self._lock()
                self._columns = self._described(self._relation)
                self._exposure_columns = self._described(self._exposed) if exposures else None
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "DuckDbEngine":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection and remove what it spilled."""
        self._connection.close()
        self._spill.cleanup()

    def columns(self) -> SourceColumns:
        """Return the columns of the files."""
        return self._columns

    def exposure_columns(self) -> SourceColumns | None:
        """Return the columns of the exposure table."""
        return self._exposure_columns

    def fingerprint(self) -> str:
        """Return the hash of the files, those of the exposures among them."""
        others = self._exposures.paths if self._exposures else ()
        return fingerprint(tuple(dict.fromkeys((*self._files.paths, *others))))

    def preview(self, rows: int) -> tuple[tuple[str, ...], ...]:
        """Return the first rows as text."""
        parts = ", ".join(
            f"coalesce(left(src.{quoted(name)}::VARCHAR, 200), '')" for name in self._columns.types
        )
        found = self._all(
            f"SELECT {parts} FROM {self._relation} AS src LIMIT {int(rows)}",  # noqa: S608 - built from quoted parts only
            self._parameters,
        )
        return tuple(tuple(str(value) for value in row) for row in found)

    def distinct(self, column: str) -> tuple[int, int]:
        """Return (rows, about how many different values), within about 5 %."""
        ((rows, values),) = self._all(
            f"SELECT count(*), approx_count_distinct(src.{quoted(column)}) "  # noqa: S608 - built from quoted parts only
            f"FROM {self._relation} AS src",
            self._parameters,
        )
        return int(rows), int(values)

    def progress(self) -> float | None:
        """Return how far the running statement is, 0 to 1; None where that is not known."""
        try:
            percent = self._connection.query_progress()
        except duckdb.Error:
            # Closed meanwhile: the answer is there.
            return None
        return percent / 100 if percent >= 0 else None

    def interrupt(self) -> None:
        """Stop what is running; it raises EngineError."""
        self._connection.interrupt()

    def scan(self, question: Question) -> Scanned:
        """Return the sums of one pass; units that have several rows are put together first."""
        writer = Writer(self._relation, self._columns, dict(self._parameters), self._exposed)
        units = units_sql(writer, question)
        by_unit = question.unit is not None
        ran = []
        if by_unit:
            made = f"CREATE OR REPLACE TEMP TABLE units AS {units}"
            self._all(made, writer.parameters)
            ran.append(_shown(made, writer.parameters))
            writer, units = Writer("units", self._columns), "units"
        else:
            units = f"({units})"
        at = self._placed(writer, units, question, ran)
        found = self._moments(writer, units, at, question, ran)
        if not were_exact(at, found):
            found = self._moments(writer, units, replace(at, exact=()), question, ran)
            again = ["one pass more, because whole numbers were too large to be added plainly"]
        else:
            again = []
        passes = ["one pass over the rows"]
        if any(value.quantile is not None for value in question.need.values):
            passes.insert(0, "one pass for the pooled quantile of a winsorised metric")
        return Scanned(found, at.shifts, at.caps, ";\n\n".join(ran), (*passes, *again))

    def ordered(
        self, question: Question, asked: tuple[Ranks, ...]
    ) -> tuple[tuple[float, ...], str]:
        """Return order statistics; units put together by `scan` are not put together again."""
        if question.unit is not None:
            writer, units = Writer("units", self._columns), "units"
        else:
            writer = Writer(self._relation, self._columns, dict(self._parameters))
            units = f"({units_sql(writer, question)})"
        sql = ordered_sql(writer, units, asked)
        (found,) = self._all(sql, writer.parameters)
        values = tuple(float(value) for each in found for value in each)
        return values, _shown(sql, writer.parameters)

    def _moments(
        self, writer: Writer, units: str, at: Placed, question: Question, ran: list[str]
    ) -> tuple[Row, ...]:
        before = dict(writer.parameters)
        sql = moments_sql(writer, units, at, question)
        found = self._all(sql, writer.parameters)
        ran.append(_shown(sql, writer.parameters))
        writer.parameters = before
        return merged_rows(_row(row) for row in found)

    def _placed(self, writer: Writer, units: str, question: Question, ran: list[str]) -> Placed:
        need, by_unit = question.need, question.unit is not None
        quantiles: tuple[float | None, ...] = (None,) * len(need.values)
        if any(value.quantile is not None for value in need.values):
            before = dict(writer.parameters)
            sql = caps_sql(writer, units, need)
            (found,) = self._all(sql, writer.parameters)
            ran.append(_shown(sql, writer.parameters))
            writer.parameters, quantiles = before, tuple(found)
        sampled = location_sql(units, need, sampled=not by_unit)
        (found,) = self._all(sampled, writer.parameters)
        ran.append(_shown(sampled, writer.parameters))
        whole = tuple(bool(is_whole) for is_whole in found[1::3])
        at = placed(need, tuple(found[::3]), whole, quantiles)
        known = whole if by_unit else tuple(self._is_integer(value) for value in need.values)
        capped = (cap is None or cap.is_integer() for cap in at.caps)
        narrow = (reach is not None and reach < PLAIN_RANGE for reach in found[2::3])
        exact = tuple(all(facts) for facts in zip(known, capped, narrow, strict=True))
        return replace(at, exact=exact)

    def _is_integer(self, value: Value) -> bool:
        """Return whether a row's number is whole by the type of its column."""
        if value.per_unit == "rows" or type_of(value.expression, self._columns.types) is not (
            Type.NUMBER
        ):
            return True
        column = value.expression
        return isinstance(column, Column) and self._columns.declared[column.name] in INTEGERS

    def _all(self, sql: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        with self._translated():
            used = {name: value for name, value in parameters.items() if _is_used(name, sql)}
            return self._connection.execute(sql, used or None).fetchall()

    def _attach(self, files: Files, name: str) -> tuple[str, dict[str, object]]:
        """Return what follows FROM, and the values bound to it."""
        paths = [str(path) for path in files.paths]
        match files.form:
            case Form.PARQUET:
                many = ", union_by_name = true" if len(paths) > 1 else ""
                return f"read_parquet(${name}{many})", {name: paths}
            case Form.CSV:
                return f"read_csv(${name}, sample_size = 100000)", {name: paths}
            case Form.ARROW:
                return self._registered(files, f"arrow_{name}"), {}
            case Form.DUCKDB:
                return self._table(files, paths), {}

    def _registered(self, files: Files, name: str) -> str:
        # Loaded for Arrow files only.
        from pyarrow import ArrowInvalid, dataset

        try:
            found = dataset.dataset([str(path) for path in files.paths], format="feather")
        except (ArrowInvalid, OSError) as exc:
            raise _unreadable(files, str(exc)) from exc
        self._connection.register(name, found)
        return name

    def _table(self, files: Files, paths: list[str]) -> str:
        if len(paths) > 1:
            raise ContractError("Only one DuckDB file is read at a time.", hint="Name one file.")
        place = self._databases.get(paths[0])
        if place is None:
            place = self._databases[paths[0]] = f"raw{len(self._databases) or ''}"
            path = paths[0].replace("'", "''")
            self._connection.execute(f"ATTACH '{path}' AS {place} (READ_ONLY)")
        found = self._connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_catalog = $place ORDER BY ALL",
            {"place": place},
        ).fetchall()
        wanted = files.table
        fitting = [pair for pair in found if wanted in (None, pair[1], ".".join(pair))]
        if len(fitting) != 1:
            shown = ", ".join(".".join(pair) for pair in found[:20]) or "none"
            raise ContractError(
                f"{files.name} has {len(fitting)} tables that fit {wanted or 'no name'!r}; "
                f"its tables: {shown}.",
                hint="Name one: file.duckdb#schema.table.",
            )
        schema, table = fitting[0]
        return f"{place}.{quoted(schema)}.{quoted(table)}"

    def _lock(self) -> None:
        others = self._exposures.paths if self._exposures else ()
        allowed = ", ".join(
            "'" + str(path).replace("'", "''") + "'" for path in (*self._files.paths, *others)
        )
        spill = self._spill.name.replace("'", "''")
        for setting in (
            # It would have the CSV reader read "True" as a number because a metric adds it up.
            "SET disabled_optimizers = 'type_pushdown'",
            # A moment with a zone falls on the same day on every machine.
            "SET TimeZone = 'UTC'",
            # How far it is can be asked; standard output is for the answer alone.
            "SET enable_progress_bar = true",
            "SET enable_progress_bar_print = false",
            f"SET temp_directory = '{spill}'",
            f"SET allowed_paths = [{allowed}]",
            f"SET allowed_directories = ['{spill}']",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(setting)

    def _described(self, relation: str) -> SourceColumns:
        found = self._all(
            f"DESCRIBE SELECT * FROM {relation}",  # noqa: S608 - the engine's own words
            self._parameters,
        )
        declared = {name: str(kind) for name, kind, *_ in found}
        return SourceColumns({name: _type(kind) for name, kind in declared.items()}, declared)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except duckdb.InterruptException as exc:
            raise EngineError("The query was stopped.", hint="Start it again.") from exc
        except (
            duckdb.IOException,
            duckdb.InvalidInputException,
            duckdb.ConversionException,
        ) as exc:
            raise _unreadable(self._files, str(exc)) from exc
        except duckdb.Error as exc:
            raise EngineError(
                f"DuckDB could not answer: {_first_line(str(exc))}",
                hint="Check the columns and the metrics file.",
            ) from exc


def _unreadable(files: Files, reason: str) -> UnreadableError:
    return UnreadableError(
        f"{files.name} could not be read as {files.form}: {_first_line(reason)}",
        hint="Check the file; a Parquet copy of it is read fastest.",
    )


def _first_line(text: str) -> str:
    """Return the first line, without the folders that DuckDB names."""
    line = text.strip().splitlines()[0] if text.strip() else "no reason given"
    words = (Path(word.strip("\"'")).name if "/" in word else word for word in line.split(" "))
    return " ".join(words)[:300]


def _type(declared: str) -> Type:
    word = declared.split("(")[0].strip().upper()
    if word in NUMBERS:
        return Type.NUMBER
    if word.startswith(TIMES):
        return Type.TIME
    return {"BOOLEAN": Type.BOOLEAN, "VARCHAR": Type.TEXT, "ENUM": Type.TEXT}.get(word, Type.OTHER)


def _row(found: tuple[Any, ...]) -> Row:
    state, arm, segment, day, units, rows, strays = found[:7]
    attributed = Attributed(*(int(count) for count in found[7 : 7 + len(ATTRIBUTED)]))
    return Row(
        state=State(state),
        arm=arm,
        segment=segment,
        day=day,
        units=int(units),
        rows=int(rows),
        strays=int(strays),
        totals=found[7 + len(ATTRIBUTED) :],
        attributed=attributed,
    )


def _shown(sql: str, parameters: Mapping[str, object]) -> str:
    bound = [
        f"-- ${name} = {value!r}"
        for name, value in parameters.items()
        if not name.endswith("files") and _is_used(name, sql)
    ]
    # Above it: what ends a statement would be part of a comment below it.
    return "\n".join([*bound, sql])


def _is_used(name: str, sql: str) -> bool:
    return re.search(rf"\${name}\b", sql) is not None
