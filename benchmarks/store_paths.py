"""A page of runs out of 100,000: with a filter, newest first, by the primary value, by variant."""

import atexit
import random
import tempfile
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path as File

from measure import Case, Path

from experimentos.ids import ordered_id
from experimentos.runs.documents import Run
from experimentos.runs.filter_text import parse_filter
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.run_port import RunQuery, RunStore
from experimentos.store.run_rows import COLUMNS
from experimentos.store.sql import Cursor

START = datetime(2026, 1, 1, tzinfo=UTC)
MODELS = 1_000
RUNS = 100_000
FILTER = "status = completed AND params.lr < 0.5 AND params.opt.name = o3"
RARE = "params.seed = 77"

# Every run is a copy of one of a thousand models with an id, numbers and parameters of its own.
CHANGED = {
    "run_id": "'01' || lpad(cast(i as text), 24, '0')",
    "primary_value": "case when i % 10 = 0 then null else random() end",
    "params": (
        'cast(\'{"lr":\' || cast(random() as text) || \',"opt":{"name":"o\' || '
        "cast(i % 7 as text) || '\"},\"seed\":' || cast(i % 1000 as text) || '}' as {json})"
    ),
    "metrics": "cast('{\"loss\":' || cast(random() as text) || '}' as {json})",
    "document": "replace(cast(document as text), run_id, '01' || lpad(cast(i as text), 24, '0'))",
}


def model(number: int) -> Run:
    """Return one of the runs that the others are copies of."""
    rng = random.Random(number)
    at = START + timedelta(seconds=number)
    return Run(
        run_id=ordered_id(at, rng.randbytes(10)),
        project=f"p{number % 10}",
        experiment=f"e{number % 100}",
        variant=f"v{number // 100 % 5}",
        kind="script",
        status="failed" if number % 10 == 0 else "completed",
        created_at=at,
        started_at=at,
        ended_at=at,
        host="host",
        pid=1,
        params={"lr": rng.random(), "opt": {"name": "adam", "beta": 0.9}, "seed": number},
        metrics={"loss": rng.random()},
        environment={"python": "3.13", "packages": "numpy " * 60},
        tags={"team": f"t{number % 4}"},
    )


def fill(runs: RunStore, write: object, number: int) -> None:
    """Put runs into an empty store: a thousand through the port, copies of them in SQL."""
    runs.save_runs([model(place) for place in range(MODELS)])

    def copies(cursor: Cursor) -> None:
        json = "json" if cursor.dialect == "duckdb" else "jsonb"
        columns = [CHANGED.get(name, name).replace("{json}", json) for name in COLUMNS]
        order = "select *, row_number() over (order by run_id) - 1 as place from run"
        cursor.execute(
            f"insert into run ({', '.join(COLUMNS)}) select {', '.join(columns)} "
            f"from generate_series(0, {number - MODELS - 1}) as s(i) "
            f"join ({order}) as models on models.place = i % {MODELS}"
        )

    write(copies)  # type: ignore[operator]


QUERIES = {
    "filter": lambda runs: runs.page(RunQuery(where=parse_filter(FILTER))),
    "newest": lambda runs: runs.page(RunQuery()),
    "primary": lambda runs: runs.page(RunQuery(order="primary")),
    "variants": lambda runs: runs.grouped(RunQuery()),
    "experiment": lambda runs: runs.grouped(RunQuery(experiment="e7")),
    "deep": lambda runs: runs.page(RunQuery(order="primary", after=middle(runs))),
    "rare": lambda runs: runs.page(RunQuery(where=parse_filter(RARE))),
}
WORK = {
    "filter": "50 newest of a filter over parameters",
    "newest": "50 newest",
    "primary": "50 best by the primary value",
    "variants": "mean, sd, n of all by variant",
    "experiment": "the same of one experiment",
    "deep": "50 in the middle, by the primary value",
    "rare": "50 newest of a filter that one in 1,000 meets",
}


@cache
def middle(runs: RunStore) -> str:
    """Return where a page around the value 0.5 begins."""
    from experimentos.store.run_cursor import Place, place_text

    return place_text(Place(0.5, runs.page(RunQuery(limit=1)).rows[0].run_id))


@cache
def opened() -> DuckDbStore:
    """Return a history of so many runs, made once."""
    folder = tempfile.TemporaryDirectory(prefix="experimentos-bench-")
    atexit.register(folder.cleanup)
    # Last in, first out: the file is closed before its folder goes.
    store = DuckDbStore(File(folder.name) / "history.duckdb")
    atexit.register(opened.cache_clear)
    atexit.register(store.close)
    fill(store.runs, store.write, RUNS)
    return store


def _case(name: str) -> Case:
    runs = opened().runs
    QUERIES[name](runs)
    return Case(partial(QUERIES[name], runs))


SHORT = {
    "filter": "1e5 runs, 50 newest of a filter",
    "newest": "1e5 runs, 50 newest",
    "primary": "1e5 runs, 50 best",
    "variants": "1e5 runs, mean and sd by variant",
}
PATHS = [
    Path(name=f"store.{name}", work=work, budget_ms=50, make=partial(_case, name))
    for name, work in SHORT.items()
]
