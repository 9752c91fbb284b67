"""Repeated samples: brought in or asked for, then described, ranked and compared."""

import streamlit as st

from experimentos.errors import ContractError
from experimentos.flows.samples import readable, status_of
from experimentos.ui import format as fmt
from experimentos.ui.evaluation_view import ask_models
from experimentos.ui.samples_input import (
    bring_in_samples,
    file_line,
    issues_banner,
    kept_samples,
)
from experimentos.ui.samples_plan import plan_section
from experimentos.ui.samples_state import SampleWork, analysis_of, work
from experimentos.ui.samples_view import (
    comparison_section,
    downloads_section,
    leaderboard_section,
    question_form,
    scenarios_section,
    variance_section,
)
from experimentos.ui.transcripts_view import transcripts_section

SECTIONS = {
    ":material/leaderboard: Ranking": leaderboard_section,
    ":material/ssid_chart: Variance": variance_section,
    ":material/list: Scenarios": scenarios_section,
    ":material/chat: Transcripts": transcripts_section,
    ":material/compare_arrows: Comparison": comparison_section,
    ":material/event_note: Plan": plan_section,
    ":material/download: Downloads": downloads_section,
}


def samples_tab() -> None:
    """Draw the samples that this tab works on, or the ways to get some."""
    current = work()
    if current is None:
        st.markdown(
            "Bring in repeated samples of models: how well each scores, how surely, where the "
            "spread lies, and which cannot be told apart."
        )
        with st.container(border=True):
            bring_in_samples()
        kept_samples()
        ask_models()
        return
    file_line(current)
    issues_banner(current, status_of(current.file))
    if current.file.samples is not None:
        _analysed(current)


def _analysed(current: SampleWork) -> None:
    question = question_form(readable(current.file))
    try:
        analysis = analysis_of(current, question)
    except ContractError as wrong:
        st.error(fmt.plain(f"{wrong.message} {wrong.hint}"), icon=":material/block:")
        return
    for tab, draw in zip(
        st.tabs(list(SECTIONS), key="samples.tabs", on_change="rerun"),
        SECTIONS.values(),
        strict=True,
    ):
        if tab.open:
            with tab:
                draw(analysis)
