"""Home: what this is, a quick start, and everything that was saved."""

import streamlit as st

from experimentos.ui import guard, navigation
from experimentos.ui.design_list import new_design_button, recent_designs
from experimentos.ui.drafts_list import drafts_list
from experimentos.ui.history_list import history_list
from experimentos.ui.live_runs import running_now
from experimentos.ui.notices import draw_notices
from experimentos.ui.recent_runs import recent_runs
from experimentos.ui.state import start
from experimentos.ui.upload import sample_picker
from experimentos.ui.verify_view import verify_section


def page() -> None:
    st.title("Experiments")
    st.markdown(
        "From the first sentence to the decision: a checked design, the size it needs, a health "
        "check, an analysis that shows its methods, a decision with its reason, a memo to share."
    )
    draw_notices()
    running_now(compact=True)
    start_here()
    drafts_list()
    recent_designs()
    st.subheader("Saved analyses", anchor=False)
    history_list()
    recent_runs()
    verify_section()


def start_here() -> None:
    left, right = st.columns([2, 3])
    with left:
        with st.container(border=True):
            st.markdown("#### Plan an experiment")
            st.markdown("Describe it in plain words; leave with a checked, randomised design.")
            new_design_button()
        with st.container(border=True, height="stretch"):
            st.markdown("#### Start with your results")
            st.markdown("A CSV, Excel, Parquet or JSON file, or a pasted table: one row per arm.")
            st.code(
                "variant,users,conversions\ncontrol,10000,1200\ntreatment,10000,1320",
                language=None,
            )
            if st.button(
                "Bring in results", type="primary", icon=":material/upload_file:", key="home.new"
            ):
                start()
                navigation.go("health_check")
    with right:
        with st.container(border=True):
            st.markdown("#### Or look at an example")
            st.markdown("One click opens its results; you can change anything.")
            if sample_picker("home"):
                navigation.go("results")
        with st.container(border=True, height="stretch"):
            st.markdown("#### Run and compare")
            st.markdown("Scripts, models, repeated samples: recorded, compared, reproduced.")
            navigation.link("runs", "Runs and projects")


guard.run(page)
