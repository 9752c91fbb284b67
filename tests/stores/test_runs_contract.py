"""What every store promises about runs, adapter by adapter."""

import itertools
import math
import os
import socket
from datetime import UTC, datetime, timedelta
from statistics import fmean, stdev

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experimentos.errors import Conflict, ContractError, NotFound
from experimentos.ids import content_hash, ordered_id
from experimentos.runs.documents import Live, Run
from experimentos.runs.filter_match import matches
from experimentos.runs.filter_text import parse_filter
from experimentos.runs.search import (
    Among,
    Between,
    Compare,
    Empty,
    Field,
    FieldType,
    Not,
    Operator,
)
from experimentos.store.port import new_record
from experimentos.store.run_port import RunQuery, RunSample

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NUMBERS = itertools.count()
UNICODE = "Größe ✓ 実験 \U0001f9ea 'quoted\" ; drop table run; -- \\ \t%_"


@pytest.fixture
def runs(store):
    return store.runs


def run_of(minute=None, **fields):
    """A run created some minutes after the start; each later than the one before if not said."""
    at = START + timedelta(minutes=next(NUMBERS) if minute is None else minute)
    entropy = next(NUMBERS).to_bytes(10)
    given_fields = {"kind": "script", "status": "completed", **fields}
    return Run(run_id=ordered_id(at, entropy), created_at=at, **given_fields)


def ids(page):
    return [run.run_id for run in page.rows]


def pages(runs, query):
    """All rows of a query, page by page."""
    from dataclasses import replace

    found = runs.page(query)
    rows = list(found.rows)
    while found.next:
        found = runs.page(replace(query, after=found.next))
        assert found.rows
        rows += found.rows
    return rows


def test_a_run_comes_back_as_it_was_saved(runs):
    run = run_of(
        project="pricing",
        experiment="prompts",
        variant="B v2",
        repeat=3,
        title=UNICODE,
        started_at=START,
        ended_at=START + timedelta(seconds=1.5),
        host="h",
        pid=12,
        primary_value=0.1 + 0.2,
        params={"lr": 1e-3, "opt": {"name": UNICODE, "n": 2**60, "on": True, "none": None}},
        metrics={"loss": 0.25, "diverged": "NaN", "low": "-Infinity"},
        environment={"python": "3.13", "list": [1, [2.5]]},
        inputs={"data/x.csv": "0" * 64},
        cost_usd=0.0,
        tags={"team": "ana"},
    )
    saved = runs.save_run(run)
    assert saved == run
    assert runs.load_run(run.run_id) == run
    assert runs.page(RunQuery()).rows == (run,)


def test_a_zero_byte_becomes_the_replacement_character(runs):
    saved = runs.save_run(run_of(error="a\0b", params={"k\0": ["\0"], "slash": "\\u0000"}))
    assert saved.error == "a\ufffdb"
    assert saved.params == {"k\ufffd": ["\ufffd"], "slash": "\\u0000"}
    assert runs.load_run(saved.run_id) == saved


def test_half_a_character_is_refused_and_nothing_is_saved(runs):
    with pytest.raises(ContractError):
        runs.save_runs([run_of(), run_of(params={"x": "\ud83e"})])
    assert runs.count(RunQuery()) == 0


def test_saving_again_replaces_all_but_what_is_the_stores(runs):
    run = runs.save_run(run_of(status="running", pid=os.getpid()))
    done = run.model_copy(
        update={
            "status": "completed",
            "primary_value": 1.0,
            "created_at": START - timedelta(days=1),
            "deleted_at": START,
            "sample_count": 9,
        }
    )
    saved = runs.save_run(done)
    assert (saved.status, saved.primary_value) == ("completed", 1.0)
    assert (saved.created_at, saved.deleted_at, saved.sample_count) == (run.created_at, None, 0)


def test_many_are_saved_at_once_new_ones_and_old_ones(runs):
    old = runs.save_run(run_of(title="old"))
    many = [run_of(title=str(i), primary_value=float(i)) for i in range(120)]
    again = old.model_copy(update={"title": "again"})
    assert runs.save_runs([*many, again, many[0]]) == 122
    assert runs.count(RunQuery()) == 121
    assert runs.load_run(old.run_id).title == "again"
    assert pages(runs, RunQuery(limit=50)) == [*many[::-1], again]


