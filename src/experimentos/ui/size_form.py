"""The inputs of "Plan the size": saved as they change, so that they come back."""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from experimentos.analysis.numbers import RATE
from experimentos.flows.ab_test import AbTest
from experimentos.flows.sizing import Sizing
from experimentos.ui import format as fmt
from experimentos.ui.bound import bound, bound_choice
from experimentos.ui.metric_roles import rescaled
from experimentos.ui.state import change, session

PAGE = "size"
TYPED = "Typed in"
KINDS = {"rate": "Rate", "mean": "Mean per user", "ratio": "Ratio, by its variance per user"}
SOUGHT = {"size": "How many users", "effect": "How small an effect", "power": "How much power"}
GOALS = {
    "difference": "A difference, two-sided",
    "one_sided": "An improvement, one-sided",
    "non_inferiority": "No harm (non-inferiority)",
}
SPENDING = {
    "obrien_fleming": "O'Brien-Fleming: little early",
    "pocock": "Pocock: evenly",
    "linear": "Linear",
    "kim2": "Kim-DeMets, exponent 2",
}


def size_form(test: AbTest | None) -> Sizing:
    """Draw the inputs; return what they hold, after saving it."""
    sizing = saved()
    names = _names(test)
    values: dict[str, Any] = {}
    with st.grid(min_column_width=220):
        values |= _metric(sizing, names)
        rate = is_share(values["source"], str(values["kind"]), test)
        values |= _wanted(sizing, rate=rate)
        values |= _how_tested(sizing, rate=rate)
        values |= _traffic(sizing)
    return _kept(sizing, values)


def saved() -> Sizing:
    """Return the inputs of this draft; the first ones when it holds none that can be read."""
    found = session().draft.page.get(PAGE)
    if not isinstance(found, Mapping):
        return Sizing()
    try:
        return Sizing.model_validate(found)
    except ValidationError:
        return Sizing()


def is_share(source: str, kind: str, test: AbTest | None) -> bool:
    """Return whether the effect is a difference of rates."""
    if not source:
        return kind == "rate"
    summary = test.reading.summary if test else None
    return summary is not None and summary.metric(source).kind == RATE


def _names(test: AbTest | None) -> tuple[str, ...]:
    summary = test.reading.summary if test and not test.health.is_blocked else None
    return tuple(metric.name for metric in summary.metrics) if summary else ()


def _kept(sizing: Sizing, values: dict[str, Any]) -> Sizing:
    try:
        fresh = Sizing.model_validate({**sizing.model_dump(), **values})
    except ValidationError:
        st.error("One of the values cannot be used. The last valid ones are still in use.")
        return sizing
    if fresh != sizing:
        change(page={**session().draft.page, PAGE: fresh.model_dump(mode="json")})
    return fresh


def _metric(sizing: Sizing, names: tuple[str, ...]) -> dict[str, Any]:
    options = (TYPED, *names)
    source = sizing.source if sizing.source in names else TYPED
    if names:
        source = bound_choice(
            "Baseline and variance from", "size.source", options, source,
            format_func=lambda name: name if name == TYPED else f"These results: {name}",
            help="Takes them from the control of the results that are loaded.",
        )  # fmt: skip
    if source != TYPED:
        values = {"source": source, "kind": sizing.kind}
        return values | _correlation(sizing)
    kind = bound_choice(
        "Metric", "size.kind", tuple(KINDS), sizing.kind, format_func=KINDS.__getitem__
    )
    values = {"source": "", "kind": kind}
    if kind == "rate":
        typed = _percent("Rate of the control (%)", "size.rate", sizing.baseline, 12.0)
        return values | {"baseline": typed} | _correlation(sizing)
    label = "Ratio of the control" if kind == "ratio" else "Mean of the control"
    baseline = _number(label, "size.mean", sizing.baseline, None)
    sd = _number(
        "Standard deviation per user", "size.sd", sizing.sd, 0.0,
        help="For a ratio: the square root of its delta-method variance per randomised user.",
    )  # fmt: skip
    return values | {"baseline": baseline, "sd": sd or None} | _correlation(sizing)


def _correlation(sizing: Sizing) -> dict[str, Any]:
    found = bound(
        st.number_input, "Correlation with a covariate (CUPED)", "size.correlation",
        sizing.correlation, min_value=0.0, max_value=0.99, step=0.1, format="%.2f",
        help="Of the outcome with the same measure from before the experiment. 0: no covariate. "
        "0.7 halves the users. Not used for a metric of these results that holds a covariate: its "
        "own is measured.",
    )  # fmt: skip
    return {"correlation": found or 0.0}


def _wanted(sizing: Sizing, *, rate: bool) -> dict[str, Any]:
    sought = bound_choice(
        "I want to know", "size.sought", tuple(SOUGHT), sizing.sought,
        format_func=SOUGHT.__getitem__,
    )  # fmt: skip
    values: dict[str, Any] = {"sought": sought}
    if sought != "effect":
        values |= _effect(sizing, rate=rate)
    if sought != "size":
        values["users"] = bound(
            st.number_input, "Users in all arms", "size.users", sizing.users, min_value=4,
            step=1000, placeholder="such as 20000",
        )  # fmt: skip
    if sought != "power":
        typed = bound(
            st.number_input, "Power (%)", "size.power", sizing.power * 100, min_value=10.0,
            max_value=99.9, step=5.0, format="%.4g",
            help="How probable it is to find the effect when it is there. 80 is usual.",
        )  # fmt: skip
        values["power"] = rescaled(typed, sizing.power) or sizing.power
    return values


