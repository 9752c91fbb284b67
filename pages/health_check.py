"""Health check: bring results in, see whether they can be trusted, write down what was planned."""

import streamlit as st

from experimentos.ui import experiment, guard, navigation
from experimentos.ui.banner import health_banner
from experimentos.ui.charter_form import charter_form
from experimentos.ui.health_view import health_details, source_line
from experimentos.ui.mapping import mapping_step
from experimentos.ui.notices import draw_notices
from experimentos.ui.raw_place import offer_rows
from experimentos.ui.raw_run import draw_running
from experimentos.ui.size_view import size_body
from experimentos.ui.upload import bring_in


def page() -> None:
    st.title("Health check")
    draw_notices()
    draw_running()
    test = experiment.current()
    if test is None:
        st.markdown("Bring in your results: one row per arm, or raw rows to be summed up first.")
        with st.container(border=True):
            bring_in()
        contract_help()
        size_section(None)
        charter_section(None)
        return
    health_banner(test.health)
    offer_rows(test.reading)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(source_line(test.reading), width="stretch")
        if not test.health.is_blocked and st.button(
            "See the results", key="health.results", type="primary", icon=":material/monitoring:"
        ):
            navigation.go("results")
    box = st.expander(
        "Replace the results", icon=":material/swap_horiz:", key="replace", on_change="rerun"
    )
    with box:
        bring_in(is_seen=box.open)
    mapping_step(test.reading)
    health_details(test)
    size_section(test)
    charter_section(test)


def size_section(test: experiment.AbTest | None) -> None:
    box = st.expander(
        "Plan the size: how many users, how long, how small an effect",
        icon=":material/straighten:",
        key="size",
        on_change="rerun",
    )
    if box.open:
        with box:
            size_body(test)


def charter_section(test: experiment.AbTest | None) -> None:
    st.subheader("Charter", anchor=False)
    st.caption("What was planned, best written before the data came. Saved as you type.")
    with st.container(border=True):
        charter_form(test)


def contract_help() -> None:
    with st.expander("What a table of results needs", icon=":material/help:"):
        st.markdown(
            "- **variant**, **users**, **conversions**: always; one row per arm, one called "
            "control.\n"
            "- Further counts of users, such as *cancellations*: guardrails.\n"
            "- A mean per user, such as revenue: **revenue_sum** and **revenue_sum_sq**, or "
            "**revenue_mean** and **revenue_var**.\n"
            "- Order value: **orders**, **aov_sum**, **aov_sum_sq**.\n"
            "- **segment** and **date**: rows of an arm are added up; the views by segment and "
            "over time show them apart.\n\n"
            "Columns called something else? Bring the file in and say which is which."
        )


guard.run(page)
