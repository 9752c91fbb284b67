"""The choice of the combinations that are run: all, a fraction, a response surface."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.errors import DesignError
from experimentos.flows import design_matrix as flow
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, tab

OWN = "own"
CENTRE_LIMIT = 100
REPLICATES_LIMIT = 1_000


def combinations(document: ExperimentDescription) -> None:
    """Draw which combinations of the treatments are run, and the way to run others."""
    options = {option.key: option for option in flow.runs_options(document)}
    if len(options) < 2:
        return
    present = flow.present_option(document)
    keys = [*options, *([OWN] if present == OWN else [])]
    centre = document.matrix.centre_points if document.matrix else 0
    with (
        st.expander("Combinations that are run", icon=":material/grid_on:"),
        st.form(tab().key("runs"), border=False),
    ):
        with st.grid(min_column_width=200, gap="small"):
            chosen = st.selectbox(
                "Run", keys, keys.index(present), key=tab().key("runs.option"),
                format_func=lambda key: options[key].label if key in options else "a list of runs",
            )  # fmt: skip
            points = st.number_input(
                "Centre points", 0, CENTRE_LIMIT, centre, 1, key=tab().key("runs.centre"),
                help="Runs in the middle of all factors: they show curvature and pure error.",
            )  # fmt: skip
            times = st.number_input(
                "Times the whole is run", 1, REPLICATES_LIMIT,
                min(flow.present_replicates(document), REPLICATES_LIMIT), 1,
                key=tab().key("runs.times"),
            )  # fmt: skip
        is_set = st.form_submit_button("Run these", icon=":material/check:")
    if not is_set or chosen not in options:
        return
    try:
        edit(flow.runs_patch(document, options[chosen], int(points), int(times)))
    except DesignError as failure:
        st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        return
    st.rerun()
