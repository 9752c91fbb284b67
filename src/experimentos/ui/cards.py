"""One comparison as a row of figures."""

from typing import Literal

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.result import (
    Compared,
    Direction,
    Lift,
    MetricResult,
    Outcome,
    Unavailable,
)
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
                fmt.plain(outcome.why),
                title=f"No comparison for {fmt.plain(result.metric)}",
                icon=":material/do_not_disturb_on:",
            )
        case Compared():
            _figures(result, outcome, alpha, control)


def _figures(result: MetricResult, compared: Compared, alpha: float, control: str) -> None:
    kind = result.kind
    tone = _TONES[state_of(compared, result.direction, alpha)]
    before, after, difference, lift, evidence = st.columns([4, 4, 6, 6, 4], gap="small")
    with before:
        value = numbers.metric_value(compared.control_value, kind)
        _figure(fmt.plain(control), value, f"n = {numbers.count(compared.n_control)}")
    with after:
        value = numbers.metric_value(compared.treatment_value, kind)
        _figure(fmt.plain(compared.arm), value, f"n = {numbers.count(compared.n_treatment)}")
    with difference:
        interval = numbers.difference_interval(compared.interval, kind)
        _figure("Difference", numbers.difference(compared.difference, kind), interval, tone)
    with lift:
        _lift_figure(compared.lift, tone)
    with evidence:
        label = "p, adjusted" if compared.adjustment else "p-value"
        _figure(label, numbers.bare_p(compared.p_value), f"alpha {alpha:g}", tone)


def _lift_figure(lift: Lift | Unavailable, tone: Tone) -> None:
    match lift:
        case Lift():
            change = numbers.signed_percent(lift.estimate)
            _figure("Relative lift", change, numbers.interval_percent(lift.interval), tone)
        case Unavailable():
            _figure("Relative lift", "n/a", fmt.plain(lift.why))


def _figure(label: str, value: str, below: str, tone: Tone = "gray") -> None:
    st.metric(label, value, below, delta_color=tone, delta_arrow="off", border=True)
