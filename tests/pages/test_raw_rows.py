"""From raw rows to results on the page: every state that a person can meet."""

import json
from pathlib import Path

import duckdb
import pytest

from experimentos.flows import history, raw_rows
from experimentos.flows.raw_rows import perform
from experimentos.ui.background import board
from experimentos.ui.services import services
from experimentos.ui.upload import RAW
from experimentos.wiring import reach, settings_from_environment

SQL = (
    "SELECT i AS user_id, CASE WHEN i % 2 = 0 THEN 'control' ELSE 'new' END AS variant, "
    "(i * 7919 % 100) < 20 + 6 * (i % 2) AS bought, (i * 37 % 101) / 7 AS spend, "
    "(i // 2) % 40 = 0 AS cancelled, "
    "CASE WHEN (i // 2) % 5 = 0 THEN 'DE' ELSE 'FR' END AS country, "
    "DATE '2026-03-01' + ((i // 2) % 4)::INT AS day FROM range({rows}) AS t(i)"
)


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    """The work done in this process, by the very function that the other one runs."""

    def converse(_command, task, heard):
        perform({**json.loads(json.dumps(task)), "folder": str(tmp_path)}, heard)
        return 0

    monkeypatch.setattr(raw_rows, "converse", converse)
    board.clear()


@pytest.fixture
def data(workspace):
    folder = workspace / "data"
    folder.mkdir(parents=True)
    duckdb.sql(f"COPY ({SQL.format(rows=4_000)}) TO '{folder / 'users.parquet'}'")
    return folder


def way_in(screen):
    """Choose the tab of raw data, as a click does."""
    screen.at.session_state[screen.at.session_state["session"].key("way_in")] = RAW
    return screen.run()


@pytest.fixture
def opened(tab, data):  # noqa: ARG001 - the files are there
    screen = way_in(tab().open("health_check"))
    return screen.fill("Rows from", "file users.parquet")


def chosen(screen):
    screen.press("bought").press("cancelled").press("spend")
    screen.fill("Unit of randomisation", "user_id")
    screen.fill("Date", "day")
    return screen.fill("Segment", "country")


def summed(screen):
    return chosen(screen).press("Sum up the rows").finished()


def tables(screen):
    return " ".join(str(table.value) for table in (*screen.at.table, *screen.at.dataframe))


def metrics(screen):
    return next(area for area in screen.at.text_area if area.label == "Metrics file")


def test_an_empty_folder_says_where_files_go(tab):
    screen = way_in(tab().open("health_check"))
    assert "Files of the folder *workspace/data* are listed here" in screen.words


def test_a_source_is_looked_at_and_its_columns_are_offered(opened):
    (preview,) = opened.at.dataframe
    assert len(preview.value) == 50
    fields = {box.label: box.value for box in opened.at.selectbox}
    assert (fields["Variant"], fields["Control"]) == ("variant", "control")
    assert fields["Unit of randomisation"] == "Choose a column"
    assert "user_id looks like the unit" in opened.words
    assert "Still open: the unit of randomisation and at least one metric" in opened.words
    assert {"bought", "cancelled", "spend"} <= set(opened.labels)


def test_rows_become_health_results_segments_days_memo_and_history(opened):
    screen = chosen(opened)
    assert "Will read 4,000 rows" in screen.words
    screen = screen.press("Sum up the rows").finished()
    assert "The rows are summed up" in screen.words
    assert "Healthy." in screen.words
    assert "4,000 rows, summed up by DuckDB" in screen.words
    assert any("GROUP BY" in code.value for code in screen.at.code)
    screen.go("results")
    assert "Launch new" in screen.words
    assert "cancelled" in screen.words
    screen.at.session_state["results.tabs"] = ":material/donut_small: Segments"
    assert "FR" in screen.run().words + tables(screen)
    screen.at.session_state["results.tabs"] = ":material/calendar_month: Over time"
    assert "can I stop today" in screen.run().words
    memo = screen.go("decision_memo")
    memo.at.session_state["memo.tabs"] = ":material/markdown: Markdown"
    text = "".join(code.value for code in memo.run().at.code)
    assert "4,000 rows, 4,000 units in an arm" in text
    assert "GROUP BY" in text
    assert "users.parquet" in text