def test_a_unique_beginning_of_an_id_is_enough_in_either_case(runs):
    one, two = run_of(0), run_of(0)
    runs.save_runs([one, two])
    length = next(i for i in range(26) if one.run_id[i] != two.run_id[i]) + 1
    assert runs.load_run(one.run_id[:length].lower()) == one
    with pytest.raises(NotFound, match="More than one"):
        runs.load_run(one.run_id[: length - 1])


def test_what_is_no_id_is_not_found(runs):
    runs.save_run(run_of())
    for id_ in ("", "nothing", "%", "0' or 1=1", "é", "0" * 27):
        for call in (runs.load_run, runs.remove_run, runs.restore_run, runs.samples_of):
            with pytest.raises(NotFound):
                call(id_)
        with pytest.raises(NotFound):
            runs.log_samples(id_, [RunSample("s", "m", 0)])
        assert runs.beat(id_) is False


def test_a_list_is_narrowed_by_project_experiment_and_kind(runs):
    for project, experiment, kind in (("a", "x", "script"), ("a", "y", "ab"), ("b", "x", "script")):
        runs.save_run(run_of(project=project, experiment=experiment, kind=kind))
    counts = [
        runs.count(RunQuery(project="a")),
        runs.count(RunQuery(experiment="x")),
        runs.count(RunQuery(project="a", experiment="x")),
        runs.count(RunQuery(kind="ab")),
        runs.count(RunQuery(project="")),
    ]
    assert counts == [2, 2, 1, 1, 0]


def test_every_order_shows_every_run_once_page_by_page(runs):
    values = [0.5, None, 0.1, 0.5, 0.9, None, 0.5, -1.0, 0.0]
    saved = [
        run_of(primary_value=value, metrics={} if value is None else {"m": value, "n.x": -value})
        for value in values
    ]
    runs.save_runs(saved)
    newest = saved[::-1]
    ranked = sorted(
        (run for run in saved if run.primary_value is not None),
        key=lambda run: (run.primary_value, run.run_id),
    )
    without = [run for run in newest if run.primary_value is None]
    for limit in (1, 2, 4, 50):
        for order in ("primary", "metrics.m"):
            for descending in (True, False):
                query = RunQuery(order=order, descending=descending, limit=limit)
                wanted = (ranked[::-1] if descending else ranked) + without
                assert pages(runs, query) == wanted
        assert pages(runs, RunQuery(limit=limit)) == newest
    assert pages(runs, RunQuery(order="metrics.n.x"))[0].primary_value == -1.0


def test_a_metric_that_is_not_finite_never_ranks(runs):
    bad = [run_of(metrics={"loss": word}) for word in ("NaN", "Infinity", "-Infinity")]
    good = run_of(metrics={"loss": 3})
    runs.save_runs([*bad, good])
    for descending in (True, False):
        query = RunQuery(order="metrics.loss", descending=descending)
        assert pages(runs, query)[0] == good


REFUSED = (
    RunQuery(limit=0),
    RunQuery(limit=501),
    RunQuery(order="title"),
    RunQuery(order="metrics."),
    RunQuery(order='metrics.x"'),
    RunQuery(after="nonsense"),
    RunQuery(after="bnVsbA=="),
)


def test_a_list_that_cannot_be_had_is_refused(runs):
    for query in REFUSED:
        with pytest.raises(ContractError):
            runs.page(query)


def test_groups_are_by_variant_over_all_runs(runs):
    values = {"a": [1.0, 2.0, 4.0, None], "b": [5.0], "": [None]}
    for variant, numbers in values.items():
        for number in numbers:
            metrics = {} if number is None else {"m": 2 * number, "bad": "NaN"}
            runs.save_run(run_of(variant=variant, primary_value=number, metrics=metrics))
    empty, a, b = runs.grouped(RunQuery(limit=1))
    assert (empty.variant, empty.runs, empty.n, empty.mean, empty.sd) == ("", 1, 0, None, None)
    assert (a.runs, a.n, a.low, a.high) == (4, 3, 1.0, 4.0)
    assert a.mean == pytest.approx(fmean([1, 2, 4]), rel=1e-12)
    assert a.sd == pytest.approx(stdev([1, 2, 4]), rel=1e-12)
    assert (b.n, b.mean, b.sd, b.low) == (1, 5.0, None, 5.0)
    by_metric = runs.grouped(RunQuery(order="metrics.m"))
    assert by_metric[1].mean == pytest.approx(2 * fmean([1, 2, 4]), rel=1e-12)
    assert [group.n for group in runs.grouped(RunQuery(order="metrics.bad"))] == [0, 0, 0]


