"""The engines that this machine has; a PostgreSQL server is started when its programs are there.

`EXPERIMENTOS_TEST_POSTGRES` names another server by URL, its database empty and ours to fill.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.engines.rows import ACTIONS, EVENTS, EXPOSED_DAYS, EXPOSURES, USERS

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
SERVER = shutil.which("postgres") or next((str(f / "postgres") for f in FOLDERS), None)
URL = os.environ.get("EXPERIMENTOS_TEST_POSTGRES")
# Spark and its Arrow bridge call what pandas and Python are about to lose.
ALL_WARNINGS = pytest.mark.filterwarnings("ignore")
SPARK = [pytest.param("spark", marks=[pytest.mark.slow, ALL_WARNINGS])]
SPARK = SPARK if find_spec("pyspark") else []
ENGINES = ["duckdb", "ibis-duckdb", *(["postgres"] if URL or SERVER else []), *SPARK]
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
    with OPENED[request.param](tmp_path_factory) as opener:
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
def postgres(_):
    from experimentos.engine.opening import open_engine

    with server() as url:
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


@contextmanager
def server():
    """Start a server of our own in a new folder, or name the one that the environment has."""
    if URL:
        yield URL
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="experimentos-pg-"))
    # The server refuses to run as root.
    other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if other:
        shutil.chown(folder, "postgres")
    programs = Path(SERVER).parent
    database = folder / "db"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    control = [*other, str(programs / "pg_ctl"), "-D", str(database), "-w"]
    try:
        make = [str(programs / "initdb"), "-D", str(database), "-A", "trust", "-U", "postgres"]
        subprocess.run([*other, *make, "--no-sync"], **quiet)
        log = str(folder / "log")
        subprocess.run([*control, "-l", log, "-o", options, "start"], **quiet)
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL
        )
        shutil.rmtree(folder, ignore_errors=True)


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
