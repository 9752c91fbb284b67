"""Small tables for reading: text that wraps, rules between rows, no grid."""

from collections.abc import Sequence

import streamlit as st


def small_table(rows: Sequence[dict[str, str]], alt: str) -> None:
    """Draw rows of Markdown cells with the same columns."""
    st.table(
        {name: [row[name] for row in rows] for name in rows[0]},
        border="horizontal",
        hide_index=True,
        alt=alt,
    )
