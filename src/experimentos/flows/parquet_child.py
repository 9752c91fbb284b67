"""The program that decodes one untrusted Parquet file and then ends: `python -m … KIND LIMITS`.

It reads the file from standard input and writes what it holds, as JSON or as Arrow columns of text,
to standard output. Only `parquet_apart` starts it.
"""

import json
import sys
from typing import Any

from experimentos.flows.encode import encode
from experimentos.metrics.reading.grid import Refusal
from experimentos.policy import Policy

GRID, SAMPLES = "grid", "samples"
REFUSED, MADE = b"R", b"M"


def main(arguments: list[str]) -> int:
    """Decode standard input; 0 whatever the file holds."""
    kind, limits = arguments
    policy = Policy(**json.loads(limits))
    content = sys.stdin.buffer.read()
    try:
        answer = MADE + (_samples(content, policy) if kind == SAMPLES else _grid(content, policy))
    except Refusal as refused:
        answer = REFUSED + _json(refused.issue)
    sys.stdout.buffer.write(answer)
    return 0


def _grid(content: bytes, policy: Policy) -> bytes:
    from experimentos.metrics.reading.columnar import read_parquet

    return _json(read_parquet(content, policy))


def _samples(content: bytes, policy: Policy) -> bytes:
    import pyarrow as pa

    from experimentos.runs.sample_files import read_parquet

    table = pa.table(dict(read_parquet(content, policy).columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _json(value: Any) -> bytes:
    return json.dumps(encode(value)).encode()


def limit(seconds: int, size: int) -> None:
    """Bound what this process may use, where the system can: seconds of CPU, bytes of memory."""
    try:
        import resource
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, size)):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    limit(60, 3 * 2**30)
    sys.exit(main(sys.argv[1:]))
