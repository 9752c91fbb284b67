"""Rows for a screen: looked at and summed up in a process of its own, kept to the last bit."""

import json
from datetime import UTC, date, datetime

import duckdb
import pytest

from experimentos.engine.spec import MetricsFile, read_metrics
from experimentos.errors import ContractError, EngineError, UnreadableError
from experimentos.flows import raw_rows
from experimentos.flows.raw_rows import (
    Recipe,
    Roles,
    columns_read,
    document_of,
    look,
    passes,
    perform,
    plan_of,
    recipe_of,
    sum_up,
)
from experimentos.flows.raw_source import Place, Reach, source_now
from experimentos.flows.warehouse import summarize
from experimentos.metrics.contract import read_summary
from experimentos.plan.charter import EMPTY_CHARTER, Charter, GuardrailPlan
from experimentos.plan.freeze import freeze

METRICS = """\
metrics:
- {name: bought, kind: conversion, column: bought}
- {name: spend, kind: mean, column: spend}
- {name: basket, kind: ratio, numerator: spend, denominator: orders}
- {name: cancelled, kind: conversion, column: cancelled, direction: lower}
"""


def place(at, **more):
    return Place(kind="file", at=at, name=at, **more)


ROLES = Roles(variant="arm", control="a", unit="user_id", segment="country", date="day")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("rows")
    with duckdb.connect(str(path / "shop.duckdb")) as connection:
        connection.execute(
            "CREATE TABLE users AS SELECT i AS user_id, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END "
            "AS arm, i % 7 = 0 AS bought, (i * 37 % 101) / 7 AS spend, 1 + i % 3 AS orders, "
            "i % 40 = 0 AS cancelled, CASE WHEN i % 5 = 0 THEN 'DE' ELSE 'FR' END AS country, "
            "DATE '2026-03-01' + (i % 4)::INT AS day FROM range(2000) AS t(i)"
        )
        connection.execute("CREATE TABLE empty AS SELECT 1 AS x LIMIT 0")
        connection.execute(
            "CREATE TABLE seen AS SELECT user_id AS who, arm AS variant, day AS at FROM users"
        )
        connection.execute(f"COPY seen TO '{path / 'seen.csv'}'")
        connection.execute(f"COPY users TO '{path / 'users.csv'}'")
        connection.execute(f"COPY users TO '{path / 'users.parquet'}'")
    return path


@pytest.fixture
def reach(folder, tmp_path):
    return Reach(folder, tmp_path / "uploads", ("EXPERIMENTOS_SOURCE_SHOP",))


def recipe(at="users.csv", metrics=METRICS, roles=ROLES):
    return Recipe(place=place(at), roles=roles, metrics=metrics)


@pytest.fixture
def here(monkeypatch):
    """The work done in this process, by the very function that the other one runs."""

    def converse(_command, task, heard):
        folder = here_folder
        folder.mkdir(exist_ok=True)
        perform({**json.loads(json.dumps(task)), "folder": str(folder)}, heard)
        return 0

    def use(folder):
        nonlocal here_folder
        here_folder = folder
        monkeypatch.setattr(raw_rows, "converse", converse)

    here_folder = None
    return use


def _whole(cell):
    return cell.arm, cell.segment, cell.day, cell.users, cell.statistics["bought"]


def go_on(*_step):
    return True


def test_another_process_sums_up_what_the_same_call_gives_here(reach, folder):
    told = []
    content = sum_up(recipe(), reach, lambda *step: told.append(step) or True)
    reading = read_summary(content, "any.json")
    made = summarize(
        folder / "users.csv", read_metrics(METRICS.encode(), "m.yaml"),
        variant="arm", control="a", unit="user_id", segment="country", date="day",
    )  # fmt: skip
    assert [_whole(cell) for cell in reading.summary.cells] == [
        _whole(cell) for cell in made.summary.cells
    ]
    for arm, ours in zip(reading.summary.arms, made.summary.arms, strict=True):
        # Threads add up in another order each time: the last bits of a sum are theirs.
        spend, same = arm.statistics["spend"], ours.statistics["spend"]
        assert (spend.n, spend.mean, spend.m2) == pytest.approx((same.n, same.mean, same.m2), 1e-14)
    assert reading.summary.metrics == made.summary.metrics
    assert reading.sha256 == made.summary.source.sha256
    assert {step[2] for step in told} >= {"Opening the source", "Reading the rows"}


