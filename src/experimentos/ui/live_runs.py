"""What runs at this moment, read from the history again and again while a page is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from experimentos.flows.live_runs import cancel, ongoing
from experimentos.memo.live_words import (
    batch_line,
    live_metrics,
    pace_line,
    run_name,
    tail_lines,
    trouble,
)
from experimentos.ui import access, background
from experimentos.ui import format as fmt
from experimentos.ui.run_dialog import LOOK_SECONDS, open_run, status_badge
from experimentos.ui.run_jobs import AGAIN, BATCH, may_run
from experimentos.ui.services import services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experimentos.flows.live_runs import Ongoing
    from experimentos.runs.documents import Run
    from experimentos.runs.pace import Pace

MOST_RUNS = 4
MOST_BATCHES = 5


def running_now(*, compact: bool = False) -> None:
    """Draw what runs, wherever it was started; nothing when nothing does.

    Parameters
    ----------
    compact
        A line for each batch, without its runs.
    """
    if ongoing(services().store) or _starting(()):
        st.fragment(_draw, run_every=LOOK_SECONDS)(compact=compact)


def live_run(run: Run, pace: Pace) -> None:
    """Draw one run that works: share, time, last metrics, what is wrong."""
    said = fmt.plain(f"{run_name(run)}: {pace_line(run, pace)}")
    if pace.share is None:
        st.markdown(said)
    else:
        st.progress(pace.share, said)
    if metrics := live_metrics(run):
        st.markdown(f":blue[{fmt.plain(metrics)}]")
    if wrong := trouble(run, pace):
        st.warning(fmt.plain(wrong), icon=":material/hourglass_disabled:")


def _draw(*, compact: bool) -> None:
    access.admit()
    found = ongoing(services().store)
    starting = _starting(found)
    if not found and not starting:
        # What came of it stands elsewhere on the page.
        st.rerun()
    for key, job in starting.items():
        waits = "starts" if job.is_running else "waits for a place"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{status_badge('queued')} {fmt.plain(_name(key))} {waits}.")
            _cancel_button(key, job, None)
    for batch in found[:MOST_BATCHES]:
        _batch(batch, compact=compact)
    if len(found) > MOST_BATCHES:
        st.caption(f"And {len(found) - MOST_BATCHES} more; under All runs: status = running.")


def _batch(batch: Ongoing, *, compact: bool) -> None:
    key = f"{batch.place}.{batch.created_at:%H%M%S%f}"
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            what = batch.place or (run_name(batch.working[0][0]) if batch.working else "runs")
            st.markdown(f"{status_badge('running')} **{fmt.plain(what)}**")
            if not compact and may_run():
                job = background.board().find(_key(batch))
                _cancel_button(key, job, batch)
        st.progress(batch.pace.share, fmt.plain(batch_line(batch.pace)))
        if compact:
            return
        for run, pace in batch.working[:MOST_RUNS]:
            with st.container(horizontal=True, vertical_alignment="center"):
                with st.container(gap="xxsmall"):
                    live_run(run, pace)
                    if last := tail_lines(run, 1):
                        st.caption(fmt.plain(fmt.shortened(last, 100)))
                if st.button(
                    "Open", key=f"live.{run.run_id}", icon=":material/open_in_full:",
                    type="tertiary",
                ):  # fmt: skip
                    open_run(run.run_id)
                    st.rerun()
        if len(batch.working) > MOST_RUNS:
            st.caption(f"And {len(batch.working) - MOST_RUNS} more that run.")


def _cancel_button(key: str, job: background.Job | None, batch: Ongoing | None) -> None:
    if not st.button("Cancel", key=f"cancel.{key}", icon=":material/cancel:", type="tertiary"):
        return
    if job is not None and not job.is_over:
        job.cancel()
        job.wait(background.CANCEL_SECONDS)
    elif batch is not None:
        cancel(services().store, batch)
    st.rerun()


def _starting(found: Sequence[Ongoing]) -> dict[str, background.Job]:
    """Return what was started from a page and is not on record yet."""
    if not may_run():
        return {}
    known = {_key(batch) for batch in found}
    jobs = background.board().named("runs.")
    return {key: job for key, job in jobs.items() if not job.is_over and key not in known}


def _key(batch: Ongoing) -> str:
    """Return the key of the job that executes a batch, if a page of this server does."""
    original = batch.working[0][0].reproduces_run_id if batch.working else None
    return f"{AGAIN}{original}" if original else f"{BATCH}{batch.place}"


def _name(key: str) -> str:
    if key.startswith(BATCH):
        return key.removeprefix(BATCH)
    return f"Reproduction of …{key.removeprefix(AGAIN)[-8:]}"
