"""What a covariate did to a comparison: the variance it left, and the result without it."""

import streamlit as st

from experimentos.analysis import numbers
from experimentos.analysis.result import MetricResult
from experimentos.flows.ab_test import AbTest
from experimentos.flows.unadjusted import unadjusted, variance_ratios
from experimentos.ui import format as fmt
from experimentos.ui.state import session

WITH, WITHOUT = "Adjusted by its covariate", "Unadjusted"


def chosen_view(result: MetricResult, test: AbTest) -> MetricResult:
    """Draw the choice between adjusted and unadjusted; return the result that was chosen.

    A metric without a covariate, or whose covariate was refused, is returned as it is.
    """
    ratios = variance_ratios(result)
    if not ratios:
        return result
    view = st.segmented_control(
        f"{result.metric}: with or without its covariate", (WITH, WITHOUT), default=WITH,
        required=True, key=session().key(f"covariate.{result.metric}"),
        label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    st.caption("  \n".join(_sentence(arm, ratio, several=len(ratios) > 1) for arm, ratio in ratios))
    if view != WITHOUT:
        return result
    st.caption("For comparison only: the decision reads the adjusted result.")
    return unadjusted(test)[result.metric]


def _sentence(arm: str, ratio: float, *, several: bool) -> str:
    whom = f"{fmt.plain(arm)}: the" if several else "The"
    left = numbers.percent(ratio, 0)
    if ratio < 1:
        more = numbers.percent(1 / ratio - 1, 0)
        return f"{whom} covariate leaves {left} of the variance: as precise as {more} more users."
    return f"{whom} covariate leaves {left} of the variance: it does not help here."