def test_the_places_of_runs_are_named(runs):
    runs.save_run(run_of(project="p", params={"a": {"b": 1, "c": {}}}, metrics={"m": 1.0}))
    runs.save_run(run_of(project="q", tags={"t": "x"}))
    assert runs.names(None, None) == ("metrics.m", "params.a.b", "params.a.c", "tags.t")
    assert runs.names("q", None) == ("tags.t",)


def test_the_bin_takes_a_run_out_of_lists_and_gives_it_back(runs):
    run = runs.save_run(run_of(primary_value=1.0))
    gone = runs.remove_run(run.run_id[:20])
    assert gone.deleted_at is not None
    assert runs.remove_run(run.run_id) == gone
    assert runs.count(RunQuery()) == 0
    assert runs.grouped(RunQuery()) == ()
    assert runs.page(RunQuery(deleted=True)).rows == (gone,)
    assert runs.restore_run(run.run_id) == run
    assert runs.restore_run(run.run_id) == run
    assert runs.page(RunQuery()).rows == (run,)


def test_a_run_that_is_cancelled_or_gone_is_told_so_at_its_next_beat(runs):
    run = runs.save_run(run_of(status="running", pid=os.getpid(), host=socket.gethostname()))
    assert run.heartbeat_at is not None
    assert runs.beat(run.run_id)
    later = runs.load_run(run.run_id)
    assert later.heartbeat_at > run.heartbeat_at
    assert runs.save_run(later) == later
    runs.save_run(later.model_copy(update={"status": "cancelled"}))
    assert not runs.beat(run.run_id)
    other = runs.save_run(run_of(status="running", pid=os.getpid()))
    runs.remove_run(other.run_id)
    assert not runs.beat(other.run_id)


def gone_pid():
    """The number of a process that has ended."""
    import subprocess

    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_runs_whose_process_is_gone_become_interrupted(store, runs):
    here, pid, dead = socket.gethostname(), os.getpid(), gone_pid()
    now = store.runs.save_run(run_of(status="running")).heartbeat_at
    long_ago = now - timedelta(seconds=90)
    alive = run_of(status="running", host=here, pid=pid, heartbeat_at=now)
    silent = run_of(status="running", host="elsewhere", pid=pid, heartbeat_at=long_ago)
    killed = run_of(status="running", host=here, pid=dead, heartbeat_at=now, primary_value=0.5)
    queued = run_of(status="queued", host=here, pid=dead)
    waiting = (
        run_of(status="queued", created_at=START - timedelta(days=1))
        if False
        else run_of(status="queued")
    )
    done = run_of(status="completed", host=here, pid=dead)
    runs.save_runs([alive, silent, killed, queued, waiting, done])
    assert runs.interrupt_silent() == (silent.run_id, killed.run_id, queued.run_id)
    found = runs.load_run(killed.run_id)
    assert (found.status, found.error_kind, found.ended_at) == ("interrupted", "interrupted", now)
    assert found.primary_value == 0.5
    assert runs.load_run(alive.run_id) == alive
    assert runs.load_run(done.run_id) == done
    assert runs.interrupt_silent() == ()


def sample(index, **fields):
    return RunSample("s", "m", index, **fields)


def test_samples_come_back_in_the_order_they_were_logged(runs):
    run = runs.save_run(run_of(kind="samples"))
    full = RunSample(
        scenario=UNICODE,
        model="gpt-4o",
        sample_index=0,
        cluster="family",
        score=0.1 + 0.2,
        passed=True,
        status="completed",
        latency_ms=12.5,
        tokens_in=3,
        tokens_out=2**40,
        cost_usd=0.001,
        artefact_sha256=content_hash(b"transcript"),
        extra={"finish": UNICODE, "n": [1, None, {"x": 2.5}]},
    )
    many = [sample(index, score=float(index)) for index in range(70)]
    assert runs.log_samples(run.run_id, [full]) == 1
    assert runs.log_samples(run.run_id, many) == 70
    assert runs.log_samples(run.run_id, []) == 0
    assert runs.samples_of(run.run_id) == [full, *many]
    assert runs.samples_of(run.run_id, after=69, limit=1) == [many[68]]
    assert runs.samples_of(run.run_id, after=71) == []
    assert runs.load_run(run.run_id).sample_count == 71