JOINED = Roles(
    variant="variant", control="a", unit="user_id", date="day", exposure_unit="who",
    exposure_date="at", window_days=7,
)  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "exposures"),
    [
        (place("users.csv"), place("seen.csv")),
        (place("shop.duckdb", table="main.users"), place("shop.duckdb", table="main.seen")),
    ],
)
def test_rows_are_joined_to_their_exposures(here, reach, tmp_path, rows, exposures):
    here(tmp_path / "job")
    asked = Recipe(place=rows, roles=JOINED, metrics=METRICS, exposures=exposures)
    content = sum_up(asked, reach, go_on)
    summary = read_summary(content, "x").summary
    assert summary.arm("a").users == 1_000
    assert summary.source.name == f"{rows.shown} with {exposures.shown}"
    assert any("first exposure on, for 7 days" in note for note in summary.source.notes)
    found, source = recipe_of(content)
    assert found == asked
    assert "is unchanged" in source_now(rows, source.sha256, reach, exposures)
    seen = look(rows, reach)
    read = columns_read(read_metrics(METRICS.encode(), "m.yaml"), JOINED, seen.there)
    assert read == {"user_id", "day", "bought", "spend", "orders", "cancelled"}
    assert "one look at the exposures" in passes(read_metrics(METRICS.encode(), "m.yaml"), JOINED)


def test_exposures_lie_beside_the_rows_or_are_not_read(reach):
    upload = Place(kind="upload", at="0.csv", name="mine.csv")
    for rows, exposures in ((place("users.csv"), upload), (upload, place("seen.csv"))):
        asked = Recipe(place=rows, roles=JOINED, metrics=METRICS, exposures=exposures)
        with pytest.raises(ContractError, match="is not offered here"):
            sum_up(asked, reach, go_on)


def test_a_stored_summary_says_how_it_was_made(here, reach, tmp_path):
    here(tmp_path / "job")
    content = sum_up(recipe("users.parquet"), reach, go_on)
    summary = read_summary(content, "x").summary
    scan = summary.source.scan
    assert (scan.engine, scan.rows, scan.units) == ("duckdb", 2_000, 2_000)
    assert "GROUP BY" in scan.sql
    assert str(tmp_path) not in content.decode()
    assert {cell.day for cell in summary.cells} == {date(2026, 3, day) for day in range(1, 5)}
    found, source = recipe_of(content)
    assert found == recipe("users.parquet")
    assert source.sha256 == summary.source.sha256


def test_a_document_without_a_recipe_is_read_and_cannot_be_asked_again(folder):
    made = summarize(
        folder / "users.csv", read_metrics(METRICS.encode(), "m.yaml"), variant="arm",
        control="a", unit="user_id",
    )  # fmt: skip
    content = document_of(made)
    assert read_summary(content, "s.json").summary.cells == made.summary.cells
    assert recipe_of(content) is None
    assert recipe_of(b"variant,users,conversions\n") is None


def test_a_look_names_columns_types_rows_and_size(here, reach, tmp_path):
    here(tmp_path / "job")
    seen = look(place("users.parquet"), reach)
    assert dict(seen.there.types)["bought"] == "boolean"
    assert len(seen.rows) == 1_000
    assert (seen.extent.rows, seen.extent.is_exact) == (2_000, True)
    assert seen.extent.columns["spend"] > 0


def test_a_duckdb_file_with_several_tables_asks_for_one(here, reach, tmp_path):
    here(tmp_path / "job")
    seen = look(place("shop.duckdb"), reach)
    assert seen.tables == ("main.empty", "main.seen", "main.users")
    assert not seen.there.types
    chosen = look(place("shop.duckdb", table="main.users"), reach)
    assert "spend" in chosen.there.types
    assert chosen.tables == seen.tables
    assert look(place("shop.duckdb", table="main.empty"), reach).rows == ()


def test_a_run_that_is_not_wanted_any_more_brings_nothing(reach):
    assert sum_up(recipe(), reach, lambda *_step: False) is None


