"""A chart of ours on the page."""

import streamlit as st

from experimentos.charts.chart import Chart


def draw_chart(chart: Chart, key: str) -> None:
    """Draw a chart with its finding in words for those who do not see it.

    The specification's own description is left out: Streamlit takes the words by themselves.
    """
    spec = {name: value for name, value in chart.spec.items() if name != "description"}
    st.vega_lite_chart(spec, theme="streamlit", key=key, alt=chart.alt)