def test_the_same_sample_again_is_acknowledged_and_another_is_a_conflict(runs):
    run = runs.save_run(run_of())
    first = [sample(0, score=1.0), sample(1, passed=False)]
    assert runs.log_samples(run.run_id, first) == 2
    assert runs.log_samples(run.run_id, [*first, sample(2), sample(2)]) == 1
    with pytest.raises(Conflict, match="there already"):
        runs.log_samples(run.run_id, [sample(3), sample(0, score=0.5)])
    with pytest.raises(Conflict):
        runs.log_samples(run.run_id, [sample(4), sample(4, score=0.5)])
    assert runs.samples_of(run.run_id) == [*first, sample(2)]
    many = [sample(index, score=0.5) for index in range(5, 80)]
    assert runs.log_samples(run.run_id, [*many, *first]) == 75
    with pytest.raises(Conflict):
        runs.log_samples(run.run_id, [*many, sample(0)])


BAD_SAMPLES = (
    sample(-1),
    sample(0, score=math.nan),
    sample(0, latency_ms=math.inf),
    sample(0, artefact_sha256="x"),
    sample(0, extra={"x": math.nan}),
    sample(0, extra={"x": {1}}),
    sample(0, status="\ud83e"),
)


def test_a_sample_that_cannot_be_kept_is_refused_with_all_others(runs):
    run = runs.save_run(run_of())
    for bad in BAD_SAMPLES:
        with pytest.raises(ContractError):
            runs.log_samples(run.run_id, [sample(1), bad])
    assert runs.samples_of(run.run_id) == []


def test_bytes_of_a_run_are_kept_by_their_hash(store, runs):
    sha256 = runs.keep(b"the log")
    assert sha256 == content_hash(b"the log")
    assert runs.keep(b"the log") == sha256
    assert store.artefact(sha256) == b"the log"


NAMES = st.sampled_from(["a", "b", "0", "$", "/x", "~", "é", "a b", "'"])
SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from(["", "x", "X y", "0.5", "true", "null", '"', "\\", "実験"])
    | st.sampled_from([0, 1, -3, 0.5, 1e-9, 12345678.25, 10**30])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=6,
)
RUNS = st.builds(
    run_of,
    title=st.sampled_from(["", "x", "A title", "0.5"]),
    repeat=st.integers(0, 3),
    primary_value=st.none() | st.sampled_from([0.0, 0.5, -3.0]),
    started_at=st.none() | st.sampled_from([START, START + timedelta(hours=1)]),
    params=st.dictionaries(NAMES, VALUES, max_size=3),
    environment=st.dictionaries(NAMES, SCALARS, max_size=2),
    metrics=st.dictionaries(NAMES, st.sampled_from([0.5, 1.0, "NaN", "-Infinity"]), max_size=3),
    tags=st.dictionaries(NAMES, st.sampled_from(["", "x", "0.5"]), max_size=2),
)
TEXTS = st.sampled_from(["", "x", "X", "0.5", "true", "null", "A title", '"', "\\"])
FLOATS = st.sampled_from([0.0, 0.5, 1.0, -3.0, 1e-9, 1e30])
EQUALITIES = st.sampled_from([Operator.EQUAL, Operator.UNEQUAL])
ORDERS = st.sampled_from([o for o in Operator if o is not Operator.CONTAINS])


def comparisons(field, values, operators):
    return (
        st.builds(Compare, st.just(field), operators, values)
        | st.builds(lambda v: Among(field, tuple(v)), st.lists(values, min_size=1, max_size=2))
        | st.builds(lambda a, b: Between(field, min(a, b), max(a, b)), values, values)
        | st.just(Empty(field))
    )


def any_place(field):
    return (
        comparisons(field, TEXTS, st.sampled_from(list(Operator)))
        | comparisons(field, FLOATS, ORDERS)
        | st.builds(Compare, st.just(field), EQUALITIES, st.booleans())
    )