@pytest.mark.parametrize(
    ("asked", "kind", "words"),
    [
        (recipe("gone.csv"), UnreadableError, "no such file"),
        (recipe("../users.csv"), ContractError, "not a path inside the workspace"),
        (recipe("/etc/passwd.csv"), ContractError, "not a path inside the workspace"),
        (recipe(roles=ROLES.model_copy(update={"variant": "nothing"})), ContractError, "nothing"),
        (recipe(roles=ROLES.model_copy(update={"control": "z"})), ContractError, "No arm is call"),
        (recipe(metrics="metrics: []"), ContractError, "metrics"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(here, reach, tmp_path, asked, kind, words):
    here(tmp_path / "job")
    with pytest.raises(kind, match=words) as told:
        sum_up(asked, reach, go_on)
    assert told.value.hint


def test_a_process_that_dies_is_told_as_what_it_is(monkeypatch, reach):
    monkeypatch.setattr(raw_rows, "converse", lambda *_task: -9)
    with pytest.raises(EngineError, match="ended without an answer"):
        sum_up(recipe(), reach, go_on)


def test_a_look_does_not_wait_for_ever(monkeypatch, reach):
    monkeypatch.setattr(raw_rows, "LOOK_SECONDS", -1)
    monkeypatch.setattr(raw_rows, "converse", lambda _command, _task, heard: heard(None) or 0)
    with pytest.raises(EngineError, match="did not answer"):
        look(place("users.csv"), reach)


def test_the_url_of_a_database_is_in_no_message(monkeypatch, reach):
    url = "postgres://me:s%23cret@db.example/shop"
    monkeypatch.setenv("EXPERIMENTOS_SOURCE_SHOP", url)

    def fails(_command, task, heard):
        assert url not in json.dumps(task)
        text = f"could not reach {url}, password s#cret or s%23cret"
        heard({"failure": {"kind": "EngineError", "message": text, "hint": None}})
        return 0

    monkeypatch.setattr(raw_rows, "converse", fails)
    database = Place(kind="database", at="EXPERIMENTOS_SOURCE_SHOP", name="shop", table="orders")
    with pytest.raises(EngineError) as told:
        look(database, reach)
    assert "cret" not in told.value.message
    assert "db.example" not in told.value.message


def test_a_database_without_a_table_offers_its_tables(monkeypatch):
    from experimentos.engine import ibis

    monkeypatch.setenv("EXPERIMENTOS_SOURCE_SHOP", "postgres://db.example/shop")
    monkeypatch.setattr(ibis, "tables", lambda _url: ("orders", "users"))
    said = []
    perform(
        {"what": "look", "address": "env:EXPERIMENTOS_SOURCE_SHOP", "inside": None}, said.append
    )
    assert said[0]["look"]["tables"] == ["orders", "users"]


def test_a_pass_reads_the_columns_that_are_named_and_no_others(here, reach, tmp_path):
    here(tmp_path / "job")
    there = look(place("users.csv"), reach).there
    metrics = MetricsFile.model_validate(
        {"metrics": [{"name": "m", "kind": "mean", "column": "spend", "filter": "orders > 1"}]}
    )
    roles = Roles(variant="arm", control="a")
    assert columns_read(metrics, roles, there) == {"arm", "spend", "orders"}


def test_every_pass_is_told_before_it_is_made():
    capped = [{"name": "m", "kind": "mean", "column": "x", "winsorise": {"quantile": 0.99}}]
    metrics = MetricsFile.model_validate({"metrics": capped})
    assert len(passes(metrics, Roles(variant="v", control="c"))) == 3
    assert len(passes(metrics, ROLES)) == 2


def test_the_plan_takes_the_roles_of_the_metrics_file_unless_it_is_frozen():
    planned = plan_of(recipe(), EMPTY_CHARTER)
    assert planned.primary == "bought"
    assert [g.name for g in planned.guardrails] == ["cancelled"]
    assert [g.name for g in planned.secondary] == ["spend", "basket"]
    own = Charter(primary="spend", guardrails=(GuardrailPlan(name="bought", direction="higher"),))
    assert plan_of(recipe(), own) == own
    frozen = freeze(Charter(primary="other"), datetime(2026, 1, 1, tzinfo=UTC))
    assert plan_of(recipe(), frozen) == frozen
    assert plan_of(recipe(metrics="metrics: 1"), EMPTY_CHARTER) == EMPTY_CHARTER
