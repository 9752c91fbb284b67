"""What the data says: the primary metric, all metrics together, the guardrails."""

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.result import (
    Compared,
    Frequentist,
    MetricResult,
    Outcome,
    Role,
    Unavailable,
)
from experimentos.charts.forest import forest_chart
from experimentos.charts.rows import forest_rows
from experimentos.decision.judge import Guard, Guarded, judge
from experimentos.flows.ab_test import AbTest
from experimentos.policy import Policy
from experimentos.ui import format as fmt
from experimentos.ui.cards import Level, outcome_cards, state_badge
from experimentos.ui.chart import draw_chart
from experimentos.ui.covariate_view import chosen_view
from experimentos.ui.methods import how_computed, how_many_computed
from experimentos.ui.table import small_table

ROLE_BADGES = {
    Role.PRIMARY: "",
    Role.GUARDRAIL: " :blue-badge[Guardrail]",
    Role.SECONDARY: " :gray-badge[Reported only]",
}
GUARD_BADGES = {
    Guard.CLEAN: ":green-badge[:material/check: Clean]",
    Guard.UNMEASURED: ":gray-badge[:material/help: Not measured]",
    Guard.UNSHOWN: ":orange-badge[:material/unfold_more: Not shown within margin]",
    Guard.WORSE: ":orange-badge[:material/priority_high: Worse]",
    Guard.SEVERE: ":red-badge[:material/block: Severely worse]",
}


def level_of(test: AbTest, frequentist: Frequentist) -> Level:
    """Return what the p-values of this analysis are held against."""
    return Level(frequentist.alpha, test.charter.sides)


def metric_section(result: MetricResult, level: Level, control: str) -> None:
    """Draw every arm of one metric as cards, each with the way it was computed."""
    for arm, outcome in result.outcomes:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            several = f" · {fmt.plain(arm)}" if len(result.outcomes) > 1 else ""
            badge = ROLE_BADGES[result.role]
            if isinstance(outcome, Compared):
                badge += " " + state_badge(outcome, result.direction, level.two_sided)
            st.markdown(f"**{fmt.plain(result.metric)}{several}**{badge}", width="stretch")
            if isinstance(outcome, Compared):
                how_computed(result, outcome, f"{result.metric}.{arm}")
        outcome_cards(result, outcome, level, control)


def forest_section(frequentist: Frequentist) -> None:
    """Draw every metric's relative change with its interval on one axis."""
    st.subheader("All metrics", anchor=False)
    chart = forest_chart(forest_rows(frequentist))
    draw_chart(chart, "forest")
    level = numbers.level(1 - frequentist.alpha)
    st.caption(f"Relative change with its {level} interval. Point at a mark for the exact values.")


def guardrail_section(frequentist: Frequentist, policy: Policy) -> None:
    """Draw each guardrail of each arm with its limit and its state."""
    st.subheader("Guardrails", anchor=False)
    if not frequentist.guardrails:
        st.info(
            "No guardrail was given. Add counts that must not get worse, such as cancellations, "
            "as further columns, or choose them in the charter.",
            icon=":material/shield:",
        )
        return
    judged = judge(frequentist, policy)
    several = len(judged) > 1
    rows = [
        _guard_row(guarded, arm.arm if several else "")
        for arm in judged
        for guarded in arm.guardrails
    ]
    small_table(rows, "Guardrails with their differences, limits and states")
    how_many_computed(
        [
            (result, outcome)
            for result in frequentist.guardrails
            for _, outcome in result.outcomes
            if isinstance(outcome, Compared)
        ],
        "guardrails",
    )


def _guard_row(guarded: Guarded, arm: str) -> dict[str, str]:
    result = guarded.result
    row = {"Guardrail": f"**{fmt.plain(result.metric)}**"}
    if arm:
        row["Arm"] = fmt.plain(arm)
    limit = _limit(result, result.harm)
    margin = "" if result.margin is None else f", margin {_limit(result, result.margin)}"
    way = "lower" if result.direction.value == "higher" else "higher"
    row["State"] = GUARD_BADGES[guarded.state]
    return row | _figures(result, guarded.outcome) | {"Worse from": f"{limit} {way}{margin}"}


def _limit(result: MetricResult, size: float) -> str:
    if result.kind == numbers.RATE:
        return numbers.plain_points(size)
    return f"{numbers.percent(size, 1)} of control"


def _figures(result: MetricResult, outcome: Outcome) -> dict[str, str]:
    match outcome:
        case Unavailable(_, _, why):
            return {"Control": "", "Treatment": "", "Difference": fmt.plain(why), "p": ""}
        case Compared():
            kind = result.kind
            interval = numbers.difference_interval(outcome.interval, kind)
            return {
                "Control": numbers.metric_value(outcome.control_value, kind),
                "Treatment": numbers.metric_value(outcome.treatment_value, kind),
                "Difference": f"{fmt.unbroken(numbers.difference(outcome.difference, kind))} "
                f":small[:gray[{fmt.unbroken(interval)}]]",
                "p": numbers.bare_p(outcome.p_value),
            }


def continuous_tab(test: AbTest, frequentist: Frequentist, control: str) -> None:
    """Draw means and ratios, or say which columns would bring them."""
    results = [r for r in frequentist.metrics if r.kind != numbers.RATE]
    if not results:
        st.info(
            "This file holds counts only. For a mean per user, such as revenue, add "
            "**revenue_sum** and **revenue_sum_sq** (the sum of the squared values of each user), "
            "or **revenue_mean** and **revenue_var**. For order value add **orders**, **aov_sum** "
            "and **aov_sum_sq**.",
            title="No continuous metric",
            icon=":material/query_stats:",
        )
        return
    for result in results:
        metric_section(chosen_view(result, test), level_of(test, frequentist), control)
