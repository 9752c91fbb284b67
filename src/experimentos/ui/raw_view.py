"""Raw rows on the page: a source, its first rows, its columns, its metrics, and the run."""

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.flows.raw_metrics import Suggested, suggested
from experimentos.flows.raw_rows import PREVIEWED, Look
from experimentos.flows.raw_source import Reach
from experimentos.ui import format as fmt
from experimentos.ui.bound import bound_choice
from experimentos.ui.raw_metrics import metrics_section
from experimentos.ui.raw_place import place_picker, table_picker
from experimentos.ui.raw_run import is_running, run_section
from experimentos.ui.raw_state import EACH_ROW, RawChoice, choice, choose, looked, reached

NONE = "None"
OPEN = "Choose a column"


def from_raw_data() -> None:
    """Draw the whole way from rows to a summary; what is chosen is kept with the draft."""
    within = reached()
    if within is None:
        st.info(
            "This public page reads results only. Sum your rows up where they are with "
            "`experimentos summarize`, and bring the summary in as a file.",
            icon=":material/lock:",
        )
        return
    if is_running():
        st.caption("The rows are being read; see above.")
        return
    st.markdown(
        "One row per user or one per event: the rows stay where they are, only their sums come "
        "here."
    )
    place_picker(within)
    now = choice()
    if now.place is None:
        return
    try:
        with st.spinner("Looking at the first rows"):
            look = looked(now.place, within)
    except ExperimentOSError as failure:
        st.warning(
            f"{fmt.plain(failure.message)}  \n{fmt.plain(failure.hint or '')}",
            title="This source cannot be read",
            icon=":material/unpublished:",
        )
        return
    if table_picker(look) and look.there.types:
        _columns_and_metrics(now, look, within)


def _columns_and_metrics(now: RawChoice, look: Look, within: Reach) -> None:
    guess = suggested(look.there, look.rows)
    _preview(look)
    now = _roles(now, look, guess)
    metrics = metrics_section(now, look, guess)
    run_section(now, metrics, look, within)


def _preview(look: Look) -> None:
    shown = look.rows[:PREVIEWED]
    names = list(look.there.types)
    with st.expander(
        f"First {fmt.plural(len(shown), 'row')}, {fmt.plural(len(names), 'column')}",
        expanded=True, icon=":material/table:",
    ):  # fmt: skip
        if not shown:
            st.caption("The source has no rows.")
            return
        st.dataframe(
            {name: [row[place] for row in shown] for place, name in enumerate(names)},
            hide_index=True, height=230, key="raw.preview",
            column_config={
                name: st.column_config.TextColumn(
                    f"{name} ({kind})", help=f"In the source: {look.there.declared[name]}"
                )
                for name, kind in look.there.types.items()
            },
            alt="The first rows of the source as text",
        )  # fmt: skip


def _roles(now: RawChoice, look: Look, guess: Suggested) -> RawChoice:
    names = list(look.there.types)
    st.markdown("**Which column says what**")
    with st.grid(min_column_width=210, gap="small"):
        variant = _column(
            "Variant", "variant", [OPEN, *names], now.variant or guess.variant or OPEN,
            help="Names the arm of the experiment.",
        )  # fmt: skip
        control = _control(now, look, guess, variant)
        unit = _column(
            "Unit of randomisation", "unit",
            [OPEN, *guess.units, *(n for n in names if n not in guess.units), EACH_ROW],
            now.unit or OPEN,
            help="What was assigned to an arm, such as the user. Rows of one unit are put "
            "together before anything is counted, so that an order is never taken for a user. It "
            "is never guessed.",
        )  # fmt: skip
        date = _column(
            "Date", "date", [NONE, *_dates(look)], now.date or NONE,
            help="Splits the arms by each unit's first day: for daily views and looks.",
        )  # fmt: skip
        segment = _column(
            "Segment", "segment", [NONE, *guess.segments, *_others(names, guess)],
            now.segment or NONE,
            help="Splits the arms by something that was known before the experiment.",
        )  # fmt: skip
    fresh = choose(
        variant="" if variant == OPEN else variant,
        control=control,
        unit="" if unit == OPEN else unit,
        date="" if date == NONE else date,
        segment="" if segment == NONE else segment,
    )
    if not fresh.unit and guess.units:
        st.caption(f"{fmt.plain(guess.units[0])} looks like the unit; say so if it is.")
    return fresh


def _column(label: str, name: str, options: list[str], value: str, **more: str) -> str:
    if value not in options:
        # The column is gone from the source, or another table was chosen.
        value = options[0]
    place = choice().place
    return bound_choice(label, f"raw.{name}.{place}", options, value, **more)


def _control(now: RawChoice, look: Look, guess: Suggested, variant: str) -> str:
    names = list(look.there.types)
    if variant not in names:
        arms: list[str] = []
    else:
        at = names.index(variant)
        arms = sorted({row[at] for row in look.rows if row[at]})[:50]
    value = now.control if now.control and now.variant == variant else (guess.control or "")
    options = list(dict.fromkeys([*([value] if value else []), *arms]))
    found = st.selectbox(
        "Control", options, index=options.index(value) if value else None,
        placeholder="Choose or type an arm", accept_new_options=True,
        key=f"raw.control.{choice().place}.{variant}", persist_state="session",
        help="The arm that the others are compared with, as it stands in the rows. An arm that the "
        "first rows do not show can be typed.",
    )  # fmt: skip
    return found or ""


def _dates(look: Look) -> list[str]:
    return [name for name, kind in look.there.types.items() if kind == "date or time"]


def _others(names: list[str], guess: Suggested) -> list[str]:
    return [name for name in names if name not in (*guess.segments, *guess.units)]
