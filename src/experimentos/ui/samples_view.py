"""Repeated samples on the page: leaderboard, variance, scenarios, comparison, downloads."""

from functools import partial

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.multiplicity import ADJUSTMENTS
from experimentos.analysis.result import Direction
from experimentos.charts.model_bars import model_bars
from experimentos.charts.scenario_plots import caterpillar, paired_differences
from experimentos.charts.score_profile import score_profile
from experimentos.flows.sample_export import FORMS, exported
from experimentos.flows.sample_report import cell_columns
from experimentos.flows.samples import SampleAnalysis, SampleQuestion
from experimentos.memo.exports import download_name
from experimentos.memo.sample_words import (
    MIDDLE_HEADER,
    TEST_HEADER,
    SampleWords,
    comparison_cells,
    interval_words,
    middle_rows,
    other_test_rows,
    pass_rows,
    spread_cells,
    tie_lines,
)
from experimentos.runs.cell_intervals import INTERVALS
from experimentos.runs.compare import ModelDifference
from experimentos.runs.samples import Samples
from experimentos.ui import format as fmt
from experimentos.ui.chart import draw_chart
from experimentos.ui.table import small_table

_LABELS = {
    "csv": ("Samples as CSV", "text/csv"),
    "json": ("Analysis as JSON", "application/json"),
    "md": ("Report as Markdown", "text/markdown"),
    "html": ("Report as HTML", "text/html"),
}
MOST_CELLS = 10_000
_WAYS = {"Higher is better": Direction.HIGHER, "Lower is better": Direction.LOWER}


def question_form(samples: Samples) -> SampleQuestion:
    """Draw what can be asked; return it."""
    several = len(samples.models) > 1
    with st.container(horizontal=True, gap="small"):
        metric = st.selectbox("Metric", samples.metrics, key="samples.metric")
        way = st.selectbox("Good is", list(_WAYS), key="samples.way")
        baseline, correction = None, "holm"
        if several:
            baseline = st.selectbox("Baseline", samples.models, key="samples.baseline")
            correction = st.selectbox(
                "Correction", list(ADJUSTMENTS), list(ADJUSTMENTS).index("holm"),
                key="samples.correction",
                help="Over all models and metrics that are compared together.",
            )  # fmt: skip
        interval = st.selectbox(
            "Cell intervals", list(INTERVALS), key="samples.interval",
            help="Of each scenario and model. auto: Wilson for 0/1 scores, Student t for others.",
        )  # fmt: skip
    return SampleQuestion(baseline, metric, _WAYS[way], correction, interval=interval)


def leaderboard_section(analysis: SampleAnalysis, what: str = "Model") -> None:
    """Draw the ranking, with the tied set marked; `what` names what the models are."""
    words = SampleWords(is_rate=analysis.table.is_binary)
    draw_chart(model_bars(analysis.table, analysis.leaderboard), "samples.bars")
    small_table(
        [
            {
                "Rank": "" if p.rank is None else f"{p.rank}{' =' if p.is_tied else ''}",
                what: fmt.plain(p.model),
                "Mean": "" if p.mean is None else words.value(p.mean),
                f"{numbers.level(analysis.table.level)} interval": fmt.plain(
                    interval_words(p.interval, words)
                ),
                "Samples": numbers.count(p.n),
                "Missing": numbers.count(p.missing),
            }
            for p in analysis.leaderboard
        ],
        "Leaderboard of the models",
    )
    for line in tie_lines(analysis.leaderboard):
        st.markdown(f"- {fmt.plain(line)}")


def variance_section(analysis: SampleAnalysis) -> None:
    """Draw where the spread of each model lies, pass@k and pass^k."""
    words = SampleWords(is_rate=analysis.table.is_binary)
    names = ("sd", "Range", "SE", "SE if independent", "ICC", "Design effect")
    small_table(
        [
            {"Model": fmt.plain(row.model)}
            | dict(zip(names, map(fmt.plain, spread_cells(row, words)), strict=True))
            for row in analysis.table.models
        ],
        "Spread of each model",
    )
    st.caption(
        "SE is clustered: samples of one scenario are alike, and counting them as independent "
        "would promise too much. ICC is the share of the variance that lies between scenarios."
    )
    passes = pass_rows(analysis.table)
    if passes:
        st.markdown("**pass@k** (at least one of k samples passes) and **pass^k** (all k pass)")
        columns = ("Model", "k", "pass@k", "pass^k")
        small_table(
            [dict(zip(columns, map(fmt.plain, row), strict=True)) for row in passes],
            "pass@k and pass^k by model and k",
        )
    middle = middle_rows(analysis.table, words)
    if middle:
        st.markdown("**Middle half of the scores**, which single extremes do not move")
        small_table(
            [dict(zip(MIDDLE_HEADER, map(fmt.plain, row), strict=True)) for row in middle],
            "Interquartile mean of each model",
        )
    if not analysis.table.is_binary:
        st.markdown("**Performance profile**: who has more samples above each score")
        draw_chart(score_profile(analysis.samples, analysis.table.metric), "samples.profile")


