"""The effect by segment: whether it really differs, and whether the segment was planned."""

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.poststratification import Interaction
from experimentos.analysis.result import Compared, Unavailable
from experimentos.analysis.segments import Segmented, SegmentOutcome, by_segment
from experimentos.charts.segments import segments_chart, view_kind
from experimentos.flows.ab_test import AbTest
from experimentos.flows.parts import primary_of
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.methods import how_done
from experimentos.ui.table import small_table

NO_SEGMENTS = (
    "Add a **segment** column with one row per arm and segment, such as mobile and desktop. Rows "
    "of the same arm add up to the whole experiment."
)


def segments_tab(test: AbTest) -> None:
    """Draw the primary metric of every arm by segment."""
    summary, metric = test.reading.summary, primary_of(test)
    if summary is None or metric is None:
        return
    views = by_segment(summary, metric, test.charter, test.policy)
    if not views:
        st.info(NO_SEGMENTS, title="No segments in this file", icon=":material/donut_small:")
    for view in views:
        _view(view, test.charter.two_sided_alpha, is_share=metric.kind == numbers.RATE)


def _view(view: Segmented, alpha: float, *, is_share: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{fmt.plain(view.metric)} · {fmt.plain(view.arm)}**", width="stretch")
        outcomes = [*(each.outcome for each in view.segments), view.poststratified]
        used = [each.method for each in outcomes if isinstance(each, Compared)]
        how_done([*used, "holm", "interaction"], f"segments.{view.arm}")
    st.markdown(fmt.plain(_interaction(view.interaction, alpha)))
    draw_chart(segments_chart(view, is_share=is_share), f"segments.{view.arm}")
    kind = view_kind(is_share=is_share)
    small_table([_row(each, kind) for each in view.segments], "Effect by segment")
    st.markdown(_weighted(view, kind))
    if any(not each.is_planned for each in view.segments):
        st.caption(
            "A segment that was not named before the data is a finding to test again, not a result."
        )


def _interaction(found: Interaction | Unavailable, alpha: float) -> str:
    match found:
        case Unavailable():
            return f"Whether the effect differs between segments is unknown: {found.why}"
        case Interaction():
            p = numbers.p_value(found.p_value)
            if found.p_value < alpha:
                return f"The effect differs between segments (interaction {p}, Cochran's Q)."
            return (
                f"The segments do not differ beyond chance (interaction {p}, Cochran's Q): read "
                "the effect of all users, not that of the luckiest segment."
            )


def _weighted(view: Segmented, kind: str) -> str:
    """Return the effect over all users with each segment at its share of them."""
    match view.poststratified:
        case Unavailable():
            return f"All users, post-stratified: {fmt.plain(view.poststratified.why)}"
        case Compared() as found:
            interval = numbers.difference_interval(found.interval, kind)
            return (
                "All users, post-stratified by segment: "
                f"**{fmt.plain(numbers.difference(found.difference, kind))}** "
                f"({fmt.plain(interval)}, {fmt.plain(numbers.p_value(found.p_value))})."
            )


def _row(each: SegmentOutcome, kind: str) -> dict[str, str]:
    planned = ":blue-badge[Planned]" if each.is_planned else ":gray-badge[Not planned]"
    row = {"Segment": f"**{fmt.plain(each.segment)}**", "Before the data": planned}
    match each.outcome:
        case Unavailable():
            return row | {"Difference": fmt.plain(each.outcome.why), "p, adjusted": ""}
        case Compared():
            interval = numbers.difference_interval(each.outcome.interval, kind)
            difference = numbers.difference(each.outcome.difference, kind)
            return row | {
                "Difference": f"{difference} :small[:gray[{interval}]]",
                "p, adjusted": numbers.bare_p(each.outcome.p_value),
            }
