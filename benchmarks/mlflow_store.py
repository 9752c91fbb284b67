"""The same lists from MLflow's SQLite store; prints the times as JSON, a line for each list.

Usage: PYTHON mlflow_store.py RUNS ROUNDS, in an environment that has mlflow-skinny, sqlalchemy and
alembic. Its tables are made by MLflow and filled in SQL (its own client needs milliseconds a
run); the lists are calls of its store.
"""

import json
import random
import sqlite3
import sys
import tempfile
import time
from pathlib import Path


def fill(path: Path, number: int) -> None:
    """Insert runs with three parameters, two metrics and a tag each."""
    rng = random.Random(1)
    ids = [f"{place:032x}" for place in range(number)]
    with sqlite3.connect(path) as connection:
        connection.executemany(
            "insert into runs (run_uuid, name, source_type, source_name, entry_point_name, user_id,"
            " status, start_time, end_time, source_version, lifecycle_stage, artifact_uri,"
            " experiment_id) values (?, ?, 'UNKNOWN', '', '', 'u', ?, ?, ?, '', 'active', '', 0)",
            (
                (id_, f"r{i}", "FAILED" if i % 10 == 0 else "FINISHED", 1_000 * i, 1_000 * i)
                for i, id_ in enumerate(ids)
            ),
        )
        connection.executemany(
            "insert into params (key, value, run_uuid) values (?, ?, ?)",
            (
                (key, value, id_)
                for i, id_ in enumerate(ids)
                for key, value in (
                    ("lr", str(rng.random())),
                    ("opt", f"o{i % 7}"),
                    ("seed", str(i % 1000)),
                )
            ),
        )
        connection.executemany(
            "insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
            " values (?, ?, 0, 0, 0, ?)",
            ((key, rng.random(), id_) for id_ in ids for key in ("primary", "loss")),
        )
        connection.executemany(
            "insert into tags (key, value, run_uuid) values ('variant', ?, ?)",
            ((f"v{i // 100 % 5}", id_) for i, id_ in enumerate(ids)),
        )
        connection.execute("analyze")


def main(number: int, rounds: int) -> None:
    from mlflow.entities import ViewType
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mlflow.db"
        store = SqlAlchemyStore(f"sqlite:///{path}", folder)
        fill(path, number)

        def page(where: str, order: list[str]) -> object:
            return store.search_runs(["0"], where, ViewType.ACTIVE_ONLY, 50, order)

        work = {
            "50 newest of a filter over parameters": lambda: page(
                "attributes.status = 'FINISHED' AND params.opt = 'o3' AND metrics.loss < 0.5", []
            ),
            "50 newest": lambda: page("", []),
            "50 best by a metric": lambda: page("", ["metrics.primary DESC"]),
        }
        for name, call in work.items():
            times = []
            for _ in range(rounds + 2):
                begun = time.perf_counter()
                call()
                times.append((time.perf_counter() - begun) * 1e3)
                if sum(times) > 20_000:
                    break
            print(json.dumps({name: times[2:] or times}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
