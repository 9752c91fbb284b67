"""Runs: what was executed, ranked and compared; repeated samples; projects."""

import streamlit as st

from experimentos.ui import guard
from experimentos.ui.live_runs import running_now
from experimentos.ui.notices import draw_notices
from experimentos.ui.run_dialog import draw_opened
from experimentos.ui.run_jobs import draw_jobs
from experimentos.ui.runs_compare import compare_tab, leaderboard_tab
from experimentos.ui.runs_list import all_runs
from experimentos.ui.runs_projects import projects_tab
from experimentos.ui.samples_tab import samples_tab
from experimentos.ui.variant_samples_view import turn_to_samples

TABS = {
    ":material/list: All runs": all_runs,
    ":material/leaderboard: Leaderboard": leaderboard_tab,
    ":material/compare_arrows: Compare": compare_tab,
    ":material/ssid_chart: Samples": samples_tab,
    ":material/folder: Projects": projects_tab,
}


def page() -> None:
    st.title("Runs")
    draw_notices()
    running_now()
    draw_jobs()
    turn_to_samples()
    for tab, draw in zip(
        st.tabs(list(TABS), key="runs.tab", on_change="rerun"), TABS.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw()
    draw_opened()


guard.run(page)