def test_the_form_and_the_yaml_are_one_document(opened):
    screen = opened.press("spend")
    assert metrics(screen).value == "metrics:\n- name: spend\n  kind: mean\n  column: spend\n"
    screen.fill("Name", "revenue")
    assert "name: revenue" in metrics(screen).value
    screen.fill("Only rows where", "country = 'DE'")
    assert "filter: country = 'DE'" in metrics(screen).value
    screen.fill("… or above this quantile of all units", "0.99")
    assert "quantile: 0.99" in metrics(screen).value
    assert "Capped at quantile 0.99" in screen.words or "capped at quantile 0.99" in screen.words
    metrics(screen).set_value("metrics:\n- {name: paid, kind: conversion, expression: spend > 0}\n")
    screen.run()
    fields = {box.label: box.value for box in (*screen.at.text_input, *screen.at.selectbox)}
    assert (fields["Name"], fields["Kind"]) == ("paid", "conversion")
    assert fields["Expression"] == "spend > 0"


def test_a_wrong_metric_is_told_by_its_name_and_can_be_put_right(opened):
    screen = opened.press("spend")
    screen.fill("Kind", "ratio")
    assert "spend: ratio needs" in screen.words
    assert "the correction of the metrics" in screen.words
    screen.fill("Numerator", "spend")
    screen.fill("Denominator", "user_id")
    assert "need a correction" not in screen.words
    text = metrics(screen).value.replace("user_id", "no_such_column")
    metrics(screen).set_value(f"{text}- {{name: back, kind: retention, days: soon}}\n")
    screen.run()
    assert "back, days: a whole number is needed, found 'soon'" in screen.words
    metrics(screen).set_value(text)
    assert "no column 'no_such_column'" in screen.run().words
    metrics(screen).set_value("metrics: [")
    assert "the form comes back" in screen.run().words
    assert "line 1" in screen.words


def test_metrics_are_added_put_first_and_removed(opened):
    screen = opened.press("bought").press("spend").press("Make primary")
    assert metrics(screen).value.startswith("metrics:\n- name: spend")
    screen.press("Remove").press("Another metric")
    assert "metric_1" in metrics(screen).value
    assert "metric_1: mean needs column or expression" in screen.words


def test_what_was_chosen_comes_back_in_another_tab_and_after_a_restart(opened, tab):
    chosen(opened)
    again = tab(s=opened.address).open("health_check")
    fields = {box.label: box.value for box in again.at.selectbox}
    assert fields["Unit of randomisation"] == "user_id"
    assert fields["Segment"] == "country"
    assert "name: bought" in metrics(again).value


def test_a_source_that_vanished_is_told_and_nothing_is_lost(opened, tab, data):
    chosen(opened)
    (data / "users.parquet").unlink()
    again = tab(s=opened.address).open("health_check")
    assert "users.parquet was chosen before and is not offered any more" in again.words
    assert "This source cannot be read" in again.words


def test_an_upload_is_summed_up_like_a_file_and_can_be_removed(tab, data, workspace):
    content = (data / "users.parquet").read_bytes()
    screen = way_in(tab().open("health_check"))
    box = next(b for b in screen.at.file_uploader if b.label.startswith("Or upload"))
    box.upload("../../mine.parquet", content)
    screen.run()
    assert "mine.parquet is kept in the workspace" in screen.words
    summed(screen)
    assert "mine.parquet" in screen.words
    screen.at.session_state["replace"] = True
    screen.run().press("Remove the file")
    assert not list((workspace / "uploads").iterdir())
    assert "Healthy." in screen.words


