"""The engines that this machine has."""

from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from tests.engines.rows import ACTIONS, EVENTS, EXPOSED_DAYS, EXPOSURES, USERS
from tests.postgres import HAS_POSTGRES

# Spark and its Arrow bridge call what pandas and Python are about to lose.
ALL_WARNINGS = pytest.mark.filterwarnings("ignore")
SPARK = [pytest.param("spark", marks=[pytest.mark.slow, ALL_WARNINGS])]
SPARK = SPARK if find_spec("pyspark") else []
ENGINES = ["duckdb", "ibis-duckdb", *(["postgres"] if HAS_POSTGRES else []), *SPARK]
TABLES = {
    "users": USERS,
    "events": EVENTS,
    "actions": ACTIONS,
    "exposures": EXPOSURES,
    "exposed_days": EXPOSED_DAYS,
}
DATES = {("users", "day"), ("events", "day"), ("exposed_days", "exposed_at")}


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ENGINES, indirect=True, scope="session")


@pytest.fixture(scope="session")
def engine(request, tmp_path_factory):
    """Return what opens one of the tables on this engine."""
    is_server = request.param == "postgres"
    place = request.getfixturevalue("postgres_url") if is_server else tmp_path_factory
    with OPENED[request.param](place) as opener:
        yield opener


@contextmanager
def duckdb_files(tmp_path_factory):
    from experimentos.engine.opening import open_engine

    folder = tmp_path_factory.mktemp("files")
    write_parquet(folder)

    def opener(table, exposures=None):
        return open_engine(
            str(folder / f"{table}.parquet"),
            None if exposures is None else str(folder / f"{exposures}.parquet"),
        )

    yield opener


@contextmanager
def ibis_duckdb(tmp_path_factory):
    import duckdb
    import ibis

    from experimentos.engine.ibis import IbisEngine

    path = tmp_path_factory.mktemp("database") / "rows.duckdb"
    with duckdb.connect(str(path)) as connection:
        for name, frame in TABLES.items():
            connection.register("frame", frame)
            dates = ", ".join(f"CAST({c} AS DATE) AS {c}" for c in frame if (name, c) in DATES)
            replaced = f"* REPLACE ({dates})" if dates else "*"
            connection.execute(f"CREATE TABLE {name} AS SELECT {replaced} FROM frame")
    yield lambda table, exposures=None: IbisEngine(
        ibis.duckdb.connect(path, read_only=True), table, exposures
    )


@contextmanager
def postgres(url):
    from experimentos.engine.opening import open_engine

    fill(url)
    yield lambda table, exposures=None: open_engine(
        f"{url}#public.{table}", None if exposures is None else f"#public.{exposures}"
    )


@contextmanager
def spark(tmp_path_factory):
    from pyspark.sql import SparkSession

    from experimentos.engine.opening import open_engine

    folder = tmp_path_factory.mktemp("spark")
    write_parquet(folder)

    def opener(table, exposures=None):
        # Closing an engine ends its session, and the views with it.
        session = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
        for name in TABLES:
            session.read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(name)
        return open_engine(
            f"spark://local[2]#{table}", None if exposures is None else f"#{exposures}"
        )

    yield opener
    SparkSession.builder.getOrCreate().stop()


def write_parquet(folder):
    """Write the tables, whose dates and times Spark reads too, as Parquet."""
    for name, frame in TABLES.items():
        dated = {c: frame[c].dt.date for c in frame if (name, c) in DATES}
        frame.assign(**dated).to_parquet(
            folder / f"{name}.parquet", coerce_timestamps="us", allow_truncated_timestamps=True
        )


OPENED = {
    "duckdb": duckdb_files,
    "ibis-duckdb": ibis_duckdb,
    "postgres": postgres,
    "spark": spark,
}


WORDS = {"int64": "bigint", "float64": "double precision", "bool": "boolean"}


def _word(table, column, kind):
    if kind.startswith("datetime"):
        return "date" if (table, column) in DATES else "timestamp"
    return WORDS.get(kind, "text")


def fill(url):
    """Copy the tables into the database."""
    import psycopg

    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for name, frame in TABLES.items():
            columns = ", ".join(
                f"{column} {_word(name, column, str(kind))}"
                for column, kind in frame.dtypes.items()
            )
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(f"CREATE TABLE {name} ({columns})")
            with cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
                copy.write(frame.to_csv(index=False, header=False, float_format="%.17g"))
