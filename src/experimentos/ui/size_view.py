"""Plan the size: how many users, how long, how small an effect, before there is any data."""

from dataclasses import dataclass

import streamlit as st

from experimentos.analysis import numbers
from experimentos.charts.chart import Chart
from experimentos.charts.power import power_chart
from experimentos.charts.smallest_effect import smallest_effect_chart
from experimentos.errors import ExperimentOSError
from experimentos.flows.ab_test import AbTest
from experimentos.flows.power_plan import PowerPlan, PowerQuestion, known_from, plan_power
from experimentos.flows.sizing import (
    Sizing,
    Start,
    mde_curve,
    power_curve,
    question_of,
    start_of,
    taken_over,
)
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.size_form import is_share, size_form
from experimentos.ui.state import change, session

MISSING = {
    "size": "Give the baseline and the effect: the users follow.",
    "effect": "Give the baseline and the users: the smallest effect follows.",
    "power": "Give the baseline, the effect and the users: the power follows.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A solved plan with its pictures."""

    plan: PowerPlan
    power: Chart | None
    smallest: Chart | None


def size_body(test: AbTest | None) -> None:
    """Draw the inputs, the answer, its curves, and the way into the charter."""
    charter = session().draft.charter
    way = "higher" if charter.direction == "higher" else "lower"
    st.caption(
        f"Solved for the very test that the analysis runs, at the charter's level "
        f"(alpha {charter.alpha:g}), where {way} is better. Nothing here needs data."
    )
    sizing = size_form(test)
    try:
        start = _start(sizing, test)
        question = question_of(sizing, start, charter) if start else None
        if start is None or question is None:
            st.info(MISSING[sizing.sought], icon=":material/edit:")
            return
        rate = is_share(sizing.source, sizing.kind, test)
        answer = _solved(repr((question, rate)), question, is_rate=rate)
    except ExperimentOSError as failure:
        st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint or '')}")
        return
    _cards(answer.plan, start, is_rate=rate)
    st.caption(f"{fmt.plain(answer.plan.method[:1].upper() + answer.plan.method[1:])}.")
    _pictures(answer)
    _take_over(sizing, answer.plan, test)


def _start(sizing: Sizing, test: AbTest | None) -> Start | None:
    summary = test.reading.summary if test else None
    if not sizing.source or summary is None:
        return start_of(sizing)
    known = known_from(summary, sizing.source, sizing.correlation**2)
    baseline = numbers.metric_value(known.baseline, summary.metric(sizing.source).kind)
    st.caption(
        f"{fmt.plain(sizing.source)} of {fmt.plain(summary.control)}: {fmt.plain(baseline)} on "
        f"{numbers.count(known.users)} users."
    )
    return Start(known.metric, known.baseline)


@st.cache_resource(max_entries=128, show_spinner=False)
def _solved(
    content: str,  # noqa: ARG001 - the key of the cache
    _question: PowerQuestion,
    *,
    is_rate: bool,
) -> Answer:
    plan = plan_power(_question)
    reached, smallest = power_curve(_question, plan), mde_curve(_question, plan)
    return Answer(
        plan,
        power_chart(
            [round(users) for users in reached.x], reached.y, target=plan.power, needed=plan.total
        )
        if reached
        else None,
        smallest_effect_chart(smallest.x, smallest.y, planned=plan.days or 0, is_share=is_rate)
        if smallest
        else None,
    )


def _cards(plan: PowerPlan, start: Start, *, is_rate: bool) -> None:
    kind = numbers.RATE if is_rate else "mean"
    users = numbers.count(plan.control)
    each = f"{numbers.count(plan.treatment)} in each treatment arm"
    with st.container(horizontal=True, gap="small"):
        _card("Users in all arms", numbers.count(plan.total), f"{users} in control, {each}")
        if plan.effect is None:
            _card("Smallest effect", "none", "no effect reaches the power")
        else:
            label = "Smallest effect" if plan.solved == "mde" else "Effect"
            share = plan.effect / abs(start.baseline) if start.baseline else None
            below = f"{numbers.signed_percent(share)} of the baseline" if share else "absolute"
            _card(label, numbers.difference(plan.effect, kind), below)
        _card("Power", numbers.percent(plan.power, 1), "for this effect")
        if plan.days is not None:
            weeks = f"{plan.whole_weeks_days} in whole weeks"
            _card("Days", f"{plan.days:,}", weeks)


def _card(label: str, value: str, below: str) -> None:
    st.metric(label, value, fmt.plain(below), delta_color="off", delta_arrow="off", border=True)


def _pictures(answer: Answer) -> None:
    shown = [
        (chart, key)
        for chart, key in ((answer.power, "size.power"), (answer.smallest, "size.smallest"))
        if chart is not None
    ]
    with st.grid(min_column_width=380):
        for chart, key in shown:
            draw_chart(chart, key)


def _take_over(sizing: Sizing, plan: PowerPlan, test: AbTest | None) -> None:
    charter = session().draft.charter
    if charter.frozen is not None:
        st.caption("The plan is frozen: copy it as a new plan below to take this size over.")
        return
    summary = test.reading.summary if test else None
    if summary is not None and len(summary.treatments) != sizing.arms:
        arms = fmt.plural(len(summary.treatments), "treatment arm")
        st.caption(f"These results hold {arms}: plan for as many to take the size over.")
        return
    fresh = taken_over(charter, sizing, plan)
    is_there = fresh == charter
    if st.button(
        "Take over into the charter", key="size.take_over", icon=":material/assignment_turned_in:",
        disabled=is_there,
        help="Sets the smallest effect, the planned users, the split and the looks.",
    ):  # fmt: skip
        session().version += 1
        session().notices.append("The charter now plans this size.")
        change(charter=fresh)
        st.rerun()
    if is_there:
        st.caption("The charter plans this size.")
