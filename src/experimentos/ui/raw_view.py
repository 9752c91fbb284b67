"""Raw rows on the page: a source, its first rows, its columns, its metrics, and the run."""

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.flows.raw_metrics import suggested
from experimentos.flows.raw_rows import PREVIEWED, Look
from experimentos.flows.raw_source import Reach
from experimentos.ui import format as fmt
from experimentos.ui.raw_metrics import metrics_section
from experimentos.ui.raw_place import place_picker, table_picker
from experimentos.ui.raw_roles import exposures_picker, roles_section
from experimentos.ui.raw_run import is_running, run_section
from experimentos.ui.raw_state import RawChoice, choice, looked, reached


def from_raw_data() -> None:
    """Draw the whole way from rows to a summary; what is chosen is kept with the draft."""
    within = reached()
    if within is None:
        st.info(
            "This public page reads results only. Sum your rows up where they are with "
            "`experimentos summarize`, and bring the summary in as a file.",
            icon=":material/lock:",
        )
        return
    if is_running():
        st.caption("The rows are being read; see above.")
        return
    st.markdown(
        "One row per user or one per event: the rows stay where they are, only their sums come "
        "here."
    )
    place_picker(within)
    now = choice()
    if now.place is None:
        return
    try:
        with st.spinner("Looking at the first rows"):
            look = looked(now.place, within)
    except ExperimentOSError as failure:
        st.warning(
            f"{fmt.plain(failure.message)}  \n{fmt.plain(failure.hint or '')}",
            title="This source cannot be read",
            icon=":material/unpublished:",
        )
        return
    if table_picker(look) and look.there.types:
        _columns_and_metrics(now, look, within)


def _columns_and_metrics(now: RawChoice, look: Look, within: Reach) -> None:
    guess = suggested(look.there, look.rows)
    preview(look, "raw.preview")
    arms = exposures_picker(now, look, within)
    if arms is None:
        return
    now = roles_section(look, arms)
    metrics = metrics_section(now, look, guess)
    run_section(now, metrics, look, within)


def preview(look: Look, key: str) -> None:
    """Draw the first rows with the types of the columns."""
    shown = look.rows[:PREVIEWED]
    names = list(look.there.types)
    with st.expander(
        f"First {fmt.plural(len(shown), 'row')}, {fmt.plural(len(names), 'column')}",
        expanded=True, icon=":material/table:",
    ):  # fmt: skip
        if not shown:
            st.caption("The source has no rows.")
            return
        st.dataframe(
            {name: [row[place] for row in shown] for place, name in enumerate(names)},
            hide_index=True, height=230, key=key,
            column_config={
                name: st.column_config.TextColumn(
                    f"{name} ({kind})",
                    help=f"In the source: {fmt.plain(look.there.declared[name][:200])}",
                )
                for name, kind in look.there.types.items()
            },
            alt="The first rows of the source as text",
        )  # fmt: skip
