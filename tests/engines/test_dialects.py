"""What cannot be run here is at least written: SQL for warehouses, with each known gap declared."""

import re
import sys
from dataclasses import replace

import ibis
import pytest
from ibis.common.exceptions import OperationNotDefinedError, UnsupportedOperationError

from experimentos.engine.columns import SourceColumns
from experimentos.engine.expression import Type
from experimentos.engine.need import Period, merged, wanted_of
from experimentos.engine.opening import open_engine
from experimentos.engine.placed import placed
from experimentos.engine.port import Exposed, Question, Ranks
from experimentos.engine.reader import counted
from experimentos.engine.rows import caps_of, location_of, moments_of, ordered_of, units_of
from experimentos.engine.spec import MetricsFile
from experimentos.errors import ContractError, EngineError, Unsupported

DIALECTS = ["bigquery", "snowflake", "databricks", "trino", "clickhouse", "postgres"]
# Where a pooled quantile does not exist; a fixed cap does everywhere.
NO_QUANTILE = {"bigquery", "trino"}
# Where units cannot be dealt into buckets, so that there is no bootstrap.
NO_HASH = {"trino"}

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


EXPOSURES = ibis.table(
    {"user_id": "int64", "arm": "string", "land": "string", "seen": "timestamp"}, name="exposures"
)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("by_day", [False, True])
def test_rows_joined_to_exposures_are_written_for_every_warehouse(dialect, by_day):
    file = MetricsFile.model_validate(
        {
            "metrics": [
                {"name": "buyers", "kind": "conversion", "expression": "event = 'buy'"},
                {"name": "net", "kind": "mean", "column": "amount", "pre_period": {"days": 9}},
                {"name": "part", "kind": "mean", "column": "amount", "sub_unit": "event"},
                {"name": "back", "kind": "retention", "days": 3},
            ]
        }
    )
    need = merged(wanted_of(metric, COLUMNS, Period(0, 7)) for metric in file.metrics)
    exposed = Exposed("user_id", "seen", "day", by_day=by_day, late=7)
    asked = Question("arm", need, "user_id", "land", "day", exposed)
    units = units_of(ibis.table(SCHEMA, name="orders"), TYPES, asked, EXPOSURES)
    count = len(need.values)
    at = placed(need, (1.5,) * count, (False,) * count, (None,) * count)
    text = ibis.to_sql(moments_of(units, at), dialect=dialect).upper()
    assert "FULL OUTER JOIN" in text
    assert text.count("GROUP BY") == 3


@pytest.mark.parametrize("dialect", DIALECTS)
def test_order_statistics_are_written_for_every_warehouse(dialect):
    asked = question("user_id", ORDERED)
    place = len(asked.need.values) - 1
    units = units_of(ibis.table(SCHEMA, name="orders"), TYPES, asked)
    ranks = (Ranks(place, "a", (9, 10, 4, 15), 19), Ranks(place, "b", (8, 9, 3, 14), 18))
    text = ibis.to_sql(ordered_of(units, ranks), dialect=dialect).upper()
    assert "ROW_NUMBER()" in text
    assert "PERCENTILE" not in text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_buckets_of_units_are_written_or_refused_as_declared(dialect):
    asked = replace(question("user_id"), segment=None, day=None, buckets=2_000)
    units = units_of(ibis.table(SCHEMA, name="orders"), TYPES, asked)
    if dialect in NO_HASH:
        with pytest.raises(OperationNotDefinedError):
            ibis.to_sql(units, dialect=dialect)
    else:
        assert "2000" in ibis.to_sql(units, dialect=dialect)


@pytest.mark.parametrize("dialect", ["databricks", "bigquery", "postgres"])
def test_a_count_of_unknowns_is_no_unknown(dialect):
    """Databricks adds conditions up; the sum of unknown ones would be none, and read as such."""
    table = ibis.table(SCHEMA, name="orders")
    query = table.group_by("user_id").aggregate(n=counted(table, table.amount > 0))
    assert "COALESCE" in ibis.to_sql(query, dialect=dialect).upper()


ORDERED = FILE.metrics[1].model_copy(update={"name": "p90", "kind": "quantile", "quantile": 0.9})
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


def test_exposures_lie_in_the_database_of_the_rows():
    for exposures in ("exposures.parquet", "postgres://elsewhere/shop#exposures"):
        with pytest.raises(ContractError, match="not in the database"):
            open_engine("postgres://host/shop#orders", exposures)
