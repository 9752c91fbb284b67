"""DuckDB reads the files of the source and reaches nothing else."""

import re

import duckdb
import pandas as pd
import pytest

from experimentos.engine.opening import open_engine
from experimentos.engine.spec import MetricsFile
from experimentos.errors import ContractError, EngineError, UnreadableError
from experimentos.flows.warehouse import summarize

FRAME = pd.DataFrame({"variant": ["control", "treatment"] * 3, "x": range(6)})
MEAN = MetricsFile.model_validate({"metrics": [{"name": "x", "kind": "mean", "column": "x"}]})


@pytest.fixture
def locked(tmp_path):
    FRAME.to_csv(tmp_path / "rows.csv", index=False)
    (tmp_path / "secret.csv").write_text("a\n1\n")
    engine = open_engine(str(tmp_path / "rows.csv"))
    yield engine, tmp_path
    engine.close()


@pytest.mark.parametrize(
    "statement",
    [
        "FROM read_csv('{folder}/secret.csv')",
        "FROM glob('{folder}/*')",
        "FROM read_text('/etc/hostname')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "COPY (SELECT 1) TO '{folder}/rows.csv.new'",
        "ATTACH '{folder}/other.duckdb'",
        "FROM read_csv('http://127.0.0.1:1/x.csv')",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "INSTALL httpfs",
        "LOAD '{folder}/x'",
        "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'a')",
    ],
)
def test_nothing_but_the_source_is_reachable(locked, statement):
    engine, folder = locked
    with pytest.raises(duckdb.Error):
        engine._connection.execute(statement.format(folder=folder)).fetchall()


def test_a_file_may_have_any_name(tmp_path):
    path = tmp_path / 'it\'s "odd"; drop table.parquet'
    FRAME.to_parquet(path)
    made = summarize(path, MEAN, variant="variant")
    assert made.summary.arm("control").statistics["x"].mean == 2


def test_columns_may_have_any_name(tmp_path):
    odd = 'x"; SELECT 1 --'
    FRAME.rename(columns={"x": odd, "variant": "a rm"}).to_parquet(tmp_path / "x.parquet")
    metrics = MetricsFile.model_validate(
        {"metrics": [{"name": "x", "kind": "mean", "column": odd}]}
    )
    made = summarize(tmp_path / "x.parquet", metrics, variant="a rm")
    assert made.summary.arm("treatment").statistics["x"].mean == 3


def test_one_table_of_a_database_is_found_and_several_must_be_named(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("frame", FRAME)
        connection.execute("CREATE TABLE first AS FROM frame")
    assert summarize(path, MEAN, variant="variant").summary.arms[0].users == 3
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA other; CREATE TABLE other.first AS FROM first LIMIT 2")
    for wrong in ("", "#first", "#none"):
        with pytest.raises(ContractError, match=r"other\.first"):
            summarize(f"{path}{wrong}", MEAN, variant="variant")
    assert summarize(f"{path}#other.first", MEAN, variant="variant").summary.arms[0].users == 1


def test_several_files_are_one_source(tmp_path):
    for i in range(3):
        FRAME.to_parquet(tmp_path / f"part-{i}.parquet")
    made = summarize(tmp_path / "part-*.parquet", MEAN, variant="variant")
    assert made.scan.rows == 18
    assert made.summary.source.name == "part-*.parquet"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.parquet", b"PAR1 but not really"),
        ("x.csv", b"variant,x\ncontrol,1\n" * 30_000 + b"treatment,seven,8,9\n"),
        ("x.csv.gz", b"not gzip"),
        ("x.arrow", b"ARROW1 but not really"),
        ("x.duckdb", b"no database at all" * 1_000),
    ],
)
def test_bytes_that_are_not_what_they_claim_are_unreadable(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises((UnreadableError, EngineError, ContractError)) as caught:
        summarize(path, MEAN, variant="variant")
    assert caught.value.hint
    assert str(tmp_path) not in str(caught.value)


def test_a_scan_can_be_stopped(locked):
    engine, _ = locked
    engine.interrupt()
    assert engine.distinct("x") == (6, 6)


def test_nothing_is_known_of_how_far_it_is_once_it_is_closed(tmp_path):
    (tmp_path / "rows.csv").write_text("id,arm\n1,a\n")
    engine = open_engine("rows.csv", inside=tmp_path)
    assert engine.progress() is None
    engine.close()
    assert engine.progress() is None


def test_the_statements_that_were_run_can_be_run_again(tmp_path):
    FRAME.to_parquet(tmp_path / "x.parquet")
    metrics = MetricsFile.model_validate(
        {"metrics": [{"name": "x", "kind": "mean", "column": "x", "filter": "x > 1"}]}
    )
    made = summarize(tmp_path / "x.parquet", metrics, variant="variant", unit="x")
    values = dict(re.findall(r"^-- (\$p\d+) = (.*)$", made.scan.sql, re.MULTILINE))
    assert values
    with duckdb.connect() as connection:
        for statement in made.scan.sql.split(";\n\n"):
            text = statement.replace("$files", f"'{tmp_path / 'x.parquet'}'")
            for name, value in re.findall(r"^-- (\$p\d+) = (.*)$", statement, re.MULTILINE):
                text = re.sub(rf"\{name}\b", value, text)
            found = connection.execute(text).fetchall()
    assert sorted(row[1] for row in found) == ["control", "treatment"]
