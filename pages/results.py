"""Results: decision, primary metric, every metric together, guardrails, and what lies behind."""

import streamlit as st

from experimentos.ui import experiment, guard, navigation
from experimentos.ui import format as fmt
from experimentos.ui.banner import health_banner
from experimentos.ui.calibrate_view import calibrate_section
from experimentos.ui.decision_view import decision_callout, deviations_expander
from experimentos.ui.details import details_tab
from experimentos.ui.health_view import source_line
from experimentos.ui.notices import draw_notices
from experimentos.ui.over_time_view import over_time_tab
from experimentos.ui.posterior_view import bayesian_tab
from experimentos.ui.results_view import (
    continuous_tab,
    forest_section,
    guardrail_section,
    level_of,
    metric_section,
)
from experimentos.ui.segments_view import segments_tab

MEMO = ":material/gavel:"
TABS = {
    "continuous": ":material/query_stats: Continuous",
    "bayesian": ":material/blur_on: Bayesian view",
    "segments": ":material/donut_small: Segments",
    "days": ":material/calendar_month: Over time",
    "details": ":material/receipt_long: Details",
}


def page() -> None:
    test = experiment.current()
    st.title(fmt.plain(test.charter.title) if test and test.charter.title else "Results")
    draw_notices()
    if test is None:
        guard.nothing_yet(
            "No results yet",
            "This page needs the results of an experiment: one row per arm with its users and "
            "conversions.",
        )
        return
    st.markdown(source_line(test.reading))
    health_banner(test.health)
    analysis, summary = test.analysis, test.reading.summary
    if analysis is None or summary is None:
        st.markdown("Nothing was analysed. Correct the file and bring it in again.")
        navigation.link("health_check", "Go to the health check")
        return
    decision_callout(test.decision)
    deviations_expander(test)
    st.subheader("Primary metric", anchor=False)
    frequentist = analysis.frequentist
    metric_section(frequentist.primary, level_of(test, frequentist), summary.control)
    forest_section(frequentist)
    guardrail_section(frequentist, test.policy)
    tabs(test, analysis, summary.control)
    calibrate_section(test, analysis)
    if st.button("Write the decision memo", key="results.memo", type="primary", icon=MEMO):
        navigation.go("decision_memo")


def tabs(test: experiment.AbTest, analysis: experiment.Analysis, control: str) -> None:
    continuous, bayesian, segments, days, details = st.tabs(
        list(TABS.values()), key="results.tabs", on_change="rerun"
    )
    if continuous.open:
        with continuous:
            continuous_tab(test, analysis.frequentist, control)
    if bayesian.open:
        with bayesian:
            bayesian_tab(analysis)
    if segments.open:
        with segments:
            segments_tab(test)
    if days.open:
        with days:
            over_time_tab(test)
    if details.open:
        with details:
            details_tab(test, analysis)


guard.run(page)
