"""One comparison as a row of figures."""

from dataclasses import dataclass
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

LONGEST = 14

type Tone = Literal["green", "red", "gray"]

_TONES: dict[str, Tone] = {"better": "green", "worse": "red", "unclear": "gray"}
_READINGS = {
    "better": "Better than control",
    "worse": "Worse than control",
    "unclear": "No clear difference",
}


@dataclass(frozen=True, slots=True)
class Level:
    """What the two-sided p-values of a plan are held against.

    Attributes
    ----------
    two_sided : float in (0, 0.5]
        Twice the planned alpha when the plan looks at one side only.
    sides : 1 or 2
    """

    two_sided: float
    sides: int

    @property
    def words(self) -> str:
        """Return the level as the note under a p-value, with the doubling of one side told."""
        if self.sides == 2:
            return f"alpha {self.two_sided:g}"
        half = f"{self.two_sided / 2:g}"
        return f"two-sided; limit {self.two_sided:g} = 2 \N{MULTIPLICATION SIGN} {half}"


def state_badge(compared: Compared, direction: Direction, alpha: float) -> str:
    """Return a Markdown badge that says better, worse or unclear at this level."""
    state = state_of(compared, direction, alpha)
    return f":{_TONES[state]}-badge[{_READINGS[state]}]"


def outcome_cards(result: MetricResult, outcome: Outcome, level: Level, control: str) -> None:
    """Draw the figures of one arm against the control, or why there are none."""
    match outcome:
        case Unavailable():
            st.info(
                fmt.plain(outcome.why),
                title=f"No comparison for {fmt.plain(result.metric)}",
                icon=":material/do_not_disturb_on:",
            )
        case Compared():
            _figures(result, outcome, level, control)


def _figures(result: MetricResult, compared: Compared, level: Level, control: str) -> None:
    kind = result.kind
    tone = _TONES[state_of(compared, result.direction, level.two_sided)]
    # A row that wraps: five cards beside each other on a desk, two beside each other on a phone.
    with st.container(horizontal=True, gap="small"):
        before = numbers.metric_value(compared.control_value, kind)
        _figure(_short(control), before, f"n = {numbers.count(compared.n_control)}")
        after = numbers.metric_value(compared.treatment_value, kind)
        _figure(_short(compared.arm), after, f"n = {numbers.count(compared.n_treatment)}")
        interval = numbers.difference_interval(compared.interval, kind)
        difference = numbers.difference(compared.difference, kind)
        _figure("Difference", difference, interval, tone, width="stretch")
        _lift_figure(compared.lift, tone)
        label = "p, adjusted" if compared.adjustment else "p-value"
        _figure(label, numbers.bare_p(compared.p_value), level.words, tone)


def _short(arm: str) -> str:
    """Return an arm's name that leaves room for the other cards; the full one stands above."""
    return fmt.plain(arm if len(arm) <= LONGEST else f"{arm[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}")


def _lift_figure(lift: Lift | Unavailable, tone: Tone) -> None:
    match lift:
        case Lift():
            change = numbers.signed_percent(lift.estimate)
            interval = numbers.interval_percent(lift.interval)
            _figure("Relative lift", change, interval, tone, width="stretch")
        case Unavailable():
            _figure("Relative lift", "n/a", fmt.plain(lift.why), width="stretch")


def _figure(
    label: str,
    value: str,
    below: str,
    tone: Tone = "gray",
    *,
    width: Literal["content", "stretch"] = "content",
) -> None:
    st.metric(label, value, below, delta_color=tone, delta_arrow="off", border=True, width=width)
