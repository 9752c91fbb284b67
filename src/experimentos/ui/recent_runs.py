"""Home: the runs that were executed last."""

from operator import attrgetter

import streamlit as st

from experimentos.flows.run_list import Wanted, list_runs
from experimentos.memo.run_words import metrics_line
from experimentos.ui import format as fmt
from experimentos.ui import navigation
from experimentos.ui.run_dialog import open_run, status_badge
from experimentos.ui.services import services

SHOWN = 5
KINDS = ("script", "evaluation")


def recent_runs() -> None:
    """Draw the latest runs of experiments; nothing when there is none."""
    store = services().store
    found = (list_runs(store, Wanted(kind=kind, limit=SHOWN)).rows for kind in KINDS)
    of_experiments = [run for rows in found for run in rows if run.experiment]
    latest = sorted(of_experiments, key=attrgetter("run_id"), reverse=True)[:SHOWN]
    if not latest:
        return
    st.subheader("Recent runs", anchor=False)
    with st.container(border=True, gap="xsmall"):
        for run in latest:
            again = " (again)" if run.reproduces_run_id else ""
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"{status_badge(run.status)} **{fmt.plain(run.experiment)}** "
                    f"{fmt.plain(f'{run.variant} {run.repeat}{again}')} "
                    f"{fmt.plain(fmt.shortened(metrics_line(run), 60))}"
                )
                if st.button(
                    "Open", key=f"recent.{run.run_id}", icon=":material/open_in_full:",
                    type="tertiary",
                ):  # fmt: skip
                    open_run(run.run_id)
                    navigation.go("runs")
        navigation.link("runs", "All runs")
