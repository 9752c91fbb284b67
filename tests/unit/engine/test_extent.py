"""How large a source is, without reading it."""

import gzip

import duckdb
import pytest

from experimentos.engine.extent import extent
from experimentos.engine.opening import open_engine
from experimentos.errors import ContractError, EngineError, UnreadableError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("extent")
    lines = [f"{i},{'x' * 10},{i * 1.5}" for i in range(100_000)]
    text = "\n".join(["id,word,value", *lines]) + "\n"
    (path / "rows.csv").write_text(text)
    (path / "rows.csv.gz").write_bytes(gzip.compress(text.encode()))
    (path / "header.csv").write_text("id,word\n")
    (path / "bad.parquet").write_bytes(b"PAR1 no more")
    (path / "bad.duckdb").write_bytes(b"no database")
    with duckdb.connect(str(path / "a.duckdb")) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS x FROM range(1000)")
        connection.execute("CREATE SCHEMA s; CREATE TABLE s.u AS SELECT 1 AS y")
        connection.execute("CREATE VIEW v AS SELECT 1 AS z")
        connection.execute(f"COPY t TO '{path / 'one.parquet'}'")
        connection.execute(f"COPY t TO '{path / 'two.parquet'}'")
    return path


def test_parquet_names_its_rows_and_the_bytes_of_each_column(folder):
    found = extent("one.parquet", inside=folder)
    assert (found.rows, found.is_exact) == (1_000, True)
    assert 0 < found.columns["x"] < found.bytes
    both = extent("[ot][nw]*.parquet", inside=folder)
    assert both.rows == 2_000


def test_the_lines_of_a_text_are_told_within_a_tenth(folder):
    found = extent("rows.csv", inside=folder)
    assert found.rows == pytest.approx(100_000, rel=0.1)
    assert not found.is_exact
    assert extent("rows.csv.gz", inside=folder).rows == pytest.approx(100_000, rel=0.1)
    assert extent("header.csv", inside=folder).rows is None


def test_a_duckdb_file_names_its_tables(folder):
    found = extent("a.duckdb", inside=folder)
    assert found.tables == ("main.t", "main.v", "s.u")
    assert found.rows is None
    assert extent("a.duckdb#t", inside=folder).rows == 1_000


@pytest.mark.parametrize(
    ("name", "kind"), [("bad.parquet", UnreadableError), ("bad.duckdb", EngineError)]
)
def test_a_file_that_is_something_else_is_told(folder, name, kind):
    with pytest.raises(kind) as told:
        extent(name, inside=folder)
    assert told.value.hint
    assert str(folder) not in told.value.message


def test_a_table_may_stand_behind_the_variable_but_not_twice(monkeypatch):
    monkeypatch.setenv("SHOP", "nothing://h/d#t")
    with pytest.raises(ContractError, match="names its table already"):
        open_engine("env:SHOP#u")
