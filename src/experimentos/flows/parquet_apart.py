"""Untrusted Parquet, decoded by a process of its own: a parser that crashes takes nothing along."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import experimentos
from experimentos.flows.encode import encode
from experimentos.flows.parquet_child import GRID, REFUSED, SAMPLES
from experimentos.issue import Issue, Severity, Where
from experimentos.metrics.reading.grid import Grid, Line, Refusal, refusal
from experimentos.policy import Policy
from experimentos.runs.sample_columns import Columns

PATIENCE_SECONDS = 60
HOME = str(Path(experimentos.__file__).resolve().parents[1])


def grid_apart(content: bytes, policy: Policy) -> Grid:
    """Return the rows of an aggregated Parquet file, as `columnar.read_parquet` does.

    Raises
    ------
    Refusal
        If the file is damaged or too large, or the process that read it died.
    """
    found = json.loads(_decoded(GRID, content, policy))
    return Grid(
        header=tuple(found["header"]),
        header_row=found["header_row"],
        lines=tuple(Line(line["row"], tuple(line["cells"])) for line in found["lines"]),
        notes=tuple(_issue(note) for note in found["notes"]),
        semicolon=found["semicolon"],
    )


def samples_apart(content: bytes, policy: Policy) -> Columns:
    """Return the columns of a Parquet file of repeated samples, as `sample_files` does."""
    import pyarrow as pa

    with pa.ipc.open_stream(_decoded(SAMPLES, content, policy)) as reader:
        table = reader.read_all()
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    return Columns(columns, None, 1)


def _decoded(kind: str, content: bytes, policy: Policy) -> bytes:
    command = [sys.executable, "-P", "-m", "experimentos.flows.parquet_child", kind]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own program
            [*command, json.dumps(encode(policy))],
            input=content,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=True,
            cwd=HOME,
            # Nothing of this process's environment: it holds keys, and the child needs none.
            env={"PYTHONPATH": HOME, **_named("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH")},
        )
    except (subprocess.SubprocessError, OSError) as exc:
        raise refusal(
            "damaged_parquet",
            "The Parquet file is damaged: the program that reads it failed on it.",
            "Write the file again, or export the table as CSV.",
        ) from exc
    answer = done.stdout
    if answer[:1] == REFUSED:
        raise Refusal(_issue(json.loads(answer[1:])))
    return answer[1:]


def _named(*names: str) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def _issue(found: dict[str, Any]) -> Issue:
    return Issue(
        found["code"],
        Severity(found["severity"]),
        found["message"],
        found["fix"],
        Where(**found["where"]),
    )
