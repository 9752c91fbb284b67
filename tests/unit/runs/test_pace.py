"""How far runs are: laws of the time that is left, and when nothing is foretold."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experimentos.ids import ordered_id
from experimentos.runs.documents import Live, Run
from experimentos.runs.pace import batch_pace, pace_of

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def a_run(status="running", said=None, **fields):
    live = None if said is None else Live(done=said[0], total=said[1], said_at=after(said[2]))
    given = {
        "run_id": ordered_id(NOON, bytes(10)), "kind": "script", "variant": "a",
        "created_at": NOON, "started_at": NOON, "status": status, "live": live,
    }  # fmt: skip
    return Run(**given | fields)


def completed(seconds, variant="a"):
    return a_run("completed", ended_at=after(seconds), variant=variant)


@given(st.integers(1, 99), st.floats(10, 1e5))
def test_at_an_even_speed_the_time_left_is_the_time_that_will_be_needed(done, whole):
    said = whole * done / 100
    pace = pace_of(a_run(said=(done, 100, said)), after(said))
    if done >= 2 and said >= 2:
        assert pace.left == pytest.approx(whole - said, rel=1e-4, abs=1e-4)
        assert pace.is_from_progress
    else:
        assert pace.left is None


def test_time_passes_between_two_reports():
    pace = pace_of(a_run(said=(50, 100, 100)), after(110))
    assert pace.left == pytest.approx(90)
    assert pace.share == 0.5


def test_without_progress_the_mean_of_its_variant_foretells_until_it_is_over():
    past = [completed(40), completed(60), completed(1_000, "b"), a_run("failed", ended_at=after(1))]
    early = pace_of(a_run(), after(20), past)
    assert (early.left, early.is_from_progress, early.is_overdue) == (30.0, False, False)
    late = pace_of(a_run(), after(51), past)
    assert (late.left, late.is_overdue, late.usual) == (None, True, 50.0)
    assert pace_of(a_run(), after(20)).left is None


def test_a_run_stands_still_when_a_step_takes_far_longer_than_those_before():
    run = a_run(said=(10, 100, 300))
    assert not pace_of(run, after(300 + 89)).is_stalled
    stalled = pace_of(run, after(300 + 91))
    assert stalled.is_stalled
    assert stalled.left is None
    quick = a_run(said=(10, 100, 1))
    assert not pace_of(quick, after(60)).is_stalled
    assert pace_of(quick, after(62)).is_stalled
    assert not pace_of(a_run(said=(100, 100, 1)), after(500)).is_stalled
    assert not pace_of(a_run(), after(500)).is_stalled


def test_a_process_that_is_not_heard_of_is_told():
    run = a_run(heartbeat_at=NOON)
    assert pace_of(run, after(29)).unheard is None
    assert pace_of(run, after(45)).unheard == 45


def test_a_batch_counts_what_is_over_and_the_shares_of_what_runs():
    working = [a_run(said=(50, 100, 10)), a_run()]
    counts = {"completed": 2, "failed": 1, "running": 2, "queued": 5}
    pace = batch_pace(working, counts, NOON, after(10))
    assert (pace.total, pace.over, pace.running, pace.waiting, pace.failed) == (10, 3, 2, 5, 1)
    assert pace.share == pytest.approx(0.35)
    assert pace.left is None


def test_the_time_of_a_batch_is_its_work_shared_by_those_that_work():
    working = [a_run(said=(50, 100, 10)), a_run(said=(50, 100, 10))]
    counts = {"running": 2, "queued": 4}
    assert batch_pace(working, counts, NOON, after(10)).left == pytest.approx((20 + 4 * 20) / 2)
    past = [completed(30), completed(10)]
    assert batch_pace(working, counts, NOON, after(10), past).left == pytest.approx(50)
    alone = batch_pace(working[:1], {"running": 1}, NOON, after(10), past)
    assert alone.left == pytest.approx(10)
