"""Which experiment: when a file holds several, one is chosen and can be changed for another."""

from collections.abc import Mapping

import streamlit as st

from experimentos.issue import Issue
from experimentos.metrics.contract import Reading
from experimentos.metrics.reading.names import visible
from experimentos.metrics.reading.where import PREFIX, split_mapping
from experimentos.ui import format as fmt
from experimentos.ui.state import RUN_ID, change, session

CODE = "several_experiments"
LONGEST_NAME = 64


def experiment_step(reading: Reading) -> None:
    """Draw the choice of one experiment, when the file holds several or one was chosen."""
    chosen = chosen_rows(session().draft.mapping)
    for column, value in chosen.items():
        _chosen(reading, column, value)
    asked = next((issue for issue in reading.issues if issue.code == CODE), None)
    if asked is not None:
        _ask(reading, asked)


def chosen_rows(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the chosen values by the name of their column."""
    return split_mapping(mapping)[1]


def kept_rows(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the part of a mapping that chooses rows, as it stands in the mapping."""
    return {key: value for key, value in mapping.items() if key.startswith(PREFIX)}


def _ask(reading: Reading, issue: Issue) -> None:
    column = _column(reading, issue.where.column or "")
    values = _values(reading, column)
    with st.container(border=True, key="experiment"):
        st.subheader("Choose one experiment", anchor=False)
        st.markdown(
            f"This file holds {len(values):,} experiments, told apart by "
            f"**{fmt.plain(visible(column.strip(), LONGEST_NAME))}**. Each is analysed on its own; "
            "you can change your choice at any time."
        )
        value = _choice(values, None)
    if value is not None:
        _keep(column, value)


def _chosen(reading: Reading, column: str, value: str) -> None:
    values = _values(reading, _column(reading, column))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = _choice(values, value)
        if st.button("Undo the choice", key=session().key("where.undo"), type="tertiary"):
            _change({k: v for k, v in session().draft.mapping.items() if k != PREFIX + column})
    if other is not None and other != value:
        _keep(column, other)


def _choice(values: tuple[str, ...], value: str | None) -> str | None:
    return st.selectbox(
        "Experiment",
        values,
        index=values.index(value) if value in values else None,
        key=session().key(f"where.{value}"),
        format_func=lambda name: visible(name, LONGEST_NAME) or "(no name)",
        placeholder="Choose",
        width=360,
    )


def _keep(column: str, value: str) -> None:
    _change({**session().draft.mapping, PREFIX + column: value})


def _change(mapping: dict[str, str]) -> None:
    # Another experiment is another analysis: saving it must not replace the one before.
    page = {name: value for name, value in session().draft.page.items() if name != RUN_ID}
    change(mapping=mapping, analysis_id="", page=page)
    st.rerun()


def _column(reading: Reading, shown: str) -> str:
    """Return the file's own name of a column that an issue or a mapping names."""
    for name in reading.columns:
        if visible(name.strip(), LONGEST_NAME) == shown or name == shown:
            return name
    return shown


def _values(reading: Reading, column: str) -> tuple[str, ...]:
    """Return the distinct values of a column, in the order of the file."""
    if column not in reading.columns:
        return ()
    place = reading.columns.index(column)
    cells = (row[place].strip() if place < len(row) else "" for row in reading.rows)
    return tuple(dict.fromkeys(cells))