def _effect(sizing: Sizing, *, rate: bool) -> dict[str, Any]:
    absolute = "Points" if rate else "The metric's unit"
    units = {"absolute": absolute, "relative": "% of the baseline"}
    unit = bound_choice(
        "Effect in", "size.unit", tuple(units), sizing.effect_unit, format_func=units.__getitem__
    )
    scale = 100 if rate or unit == "relative" else 1
    typed = bound(
        st.number_input, f"Effect ({units[unit][:1].lower()}{units[unit][1:]})",
        f"size.effect.{unit}.{rate}",
        None if sizing.effect is None else sizing.effect * scale,
        min_value=0.0, format="%.4g", placeholder="such as 1",
        help="The smallest difference worth finding, without sign: the charter says which way is "
        "better.",
    )  # fmt: skip
    return {"effect_unit": unit, "effect": rescaled(typed or None, sizing.effect, scale)}


def _how_tested(sizing: Sizing, *, rate: bool) -> dict[str, Any]:
    goal = bound_choice(
        "To show", "size.goal", tuple(GOALS), sizing.goal, format_func=GOALS.__getitem__,
        help="The analysis of the primary metric is two-sided; guardrails ask for no harm.",
    )  # fmt: skip
    values: dict[str, Any] = {"goal": goal}
    if goal == "non_inferiority":
        scale = 100 if rate else 1
        typed = bound(
            st.number_input, f"Margin ({'points' if rate else 'units'})", f"size.margin.{rate}",
            None if sizing.margin is None else sizing.margin * scale, min_value=0.0,
            format="%.4g", placeholder="largest harm accepted",
        )  # fmt: skip
        values["margin"] = rescaled(typed or None, sizing.margin, scale)
    values["arms"] = bound(
        st.number_input, "Treatment arms", "size.arms", sizing.arms, min_value=1, max_value=20,
        help="Beside the control; more than one is adjusted by Dunnett's method.",
    )  # fmt: skip
    values["ratio"] = bound(
        st.number_input, "Users of each per user of the control", "size.ratio", sizing.ratio,
        min_value=0.01, max_value=100.0, step=0.5, format="%.4g",
        help="1 is an equal split; 9 is 10 : 90.",
    )  # fmt: skip
    values["looks"] = bound(
        st.number_input, "Looks", "size.looks", sizing.looks, min_value=1, max_value=30,
        help="How often the results are looked at with the right to stop, the end included.",
    )  # fmt: skip
    if values["looks"] and values["looks"] > 1:
        values["spending"] = bound_choice(
            "Spending of alpha", "size.spending", tuple(SPENDING), sizing.spending,
            format_func=SPENDING.__getitem__,
        )  # fmt: skip
    return {name: value for name, value in values.items() if value is not None or name == "margin"}


def _traffic(sizing: Sizing) -> dict[str, Any]:
    per_day = bound(
        st.number_input, "New users a day", "size.per_day", sizing.per_day, min_value=1.0,
        step=100.0, format="%.10g", placeholder="for the days",
        help="Who would enter the experiment at full traffic. Somebody who returns is not new.",
    )  # fmt: skip
    text = bound(
        st.text_input, "Share of the traffic on each first day (%)", "size.ramp",
        ", ".join(f"{share * 100:g}" for share in sizing.ramp), placeholder="5, 25, 100",
        help="A ramp: 5, 25, 100 is 5 % on day one, 25 % on day two, everyone from day three.",
    )  # fmt: skip
    return {"per_day": per_day, "ramp": _ramp(text or "", sizing.ramp)}


def _ramp(text: str, before: tuple[float, ...]) -> tuple[float, ...]:
    if not text.strip():
        return (1.0,)
    try:
        shares = tuple(float(part) / 100 for part in text.replace(";", ",").split(","))
    except ValueError:
        shares = ()
    if not shares or not all(0 <= share <= 1 for share in shares) or shares[-1] == 0:
        st.warning(
            "The ramp needs percentages between 0 and 100, the last above 0, such as 5, 25, 100. "
            f"The last valid one is still in use: {fmt.listed(f'{s * 100:g}' for s in before)}."
        )
        return before
    return shares


def _percent(label: str, name: str, value: float | None, example: float) -> float | None:
    typed = bound(
        st.number_input, label, name, None if value is None else value * 100, min_value=0.0,
        max_value=100.0, format="%.4g", placeholder=f"such as {example:g}",
    )  # fmt: skip
    return rescaled(typed or None, value)


def _number(
    label: str, name: str, value: float | None, least: float | None, **more: Any
) -> float | None:
    found: float | None = bound(
        st.number_input, label, name, value, min_value=least, format="%.6g", **more
    )
    return found
