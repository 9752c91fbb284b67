"""Saved analyses are runs: new ones, and those of before there were runs."""

import json
from pathlib import Path

import pytest

from experimentos.errors import StoreError
from experimentos.flows import ab_test, history
from experimentos.flows.analysis_runs import link_analyses
from experimentos.ids import content_hash
from experimentos.plan.charter import Charter
from experimentos.runs.filter_text import parse_filter
from experimentos.store.duckdb import DuckDbStore
from experimentos.store.memory import MemoryStore
from experimentos.store.migrations import MIGRATIONS
from experimentos.store.run_port import RunQuery
from experimentos.wiring import HISTORY_FILE, Settings, open_services

SAMPLE = Path(__file__).parents[3] / ".tmp" / "samples" / "asos_five_arms.csv"
CONTENT = b"variant,users,conversions\ncontrol,10000,1000\ntreatment,10000,1100\n"


def saved(store, content=CONTENT, **charter):
    outcome = ab_test.run(content, "checkout.csv", Charter(owner="Ana", **charter))
    record = history.save_analysis(
        store, outcome, content, title="Checkout", memo_markdown="m", memo_html="h"
    )
    return record, outcome


def test_an_analysis_is_a_run_with_its_lift_its_verdict_and_its_files(empty_store):
    store = empty_store
    record, outcome = saved(store, alpha=0.01)
    run = store.runs.load_run(record.id)
    (_, compared) = outcome.analysis.frequentist.primary.outcomes[0]
    assert (run.kind, run.status, run.title, run.variant) == (
        "ab",
        "completed",
        "Checkout",
        "treatment",
    )
    assert run.primary_value == compared.lift.estimate == pytest.approx(0.1)
    assert run.metrics["p_value"] == compared.p_value
    assert run.metrics["difference_low"] == compared.interval.low
    assert run.metrics["n_control"] == 10_000
    assert run.tags["verdict"] == outcome.decision.verdict.value
    assert run.tags["owner"] == "Ana"
    assert run.params["alpha"] == 0.01
    assert run.inputs == {"input": content_hash(CONTENT)}
    assert set(run.outputs) == {"results.json", "memo.md", "memo.html"}
    assert store.artefact(run.outputs["memo.md"]) == b"m"
    found = store.runs.page(RunQuery(kind="ab", where=parse_filter("params.alpha < 0.05")))
    assert found.rows == (run,)


def test_the_run_speaks_of_the_arm_that_the_decision_speaks_of(empty_store):
    store = empty_store
    record, outcome = saved(store, SAMPLE.read_bytes())
    run = store.runs.load_run(record.id)
    arms = dict(outcome.analysis.frequentist.primary.outcomes)
    arm = outcome.decision.arm or next(iter(arms))
    assert run.variant == arm
    assert run.primary_value == arms[arm].lift.estimate


def test_data_that_cannot_be_analysed_is_a_run_without_a_value(empty_store):
    store = empty_store
    record, _ = saved(store, b"a,b\n1,2\n")
    run = store.runs.load_run(record.id)
    assert (run.primary_value, run.metrics) == (None, {})
    assert run.tags["verdict"] == "Hold"


def test_the_run_follows_its_analysis_into_the_bin_out_of_it_and_into_a_copy(empty_store):
    store = empty_store
    record, _ = saved(store)
    history.remove(store, record.id)
    assert store.runs.count(RunQuery()) == 0
    history.restore(store, record.id)
    copy = history.duplicate(store, record.id)
    first, second = store.runs.page(RunQuery()).rows
    assert {first.run_id, second.run_id} == {record.id, copy.id}
    assert first.title == "Copy of Checkout"
    assert first.metrics == second.metrics


def old_workspace(folder):
    """A workspace from before there were runs: analyses that are nothing else."""
    made = MemoryStore()
    kept, _ = saved(made)
    gone, _ = saved(made)
    history.remove(made, gone.id)
    damaged, _ = saved(made)
    runs = [made.runs.load_run(record.id) for record in (kept, gone, damaged)]
    old = DuckDbStore(folder / HISTORY_FILE, migrations=MIGRATIONS[:1])
    for record in (kept, gone, damaged):
        given = {role: made.artefact(sha256) for role, sha256 in record.artefacts.items()}
        if record is damaged:
            given["results.json"] = b"no json"
        plain = made.load("analysis", record.id)
        old.save(history.replace(plain, revision=0, artefacts={}), given)
    old.remove("analysis", gone.id)
    old.close()
    return runs


def test_analyses_of_before_there_were_runs_become_runs_at_the_first_opening(tmp_path):
    kept, gone, damaged = old_workspace(tmp_path)
    store = open_services(Settings(tmp_path)).store
    moved = store.runs.load_run(kept.run_id)
    for name in ("kind", "title", "primary_value", "metrics", "tags", "params", "inputs"):
        assert getattr(moved, name) == getattr(kept, name)
    assert store.runs.load_run(gone.run_id).deleted_at is not None
    assert store.runs.load_run(damaged.run_id).metrics == {}
    assert store.runs.count(RunQuery()) == 2
    assert link_analyses(store) == 0
    assert store.diagnose().is_sound
    store.close()


def test_a_history_without_room_is_linked_another_time(tmp_path, caplog):
    old_workspace(tmp_path)
    store = DuckDbStore(tmp_path / HISTORY_FILE, free_bytes=lambda _: 0)
    assert link_analyses(store) == 0
    assert "not all among the runs yet" in caplog.text
    with pytest.raises(StoreError):
        saved(store)
    store.close()
    again = open_services(Settings(tmp_path)).store
    assert again.runs.count(RunQuery()) == 2
    again.close()


def test_infinite_ends_are_words(empty_store):
    store = empty_store
    record, _ = saved(store)
    results = json.loads(store.artefact(record.artefacts["results.json"]))
    (arm, compared) = results["analysis"]["frequentist"]["primary"]["outcomes"][0]
    compared["interval"]["low"] = "-Infinity"
    run = history.analysis_run(record, results, record.created_at)
    assert (run.variant, run.metrics["difference_low"]) == (arm, "-Infinity")
