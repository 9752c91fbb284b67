"""How large a source is, and which tables it has: asked before a scan, never a scan itself."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from experimentos.engine.files import Files, Form, find
from experimentos.errors import EngineError, UnreadableError

# Enough of a text file to know how long its lines are.
LOOKED_AT = 2**20


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of local files.

    Attributes
    ----------
    bytes : int
        On disk.
    rows : int | None
        None where only a scan could tell.
    is_exact : bool
        Whether the file itself names the rows; otherwise they follow from the length of its first
        lines.
    columns : Mapping[str, int]
        Bytes on disk by column, where columns are stored apart (Parquet); else empty.
    tables : tuple[str, ...]
        Of a DuckDB file, `schema.table`.
    """

    bytes: int
    rows: int | None = None
    is_exact: bool = False
    columns: Mapping[str, int] = field(default_factory=dict)
    tables: tuple[str, ...] = ()


def extent(address: str, *, inside: Path | None = None) -> Extent:
    """Return how large the files of an address are; see `engine.files.find` for the address.

    Raises
    ------
    ContractError, UnreadableError
        If the address names no files that may be read, or they are not of their form.
    """
    files = find(address, inside=inside)
    size = sum(path.stat().st_size for path in files.paths)
    match files.form:
        case Form.PARQUET:
            return _parquet(files, size)
        case Form.CSV:
            return Extent(size, _lines(files, size))
        case Form.DUCKDB:
            return _duckdb(files, size)
        case Form.ARROW:
            return Extent(size)


def _parquet(files: Files, size: int) -> Extent:
    # Loaded for Parquet files only.
    from pyarrow import ArrowException
    from pyarrow.parquet import read_metadata

    rows, columns = 0, dict[str, int]()
    for path in files.paths:
        try:
            found = read_metadata(path)
        except (ArrowException, OSError) as exc:
            raise UnreadableError(
                f"{files.name} could not be read as parquet.", hint="Write the file again."
            ) from exc
        rows += found.num_rows
        for group in range(found.num_row_groups):
            for place in range(found.num_columns):
                chunk = found.row_group(group).column(place)
                name = chunk.path_in_schema.split(".")[0]
                columns[name] = columns.get(name, 0) + chunk.total_compressed_size
    return Extent(size, rows, is_exact=True, columns=columns)


def _lines(files: Files, size: int) -> int | None:
    """Return about how many lines follow the header, from the length of the first ones."""
    path = files.paths[0]
    if path.suffix == ".gz":
        return _zipped(path) if len(files.paths) == 1 else None
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    ends = start.count(b"\n")
    if ends < 2:
        return None
    header = start.index(b"\n") + 1
    mean = (start.rindex(b"\n") + 1 - header) / (ends - 1)
    return max(1, round((size - header * len(files.paths)) / mean))


def _zipped(path: Path) -> int | None:
    """Return about how many lines a gzip file holds, as densely packed as its beginning."""
    try:
        with path.open("rb") as raw, gzip.open(raw) as file:
            start = file.read(4 * LOOKED_AT)
            packed = raw.tell()
    except (OSError, EOFError):
        return None
    ends = start.count(b"\n")
    size = path.stat().st_size
    return max(1, round(ends * size / packed)) if ends > 1 and packed else None


def _duckdb(files: Files, size: int) -> Extent:
    import duckdb

    found: list[tuple[str, str, int]] = []
    with duckdb.connect(":memory:") as connection:
        try:
            path = str(files.paths[0]).replace("'", "''")
            connection.execute(f"ATTACH '{path}' AS raw (READ_ONLY)")
            found = connection.execute(
                "SELECT schema_name, table_name, estimated_size FROM duckdb_tables() "
                "WHERE database_name = 'raw' UNION ALL "
                "SELECT schema_name, view_name, NULL FROM duckdb_views() "
                "WHERE database_name = 'raw' AND NOT internal ORDER BY 1, 2"
            ).fetchall()
        except duckdb.Error as exc:
            raise EngineError(
                f"{files.name} could not be opened as a DuckDB file.",
                hint="Close the program that writes to it, or export a table to Parquet.",
            ) from exc
    wanted = [row for row in found if files.table in (None, row[1], f"{row[0]}.{row[1]}")]
    rows = wanted[0][2] if len(wanted) == 1 else None
    tables = tuple(f"{schema}.{table}" for schema, table, _ in found)
    return Extent(size, rows, is_exact=rows is not None, tables=tables)
