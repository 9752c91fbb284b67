"""What was expected of the lift, and which lifts are too small to matter: for the Bayesian view."""

from typing import Any

import streamlit as st

from experimentos.plan.charter import Belief, Charter, LiftRange
from experimentos.ui.bound import bound, bound_choice
from experimentos.ui.metric_roles import rescaled

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)
USUAL = Belief(low=-1, high=1).level


def belief_fields(charter: Charter) -> dict[str, Any]:
    """Draw both ranges in percent of the control value; return the charter's fields."""
    belief, rope = charter.belief, charter.rope
    with st.grid(min_column_width=150):
        expected = _range("Lift expected", "belief", belief, "-2", "5")
        level = belief.level if belief else USUAL
        options = tuple(sorted({*LEVELS, level}))
        level = bound_choice(
            "How sure", "belief.level", options, level, format_func=lambda sure: f"{sure:.4g}"
            if sure * 100 % 1 else f"{sure:.0%}",
            help="How probable it was held that the true lift lies in this range, as much below "
            "it as above.",
        )  # fmt: skip
        small = _range("Too small to matter", "rope", rope, "-1", "1")
    return {
        "belief": None if expected is None else expected | {"level": level},
        "rope": small,
    }


def _range(
    label: str, name: str, known: LiftRange | None, low: str, high: str
) -> dict[str, float] | None:
    ends = {
        field: _end(f"{label}, {word} (%)", f"{name}.{field}", known, hint)
        for field, word, hint in (("low", "from", low), ("high", "to", high))
    }
    given = {field: value for field, value in ends.items() if value is not None}
    if len(given) == 1:
        st.caption(f"{label}: give both ends.")
    return given if len(given) == 2 else None


def _end(label: str, name: str, known: LiftRange | None, hint: str) -> float | None:
    value = None if known is None else float(getattr(known, name.rpartition(".")[2]))
    typed = bound(
        st.number_input, label, name, None if value is None else value * 100,
        min_value=-10_000.0, max_value=10_000.0, format="%.4g", placeholder=f"such as {hint}",
    )  # fmt: skip
    return rescaled(typed, value)