def test_an_upload_that_is_no_rows_is_told(tab):
    screen = way_in(tab().open("health_check"))
    box = next(b for b in screen.at.file_uploader if b.label.startswith("Or upload"))
    box.upload("mine.parquet", b"nothing of the kind")
    assert "not what its name says" in screen.run().words


def test_a_failure_of_the_engine_is_a_sentence_and_the_choice_stays(opened):
    screen = chosen(opened).fill("Control", "new")
    screen.fill("Unit of randomisation", "Each row is one unit")
    board().forget(next(iter(board().jobs), ""))
    metrics(screen).set_value(
        "metrics:\n- {name: m, kind: mean, expression: spend / (spend - spend)}\n"
    )
    screen.run().press("Sum up the rows").finished()
    assert "Blocked" in screen.words or "not summed up" in screen.words


def test_rows_that_repeat_their_unit_are_refused_with_what_to_do(tab, data):
    rows = f"FROM '{data / 'users.parquet'}'"
    duckdb.sql(f"COPY ({rows} UNION ALL {rows}) TO '{data / 'events.csv'}'")
    screen = way_in(tab().open("health_check")).fill("Rows from", "file events.csv")
    screen.press("bought").fill("Unit of randomisation", "Each row is one unit")
    screen.press("Sum up the rows").finished()
    assert "The rows were not summed up" in screen.words
    assert "a row is not a unit. Name the unit of randomisation, such as user_id." in screen.words


def test_a_run_can_be_cancelled_and_says_so(opened, monkeypatch):
    def converse(_command, _task, heard):
        while heard({"doing": "Reading the rows", "share": 0.25}):
            pass
        return -9

    screen = chosen(opened)
    monkeypatch.setattr(raw_rows, "converse", converse)
    screen.press("Sum up the rows")
    assert "Summing up users.parquet" in screen.words
    assert "The rows are being read" in screen.words
    screen.press("Cancel").finished()
    assert "Cancelled: nothing was changed" in screen.words


