"""What the variants of an experiment were answered: ranked, compared, opened as samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import ContractError
from experimentos.flows.evaluations import SAMPLES
from experimentos.flows.variant_samples import analyze_variants, samples_name, variant_samples
from experimentos.ui import format as fmt
from experimentos.ui.samples_state import take_samples
from experimentos.ui.samples_view import comparison_section, leaderboard_section
from experimentos.ui.services import services

if TYPE_CHECKING:
    from experimentos.flows.projects import SavedExperiment
    from experimentos.flows.samples import SampleAnalysis
    from experimentos.runs.documents import Run

TAB, NEXT, SAMPLES_TAB = "runs.tab", "runs.next_tab", ":material/ssid_chart: Samples"


def draw_ranked(saved: SavedExperiment) -> None:
    """Draw the variants by the mean score of their answers, the tied set marked."""
    analysis = analysed(saved)
    if analysis is None:
        return
    leaderboard_section(analysis, "Variant")
    st.caption(
        "Over all answers of the completed runs; intervals allow for answers to one scenario, or "
        "one cluster of scenarios, being alike. = marks what cannot be told from the best."
    )
    samples_button(saved, "board")


def draw_paired(saved: SavedExperiment, correction: str) -> SampleAnalysis | None:
    """Draw each variant against the baseline on the same scenarios; None when it cannot be."""
    analysis = analysed(saved, correction)
    if analysis is None:
        return None
    st.markdown(f"**Against {fmt.plain(saved.experiment.baseline)}, paired by scenario**")
    comparison_section(analysis, "Variant")
    st.markdown("**By whole runs**")
    return analysis


def analysed(saved: SavedExperiment, correction: str = "holm") -> SampleAnalysis | None:
    """Return what the answers say; draw why when there are none."""
    try:
        return analyze_variants(services().store, saved, correction)
    except ContractError as wrong:
        said = fmt.plain(f"{wrong.message} {wrong.hint}")
        st.info(said, title="Nothing to compare yet", icon=":material/info:")
        return None


def samples_button(saved: SavedExperiment, key: str) -> None:
    """Draw the way to all answers of an experiment, each with its transcript."""
    if st.button("Samples and transcripts", key=f"{key}.samples", icon=":material/chat:"):
        try:
            content = variant_samples(services().store, saved)
        except ContractError as wrong:
            st.caption(fmt.plain(f"{wrong.message} {wrong.hint}"))
            return
        _open(content, samples_name(saved.experiment))


def run_samples_button(run: Run) -> None:
    """Draw the way to the answers of one run, where it kept some."""
    if SAMPLES in run.outputs and st.button(
        "Samples and transcripts", key="run.samples", icon=":material/chat:"
    ):
        _open(services().store.artefact(run.outputs[SAMPLES]), f"{run.run_id[-8:]}.jsonl")


def _open(content: bytes, name: str) -> None:
    st.session_state[NEXT] = SAMPLES_TAB
    take_samples(content, name)


def turn_to_samples() -> None:
    """Have the tab Samples open when its samples were asked for; before the tabs are drawn."""
    if NEXT in st.session_state:
        st.session_state[TAB] = st.session_state.pop(NEXT)
