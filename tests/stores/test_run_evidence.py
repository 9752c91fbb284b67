"""What every store promises about counts and scores: those of the runs themselves."""

import random
from dataclasses import astuple
from datetime import timedelta
from statistics import fmean, stdev

import pytest

from experimentos.runs.counted import metric_names, newest_of_each, scores_of
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


def group_of(variant, members):
    """What the statistics module says of the runs of a variant."""
    values = [run.primary_value for run in members if run.primary_value is not None]
    spread = stdev(values) if len(values) > 1 else None
    ends = (min(values), max(values)) if values else (None, None)
    return (variant, len(members), len(values), fmean(values) if values else None, spread, *ends)


def assert_grouped(runs, there, **narrowed):
    members = [r for r in there.values() if all(getattr(r, k) == v for k, v in narrowed.items())]
    found = runs.grouped(RunQuery(**narrowed))
    assert [group.variant for group in found] == sorted({run.variant for run in members})
    for group in found:
        wanted = group_of(group.variant, [r for r in members if r.variant == group.variant])
        assert astuple(group) == tuple(
            pytest.approx(each, rel=1e-9) if isinstance(each, float) else each for each in wanted
        )


VALUES = [1e3 + 0.1, 1e3 + 0.2, 1e3 - 7.3, -1e-300, 0.1, 0.2, 0.3, None]


@pytest.mark.parametrize("seed", range(3))
def test_groups_are_right_after_any_changes(runs, seed):
    rng = random.Random(seed)
    there, gone = {}, {}
    for _ in range(40):
        what = rng.choice(["new", "new", "many", "edit", "remove", "restore", "beat"])
        if what in ("new", "many"):
            made = [
                run_of(
                    variant=rng.choice("ab"), experiment=rng.choice("xy"), project=rng.choice("pq"),
                    kind=rng.choice(["script", "model"]), primary_value=rng.choice(VALUES),
                )
                for _ in range(1 if what == "new" else 25)
            ]  # fmt: skip
            runs.save_runs(made)
            there |= {run.run_id: run for run in made}
        elif what == "restore" and gone:
            run_id = rng.choice(sorted(gone))
            there[run_id] = runs.restore_run(run_id)
            del gone[run_id]
        elif there:
            run_id = rng.choice(sorted(there))
            if what == "edit":
                changes = {"primary_value": rng.choice(VALUES), "variant": rng.choice("ab")}
                there[run_id] = runs.save_run(there[run_id].model_copy(update=changes))
            elif what == "remove":
                gone[run_id] = there.pop(run_id)
                runs.remove_run(run_id)
            else:
                runs.beat(run_id)
        assert_grouped(runs, there)
    assert_grouped(runs, there, project="p")
    assert_grouped(runs, there, experiment="x", kind="script")


def test_groups_forget_what_is_deleted_for_good(store, runs):
    for value in (1.0, 2.0, 4.0):
        last = runs.save_run(run_of(variant="a", primary_value=value))
    runs.remove_run(last.run_id)
    store.collect(0)
    (group,) = runs.grouped(RunQuery())
    assert (group.runs, group.n, group.mean, group.high) == (2, 2, 1.5, 2.0)
    assert store.diagnose().is_sound
