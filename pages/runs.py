"""Runs: an honest empty state until repeated runs can be compared here."""

import streamlit as st

from experimentos.ui import guard, navigation
from experimentos.ui.notices import draw_notices


def page() -> None:
    st.title("Runs")
    draw_notices()
    st.info(
        "Comparing repeated runs of models and scripts on this page is not built yet. It will "
        "hold projects, variants and runs, a leaderboard with intervals, the variance within and "
        "between scenarios, and a way to run any of them again.",
        title="Not here yet",
        icon=":material/construction:",
    )
    st.markdown("What works today: every analysis of an experiment is kept and can be run again.")
    navigation.link("home", "Saved analyses, each with the button to run it again")


guard.run(page)