def test_a_table_of_a_database_file_is_chosen(tab, data):
    with duckdb.connect(str(data / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE users AS {SQL.format(rows=100)}")
        connection.execute("CREATE TABLE other AS SELECT 1 AS x")
    screen = way_in(tab().open("health_check")).fill("Rows from", "file shop.duckdb")
    assert not screen.at.dataframe
    screen.fill("Table", "main.users")
    assert len(screen.at.dataframe) == 1


def test_a_database_of_the_settings_is_offered_by_name_alone(tab, monkeypatch, workspace):
    monkeypatch.setenv("EXPERIMENTOS_SOURCE_BIG_SHOP", "postgres://me:s3cret@db.example/shop#t")

    def converse(_command, task, heard):
        assert task["address"] == "env:EXPERIMENTOS_SOURCE_BIG_SHOP"
        text = "postgres://me:s3cret@db.example/shop could not be reached: s3cret"
        heard({"failure": {"kind": "EngineError", "message": text, "hint": "Check the host."}})
        return 0

    monkeypatch.setattr(raw_rows, "converse", converse)
    screen = way_in(tab().open("health_check"))
    screen.fill("Rows from", "database EXPERIMENTOS_SOURCE_BIG_SHOP")
    assert "This source cannot be read" in screen.words
    assert "s3cret" not in screen.words
    kept = b"".join(path.read_bytes() for path in Path(workspace).rglob("*") if path.is_file())
    assert b"s3cret" not in kept
    assert b"db.example" not in kept


def test_a_public_page_reads_no_rows(tab, monkeypatch):
    monkeypatch.setenv("EXPERIMENTOS_PUBLIC", "1")
    screen = way_in(tab().open("health_check"))
    assert "This public page reads results only" in screen.words


def test_history_says_what_became_of_the_source(opened, data):
    summed(opened).go("decision_memo").press("Save to history")
    store = services().store
    (saved,) = history.list_analyses(store)
    within = reach(settings_from_environment())
    done = history.rerun(store, saved.id, within)
    assert done.identical
    assert done.source == "The source users.parquet is unchanged."
    duckdb.sql(f"COPY ({SQL.format(rows=5_000)}) TO '{data / 'users.parquet'}'")
    assert "has changed since" in history.rerun(store, saved.id, within).source


def test_a_saved_analysis_brings_its_choices_along(opened):
    summed(opened).go("decision_memo").press("Save to history")
    opened.go("home").press("Open").go("health_check")
    opened.at.session_state["replace"] = True
    opened.run()
    fields = {box.label: box.value for box in opened.at.selectbox}
    assert fields["Rows from"] == "file users.parquet"
    assert fields["Unit of randomisation"] == "user_id"


def test_rows_that_were_brought_in_as_results_can_be_summed_up(tab, data):
    duckdb.sql(f"COPY (FROM '{data / 'users.parquet'}') TO '{data.parent / 'mine.csv'}'")
    screen = tab().open("health_check")
    screen.upload("mine.csv", (data.parent / "mine.csv").read_bytes())
    assert "could not be read" in screen.words
    screen.press("Sum these rows up")
    fields = {box.label: box.value for box in screen.at.selectbox}
    assert fields["Variant"] == "variant"
    assert "mine.csv is kept in the workspace" in screen.words
    assert "Healthy." in summed(screen).words


def test_arms_may_stand_in_a_table_of_exposures(tab, data):
    with duckdb.connect(str(data / "shop.duckdb")) as connection:
        connection.execute(f"CREATE TABLE users AS {SQL.format(rows=2_000)}")
        connection.execute(
            "CREATE TABLE seen AS SELECT user_id AS who, variant, day AS at FROM users"
        )
        connection.execute("CREATE TABLE acts AS SELECT user_id, bought, spend, day FROM users")
    screen = way_in(tab().open("health_check")).fill("Rows from", "file shop.duckdb")
    screen.fill("Table", "main.acts").fill("Arms from", "main.seen").press("bought")
    screen.fill("Unit of randomisation", "user_id")
    assert "the unit in the exposures" in screen.words
    screen.fill("Unit in the exposures", "who")
    screen.fill("Date of exposure", "at").fill("Date of a row", "day")
    screen.fill("Days from exposure", 7)
    assert "one look at the exposures" in screen.words
    screen.press("Sum up the rows").finished()
    assert "Healthy." in screen.words
    assert "2,000 users" in screen.words
    assert any("for 7 days" in text.value for text in screen.at.markdown)


def test_a_new_visitor_tries_it_with_example_rows(tab):
    screen = way_in(tab().open("health_check")).press("Try it with example rows")
    assert "one pass for the pooled quantile" in screen.words
    shown = next(box for box in screen.at.selectbox if box.label == "Rows from")
    assert shown.value.startswith("upload ")
    screen.press("Sum up the rows").finished()
    assert "Healthy." in screen.words
    screen.go("results")
    assert "Launch new" in screen.words
    assert "complained" in screen.words


def test_arms_that_are_called_0_and_1_get_names(tab, data):
    rows = (
        f"SELECT user_id, (variant = 'new')::INT AS variant, bought FROM ({SQL.format(rows=900)})"
    )
    duckdb.sql(f"COPY ({rows}) TO '{data / 'coded.csv'}'")
    screen = way_in(tab().open("health_check")).fill("Rows from", "file coded.csv")
    screen.press("bought").fill("Unit of randomisation", "user_id")
    fields = {box.label.replace("\\", ""): box.value for box in screen.at.text_input}
    assert fields["Name of the arm 0"] == "control"
    assert fields["Name of the arm 1"] == "treatment"
    screen.fill("Name of the arm 1", "short form").press("Sum up the rows").finished()
    assert "Healthy." in screen.words
    assert "short form" in screen.go("results").words
