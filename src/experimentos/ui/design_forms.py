"""The forms that open on the cards of a design."""

from collections.abc import Callable

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.parts import Factor, Response, UnitLevel
from experimentos.errors import DesignError
from experimentos.flows import design_edits
from experimentos.flows.design_reading import KINDS
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, tab

NO_REFERENCE = "none"
UNITS_LIMIT = 1_000_000


def factor_form(factor: Factor) -> None:
    """Draw a factor's name, kind, levels, unit and reference."""
    old = [level.label for level in factor.levels]
    with st.form(_key(factor.id), border=False):
        name = _name(factor.id, factor.name)
        kind = st.selectbox(
            "Kind", KINDS, KINDS.index(factor.kind), format_func=fmt.words,
            key=_key(factor.id, "kind"),
        )  # fmt: skip
        typed = st.text_area(
            "Levels, one per line", "\n".join(old), key=_key(factor.id, "levels"), height=120
        )
        unit = _unit(factor.id, factor.unit)
        options = [NO_REFERENCE, *old]
        marked = next((k for k, x in enumerate(factor.levels, 1) if x.is_control), 0)
        control = st.selectbox(
            "Reference level", range(len(options)), marked, key=_key(factor.id, "control"),
            format_func=lambda k: options[k],
        )  # fmt: skip
        is_saved, is_closed = _buttons(factor.id)
    if is_saved:
        lines = [line.strip() for line in (typed or "").splitlines()]
        labels = tuple(dict.fromkeys(line[:200] for line in lines if line))
        reference = options[control or 0] if control else ""
        _save(
            lambda: design_edits.edit_factor(
                factor, name=name, kind=str(kind), labels=labels, unit=unit, control=reference
            )
        )
    _close(is_wanted=is_closed)


def unit_form(unit: UnitLevel) -> None:
    """Draw a unit's name and how many there are."""
    known = unit.count if isinstance(unit.count, int) else None
    with st.form(_key(unit.id), border=False):
        name = _name(unit.id, unit.name)
        count = st.number_input(
            "How many in each unit above" if unit.parent else "How many",
            1, UNITS_LIMIT, known, 1, key=_key(unit.id, "count"),
        )  # fmt: skip
        is_saved, is_closed = _buttons(unit.id)
    if is_saved:
        number = None if count is None else int(count)
        _save(lambda: design_edits.edit_unit(unit, name=name, count=number))
    _close(is_wanted=is_closed)


def response_form(document: ExperimentDescription, response: Response) -> None:
    """Draw a response's name, unit, distribution and whether it is the primary one."""
    families = design_edits.FAMILIES
    with st.form(_key(response.id), border=False):
        name = _name(response.id, response.name)
        unit = _unit(response.id, response.unit)
        family = st.selectbox(
            "Distribution", families, families.index(response.family),
            format_func=fmt.words, key=_key(response.id, "family"),
        )  # fmt: skip
        low, high = response.expected_range or (None, None)
        with st.grid(min_column_width=120, gap="small"):
            start = _number(response.id, "Most values from", low)
            end = _number(response.id, "Most values to", high)
            effect = _number(response.id, "Smallest effect that matters", response.smallest_effect)
        is_primary = st.checkbox(
            "Primary response", response.primary, key=_key(response.id, "primary")
        )
        is_saved, is_closed = _buttons(response.id)
    if is_saved:
        fields = {
            "name": name,
            "unit": unit.strip() or None,
            "family": str(family),
            "primary": is_primary,
            "expected_range": None if start is None or end is None else (start, end),
            "smallest_effect": effect,
        }
        _save(lambda: design_edits.edit_response(document, response, fields))
    _close(is_wanted=is_closed)


def _key(id_: str, field: str = "form") -> str:
    return tab().key(f"{field}.{tab().editing}.{id_}")


def _name(id_: str, value: str) -> str:
    return st.text_input("Name", value, max_chars=200, key=_key(id_, "name")) or ""


def _number(id_: str, label: str, value: float | None) -> float | None:
    known = None if value is None else float(value)
    return st.number_input(label, value=known, format="%g", key=_key(id_, label))


def _unit(id_: str, value: str | None) -> str:
    return (
        st.text_input(
            "Unit", value or "", max_chars=200, key=_key(id_, "unit"), placeholder="kg, uM, t/ha"
        )
        or ""
    )


def _buttons(id_: str) -> tuple[bool, bool]:
    with st.container(horizontal=True):
        is_saved = st.form_submit_button("Save", type="primary", key=_key(id_, "save"))
        is_closed = st.form_submit_button("Cancel", type="tertiary", key=_key(id_, "cancel"))
    return is_saved, is_closed


def _save(make: Callable[[], Patch]) -> None:
    try:
        patch = make()
    except DesignError as failure:
        st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        return
    edit(patch)
    st.rerun()


def _close(*, is_wanted: bool) -> None:
    if is_wanted:
        tab().editing = ""
        st.rerun()
