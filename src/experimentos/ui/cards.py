"""One comparison as a row of figures."""

from typing import Literal

import streamlit as st

from experimentos.analysis.result import (
    Compared,
    Direction,
    Lift,
    MetricResult,
    Outcome,
    Unavailable,
)
from experimentos.charts import numbers
from experimentos.charts.rows import state_of
from experimentos.ui import format as fmt

type Tone = Literal["green", "red", "gray"]

_TONES: dict[str, Tone] = {"better": "green", "worse": "red", "unclear": "gray"}
_READINGS = {
    "better": "Better than control",
    "worse": "Worse than control",
    "unclear": "No clear difference",
}


def state_badge(compared: Compared, direction: Direction, alpha: float) -> str:
    """Return a Markdown badge that says better, worse or unclear at this level."""
    state = state_of(compared, direction, alpha)
    return f":{_TONES[state]}-badge[{_READINGS[state]}]"


def outcome_cards(result: MetricResult, outcome: Outcome, alpha: float, control: str) -> None:
    """Draw the figures of one arm against the control, or why there are none."""
    match outcome:
        case Unavailable():
            st.info(
                f"{fmt.plain(outcome.why)}",
                title=f"No comparison for {fmt.words(result.metric)}",
                icon=":material/do_not_disturb_on:",
            )
        case Compared():
            with st.grid(min_column_width=190, gap="small"):
                _figures(result, outcome, alpha, control)


def _figures(result: MetricResult, compared: Compared, alpha: float, control: str) -> None:
    kind = result.kind
    tone = _TONES[state_of(compared, result.direction, alpha)]
    users = f"{numbers.count(compared.n_control)} units"
    _figure(fmt.plain(control), numbers.metric_value(compared.control_value, kind), users)
    users = f"{numbers.count(compared.n_treatment)} units"
    _figure(fmt.plain(compared.arm), numbers.metric_value(compared.treatment_value, kind), users)
    _figure(
        "Difference",
        numbers.difference(compared.difference, kind),
        numbers.difference_interval(compared.interval, kind),
        tone,
    )
    _lift_figure(compared.lift, tone)
    adjusted = f"adjusted: {fmt.words(compared.adjustment)}" if compared.adjustment else "two-sided"
    _figure("p-value", numbers.bare_p(compared.p_value), f"{adjusted}, alpha {alpha:g}", tone)


def _lift_figure(lift: Lift | Unavailable, tone: Tone) -> None:
    match lift:
        case Lift():
            change = numbers.signed_percent(lift.estimate)
            _figure("Relative lift", change, numbers.interval_percent(lift.interval), tone)
        case Unavailable():
            _figure("Relative lift", "n/a", fmt.plain(lift.why))


def _figure(label: str, value: str, below: str, tone: Tone = "gray") -> None:
    st.metric(label, value, below, delta_color=tone, delta_arrow="off", border=True)
