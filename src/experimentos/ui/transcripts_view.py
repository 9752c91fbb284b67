"""What the models said, sample by sample, exactly as they said it."""

import numpy as np
import streamlit as st

from experimentos.analysis import numbers
from experimentos.flows.samples import SampleAnalysis
from experimentos.memo.sample_words import SampleWords
from experimentos.runs.samples import Samples
from experimentos.ui import format as fmt

AT_ONCE = 10
MOST_CHARACTERS = 20_000


def transcripts_section(analysis: SampleAnalysis) -> None:
    """Draw the transcripts of one scenario and model; the most variable scenario comes first."""
    samples = analysis.samples
    if samples.transcripts is None:
        st.info(
            "This file holds no transcripts. Give a column `transcript` (or `output`, "
            "`response`, `completion`), or ask models from this page.",
            icon=":material/chat:",
        )
        return
    first = [row.scenario for row in analysis.most_variable]
    names = list(dict.fromkeys([*first, *samples.scenarios]))
    with st.grid(min_column_width=220):
        scenario = st.selectbox("Scenario", names, key="transcripts.scenario")
        models = _models_of(samples, samples.scenarios.index(scenario))
        model = st.selectbox("Model", models, key="transcripts.model")
    rows = _rows(samples, scenario, model)
    words = SampleWords(is_rate=analysis.table.is_binary)
    scores = samples.scores[analysis.table.metric]
    for row in rows[:AT_ONCE]:
        score = scores[row]
        worth = "no score" if np.isnan(score) else words.value(float(score))
        _sample(samples, int(row), worth)
    if len(rows) > AT_ONCE:
        st.caption(f"The first {AT_ONCE} of {numbers.count(len(rows))} samples; the CSV has all.")


def _models_of(samples: Samples, scenario: int) -> list[str]:
    codes = np.unique(samples.model[samples.scenario == scenario])
    return [samples.models[code] for code in codes.tolist()]


def _rows(samples: Samples, scenario: str, model: str) -> list[int]:
    of_cell = (samples.scenario == samples.scenarios.index(scenario)) & (
        samples.model == samples.model_code(model)
    )
    rows = np.flatnonzero(of_cell)
    return list(rows[np.argsort(samples.sample_index[rows], kind="stable")].tolist())


def _sample(samples: Samples, row: int, worth: str) -> None:
    text = (samples.transcripts or ())[row]
    with st.container(border=True):
        st.markdown(f"**Sample {samples.sample_index[row]}** · {fmt.plain(worth)}")
        if not text:
            st.caption("No answer.")
            return
        # As code, never as Markdown: a model's text must not draw anything.
        st.code(text[:MOST_CHARACTERS], language=None, wrap_lines=True)
        if len(text) > MOST_CHARACTERS:
            st.caption(f"The first {MOST_CHARACTERS:,} of {len(text):,} characters.")
