"""Any engine that ibis reaches, by URL: PostgreSQL, Spark, BigQuery, Snowflake and others."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from importlib import import_module
from typing import Any

from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Type
from experimentos.engine.need import Need
from experimentos.engine.placed import Placed, placed
from experimentos.engine.port import Attributed, Question, Ranks, Row, Scanned, State
from experimentos.errors import (
    ContractError,
    EngineError,
    ExperimentOSError,
    Unsupported,
)

# Scheme of a URL to the extra that brings its driver.
EXTRAS = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "spark": "spark",
    "bigquery": "bigquery",
    "snowflake": "snowflake",
    "databricks": "databricks",
    "clickhouse": "clickhouse",
    "trino": "trino",
}


class IbisEngine:
    """One table of a database."""

    def __init__(self, backend: Any, table: str, exposures: str | None = None) -> None:
        """Take a connected ibis backend and the names of tables, `schema.table` if need be."""
        self._backend = backend
        self.name: str = backend.name
        self._exposures: Any = None
        self._exposure_columns: SourceColumns | None = None
        try:
            with self._translated():
                self._table, self._columns = self._found(table)
                if exposures is not None:
                    self._exposures, self._exposure_columns = self._found(exposures)
        except ExperimentOSError:
            self.close()
            raise

    def _found(self, table: str) -> tuple[Any, SourceColumns]:
        schema, _, name = table.rpartition(".")
        found = self._backend.table(name, database=schema or None)
        kinds = dict(found.schema().items())
        return found, SourceColumns(
            {column: _type(kind) for column, kind in kinds.items()},
            {column: str(kind) for column, kind in kinds.items()},
        )

    def close(self) -> None:
        """Close the connection."""
        self._backend.disconnect()

    def columns(self) -> SourceColumns:
        """Return the columns of the table."""
        return self._columns

    def exposure_columns(self) -> SourceColumns | None:
        """Return the columns of the exposure table."""
        return self._exposure_columns

    def fingerprint(self) -> None:
        """Return None: what a database holds is told by the answer."""
        return

    def preview(self, rows: int) -> tuple[tuple[str, ...], ...]:
        """Return the first rows as text."""
        found = self._all(self._table.limit(rows))
        return tuple(
            tuple("" if value is None else str(value)[:200] for value in row.values())
            for row in found
        )

    def distinct(self, column: str) -> tuple[int, int]:
        """Return (rows, different values)."""
        table = self._table
        (found,) = self._all(table.aggregate(rows=table.count(), values=table[column].nunique()))
        return int(found["rows"]), int(found["values"])

    def scan(self, question: Question) -> Scanned:
        """Return the sums; shift, caps and sums each are a query of their own."""
        from experimentos.engine.rows import moments_of, units_of

        with self._translated():
            units = units_of(self._table, self._columns.types, question, self._exposures)
        at, passes = self._placed(units, question)
        with self._translated():
            query = moments_of(units, at)
            sql = str(self._backend.compile(query))
        rows = tuple(_row(row, len(question.need.terms)) for row in self._all(query))
        return Scanned(rows, at.shifts, at.caps, sql, passes)

    def ordered(
        self, question: Question, asked: tuple[Ranks, ...]
    ) -> tuple[tuple[float, ...], str]:
        """Return order statistics by numbering the units of each arm in order."""
        from experimentos.engine.rows import ordered_of, units_of

        with self._translated():
            units = units_of(self._table, self._columns.types, question, self._exposures)
            query = ordered_of(units, asked)
            sql = str(self._backend.compile(query))
        found = {
            (row["value"], row["arm"], row["place"]): float(row["number"])
            for row in self._all(query)
        }
        return tuple(found[one.value, one.arm, rank] for one in asked for rank in one.ranks), sql

    def _placed(self, units: Any, question: Question) -> tuple[Placed, tuple[str, ...]]:
        from experimentos.engine.rows import caps_of, location_of

        need = question.need
        passes = ["one pass over the rows"]
        quantiles: tuple[float | None, ...] = (None,) * len(need.values)
        if any(value.quantile is not None for value in need.values):
            passes.insert(0, "one pass for the pooled quantile of a winsorised metric")
            with self._translated():
                query = caps_of(units, need)
            (found,) = self._all(query)
            quantiles = tuple(found.get(f"q{i}") for i in range(len(need.values)))
        by_unit = question.unit is not None
        if by_unit:
            passes.insert(0, "one pass for the scale of the units' numbers")
        with self._translated():
            query = location_of(units, need, sampled=not by_unit)
        (found,) = self._all(query) if need.values else ({},)
        return placed(need, *_located(found, need), quantiles), tuple(passes)

    def _all(self, query: Any) -> list[dict[str, Any]]:
        with self._translated():
            found: list[dict[str, Any]] = self._backend.to_pyarrow(query).to_pylist()
        return found

    @contextmanager
    def _translated(self) -> Iterator[None]:
        from ibis.common.exceptions import OperationNotDefinedError, UnsupportedOperationError

        try:
            yield
        except ExperimentOSError:
            raise
        except (OperationNotDefinedError, UnsupportedOperationError) as exc:
            raise Unsupported(
                f"{self.name} cannot compute a part of this: {_first_line(exc)}",
                hint="Use a fixed cap instead of a quantile, or export the rows to Parquet.",
            ) from exc
        except Exception as exc:
            raise EngineError(
                f"{self.name} could not answer: {_first_line(exc)}",
                hint="Check the table, the columns and your rights.",
            ) from exc


def connect(url: str, exposures: str | None = None) -> IbisEngine:
    """Open a table by URL: `postgres://user@host/shop#public.orders`.

    The password comes from where the driver looks for it (PGPASSWORD, a service file, the cloud's
    own login) or the whole URL from the environment (`env:NAME`), never from the address. The
    exposure table is one of the same database, by its name.

    Raises
    ------
    ContractError
        If the URL names no table.
    Unsupported
        If the driver is not installed or ibis has no such engine.
    EngineError
        If the database cannot be reached.
    """
    scheme = url.partition("://")[0].lower()
    address, _, table = url.partition("#")
    if scheme not in EXTRAS:
        raise Unsupported(
            f"Sources of the form {scheme}:// are not read.",
            hint=f"One of: {', '.join(f'{name}://' for name in EXTRAS)}, or a file.",
        )
    if not table:
        raise ContractError(
            "The address names no table.", hint=f"Write {scheme}://host/database#schema.table."
        )
    return IbisEngine(_connected(scheme, address), table, exposures)


def tables(url: str) -> tuple[str, ...]:
    """Return the tables of a database that a person may choose from, of its default schema.

    Raises
    ------
    Unsupported, EngineError
        As `connect`.
    """
    scheme = url.partition("://")[0].lower()
    if scheme not in EXTRAS:
        raise Unsupported(
            f"Sources of the form {scheme}:// are not read.",
            hint=f"One of: {', '.join(f'{name}://' for name in EXTRAS)}.",
        )
    backend = _connected(scheme, url.partition("#")[0])
    try:
        return tuple(sorted(backend.list_tables()))
    except Exception as exc:
        raise EngineError(
            f"{scheme}:// did not name its tables: {_first_line(exc)}",
            hint="Put the table into the URL: #schema.table.",
        ) from exc
    finally:
        backend.disconnect()


def _connected(scheme: str, address: str) -> Any:
    extra = EXTRAS[scheme]
    try:
        ibis = import_module("ibis")
        if scheme == "spark":
            return ibis.pyspark.connect(_session(address))
        return ibis.connect(address)
    except ImportError as exc:
        raise Unsupported(
            f"The driver for {scheme}:// is not installed ({exc.name or 'ibis'} is missing).",
            hint=f"pip install 'experimentos[{extra}]'",
        ) from exc
    except Exception as exc:
        raise EngineError(
            f"{scheme}:// could not be reached: {_first_line(exc)}",
            hint="Check the host, the database and how the driver finds your password.",
        ) from exc


def _session(address: str) -> Any:
    """Return the Spark session of `spark://local[2]` or `spark://host:7077`."""
    master = address.removeprefix("spark://") or "local[*]"
    builder = import_module("pyspark.sql").SparkSession.builder.appName("experimentos")
    return builder.master(master if master.startswith("local") else address).getOrCreate()


def _located(
    found: dict[str, Any], need: Need
) -> tuple[tuple[float | None, ...], tuple[bool, ...]]:
    places = range(len(need.values))
    return tuple(found[f"m{i}"] for i in places), tuple(found[f"f{i}"] == 0 for i in places)


def _row(found: dict[str, Any], terms: int) -> Row:
    return Row(
        state=State(found["state"]),
        arm=found["arm"],
        segment=found["segment"],
        day=found["day"],
        units=int(found["units"]),
        rows=int(found["read"]),
        strays=int(found["varied"]),
        totals=tuple(found[f"t{i}"] for i in range(terms)),
        attributed=Attributed(*(int(found[field.name]) for field in fields(Attributed))),
    )


def _type(kind: Any) -> Type:
    if kind.is_boolean():
        return Type.BOOLEAN
    if kind.is_numeric():
        return Type.NUMBER
    if kind.is_string():
        return Type.TEXT
    return Type.TIME if kind.is_date() or kind.is_timestamp() else Type.OTHER


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:300] if text else type(error).__name__
