"""The variants of an experiment: ranked with their intervals, and held against the baseline."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from experimentos.analysis.multiplicity import ADJUSTMENTS
from experimentos.charts.variant_bars import variant_bars
from experimentos.errors import ContractError
from experimentos.flows.projects import list_experiments
from experimentos.flows.variants import compare_experiment, comparison_text
from experimentos.memo.exports import download_name
from experimentos.memo.run_words import (
    CRITERION_HEADER,
    DIFFERENCE_HEADER,
    GROUP_HEADER,
    comparison_lines,
    criterion_cells,
    difference_cells,
    group_cells,
    pairing_lines,
)
from experimentos.runs.run_pairs import PAIRINGS
from experimentos.ui import access
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.services import services
from experimentos.ui.table import small_table
from experimentos.ui.variant_samples_view import draw_paired, draw_ranked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from experimentos.flows.projects import SavedExperiment
    from experimentos.runs.run_groups import RunComparison

ON_ONE_LINE = frozenset({"95% interval", "Range"})
PAIRING_NAMES = {
    "auto": "Paired where runs pair",
    "paired": "Paired only",
    "unpaired": "Unpaired (Welch)",
}


def leaderboard_tab() -> None:
    """Draw the variants of an experiment by their means, the tied set marked."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        saved = _experiment("board")
        asks = saved is not None and saved.experiment.asks
        found = _compared(saved, "board") if saved and not asks else None
    if saved is not None and asks:
        draw_ranked(saved)
        return
    if saved is None or found is None:
        return
    draw_chart(variant_bars(found), "board.bars")
    ranked = [group for group in found.groups if group.described.mean is not None]
    cells = []
    for at, group in enumerate(ranked, start=1):
        tied = " =" if group.variant in found.best and len(found.best) > 1 else ""
        cells.append((f"{at}{tied}", *group_cells(group)))
    _table(("Rank", *GROUP_HEADER), cells, "Leaderboard of the variants")
    for line in comparison_lines(found, saved.experiment):
        st.markdown(f"- {fmt.plain(line)}")
    st.caption(
        "= marks the variants that cannot be told from the best one after a correction for every "
        "pair. Metrics that are not finite have no rank."
    )


def compare_tab() -> None:
    """Draw each variant against the baseline, with corrections, criteria and the report."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        saved = _experiment("compare")
        correction = "holm" if saved is None else _correction()
        pairing = "auto" if saved is None else _pairing()
        found = _compared(saved, "compare", correction, pairing) if saved else None
    if saved is None or found is None:
        return
    paired = draw_paired(saved, correction) if saved.experiment.asks else None
    lines = comparison_lines(found, saved.experiment)
    st.markdown(f"**{fmt.plain(lines[0])}**")
    for line in lines[1:]:
        st.markdown(f"- {fmt.plain(line)}")
    _table(GROUP_HEADER, map(group_cells, found.groups), "Variants")
    st.markdown(f"**Against {fmt.plain(saved.experiment.baseline)}**")
    cells = map(difference_cells, found.differences)
    _table(DIFFERENCE_HEADER, cells, "Differences from the baseline")
    for line in pairing_lines(found):
        st.markdown(f"- {fmt.plain(line)}")
    if found.criteria:
        st.markdown("**Success criteria**")
        _table(CRITERION_HEADER, map(criterion_cells, found.criteria), "Success criteria")
    st.caption("Intervals are not corrected. Failed runs are counted beside the mean, never in it.")
    with st.container(horizontal=True):
        for form, mime in (("md", "text/markdown"), ("html", "text/html")):
            st.download_button(
                f"Report as {'Markdown' if form == 'md' else 'HTML'}",
                access.while_admitted(partial(comparison_text, saved, found, form, paired)),
                download_name(f"comparison {saved.experiment.slug}", "", form),
                mime,
                key=f"compare.{form}",
                icon=":material/download:",
                on_click="ignore",
            )


def _correction() -> str:
    return st.selectbox(
        "Correction", list(ADJUSTMENTS), list(ADJUSTMENTS).index("holm"), key="compare.correction",
        help="Over all variants and metrics that are compared together.", width=160,
    )  # fmt: skip


def _pairing() -> str:
    return st.selectbox(
        "Test", list(PAIRINGS), key="compare.pairing", width=200,
        format_func=PAIRING_NAMES.__getitem__,
        help="Repeat k of each variant has the same seed. Paired, what that seed does to both "
        "drops out of the difference.",
    )  # fmt: skip


def _experiment(key: str) -> SavedExperiment | None:
    known = list_experiments(services().store)
    if not known:
        st.info(
            "Define an experiment under Projects and run its variants: they are ranked and "
            "compared here.",
            title="No experiment yet",
            icon=":material/leaderboard:",
        )
        return None
    names = {f"{s.experiment.project_slug}/{s.experiment.slug}": s for s in known}
    chosen = st.selectbox(
        "Experiment", list(names), key=f"{key}.experiment", persist_state="session",
        format_func=lambda place: f"{names[place].experiment.name} ({place})",
    )  # fmt: skip
    return names[chosen]


def _compared(
    saved: SavedExperiment, key: str, adjustment: str = "holm", pairing: str = "auto"
) -> RunComparison | None:
    try:
        first = compare_experiment(services().store, saved, (), adjustment, pairing)
        if len(first.metrics) == 1:
            return first
        metric = st.selectbox(
            "Metric", first.metrics, key=f"{key}.metric.{saved.experiment.slug}", width=220
        )
        names = (metric, *(name for name in first.metrics if name != metric))
        return compare_experiment(services().store, saved, names, adjustment, pairing)
    except ContractError as wrong:
        st.info(
            fmt.plain(f"{wrong.message} {wrong.hint}"), title="Nothing to compare yet",
            icon=":material/info:",
        )  # fmt: skip
        return None


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]], alt: str) -> None:
    drawn = [
        {
            name: fmt.unbroken(fmt.plain(cell)) if name in ON_ONE_LINE else fmt.plain(cell)
            for name, cell in zip(header, row, strict=True)
        }
        for row in rows
    ]
    if drawn:
        small_table(drawn, alt)
