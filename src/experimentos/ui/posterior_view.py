"""The Bayesian view: informational, never read by the decision."""

import streamlit as st

from experimentos.analysis.result import Analysis, Posterior, Unavailable
from experimentos.charts import numbers
from experimentos.ui import format as fmt
from experimentos.ui.methods import method_title


def bayesian_tab(analysis: Analysis) -> None:
    """Draw every posterior: probability, expected losses, credible intervals."""
    st.info(
        "For orientation only: nothing on this tab enters the decision, which rests on the "
        "health check, the primary metric and the guardrails.",
        title="Informational",
        icon=":material/info:",
    )
    found = [item for item in analysis.posteriors if isinstance(item, Posterior)]
    kinds = {result.metric: result.kind for result in analysis.frequentist.metrics}
    if not found:
        st.markdown("No posterior could be computed from this data.")
    for posterior in found:
        _card(posterior, kinds.get(posterior.metric, ""))
    for missing in analysis.posteriors:
        if isinstance(missing, Unavailable):
            st.caption(f"{method_title(missing.method)}: {fmt.plain(missing.why)}")


def _card(posterior: Posterior, kind: str) -> None:
    name = f"{fmt.plain(fmt.words(posterior.metric))} · {fmt.plain(posterior.arm)}"
    st.markdown(f"**{name}**")
    with st.grid(min_column_width=190, gap="small"):
        _figure(
            "Probability of being better",
            numbers.percent(posterior.probability_better, 1),
            "given the data and the prior",
        )
        _figure(
            "Difference",
            numbers.difference(_middle(posterior), kind),
            numbers.difference_interval(posterior.difference, kind, name="credible"),
        )
        _figure(
            "Expected loss if launched",
            numbers.difference(posterior.loss_if_launched, kind).removeprefix("+"),
            "if it is in truth worse",
        )
        _figure(
            "Expected loss if kept",
            numbers.difference(posterior.loss_if_kept, kind).removeprefix("+"),
            "if it is in truth better",
        )
    st.caption(f"{method_title(posterior.method)}. Prior: {fmt.plain(posterior.prior)}")


def _middle(posterior: Posterior) -> float:
    return (posterior.difference.low + posterior.difference.high) / 2


def _figure(label: str, value: str, below: str) -> None:
    st.metric(label, value, below, delta_color="off", delta_arrow="off", border=True)
