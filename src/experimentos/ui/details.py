"""Everything behind the results: methods, second opinions, data as read, exact numbers."""

import json

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.result import Analysis, Compared
from experimentos.flows.ab_test import AbTest
from experimentos.flows.report import analyze_report
from experimentos.memo.exports import download_name, results_csv
from experimentos.ui import format as fmt
from experimentos.ui.banner import issue_list
from experimentos.ui.health_view import data_as_read
from experimentos.ui.methods import alongside_line, describe_method, method_title


def details_tab(test: AbTest, analysis: Analysis) -> None:
    """Draw downloads, methods, second methods, assumptions, issues and the data as read."""
    _downloads(test, analysis)
    _exact(analysis)
    _methods(analysis)
    if analysis.assumptions:
        st.markdown("##### What was assumed")
        st.markdown("\n".join(f"- {fmt.plain(line)}" for line in analysis.assumptions))
    st.markdown("##### Notes and warnings")
    if test.health.issues:
        issue_list(test.health.issues)
    else:
        st.caption("None.")
    st.markdown("##### Data as read")
    data_as_read(test.reading)


def _downloads(test: AbTest, analysis: Analysis) -> None:
    title = test.charter.title or test.reading.name
    with st.container(horizontal=True):
        st.download_button(
            "Every number as CSV", results_csv(analysis.frequentist),
            download_name(title, "", "csv"), "text/csv",
            key="details.csv", icon=":material/download:", on_click="ignore",
            help="Full precision. Cells that a spreadsheet could take for a formula get a "
            "leading apostrophe.",
        )  # fmt: skip
        st.download_button(
            "Whole analysis as JSON", lambda: json.dumps(analyze_report(test), indent=1),
            download_name(title, "", "json"), "application/json",
            key="details.json", icon=":material/download:", on_click="ignore",
            help="What `experimentos analyze --json` prints.",
        )  # fmt: skip


def _exact(analysis: Analysis) -> None:
    st.markdown("##### Every comparison")
    rows = [
        {
            "Metric": result.metric,
            "Arm": arm,
            "Role": result.role.value,
            "Method": method_title(outcome.method),
            "Difference": outcome.difference if isinstance(outcome, Compared) else None,
            "Low": outcome.interval.low if isinstance(outcome, Compared) else None,
            "High": outcome.interval.high if isinstance(outcome, Compared) else None,
            "p": outcome.p_value if isinstance(outcome, Compared) else None,
        }
        for result in analysis.frequentist.metrics
        for arm, outcome in result.outcomes
    ]
    exact = st.column_config.NumberColumn(format="%.6g")
    st.dataframe(
        rows,
        hide_index=True,
        column_config=dict.fromkeys(("Difference", "Low", "High", "p"), exact),
        alt="Every comparison with its difference, interval and p-value",
    )


def _methods(analysis: Analysis) -> None:
    outcomes = [
        (result, arm, outcome)
        for result in analysis.frequentist.metrics
        for arm, outcome in result.outcomes
        if isinstance(outcome, Compared)
    ]
    st.markdown("##### Methods")
    for name in dict.fromkeys(outcome.method for _, _, outcome in outcomes):
        with st.expander(method_title(name), icon=":material/function:"):
            describe_method(name)
    lines = [
        f"- {fmt.plain(result.metric)}, {fmt.plain(arm)}: {alongside_line(other)}"
        for result, arm, outcome in outcomes
        for other in outcome.alongside
    ]
    if lines:
        level = numbers.level(1 - analysis.frequentist.alpha)
        with st.expander("Second methods, for comparison", icon=":material/compare_arrows:"):
            st.caption(f"Shown beside the first; they decide nothing. Intervals at {level}.")
            st.markdown("\n".join(lines))
