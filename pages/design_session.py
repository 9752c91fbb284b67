"""Design session: an honest empty state until experiments can be designed here."""

import streamlit as st

from experimentos.ui import guard, navigation
from experimentos.ui.notices import draw_notices


def page() -> None:
    st.title("Design session")
    draw_notices()
    st.info(
        "Designing an experiment on this page is not built yet. It will let you describe an "
        "experiment in plain words, see its factors and units as cards, have the design checked, "
        "and get a randomised layout and a model to simulate it.",
        title="Not here yet",
        icon=":material/construction:",
    )
    st.markdown("What works today for planning: write the charter before you look at the data.")
    navigation.link("health_check", "Write a charter: hypothesis, metrics, alpha, split, dates")


guard.run(page)
