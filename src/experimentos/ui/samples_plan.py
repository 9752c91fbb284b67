"""Planning the next evaluation: scenarios and samples for a wanted difference."""

import streamlit as st

from experimentos.errors import ContractError
from experimentos.flows.samples import SampleAnalysis, plan_from
from experimentos.memo.sample_words import PLAN_HEADER, SampleWords, plan_lines, plan_rows
from experimentos.runs.sample_plan import Wanted
from experimentos.ui import format as fmt
from experimentos.ui.table import small_table


def plan_section(analysis: SampleAnalysis) -> None:
    """Draw what a wanted difference needs, learned from these samples."""
    words = SampleWords(is_rate=analysis.table.is_binary)
    st.markdown("How many scenarios and samples find a difference between two models?")
    with st.container(horizontal=True, gap="small"):
        step, unit = (1.0, "percentage points") if words.is_rate else (0.01, "in scores")
        size = st.number_input(
            f"Smallest difference that matters ({unit})", 0.0, None, 5 * step, step,
            key=f"samples.plan.{unit}", format="%g",
        )  # fmt: skip
        power = st.slider("Power (%)", 50, 99, 80, key="samples.plan.power", width=180)
        others = [name for name in analysis.samples.models if name != analysis.baseline]
        model = None
        if analysis.baseline:
            model = st.selectbox(
                f"Learned from {fmt.plain(analysis.baseline)} and", others, key="samples.plan.model"
            )
    difference = size / 100 if words.is_rate else size
    wanted = Wanted(difference, analysis.question.alpha, power / 100)
    try:
        plan = plan_from(analysis.file, wanted, analysis.question, model)
    except ContractError as wrong:
        st.info(fmt.plain(f"{wrong.message} {wrong.hint}"), icon=":material/info:")
        return
    small_table(
        [dict(zip(PLAN_HEADER, map(fmt.plain, row), strict=True)) for row in plan_rows(plan)],
        "Scenarios and calls by samples per scenario",
    )
    for line in plan_lines(plan, words):
        st.markdown(f"- {fmt.plain(line)}")
