"""Bytes to `Samples`: tidy CSV, JSONL and Parquet, and the logs of other tools."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from experimentos.ids import content_hash
from experimentos.issue import Issue
from experimentos.metrics.reading.grid import Refusal, refusal
from experimentos.metrics.reading.names import extension, safe_name
from experimentos.metrics.reading.sniff import refuse_binary
from experimentos.metrics.reading.text import decode
from experimentos.policy import DEFAULT_POLICY, Policy
from experimentos.runs.sample_columns import Columns
from experimentos.runs.sample_logs import mlflow_columns, read_records
from experimentos.runs.sample_table import assemble
from experimentos.runs.samples import Samples

DELIMITERS = ",\t;|"
ACCEPTED = (
    "Give a tidy CSV, JSONL or Parquet file, an Inspect log (JSON), lm-evaluation-harness "
    "samples (JSONL) or the runs of MLflow (CSV)."
)
FORMS = {
    "csv": "csv",
    "tsv": "csv",
    "txt": "csv",
    "json": "json",
    "jsonl": "json",
    "ndjson": "json",
    "parquet": "parquet",
    "pq": "parquet",
}


@dataclass(frozen=True, slots=True, eq=False)
class SampleFile:
    """What a file of samples said.

    Attributes
    ----------
    samples : Samples | None
        None when an issue blocks it.
    issues : tuple[Issue, ...]
        Worst first.
    name, sha256, form : str
        "tidy CSV", "tidy JSON", "tidy Parquet", "Inspect log", "lm-evaluation-harness samples",
        "MLflow runs" or "unknown".
    columns : tuple[str, ...]
        Of a tidy table, as the file names them.
    """

    samples: Samples | None
    issues: tuple[Issue, ...]
    name: str
    sha256: str
    form: str
    columns: tuple[str, ...] = ()


def read_samples(
    content: bytes,
    name: str,
    *,
    mapping: Mapping[str, str] | None = None,
    policy: Policy = DEFAULT_POLICY,
    parquet: Callable[[bytes, Policy], Columns] | None = None,
) -> SampleFile:
    """Read repeated samples; never raises for what the bytes hold.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        File name, for its extension and for people.
    mapping
        Name of the contract to the file's own column: {"score": "reward"}.
    parquet
        What decodes Parquet, such as `flows.parquet_apart.samples_apart`; None decodes it in this
        process, which a damaged file may take along.
    """
    form = "unknown"
    samples: Samples | None = None
    columns: tuple[str, ...] = ()
    try:
        form, table = _columns(content, name, policy, parquet or read_parquet)
        columns = tuple(table.columns) if form.startswith("tidy") else ()
        samples, issues = assemble(table, mapping or {}, policy)
    except Refusal as refused:
        issues = [refused.issue]
    ordered = tuple(sorted(issues, key=lambda issue: -issue.severity.rank))
    return SampleFile(samples, ordered, safe_name(name), content_hash(content), form, columns)


def _columns(
    content: bytes, name: str, policy: Policy, parquet: Callable[[bytes, Policy], Columns]
) -> tuple[str, Columns]:
    if len(content) > policy.samples_bytes:
        raise refusal(
            "too_large",
            f"The file has {len(content):,} bytes; at most {policy.samples_bytes:,} are read.",
            "Leave out the transcripts, or split the file by metric.",
        )
    if not content.strip():
        raise refusal("empty_file", "The file is empty.", ACCEPTED)
    form = FORMS.get(extension(name))
    if form == "parquet":
        return "tidy Parquet", parquet(content, policy)
    if content.startswith(b"PK\x03\x04") and extension(name) == "eval":
        raise refusal(
            "inspect_binary",
            "This is a binary log of Inspect (.eval).",
            "Convert it: inspect log convert --to json LOG.eval --output-dir DIR.",
        )
    refuse_binary(content)
    if form is None:
        form = "json" if content.lstrip()[:1] in b"[{" else "csv"
    if form == "json":
        return read_records(content, policy)
    table = _read_csv(content, policy)
    mlflow = mlflow_columns(table)
    return ("tidy CSV", table) if mlflow is None else ("MLflow runs", mlflow)


def _read_csv(content: bytes, policy: Policy) -> Columns:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    text, notes = decode(content)
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    header = next(csv.reader([text.partition("\n")[0]], delimiter=delimiter))
    _check_header(header, policy)
    broken: list[Any] = []

    def remember(row: Any) -> str:
        broken.append(row)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            io.BytesIO(text.encode()),
            read_options=arrow_csv.ReadOptions(use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=remember
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException as exc:
        raise refusal(
            "not_a_table", "The text is not a table of rows and columns.", ACCEPTED
        ) from exc
    if broken:
        row = broken[0]
        raise refusal(
            "ragged_row",
            f"A row has {row.actual_columns} cells; the header has {row.expected_columns}.",
            "Give every row one cell for each column; quote text that holds the delimiter.",
            row=row.number,
        )
    _check_rows(table.num_rows, policy)
    # Quoted line breaks move the rows below them: then, and only then, lines are counted.
    is_plain = text.count("\n") + (not text.endswith("\n")) == table.num_rows + 1
    lines = None if is_plain else _line_numbers(text, delimiter)
    return Columns({c: table.column(c).combine_chunks() for c in header}, lines, 2, tuple(notes))


def _line_numbers(text: str, delimiter: str) -> list[int]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines, row = [], 1
    for cells in reader:
        if cells:
            lines.append(row)
        row = reader.line_num + 1
    return lines[1:]


def _check_header(header: list[str], policy: Policy) -> None:
    if len(header) < 2 or len(header) > policy.upload_columns:
        raise refusal(
            "columns",
            f"The first line has {len(header):,} columns; 2 to {policy.upload_columns} are read.",
            ACCEPTED,
            row=1,
        )
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise refusal(
            "duplicate_column",
            f"Two columns are called {safe_name(twice)}.",
            "Rename or remove one of them.",
            row=1,
        )


def _check_rows(rows: int, policy: Policy) -> None:
    if rows == 0:
        raise refusal("no_rows", "The table has a header and no rows.", ACCEPTED)
    if rows > policy.samples_rows:
        raise refusal(
            "too_many_rows",
            f"The file has {rows:,} samples; at most {policy.samples_rows:,} are read.",
            "Split the file by metric or by model family.",
        )


def read_parquet(content: bytes, policy: Policy) -> Columns:
    """Return the columns of a Parquet file as text; Refusal if it is damaged or too large."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not (content.startswith(b"PAR1") and content.endswith(b"PAR1")):
        raise refusal("not_parquet", "The bytes are no complete Parquet file.", ACCEPTED)
    try:
        file = pq.ParquetFile(
            pa.BufferReader(content), thrift_string_size_limit=policy.samples_bytes
        )
        _check_rows(file.metadata.num_rows, policy)
        _check_header(list(file.schema_arrow.names), policy)
        table = file.read(use_threads=False)
        columns = {
            name: _as_text(table.column(name).combine_chunks(), pa) for name in table.column_names
        }
    except Refusal:
        raise
    except (pa.ArrowException, OSError, ValueError) as exc:
        raise refusal("damaged", "The Parquet file cannot be decoded.", "Write it again.") from exc
    return Columns(columns, None, 1)


def _as_text(column: Any, pa: Any) -> Any:
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        return pa.nulls(len(column), pa.string())
    return column.cast(pa.string())
