"""The Bayesian view: informational, never read by the decision."""

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.result import (
    Analysis,
    Compared,
    Informed,
    MetricResult,
    Posterior,
    Rope,
    Unavailable,
)
from experimentos.charts.chart import Chart
from experimentos.charts.density import difference_density
from experimentos.charts.posterior import posterior_chart
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.charter_form import belief_inputs
from experimentos.ui.charter_plan import expected_text, range_text
from experimentos.ui.methods import describe_method, method_title
from experimentos.ui.state import session
from experimentos.ui.table import small_table

SURE = 0.999
TINY_POINTS = 0.00001
SMALL = {
    "charter": "as the charter says",
    "mde": "the smallest effect worth finding",
    "policy": "the policy's limit of what is negligible",
}


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
        _how([(item.method, item.prior) for item in found], "flat")
    _expectations(analysis, primary)
    for missing in analysis.posteriors:
        if isinstance(missing, Unavailable):
            st.caption(f"{fmt.plain(method_title(missing.method))}: {fmt.plain(missing.why)}")


def _expectations(analysis: Analysis, primary: MetricResult) -> None:
    """Draw the ranges that were stated, and the primary metric under them."""
    st.markdown(f"##### With what was expected of {fmt.plain(primary.metric)}")
    charter = session().draft.charter
    if charter.frozen is None:
        st.caption(
            "State what was known before these results, such as from earlier experiments: an "
            "expectation formed from them would count them twice. Empty means a flat prior."
        )
        belief_inputs()
    else:
        st.caption(
            f"From the frozen plan. Lift expected: {fmt.plain(expected_text(charter.belief))}. "
            f"Too small to matter: {fmt.plain(range_text(charter.rope))}."
        )
    found = [item for item in analysis.informed if isinstance(item, Informed)]
    if found:
        rows = [_informed_row(item, primary) for item in found]
        small_table(rows, "The primary metric under the stated expectation")
        _how([(item.method, item.prior) for item in found], "informed")
    for missing in analysis.informed:
        if isinstance(missing, Unavailable):
            st.caption(f"{fmt.plain(method_title(missing.method))}: {fmt.plain(missing.why)}")
    _region(analysis)


def _informed_row(item: Informed, result: MetricResult) -> dict[str, str]:
    return {
        "Arm": f"**{fmt.plain(item.arm)}**",
        "Probability of better": fmt.plain(chance(item.probability_better)),
        "Relative lift": fmt.plain(numbers.interval_percent(item.lift, name="credible")),
        "Too small to matter": _inside(item.rope),
        "Expected loss if launched": _loss(item.loss_if_launched, result.kind),
        "Expected loss if kept": _loss(item.loss_if_kept, result.kind),
    }


def _inside(rope: Rope | None) -> str:
    return "" if rope is None else fmt.plain(chance(rope.probability))


def _region(analysis: Analysis) -> None:
    """Say which lifts count as too small to matter, and why these."""
    ropes = [item.rope for item in (*analysis.informed, *analysis.posteriors)
             if not isinstance(item, Unavailable) and item.rope]  # fmt: skip
    if not ropes:
        return
    ends = f"{numbers.signed_percent(ropes[0].low)} to {numbers.signed_percent(ropes[0].high)}"
    st.caption(
        f"Too small to matter: a relative lift of {fmt.plain(ends)}, "
        f"{SMALL[ropes[0].source]} (region of practical equivalence, ROPE)."
    )


def _how(used: list[tuple[str, str]], key: str) -> None:
    """Draw the popover that says how the posteriors were computed, with their priors."""
    with st.popover(
        "How was this computed?",
        icon=":material/function:",
        type="tertiary",
        key=f"how.bayes.{key}",
    ):
        for method, prior in dict.fromkeys(used):
            describe_method(method)
            st.markdown(f"Prior. {fmt.plain(prior)}")


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
        "Too small to matter": _inside(posterior.rope),
        "Expected loss if launched": _loss(posterior.loss_if_launched, result.kind),
        "Expected loss if kept": _loss(posterior.loss_if_kept, result.kind),
    }


def _loss(size: float, kind: str) -> str:
    if kind != numbers.RATE:
        return numbers.fixed(size, numbers.decimals(size, most=4))
    if size < TINY_POINTS:
        return fmt.plain(f"< {numbers.plain_points(TINY_POINTS)}")
    return numbers.points(size).removeprefix("+")