def scenarios_section(analysis: SampleAnalysis) -> None:
    """Draw the most variable scenarios, and every scenario of one model."""
    words = SampleWords(is_rate=analysis.table.is_binary)
    if analysis.most_variable:
        st.markdown("**Most variable scenarios**")
        small_table(
            [
                {
                    "Scenario": fmt.plain(row.scenario),
                    "sd within": words.spread(row.sd),
                    "Mean": words.value(row.mean),
                    "Range": fmt.plain(f"{words.value(row.low)} to {words.value(row.high)}"),
                    "Samples": numbers.count(row.n),
                }
                for row in analysis.most_variable
            ],
            "Scenarios whose repeated samples differ most",
        )
    else:
        st.info(
            "No scenario was sampled twice with different scores, so none can be called variable.",
            icon=":material/info:",
        )
    scored = [row.model for row in analysis.table.models if row.mean is not None]
    model = st.selectbox("Every scenario of", scored, key="samples.caterpillar")
    draw_chart(caterpillar(analysis.samples, analysis.table, model), "samples.scenarios")
    _every_cell(analysis)


def _every_cell(analysis: SampleAnalysis) -> None:
    """Draw every scenario and model as a table, once it is asked for."""
    box = st.expander(
        "Every scenario and model: n, mean, sd, range, interval", key="samples.cells",
        icon=":material/table_rows:", on_change="rerun",
    )  # fmt: skip
    if not box.open:
        return
    columns = cell_columns(analysis.samples, analysis.table, MOST_CELLS)
    with box:
        exact = st.column_config.NumberColumn(format="%.4g")
        st.dataframe(
            columns,
            hide_index=True,
            column_config=dict.fromkeys(("mean", "sd", "min", "max", "low", "high"), exact),
            alt="Every scenario and model with samples, mean, spread and interval",
        )
        level = numbers.level(analysis.table.level)
        st.caption(
            f"{analysis.table.interval} intervals at {level}; none for one sample, which shows no "
            "spread."
        )
        if analysis.table.cells.n.size > MOST_CELLS:
            st.caption(f"The first {MOST_CELLS:,}; the analysis as JSON has all.")


def comparison_section(analysis: SampleAnalysis, what: str = "Model") -> None:
    """Draw each model against the baseline, paired by scenario."""
    if not analysis.of_metric:
        st.info("There is one model: nothing to compare with.", icon=":material/info:")
        return
    words = SampleWords(is_rate=analysis.table.is_binary)
    names = ("Difference", "p", "Corrected p", "P(better)", "Method")
    small_table(
        [
            {what: fmt.plain(found.model)}
            | dict(zip(names, map(fmt.plain, comparison_cells(found, words)), strict=True))
            for found in analysis.of_metric
        ],
        f"Differences from {analysis.baseline}",
    )
    st.caption(
        f"Each {what.lower()} minus the baseline on the same scenarios. P(better): the chance that "
        f"a sample of the {what.lower()} beats one of the baseline on the same scenario. Intervals "
        "are not corrected."
    )
    others = other_test_rows(analysis.of_metric)
    if others:
        with st.expander("Pairs, and the other tests", icon=":material/compare_arrows:"):
            st.caption(
                "Two-sided p-values, not corrected; they decide nothing. A dash: the test does not "
                "apply (Wilcoxon knows no clusters, McNemar wants one right or wrong answer each)."
            )
            small_table(
                [dict(zip(TEST_HEADER, map(fmt.plain, row), strict=True)) for row in others],
                "Pairs and p-values of the other tests",
            )
    drawn = [found for found in analysis.of_metric if isinstance(found, ModelDifference)]
    for found in drawn[:6]:
        draw_chart(paired_differences(analysis.samples, found), f"samples.paired.{found.model}")


def downloads_section(analysis: SampleAnalysis) -> None:
    """Draw the downloads; each is made when it is pressed."""
    with st.container(horizontal=True, gap="small"):
        for form in FORMS:
            label, mime = _LABELS[form]
            st.download_button(
                label,
                partial(exported, analysis, form),
                download_name(f"samples {analysis.file.name}", "", form),
                mime,
                key=f"samples.{form}",
                icon=":material/download:",
                on_click="ignore",
            )
