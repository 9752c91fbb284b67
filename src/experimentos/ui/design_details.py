"""The card that is open: all its details, what the rules say of it, copy and delete."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.ui import format as fmt
from experimentos.ui.design_badges import kind_badge
from experimentos.ui.design_forms import factor_form, response_form, unit_form
from experimentos.ui.design_state import tab


def card_details(document: ExperimentDescription, key: str) -> None:
    """Draw the form of the card with this key, "factors.dose" for one."""
    part, _, id_ = key.partition(".")
    with st.container(border=True, key=f"card.{key}"):
        if part == "factors" and (factor := document.factor(id_)) is not None:
            _heading(factor.kind, factor.name)
            factor_form(document, factor)
        elif part == "units" and (unit := document.unit(id_)) is not None:
            _heading("unit", unit.name)
            unit_form(document, unit)
        else:
            response = next((r for r in document.responses if r.id == id_), None)
            if response is not None:
                _heading("response", response.name)
                response_form(document, response)


def _heading(kind: str, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{kind_badge(kind)} **{fmt.plain(name)}**")
        if st.button(
            "Close", key=tab().key("close.card"), icon=":material/close:", type="tertiary"
        ):
            tab().select("")
            st.rerun()
