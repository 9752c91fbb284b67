"""The experiment day by day, and whether the plan lets it stop today."""

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.over_time import Final, OverTime, over_time
from experimentos.analysis.result import Unavailable
from experimentos.charts.over_time import VALID, over_time_chart
from experimentos.flows.ab_test import AbTest
from experimentos.flows.parts import primary_of
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.methods import how_done

METHOD_OF = {
    "fixed": (),
    "group_sequential": ("group_sequential",),
    "always_valid": ("asymptotic_cs",),
}
NO_DAYS = (
    "Add a **date** column (2026-02-01) with one row per arm and day: the users first seen on that "
    "day and their conversions. The days then add up to the experiment, and this tab shows how "
    "the effect settled and, with a plan, whether you may stop."
)


def final_text(final: Final, kind: str) -> str:
    """Return the adjusted effect with its interval and p-value."""
    return (
        f"{numbers.difference(final.estimate, kind)} "
        f"({numbers.difference_interval(final.interval, kind)}, {numbers.p_value(final.p_value)})"
    )


def over_time_tab(test: AbTest) -> None:
    """Draw the course of the primary metric for every arm."""
    summary, metric = test.reading.summary, primary_of(test)
    if summary is None or metric is None:
        return
    for arm in summary.treatments:
        course = over_time(summary, metric, arm.name, test.charter, test.policy)
        if isinstance(course, Unavailable):
            _say_why(course)
            return
        _course(course, is_share=metric.kind == numbers.RATE)


def _say_why(missing: Unavailable) -> None:
    if missing.code == "no_days":
        st.info(NO_DAYS, title="No days in this file", icon=":material/calendar_month:")
    else:
        st.info(fmt.plain(missing.why), icon=":material/calendar_month:")


def _course(course: OverTime, *, is_share: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{fmt.plain(course.metric)} · {fmt.plain(course.arm)}**", width="stretch")
        used = [*METHOD_OF[course.kind], *(look.method for look in course.looks)]
        how_done(used, f"over_time.{course.arm}")
    draw = st.success if course.may_stop else st.info
    draw(fmt.plain(course.sentence), title="Given the plan, can I stop today?")
    if course.final is not None:
        kind = numbers.RATE if is_share else ""
        st.markdown(f"Adjusted for the looks: **{fmt.plain(final_text(course.final, kind))}**.")
    draw_chart(over_time_chart(course, is_share=is_share), f"over_time.{course.arm}")
    outer = f" Outer band: {VALID[course.kind]}." if VALID[course.kind] else ""
    st.caption(f"Inner band: the interval of a single look, right only at the planned end.{outer}")
