"""Lists of runs in one DuckDB file: what is only there."""

import random
from dataclasses import replace

import pytest

from experimentos.runs.filter_text import parse_filter
from experimentos.store import run_listing
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.run_port import RunQuery
from tests.stores.test_runs_contract import pages, run_of


@pytest.fixture
def store(tmp_path):
    opened = DuckDbStore(tmp_path / "history.duckdb")
    yield opened
    opened.close()


@pytest.mark.parametrize("window", [1, 3, 10])
def test_looking_at_the_newest_first_changes_no_page(store, monkeypatch, window):
    # Older runs arrive later, as an import brings them: the newest rows are not the newest runs.
    saved = [run_of(minute=minute, params={"n": minute % 3}) for minute in range(60)]
    shuffled = random.Random(window).sample(saved, 60)
    for begin in range(0, 60, 12):
        store.runs.save_runs(shuffled[begin : begin + 12])
    store.runs.remove_run(saved[50].run_id)
    wanted = [run for run in reversed(saved) if run.run_id != saved[50].run_id]
    monkeypatch.setattr(run_listing, "WINDOW", window)
    for limit in (1, 4, 50):
        assert pages(store.runs, RunQuery(limit=limit)) == wanted
        some = pages(store.runs, RunQuery(where=parse_filter("params.n = 1"), limit=limit))
        assert some == [run for run in wanted if run.params["n"] == 1]


def test_a_run_that_goes_between_two_looks_is_left_out(store, monkeypatch):
    saved = [store.runs.save_run(run_of()) for _ in range(3)]
    real = run_listing._runs

    def without_one(cursor, ids):
        return {id_: run for id_, run in real(cursor, ids).items() if id_ != saved[1].run_id}

    monkeypatch.setattr(run_listing, "_runs", without_one)
    assert store.runs.page(RunQuery()).rows == (saved[2], saved[0])


def test_a_page_that_continues_one_whose_last_run_is_gone_goes_on(store, monkeypatch):
    monkeypatch.setattr(run_listing, "WINDOW", 1)
    saved = [store.runs.save_run(run_of()) for _ in range(4)]
    first = store.runs.page(RunQuery(limit=2))
    store.runs.remove_run(saved[2].run_id)
    store.collect(0)
    following = store.runs.page(replace(RunQuery(limit=2), after=first.next))
    assert following.rows == (saved[1], saved[0])
