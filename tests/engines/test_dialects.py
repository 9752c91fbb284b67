"""What cannot be run here is at least written: SQL for warehouses, with each known gap declared."""

import re
import sys

import ibis
import pytest
from ibis.common.exceptions import OperationNotDefinedError, UnsupportedOperationError

from experimentos.engine.expression import Type
from experimentos.engine.need import merged, wanted_of
from experimentos.engine.opening import open_engine
from experimentos.engine.placed import placed
from experimentos.engine.port import Question, SourceColumns
from experimentos.engine.rows import caps_of, location_of, moments_of, units_of
from experimentos.engine.spec import MetricsFile
from experimentos.errors import ContractError, EngineError, Unsupported

DIALECTS = ["bigquery", "snowflake", "databricks", "trino", "clickhouse", "postgres"]
# Where a pooled quantile does not exist; a fixed cap does everywhere.
NO_QUANTILE = {"bigquery", "trino"}

SCHEMA = {
    "user_id": "int64",
    "variant": "string",
    "country": "string",
    "day": "timestamp",
    "event": "string",
    "amount": "float64",
    "before": "float64",
}
TYPES = {
    "user_id": Type.NUMBER,
    "variant": Type.TEXT,
    "country": Type.TEXT,
    "day": Type.TIME,
    "event": Type.TEXT,
    "amount": Type.NUMBER,
    "before": Type.NUMBER,
}
FILE = MetricsFile.model_validate(
    {
        "metrics": [
            {"name": "conversion", "kind": "conversion", "expression": "event = 'b''uy'"},
            {"name": "revenue", "kind": "mean", "expression": "amount / 2 - 1.5"},
            {"name": "cap", "kind": "mean", "column": "amount", "winsorise": {"cap": 20}},
            {"name": "late", "kind": "count", "filter": "day >= '2026-01-03'"},
            {"name": "adjusted", "kind": "mean", "column": "amount", "covariate": "before"},
            {"name": "ratio", "kind": "ratio", "numerator": "amount", "denominator": "before"},
        ]
    }
)
COLUMNS = SourceColumns(TYPES, SCHEMA)


def question(unit, *more):
    wanted = [wanted_of(metric, COLUMNS) for metric in (*FILE.metrics, *more)]
    return Question("variant", merged(wanted), unit, "country", "day")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("unit", [None, "user_id"])
def test_the_whole_pass_is_written_for_every_warehouse(dialect, unit):
    asked = question(unit)
    table = ibis.table(SCHEMA, name="orders")
    units = units_of(table, TYPES, asked)
    count = len(asked.need.values)
    at = placed(asked.need, (1.5,) * count, (False,) * count, (None,) * count)
    look = ibis.to_sql(location_of(units, asked.need, sampled=unit is None), dialect=dialect)
    text = ibis.to_sql(moments_of(units, at), dialect=dialect)
    assert ("LIMIT 10000" in look) == (unit is None)
    assert text.upper().count("GROUP BY") == (1 if unit is None else 2)
    assert re.search(r"'b(''|\\')uy'", text)
    assert "20.0" in text


RETAINED = FILE.metrics[0].model_copy(
    update={"name": "back", "kind": "retention", "days": 7, "expression": None}
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_retention_from_dated_rows_is_written_for_every_warehouse(dialect):
    units = units_of(ibis.table(SCHEMA, name="orders"), TYPES, question("user_id", RETAINED))
    assert "PARTITION BY" in ibis.to_sql(units, dialect=dialect).upper()


POOLED = FILE.metrics[2].model_copy(
    update={
        "winsorise": FILE.metrics[2].winsorise.model_copy(update={"cap": None, "quantile": 0.9})
    }
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_pooled_quantile_is_written_or_refused_as_declared(dialect):
    asked = question(None, POOLED)
    query = caps_of(units_of(ibis.table(SCHEMA, name="orders"), TYPES, asked), asked.need)
    if dialect in NO_QUANTILE:
        with pytest.raises((OperationNotDefinedError, UnsupportedOperationError)):
            ibis.to_sql(query, dialect=dialect)
    else:
        assert "0.9" in ibis.to_sql(query, dialect=dialect)


@pytest.mark.parametrize("scheme", ["snowflake", "bigquery", "databricks", "clickhouse", "trino"])
def test_a_missing_driver_is_named_with_what_installs_it(scheme):
    with pytest.raises(Unsupported, match=f"driver for {scheme}") as caught:
        open_engine(f"{scheme}://host/shop#orders")
    assert f"experimentos[{scheme}]" in caught.value.hint


def test_ibis_itself_may_be_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(Unsupported, match="ibis is missing"):
        open_engine("postgres://host/shop#orders")


def test_a_password_is_not_taken_from_the_address():
    with pytest.raises(ContractError, match="password") as caught:
        open_engine("postgres://me:secret@host/shop#orders")
    assert "secret" not in str(caught.value)
    assert "PGPASSWORD" in caught.value.hint


def test_a_server_that_is_not_there_is_said_so(monkeypatch):
    monkeypatch.setenv("SHOP", "postgres://me:secret@127.0.0.1:1/shop#orders")
    with pytest.raises(EngineError, match="could not be reached") as caught:
        open_engine("env:SHOP")
    assert "secret" not in str(caught.value)


def test_an_address_names_its_table():
    with pytest.raises(ContractError, match="names no table"):
        open_engine("postgres://host/shop")
