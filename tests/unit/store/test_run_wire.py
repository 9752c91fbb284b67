"""What travels between the owner of a history and the others, and what is refused there."""

import json
import math
from datetime import UTC, datetime

import pytest

from experimentos.errors import ContractError, StoreError
from experimentos.runs.documents import Run
from experimentos.runs.filter_text import parse_filter
from experimentos.runs.search import Among, And, Between, Compare, Field, FieldType, Operator
from experimentos.store import ownership
from experimentos.store.memory import MemoryStore
from experimentos.store.owner import PROTOCOL, Broker
from experimentos.store.ownership import Ownership
from experimentos.store.run_port import RunQuery
from experimentos.store.run_remote import perform_on_runs
from experimentos.store.run_wire import (
    filter_from_json,
    filter_to_json,
    query_from_json,
    query_to_json,
    run_from_json,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LR = Field(("params", "lr"), FieldType.ANY)
CREATED = Field(("created_at",), FieldType.MOMENT)


@pytest.mark.parametrize(
    "where",
    [
        parse_filter("status = completed AND (params.lr < 0.5 OR NOT title CONTAINS 'x')"),
        parse_filter("params.a IN (1, two, true) AND score IN 0.1..0.5 AND error IS EMPTY"),
        Compare(LR, Operator.MORE, math.inf),
        Among(LR, (True, 1.0, "1", "true")),
        Between(CREATED, NOON, NOON),
        And((Compare(LR, Operator.EQUAL, 0.1 + 0.2),)),
    ],
)
def test_a_filter_arrives_as_it_was_sent(where):
    query = RunQuery(where=where, project="p", order="metrics.x", descending=False, limit=7)
    sent = json.loads(json.dumps(query_to_json(query), allow_nan=False))
    assert query_from_json(sent) == query


@pytest.mark.parametrize(
    "sent",
    [
        {"node": "Drop", "field": {"path": ["x"], "type": "text"}},
        {"node": "Compare", "field": {"path": ["x"], "type": "text"}, "operator": "like"},
        {"node": "Compare", "field": {"path": ["x"], "type": "sql"}},
        {"node": "Empty"},
        {
            "node": "Compare",
            "field": {"path": ["x"], "type": "any"},
            "operator": "=",
            "value": {"select": 1},
        },
    ],
)
def test_what_is_no_filter_is_refused(sent):
    with pytest.raises((ValueError, KeyError)):
        filter_from_json(sent)


def test_the_types_of_values_stay_apart():
    values = filter_to_json(Among(LR, (True, 1.0, "1")))["values"]
    assert values == [True, {"number": "1.0"}, "1"]


def test_what_is_no_run_is_refused():
    with pytest.raises(ContractError, match="not a run"):
        run_from_json({"kind": "script"})


def test_only_named_operations_are_done(tmp_path):
    store = MemoryStore()
    with pytest.raises(ValueError, match="rows"):
        perform_on_runs(store.runs, "rows", {})
    path = tmp_path / "history.duckdb"
    claim = Ownership(path)
    broker = Broker(store, path, claim)
    asked = {"protocol": PROTOCOL, "method": "runs.__init__"}
    said = json.loads(broker.answer(json.dumps(asked).encode()))
    assert said["error"] == "ContractError"
    broker.stop()
    claim.release()


def test_a_run_that_arrived_is_checked_by_its_model():
    store = MemoryStore()
    run = Run(run_id="0" * 26, kind="ab", status="completed", created_at=NOON)
    forged = {**run.model_dump(mode="json"), "status": "launched"}
    with pytest.raises(ContractError):
        perform_on_runs(store.runs, "save_run", {"run": forged})
    assert store.runs.count(RunQuery()) == 0


def test_an_owner_file_that_cannot_be_written_is_an_error_in_words(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ownership.os, "pwrite", full)
    with pytest.raises(StoreError, match="No space left"):
        Ownership(tmp_path / "history.duckdb")
    monkeypatch.undo()
    Ownership(tmp_path / "history.duckdb").release()
