"""Files of samples are kept once per content and found as runs."""

import pytest

from experimentos.errors import ContractError
from experimentos.flows.kept_samples import (
    keep_samples,
    list_samples,
    open_samples,
    remove_samples,
)
from experimentos.runs.sample_files import read_samples
from experimentos.store.run_port import RunQuery

CONTENT = b"scenario,model,score\na,m,1\nb,m,0\na,n,1\nb,n,\n"


def kept(store, content=CONTENT):
    return keep_samples(store, content, read_samples(content, "mine.csv"))


def test_the_same_bytes_are_kept_once_with_one_run_that_holds_their_means(empty_store):
    store = empty_store
    assert kept(store).id == kept(store).id
    (run,) = store.runs.page(RunQuery(kind="samples")).rows
    assert run.title == "mine.csv"
    assert run.primary_value == pytest.approx(2 / 3)
    assert run.metrics == {"mean": pytest.approx(2 / 3), "mean m": 0.5, "mean n": 1.0}
    assert run.params["samples"] == 4


def test_what_was_kept_opens_byte_by_byte_and_comes_back_from_the_bin(empty_store):
    store = empty_store
    record = kept(store)
    assert open_samples(store, list_samples(store)[0]) == (CONTENT, "mine.csv", {})
    remove_samples(store, record.id)
    assert list_samples(store) == []
    assert store.runs.count(RunQuery(kind="samples")) == 0
    assert kept(store).id == record.id
    assert store.runs.count(RunQuery(kind="samples")) == 1


def test_a_blocked_file_is_not_kept(empty_store):
    store = empty_store
    with pytest.raises(ContractError):
        kept(store, b"scenario,score\n,1\n")
    assert list_samples(store) == []


def test_a_model_without_a_score_has_no_mean(empty_store):
    store = empty_store
    kept(store, b"scenario,model,score\na,m,1\na,n,\n")
    (run,) = store.runs.page(RunQuery(kind="samples")).rows
    assert set(run.metrics) == {"mean", "mean m"}
