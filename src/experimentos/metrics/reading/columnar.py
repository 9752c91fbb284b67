"""Parquet: the footer first, then at most a thousand rows, as text."""

from decimal import Decimal
from typing import Any

from experimentos.issue import Issue
from experimentos.metrics.reading.grid import (
    Grid,
    Line,
    Refusal,
    blocked,
    note,
    refusal,
    too_many_columns,
    too_many_rows,
)
from experimentos.metrics.reading.names import visible
from experimentos.metrics.reading.numbers import PLAIN
from experimentos.policy import Policy

FOOTER_BYTES = 8


def read_parquet(content: bytes, policy: Policy) -> Grid:
    """Return the rows of a Parquet file, record numbers from 1.

    Raises
    ------
    Refusal
        If the file is damaged, too large by its own footer, or holds nested columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(content) < 3 * FOOTER_BYTES // 2 or not content.endswith(b"PAR1"):
        raise _damaged("it does not end as a Parquet file ends; it may have been cut short")
    footer = int.from_bytes(content[-FOOTER_BYTES:-4], "little")
    if footer + FOOTER_BYTES > len(content):
        raise _damaged("its footer says that it is longer than the file")
    try:
        file = pq.ParquetFile(
            pa.BufferReader(content),
            thrift_string_size_limit=policy.upload_bytes,
            thrift_container_size_limit=10 * policy.upload_rows,
        )
        _within_limits(file.metadata, policy)
        _flat(file.schema_arrow, pa)
        table = file.read(use_threads=False)
        return _grid(table, pa)
    except Refusal:
        raise
    except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError) as exc:
        raise _damaged("its pages or its footer cannot be decoded") from exc


def _within_limits(footer: Any, policy: Policy) -> None:
    if footer.num_columns > policy.upload_columns:
        raise too_many_columns(policy.upload_columns, footer.num_columns)
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    rows = max(footer.num_rows, sum(group.num_rows for group in groups))
    if rows > policy.upload_rows:
        raise too_many_rows(policy.upload_rows, f"{rows:,}")
    # The footers of single columns are left alone: pyarrow 26 aborts the process on a damaged one.
    unpacked = sum(group.total_byte_size for group in groups)
    if unpacked > policy.zip_bytes:
        raise refusal(
            "unpacks_to_too_much",
            "The Parquet file unpacks to far more than its size; it was not opened.",
            "Write only the columns of the aggregated table.",
        )


def _flat(schema: Any, pa: Any) -> None:
    for column in schema:
        if pa.types.is_nested(column.type):
            name = visible(column.name)
            issue: Issue = blocked(
                "nested_column",
                f"Column {name} holds {column.type} values; a single number or text is needed.",
                "Aggregate it before writing the file: one number per arm.",
                column=name,
            )
            raise Refusal(issue)


def _grid(table: Any, pa: Any) -> Grid:
    columns = [_texts(column, pa) for column in table.columns]
    quoted = any(
        is_text(column.type, pa) and any(map(PLAIN.fullmatch, texts))
        for column, texts in zip(table.columns, columns, strict=True)
    )
    notes = (note("numbers_as_text", "A column of text holds numbers."),) if quoted else ()
    rows = zip(*columns, strict=True)
    lines = tuple(Line(i, cells) for i, cells in enumerate(rows, start=1))
    return Grid(tuple(table.column_names), None, lines, notes)


def is_text(kind: Any, pa: Any) -> bool:
    """Return whether an Arrow type holds strings."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _texts(column: Any, pa: Any) -> list[str]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if is_text(column.type, pa):
        # Arrow does not validate: decode here, so that a bad byte is a cell and not a crash.
        column = column.cast(pa.large_binary())
    return [_text(value) for value in column.to_pylist()]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bytes():
            return value.decode(errors="replace")
        case bool():
            return str(value).upper()
        case Decimal():
            # A scale of three would look like thousands: 10.000.
            return f"{int(value)}.0" if value == value.to_integral_value() else str(value)
        case _:
            return str(value)


def _damaged(how: str) -> Refusal:
    return refusal(
        "damaged_parquet",
        f"The Parquet file is damaged: {how}.",
        "Write the file again, or export the table as CSV.",
    )