PLACES = st.lists(NAMES, min_size=1, max_size=2).flatmap(
    lambda keys: any_place(Field(("params", *keys), FieldType.ANY))
) | NAMES.flatmap(lambda key: any_place(Field(("environment", key), FieldType.ANY)))
COLUMN_FILTERS = (
    comparisons(Field(("title",), FieldType.TEXT), TEXTS, st.sampled_from(list(Operator)))
    | comparisons(Field(("parent_run_id",), FieldType.TEXT), TEXTS, ORDERS)
    | comparisons(Field(("repeat",), FieldType.NUMBER), FLOATS, ORDERS)
    | comparisons(Field(("primary_value",), FieldType.NUMBER), FLOATS, ORDERS)
    | comparisons(Field(("started_at",), FieldType.MOMENT), st.just(START), ORDERS)
    | NAMES.flatmap(
        lambda key: comparisons(Field(("metrics", key), FieldType.NUMBER), FLOATS, ORDERS)
    )
    | NAMES.flatmap(
        lambda key: comparisons(
            Field(("tags", key), FieldType.TEXT), TEXTS, st.sampled_from(list(Operator))
        )
    )
)
FILTERS = (PLACES | COLUMN_FILTERS).flatmap(lambda f: st.sampled_from([f, Not(f)]))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    saved=st.lists(RUNS, min_size=1, max_size=6), asked=st.lists(FILTERS, min_size=6, max_size=12)
)
def test_a_filter_means_the_same_in_every_store(runs, saved, asked):
    project = f"p{next(NUMBERS)}"
    mine = [run.model_copy(update={"project": project}) for run in saved]
    runs.save_runs(mine)
    for where in asked:
        found = runs.page(RunQuery(where=where, project=project))
        wanted = [run.run_id for run in reversed(mine) if matches(where, run)]
        assert ids(found) == wanted, where


def test_a_filter_that_a_person_wrote_finds_its_runs(runs):
    for lr, optimizer in ((0.1, "adam"), (0.5, "SGD"), ("0.1", "adam")):
        params = {"lr": lr, "optimizer": {"name": optimizer}}
        runs.save_run(run_of(params=params, variant=optimizer, tags={"team": "ana"}))

    def count(text):
        return runs.count(RunQuery(where=parse_filter(text)))

    assert count("params.lr < 0.5") == 1
    assert count("params.lr = '0.1'") == 1
    assert count("params.optimizer.name CONTAINS sgd OR params.lr IN 0.05..0.2") == 2
    assert count("NOT params.lr = 0.1 AND tags.team = ana") == 2
    assert count("variant IN (adam, SGD) AND created >= 2026-11-20") == 3
    assert count("created > 2999-01-01 OR score IS NOT EMPTY") == 0


def test_a_record_and_its_run_are_saved_together(store, runs):
    record = new_record("analysis", "One", {}, id=ordered_id(START, b"0123456789"))
    run = run_of().model_copy(update={"run_id": record.id, "kind": "ab"})
    saved = store.save(record, {"input": b"1"}, run=run)
    assert runs.load_run(saved.id) == run
    stale = run.model_copy(update={"title": "stale"})
    with pytest.raises(Conflict):
        store.save(new_record("analysis", "Two", {}, id=saved.id), run=stale)
    assert runs.load_run(saved.id) == run


def test_what_a_run_says_comes_with_its_beat_and_is_gone_at_its_end(runs):
    run = runs.save_run(run_of(status="running", pid=os.getpid(), host=socket.gethostname()))
    said = Live(done=3, total=12, metrics={"loss": 0.5, "drift": "NaN"}, tail="step 3\n")
    assert runs.beat(run.run_id, said)
    assert runs.load_run(run.run_id).live == said
    assert runs.beat(run.run_id)
    assert runs.page(RunQuery()).rows[0].live == said
    assert runs.beat(run.run_id, Live(tail="a\x00b"))
    assert runs.load_run(run.run_id).live.tail == "a\ufffdb"
    over = runs.save_run(run.model_copy(update={"status": "completed"}))
    assert over.live is None
    assert runs.load_run(run.run_id).live is None


def test_what_an_interrupted_run_said_last_is_kept(store):
    here = socket.gethostname()
    run = store.runs.save_run(run_of(status="running", host=here, pid=os.getpid()))
    store.runs.beat(run.run_id, Live(done=7, total=10))
    store.runs.save_run(store.runs.load_run(run.run_id).model_copy(update={"pid": gone_pid()}))
    assert store.runs.interrupt_silent() == (run.run_id,)
    found = store.runs.load_run(run.run_id)
    assert found.status == "interrupted"
    assert found.live is not None
    assert found.live.share == 0.7
    assert store.diagnose().issues == ()
