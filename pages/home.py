"""Home: what this is, a quick start, and everything that was saved."""

import streamlit as st

from experimentos.ui import guard, navigation
from experimentos.ui.design_list import recent_designs
from experimentos.ui.drafts_list import drafts_list
from experimentos.ui.history_list import history_list
from experimentos.ui.notices import draw_notices
from experimentos.ui.recent_runs import recent_runs
from experimentos.ui.state import start
from experimentos.ui.upload import sample_picker
from experimentos.ui.verify_view import verify_section


def page() -> None:
    st.title("Experiments")
    st.markdown(
        "Bring in aggregated results; get a health check, an analysis that shows its methods, "
        "a decision with its reason, and a memo to share."
    )
    draw_notices()
    start_here()
    drafts_list()
    recent_designs()
    st.subheader("Saved analyses", anchor=False)
    history_list()
    recent_runs()
    verify_section()


def start_here() -> None:
    left, right = st.columns([2, 3], border=True)
    with left:
        st.markdown("#### Start with your results")
        st.markdown("A CSV, Excel, Parquet or JSON file, or a pasted table: one row per arm.")
        st.code(
            "variant,users,conversions\ncontrol,10000,1200\ntreatment,10000,1320", language=None
        )
        if st.button(
            "Bring in results", type="primary", icon=":material/upload_file:", key="home.new"
        ):
            start()
            navigation.go("health_check")
    with right:
        st.markdown("#### Or look at an example")
        st.markdown("One click opens its results; you can change anything.")
        if sample_picker("home"):
            navigation.go("results")


guard.run(page)
