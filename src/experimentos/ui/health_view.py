"""A health report and the data it speaks of."""

import streamlit as st

from experimentos.analysis import numbers
from experimentos.charts.traffic import traffic_chart
from experimentos.flows.ab_test import AbTest
from experimentos.health import CHECKS
from experimentos.health.report import DailyRatio, HealthReport
from experimentos.metrics.contract import Reading
from experimentos.metrics.summary import Scan, Summary
from experimentos.ui import format as fmt
from experimentos.ui.banner import issue_list, not_in_banner
from experimentos.ui.chart import draw_chart

FORMS = {
    "csv": "CSV",
    "tsv": "TSV",
    "xlsx": "Excel",
    "parquet": "Parquet",
    "json": "JSON",
    "pasted": "pasted table",
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "pyspark": "Spark",
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
    "databricks": "Databricks",
    "clickhouse": "ClickHouse",
    "trino": "Trino",
}


def source_line(reading: Reading) -> str:
    """Return what was read, in a few words of Markdown."""
    scan = reading.summary.source.scan if reading.summary is not None else None
    parts = [FORMS.get(reading.form, reading.form)]
    if scan is not None:
        parts = [f"{numbers.count(scan.rows)} rows, summed up by {_title(scan.engine)}"]
    if reading.summary is not None:
        users = sum(arm.users for arm in reading.summary.arms)
        parts.append(fmt.plural(len(reading.summary.arms), "arm"))
        parts.append(f"{numbers.count(users)} users")
        parts.append(fmt.plural(len(reading.summary.metrics), "metric"))
    return f"**{fmt.plain(reading.name)}** · " + " · ".join(parts)


def health_details(test: AbTest) -> None:
    """Draw the traffic, the checks and the data as read."""
    summary = test.reading.summary
    if summary is not None:
        _traffic(summary, test.health)
    _checks(test.health)
    _data(test.reading)


def _traffic(summary: Summary, health: HealthReport) -> None:
    st.subheader("Traffic per arm", anchor=False)
    srm = health.srm
    if srm is None:
        st.info("The sample ratio cannot be tested on these arms.", icon=":material/info:")
        return
    chart = traffic_chart([arm.name for arm in summary.arms], srm)
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        draw_chart(chart, "traffic")
    with right:
        st.metric(
            "Sample ratio test",
            numbers.p_value(srm.p_value),
            f"at most {numbers.points(srm.deviation).removeprefix('+')} off, {fmt.plain(srm.arm)}",
            delta_color="off",
            delta_arrow="off",
            border=True,
            help="How probable a split at least this far from the plan is when the assignment "
            "works. "
            + (
                "Exact multinomial test."
                if srm.statistic is None
                else f"Pearson's chi-square test, statistic {srm.statistic:.3f}."
            ),
        )
        if health.srm_sequential is not None:
            _daily(health.srm_sequential)


def _daily(ratio: DailyRatio) -> None:
    st.metric(
        f"At every one of {ratio.days} days",
        numbers.p_value(ratio.p_value),
        "no alarm" if ratio.alarm is None else f"alarm since {ratio.alarm}",
        delta_color="off",
        delta_arrow="off",
        border=True,
        help="The sequential sample ratio test (Lindon and Malek 2022): it may be read every day, "
        "and its p-value never rises again. The test above is right once, at the end.",
    )


def _checks(health: HealthReport) -> None:
    st.subheader("Checks", anchor=False)
    further = not_in_banner(health)
    if further:
        issue_list(further)
    if not health.checks:
        return
    failed = sum(not passed for _, passed in health.checks)
    title = f"All {len(health.checks)} checks passed"
    if failed:
        title = f"{failed} of {fmt.plural(len(health.checks), 'check')} found something"
    with (
        st.expander(title, expanded=bool(failed), icon=":material/checklist:"),
        st.grid(min_column_width=320, gap="xsmall"),
    ):
        for name, passed in sorted(health.checks, key=lambda check: check[1]):
            st.markdown(_mark(name, passed=passed))


def _mark(name: str, *, passed: bool) -> str:
    title = CHECKS[name].title if name in CHECKS else fmt.words(name)
    mark = ":green[:material/check_circle:]" if passed else ":orange[:material/error:]"
    return f"{mark} {fmt.plain(title)}"


def _data(reading: Reading) -> None:
    notes = reading.summary.source.notes if reading.summary is not None else ()
    scan = reading.summary.source.scan if reading.summary is not None else None
    if scan is not None:
        _scanned(scan, notes)
        return
    with st.expander("Data as read", icon=":material/table:"):
        data_as_read(reading)
        for note in notes:
            st.markdown(f":material/info: {fmt.plain(note)}")
        st.caption(f"SHA-256 of the input: `{reading.sha256}`")


def _title(engine: str) -> str:
    return fmt.plain(FORMS.get(engine, engine))


def _scanned(scan: Scan, notes: tuple[str, ...]) -> None:
    with st.expander("How the rows were summed up", icon=":material/functions:"):
        st.caption(
            f"{fmt.plural(scan.rows, 'row')}, {fmt.plural(scan.units, 'unit')} in an arm; "
            f"{_title(scan.engine)}, {scan.at:%Y-%m-%d %H:%M} UTC; "
            f"{fmt.plain(fmt.listed(scan.passes))}."
        )
        for note in notes:
            st.markdown(f":material/info: {fmt.plain(note)}")
        st.code(scan.sql, language="sql", wrap_lines=True, height=240)


def data_as_read(reading: Reading) -> None:
    """Draw the cells of the source as text, exactly as found."""
    if not reading.columns:
        st.caption("No table was found in the input.")
        return
    names = _distinct(reading.columns)
    width = len(names)
    rows = [(*row, *[""] * width)[:width] for row in reading.rows]
    st.dataframe(
        {name: [row[place] for row in rows] for place, name in enumerate(names)},
        hide_index=True,
        alt="The cells of the input as text",
    )


def _distinct(columns: tuple[str, ...]) -> list[str]:
    """Return column names that a table can hold: an empty one named, a repeated one numbered."""
    names: list[str] = []
    for place, column in enumerate(columns, start=1):
        name = column or f"(column {place})"
        names.append(name if name not in names else f"{name} ({place})")
    return names
