"""What lists of runs cost on DuckDB and PostgreSQL, with MLflow's SQLite store beside them.

Usage: PYTHONPATH=src:. python benchmarks/run_store.py [--runs 100000,1000000] [--rounds 30]
       [--mlflow PYTHON]

PYTHON is an interpreter of another environment, with mlflow-skinny, sqlalchemy and alembic. The
PostgreSQL server is the one that the tests start. Wall times in milliseconds of whole calls of
the port, documents read and checked included. Exit status 1 when a p95 misses its bound on a
machine that is ours; on a busy one it counts as neither.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from store_paths import QUERIES, WORK, fill, middle

from experimentos.store.duckdb import DuckDbStore
from experimentos.store.postgres import PostgresStore
from experimentos.store.run_port import RunStore
from tests.postgres import HAS_POSTGRES, server

MLFLOW_SECONDS = 150
BOUNDS_MS = {100_000: 50.0, 1_000_000: 150.0}
# What a page asks for.
BOUNDED = ("filter", "newest", "primary", "variants", "experiment")


def main() -> int:
    options = _options()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'store':<12}{'runs':>10}  {'what':<48}{'p50 ms':>9}{'p95 ms':>9}  verdict")
    missed = 0
    for number in options.runs:
        with tempfile.TemporaryDirectory() as folder:
            store = DuckDbStore(Path(folder) / "history.duckdb")
            begun = time.perf_counter()
            fill(store.runs, store.write, number)
            store.read(lambda cursor: cursor.execute("checkpoint"))
            missed += _table("DuckDB", store.runs, number, options.rounds)
            store.close()
        if HAS_POSTGRES:
            with server() as url:
                served = PostgresStore(url)
                fill(served.runs, served.write, number)
                served.read(lambda cursor: cursor.execute("vacuum analyze run"))
                missed += _table("PostgreSQL", served.runs, number, options.rounds)
                served.close()
        if options.mlflow:
            _mlflow(options.mlflow, number, options.rounds)
        print(f"({time.perf_counter() - begun:.0f} s)", flush=True)
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    numbers = lambda text: [int(float(part)) for part in text.split(",")]  # noqa: E731 - one word
    parser.add_argument("--runs", type=numbers, default=[100_000])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--mlflow", help="a Python that has MLflow")
    return parser.parse_args()


def _table(name: str, runs: RunStore, number: int, rounds: int) -> int:
    middle.cache_clear()
    missed = 0
    for query, work in WORK.items():
        times = []
        for _ in range(rounds + 2):
            begun = time.perf_counter()
            QUERIES[query](runs)
            times.append((time.perf_counter() - begun) * 1e3)
        bound = BOUNDS_MS.get(number) if query in BOUNDED else None
        missed += _line(name, number, work, times[2:], bound)
    return missed


def _line(name: str, number: int, work: str, times: list[float], bound: float | None) -> int:
    ranked = sorted(times)
    p50, p95 = ranked[len(ranked) // 2], ranked[min(int(len(ranked) * 0.95), len(ranked) - 1)]
    word = "ok" if bound is None or p95 <= bound else "busy" if _is_busy() else "MISS"
    verdict = "" if bound is None else f"{word}  (<={bound:.0f})"
    print(f"{name:<12}{number:>10,}  {work:<48}{p50:>9.1f}{p95:>9.1f}  {verdict}", flush=True)
    return int("MISS" in verdict)


def _is_busy() -> bool:
    """Return whether others have the machine: a miss then says nothing about us."""
    return os.getloadavg()[0] > (os.cpu_count() or 1)


def _mlflow(python: str, number: int, rounds: int) -> None:
    script = str(Path(__file__).with_name("mlflow_store.py"))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(
        [python, script, str(number), str(rounds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        said, _ = process.communicate(timeout=MLFLOW_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
    for line in said.splitlines():
        for work, times in json.loads(line).items():
            _line("MLflow", number, work, times, None)
    if process.returncode:
        print(f"MLflow's other lists did not end within {MLFLOW_SECONDS} s, or failed.")


if __name__ == "__main__":
    sys.exit(main())
