"""What a layout must respect: the constraints of a design, and the way to another one."""

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.errors import DesignError
from experimentos.flows import design_layout as layouts
from experimentos.flows.design_layout import ConstraintWish
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, tab

LIMIT_MOST = 20


def constraints(document: ExperimentDescription) -> None:
    """Draw the constraints with a way to take each away, and a form for one more."""
    st.markdown("**What the layout must respect**")
    for constraint in document.constraints:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/rule: {fmt.plain(layouts.sentence(document, constraint))}",
                width="stretch",
            )
            if st.button(
                "Remove", key=tab().key(f"constraint.drop.{constraint.id}"), type="tertiary",
                icon=":material/close:",
            ):  # fmt: skip
                edit(layouts.drop_patch(document, constraint))
                st.rerun()
    if not document.constraints:
        st.caption("Nothing yet.")
    _one_more(document)


def _one_more(document: ExperimentDescription) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Add a constraint", layouts.KINDS, key=tab().key("constraint.kind"), width=280,
            format_func=layouts.KIND_WORDS.__getitem__,
        )  # fmt: skip
        wish = _wish(document, kind)
        if st.button("Add it", key=tab().key("constraint.add"), icon=":material/add:"):
            try:
                patch = layouts.constraint_patch(document, wish)
            except DesignError as failure:
                st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
                return
            edit(patch)
            st.rerun()


def _wish(document: ExperimentDescription, kind: str) -> ConstraintWish:
    match kind:
        case "max_adjacent":
            limit = st.number_input(
                "Equal neighbours", 1, LIMIT_MOST, 2, 1, key=tab().key("constraint.limit"),
                width=140,
            )  # fmt: skip
            return ConstraintWish(kind, limit=int(limit))
        case "keep_together" | "balance":
            larger = {u.id: u.name for u in document.units[:-1]}
            units = larger or {"": "no larger unit"}
            chosen = st.selectbox(
                "Of each", list(units), key=tab().key("constraint.unit"), width=200,
                format_func=units.__getitem__,
            )  # fmt: skip
            return ConstraintWish(kind, unit_id=chosen)
        case "fixed":
            return _fixed(document)
        case _:
            return ConstraintWish(kind)


def _fixed(document: ExperimentDescription) -> ConstraintWish:
    levels = {(f.id, x.label): f"{f.name}: {x.label}" for f in document.factors for x in f.levels}
    chosen = st.selectbox(
        "Level", list(levels), key=tab().key("constraint.level"), width=220,
        format_func=levels.__getitem__,
    )  # fmt: skip
    positions = st.text_input(
        "At places", key=tab().key("constraint.places"), placeholder="B02, C05", width=180,
        max_chars=1_000,
    )  # fmt: skip
    factor, level = chosen
    return ConstraintWish("fixed", factor_id=factor, level=level, positions=positions or "")
