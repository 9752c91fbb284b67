"""What every store promises about counts and scores: those of the runs themselves."""

from datetime import timedelta

import pytest

from experimentos.runs.evidence import metric_names, scores_of
from experimentos.runs.run_groups import newest_of_each
from experimentos.runs.tally import tallies_of
from experimentos.store.run_port import RunQuery, RunSample
from tests.stores.conftest import START
from tests.stores.test_runs_contract import run_of

SHOP = {"project": "shop", "experiment": "e"}


@pytest.fixture
def runs(store):
    return store.runs


def many_runs():
    """Repeats done twice, failed, again, without a number; metrics that are no numbers."""
    earlier = run_of(variant="a", repeat=1, metrics={"m": 99.0, "old": 1.0}, **SHOP)
    yield earlier
    for repeat, m in enumerate((1e9 + 0.25, 1e9 + 1.0, 1e9 + 4.5), 1):
        yield run_of(
            variant="a", repeat=repeat, metrics={"m": m, 'odd "n\u00e4me"': 0.1},
            environment={"seed": 2**31 + repeat},
            inputs_sha256="a" * 64, cost_usd=0.5,
            started_at=START, ended_at=START + timedelta(seconds=repeat + 0.25), **SHOP,
        )  # fmt: skip
    yield run_of(variant="a", repeat=4, metrics={"m": "NaN", "only_words": "Infinity"}, **SHOP)
    yield run_of(
        variant="a", repeat=3, metrics={"m": 7.0}, reproduces_run_id=earlier.run_id, **SHOP
    )
    yield run_of(
        variant="a", repeat=9, status="failed", started_at=START, metrics={"m": 1.0}, **SHOP
    )
    yield run_of(variant="b", metrics={"m": 0.1}, environment={"seed": None}, **SHOP)
    yield run_of(variant="b", metrics={"m": 0.1}, **SHOP)
    yield run_of(variant="b", metrics={"m": 0.1}, **SHOP)
    yield run_of(variant="b", repeat=2, status="queued", **SHOP)
    yield run_of(variant="c", repeat=2, status="cancelled", **SHOP)
    yield run_of(variant="a", repeat=1, metrics={"m": 5.0}, project="other", experiment="e")


def test_counts_and_scores_are_those_of_the_runs_themselves(runs):
    given = list(many_runs())
    runs.save_runs(given)
    gone = runs.save_run(run_of(variant="b", repeat=1, metrics={"m": 3.0}, **SHOP))
    runs.remove_run(gone.run_id)
    query = RunQuery(**SHOP)
    own = [run for run in given if run.project == SHOP["project"]]
    assert runs.tallied(query) == tallies_of(own)
    counted = newest_of_each(own)
    there = runs.metric_names(query)
    assert there == metric_names(counted) == ("m", 'odd "n\u00e4me"', "only_words")
    assert runs.scores(query, there) == scores_of(counted, there)
    assert [(each.variant, len(each.keys)) for each in runs.scores(query, ())] == [
        ("a", 4),
        ("b", 3),
    ]


def test_nothing_has_no_counts_and_no_scores(runs):
    query = RunQuery(**SHOP)
    assert (runs.tallied(query), runs.metric_names(query), runs.scores(query, ["m"])) == (
        (), (), (),
    )  # fmt: skip


def test_the_stamp_changes_with_every_change_and_not_with_a_heartbeat(runs):
    stamps = [runs.stamp()]
    run = runs.save_run(run_of(status="running"))
    stamps.append(runs.stamp())
    runs.beat(run.run_id)
    runs.save_run(runs.load_run(run.run_id))
    assert runs.stamp() == stamps[-1]
    for change in (
        lambda: runs.save_run(run.model_copy(update={"status": "completed"})),
        lambda: runs.log_samples(run.run_id, [RunSample("s", "m", 0, score=1.0)]),
        lambda: runs.remove_run(run.run_id),
        lambda: runs.restore_run(run.run_id),
    ):
        change()
        stamps.append(runs.stamp())
    assert len(set(stamps)) == len(stamps)
