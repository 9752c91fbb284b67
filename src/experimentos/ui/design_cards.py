"""The cards of a design: factors by kind, units and responses, with the forms that change them."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from experimentos.design.derive import level_count, unit_total
from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Collection
from experimentos.design.parts import Factor, FactorKind, Response, UnitLevel
from experimentos.design.rules.finding import Finding, Severity
from experimentos.flows import design_edits
from experimentos.ui import format as fmt
from experimentos.ui.design_badges import factor_line, kind_badge
from experimentos.ui.design_forms import factor_form, response_form, unit_form
from experimentos.ui.design_state import edit, tab

KINDS: tuple[FactorKind, ...] = ("treatment", "blocking", "nuisance", "covariate")
ROLES = {
    "treatment": "set on purpose and compared",
    "blocking": "keeps like units together",
    "nuisance": "may disturb the comparison",
    "covariate": "recorded on each unit",
}


def cards(document: ExperimentDescription, found: Sequence[Finding]) -> None:
    """Draw every part of a design as a card, factors by kind, and the way to add one."""
    marks = Counter(f.subjects[0] for f in found if f.subjects and f.severity is not Severity.INFO)
    if document.factors:
        st.markdown("#### Factors")
        with st.grid(min_column_width=300, gap="small"):
            for kind in KINDS:
                peers = document.of_kind(kind)
                for place, factor in enumerate(peers):
                    is_end = (place == 0, place == len(peers) - 1)
                    _factor_card(document, factor, marks[factor.id], is_end)
    if document.units:
        st.markdown("#### Units, outermost first")
        with st.grid(min_column_width=300, gap="small"):
            for unit in document.units:
                _unit_card(document, unit, marks[unit.id])
    if document.responses:
        st.markdown("#### Responses")
        with st.grid(min_column_width=300, gap="small"):
            for response in document.responses:
                _response_card(document, response, marks[response.id])
    _add(document)


def _factor_card(
    document: ExperimentDescription, factor: Factor, marks: int, is_end: tuple[bool, bool]
) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card.factor.{factor.id}"):
        st.markdown(f"{kind_badge(factor.kind)} {_mark(marks)}")
        st.markdown(f"**{fmt.plain(factor.name)}**")
        if tab().editing == f"factors.{factor.id}":
            factor_form(factor)
            return
        st.markdown(factor_line(factor, level_count(document, factor)))
        st.caption(ROLES[factor.kind])
        reference = next((x.label for x in factor.levels if x.is_control), "")
        if reference:
            st.caption(f"Reference: {fmt.plain(reference)}")
        with st.container(horizontal=True, gap="xsmall"):
            _edit_and_delete("factors", factor.id, factor.name)
            if not all(is_end):
                _move(document, factor, is_end)


def _move(document: ExperimentDescription, factor: Factor, is_end: tuple[bool, bool]) -> None:
    steps = ((-1, "up", is_end[0]), (1, "down", is_end[1]))
    for step, word, is_disabled in steps:
        if st.button(
            "", key=tab().key(f"{word}.{factor.id}"), icon=f":material/arrow_{word}ward:",
            help=f"Move {fmt.plain(factor.name)} {word}", disabled=is_disabled, type="tertiary",
        ):  # fmt: skip
            edit(design_edits.move(document, factor, step))
            st.rerun()


def _unit_card(document: ExperimentDescription, unit: UnitLevel, marks: int) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card.unit.{unit.id}"):
        st.markdown(f"{kind_badge('unit')} {_mark(marks)}")
        st.markdown(f"**{fmt.plain(unit.name)}**")
        if tab().editing == f"units.{unit.id}":
            unit_form(unit)
            return
        parent = document.unit(unit.parent)
        total = unit_total(document, unit)
        st.markdown(_unit_line(unit, parent, total))
        with st.container(horizontal=True, gap="xsmall"):
            _edit_and_delete("units", unit.id, unit.name)


def _unit_line(unit: UnitLevel, parent: UnitLevel | None, total: int | None) -> str:
    where = f" in each {fmt.plain(parent.name)}" if parent else ""
    if unit.count is None:
        return f"*how many{where} is not known yet*"
    counts = "a different number" if isinstance(unit.count, tuple) else f"{unit.count:,}"
    in_all = f", {total:,} in all" if parent and total else ""
    return f"{counts}{where}{in_all}"


def _response_card(document: ExperimentDescription, response: Response, marks: int) -> None:
    with st.container(border=True, height="stretch", gap="xsmall", key=f"card.r.{response.id}"):
        is_primary = document.primary is not None and document.primary.id == response.id
        primary = " :violet-badge[Primary]" if is_primary else ""
        st.markdown(f"{kind_badge('response')}{primary} {_mark(marks)}")
        st.markdown(f"**{fmt.plain(response.name)}**")
        if tab().editing == f"responses.{response.id}":
            response_form(document, response)
            return
        unit = f" in {fmt.plain(response.unit)}" if response.unit else ""
        st.markdown(f"modelled as {fmt.plain(response.family.replace('_', ' '))}{unit}")
        with st.container(horizontal=True, gap="xsmall"):
            _edit_and_delete("responses", response.id, response.name)


def _mark(number: int) -> str:
    return f":orange-badge[:material/warning: {fmt.plural(number, 'finding')}]" if number else ""


def _edit_and_delete(part: Collection, id_: str, name: str) -> None:
    if st.button(
        "Edit", key=tab().key(f"edit.{part}.{id_}"), icon=":material/edit:", type="tertiary",
        help=f"Edit {fmt.plain(name)}",
    ):  # fmt: skip
        tab().editing = f"{part}.{id_}"
        st.rerun()
    if st.button(
        "Delete", key=tab().key(f"delete.{part}.{id_}"), icon=":material/delete:",
        type="tertiary", help=f"Delete {fmt.plain(name)}; it can be undone",
    ):  # fmt: skip
        edit(design_edits.remove(part, id_, name))
        st.rerun()


def _add(document: ExperimentDescription) -> None:
    kinds = ("treatment", "nuisance", "blocking", "covariate", "unit", "response")
    form = st.form(tab().key("add"))
    with form, st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Add a", kinds, format_func=fmt.words, key=tab().key("add.kind"))
        name = st.text_input(
            "Called", key=tab().key("add.name"), max_chars=200, placeholder="irrigation"
        )
        is_sent = st.form_submit_button("Add", icon=":material/add:")
    if not is_sent:
        return
    wanted = (name or "").strip()
    if not wanted:
        st.warning("Type what it is called.", icon=":material/edit:")
        return
    edit(design_edits.add(document, str(kind), wanted))
    st.rerun()
