"""The Bayesian view: informational, never read by the decision."""

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.result import Analysis, Compared, MetricResult, Posterior, Unavailable
from experimentos.charts.chart import Chart
from experimentos.charts.density import difference_density
from experimentos.charts.posterior import posterior_chart
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.methods import method_title
from experimentos.ui.table import small_table

SURE = 0.999
TINY_POINTS = 0.00001


def bayesian_tab(analysis: Analysis) -> None:
    """Draw the primary's posterior as a curve and every posterior as a row."""
    st.info(
        "**For orientation only.** Nothing on this tab enters the decision, which rests on the "
        "health check, the primary metric and the guardrails.",
        icon=":material/info:",
    )
    results = {result.metric: result for result in analysis.frequentist.metrics}
    found = [item for item in analysis.posteriors if isinstance(item, Posterior)]
    if not found:
        st.markdown("No posterior could be computed from this data.")
    primary = analysis.frequentist.primary
    for posterior in found:
        if posterior.metric == primary.metric:
            _curve(primary, posterior)
    if found:
        rows = [_row(posterior, results[posterior.metric]) for posterior in found]
        small_table(rows, "Posterior of every metric and arm")
    priors = dict.fromkeys((item.method, item.prior) for item in found)
    for method, prior in priors:
        st.caption(f"{fmt.plain(method_title(method))}: {fmt.plain(prior)}")
    for missing in analysis.posteriors:
        if isinstance(missing, Unavailable):
            st.caption(f"{fmt.plain(method_title(missing.method))}: {fmt.plain(missing.why)}")


def chance(probability: float) -> str:
    """Return a probability that never claims certainty: "99.2 %", "> 99.9 %"."""
    if probability > SURE:
        return f"> {numbers.percent(SURE, 1)}"
    if probability < 1 - SURE:
        return f"< {numbers.percent(1 - SURE, 1)}"
    return numbers.percent(probability, 1)


def _curve(result: MetricResult, posterior: Posterior) -> None:
    outcome = dict(result.outcomes).get(posterior.arm)
    name = f"{fmt.plain(posterior.metric)} · {fmt.plain(posterior.arm)}"
    st.markdown(
        f"**{name}**: {fmt.plain(chance(posterior.probability_better))} probable to be better"
    )
    if isinstance(outcome, Compared):
        chart = _chart(f"{outcome}{posterior}", result, outcome, posterior)
        draw_chart(chart, f"posterior.{posterior.metric}.{posterior.arm}")


@st.cache_resource(max_entries=64, show_spinner=False)
def _chart(
    content: str,  # noqa: ARG001 - the key of the cache
    _result: MetricResult,
    _compared: Compared,
    _posterior: Posterior,
) -> Chart:
    is_rate = _result.kind == numbers.RATE
    what = "Difference of the rates" if is_rate else "Difference"
    density = difference_density(_result, _compared, _posterior)
    return posterior_chart(density, title=f"{what}, treatment minus control", is_share=is_rate)


def _row(posterior: Posterior, result: MetricResult) -> dict[str, str]:
    interval = numbers.difference_interval(posterior.difference, result.kind, name="credible")
    return {
        "Metric": f"**{fmt.plain(posterior.metric)}**",
        "Arm": fmt.plain(posterior.arm),
        "Probability of better": fmt.plain(chance(posterior.probability_better)),
        "Difference": fmt.plain(interval),
        "Expected loss if launched": _loss(posterior.loss_if_launched, result.kind),
        "Expected loss if kept": _loss(posterior.loss_if_kept, result.kind),
    }


def _loss(size: float, kind: str) -> str:
    if kind != numbers.RATE:
        return numbers.fixed(size, numbers.decimals(size, most=4))
    if size < TINY_POINTS:
        return fmt.plain(f"< {numbers.plain_points(TINY_POINTS)}")
    return numbers.points(size).removeprefix("+")
