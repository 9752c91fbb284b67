"""The forms of a design's cards, with all their details."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.parts import Factor, Response, UnitLevel
from experimentos.errors import DesignError
from experimentos.flows import design_board, design_edits
from experimentos.flows.design_reading import KINDS
from experimentos.ui import format as fmt
from experimentos.ui.design_state import edit, tab

NO_REFERENCE = "none"
CHANGE = ("easy", "hard", "very_hard")
MEASURED = ("", "before", "at", "after")
HANDLING = ("", "blocked", "randomised", "measured", "constant")
SAID = {
    "": "not said",
    "before": "before the draw",
    "at": "at the draw",
    "after": "after the treatment",
    "blocked": "it is blocked",
    "randomised": "it is randomised over",
    "measured": "it is recorded",
    "constant": "it is held constant",
}
UNITS_LIMIT = 1_000_000


def factor_form(document: ExperimentDescription, factor: Factor) -> None:
    """Draw everything that can be said of a factor: kind, levels, where it is applied and how."""
    old = [level.label for level in factor.levels]
    with st.form(_key(factor.id), border=False):
        with st.grid(min_column_width=220, gap="small"):
            name = _name(factor.id, factor.name)
            kind = _choice(factor.id, "Kind", KINDS, factor.kind)
            unit = _unit(factor.id, factor.unit)
        typed = st.text_area(
            "Levels, one per line", "\n".join(old), key=_key(factor.id, "levels"), height=120
        )
        options = [NO_REFERENCE, *old]
        marked = next((k for k, x in enumerate(factor.levels, 1) if x.is_control), 0)
        with st.grid(min_column_width=220, gap="small"):
            control = st.selectbox(
                "Reference level", range(len(options)), marked, key=_key(factor.id, "control"),
                format_func=lambda k: options[k],
            )  # fmt: skip
            applied = _applied(document, factor)
            more = _more(factor)
        note = st.text_input("Note", factor.note, key=_key(factor.id, "note"), max_chars=2_000)
        is_saved, is_closed = _buttons(factor.id)
    if is_saved:
        lines = [line.strip() for line in (typed or "").splitlines()]
        labels = tuple(dict.fromkeys(line[:200] for line in lines if line))
        reference = options[control or 0] if control else ""
        fields = {"name": name, "kind": kind, "unit": unit.strip() or None, "note": note or ""}
        _save(
            lambda: design_edits.edit_factor(
                document, factor, {**fields, **more},
                labels=labels, control=reference, applied=applied,
            )
        )  # fmt: skip
    _close(is_wanted=is_closed)


def _applied(document: ExperimentDescription, factor: Factor) -> tuple[str, str]:
    known = document.allotment(factor.id)
    names = {"": "not applied to units", **{u.id: u.name for u in document.units}}
    present = known.unit_id if known else ""
    unit = _choice(factor.id, "Applied to each", tuple(names), present, names)
    rules = dict(design_board.RULES)
    rule = _choice(factor.id, "By which rule", tuple(rules), known.rule if known else "none", rules)
    return unit, rule


def _more(factor: Factor) -> dict[str, str | None]:
    """Draw what is asked of some kinds of factor only."""
    match factor.kind:
        case "treatment":
            return {"change": _choice(factor.id, "To change between runs", CHANGE, factor.change)}
        case "covariate":
            told = _choice(factor.id, "Measured", MEASURED, factor.measured or "", SAID)
            return {"measured": told or None}
        case "nuisance":
            told = _choice(factor.id, "What the plan does", HANDLING, factor.handling or "", SAID)
            return {"handling": told or None}
        case _:
            return {}


def unit_form(document: ExperimentDescription, unit: UnitLevel) -> None:
    """Draw a unit's name, what it lies in and how many there are."""
    known = unit.count if isinstance(unit.count, int) else None
    with st.form(_key(unit.id), border=False):
        name = _name(unit.id, unit.name)
        place = document.units.index(unit)
        names = {"": "nothing larger", **{u.id: u.name for u in document.units[:place]}}
        parent = _choice(unit.id, "Lies in a", tuple(names), unit.parent or "", names)
        none = {"": "nothing"}
        met = none | {u.id: u.name for u in document.units[:place]}
        crossed = _choice(
            unit.id, "Meets every", tuple(met), next(iter(unit.crossed_with), ""), met
        )
        count = st.number_input(
            "How many in each unit above" if unit.parent else "How many",
            1, UNITS_LIMIT, known, 1, key=_key(unit.id, "count"),
        )  # fmt: skip
        is_ordered = st.checkbox(
            "They follow one another in time", unit.is_ordered, key=_key(unit.id, "ordered")
        )
        is_saved, is_closed = _buttons(unit.id)
    if is_saved:
        number = None if count is None else int(count)
        _save(
            lambda: design_edits.edit_unit(
                unit,
                name=name,
                count=number,
                is_ordered=is_ordered,
                parent=parent,
                crossed=document.unit(crossed),
            )
        )
    _close(is_wanted=is_closed)


def response_form(document: ExperimentDescription, response: Response) -> None:
    """Draw a response's name, unit, distribution, scale and where it is measured."""
    families = design_edits.FAMILIES
    with st.form(_key(response.id), border=False):
        with st.grid(min_column_width=220, gap="small"):
            name = _name(response.id, response.name)
            unit = _unit(response.id, response.unit)
            family = _choice(response.id, "Distribution", families, response.family)
            scale = _scale(response)
            names = {"": "the smallest unit", **{u.id: u.name for u in document.units}}
            measured = _choice(
                response.id, "Measured on each", tuple(names), response.measured_on or "", names
            )
        is_primary = st.checkbox(
            "Primary response", response.primary, key=_key(response.id, "primary")
        )
        is_saved, is_closed = _buttons(response.id)
    if is_saved:
        fields = {
            "name": name,
            "unit": unit.strip() or None,
            "family": family,
            "primary": is_primary,
            "measured_on": measured or None,
            **scale,
        }
        _save(lambda: design_edits.edit_response(document, response, fields))
    _close(is_wanted=is_closed)


def _scale(response: Response) -> dict[str, object]:
    """Draw where values lie, what is possible and what matters."""
    low, high = response.expected_range or (None, None)
    least, most = response.bounds
    start = _number(response.id, "Most values from", low)
    end = _number(response.id, "Most values to", high)
    effect = _number(response.id, "Smallest effect that matters", response.smallest_effect)
    lowest = _number(response.id, "Lowest possible value", least)
    highest = _number(response.id, "Highest possible value", most)
    return {
        "expected_range": None if start is None or end is None else (start, end),
        "smallest_effect": effect,
        "bounds": (lowest, highest),
    }


def _key(id_: str, field: str = "form") -> str:
    return tab().key(f"{field}.{tab().selected}.{id_}")


def _choice[V: str](
    id_: str, label: str, options: Sequence[V], present: V, words: Mapping[str, str] | None = None
) -> V:
    """Draw a choice; options without words of their own are written out."""
    known = words or {}
    return st.selectbox(
        label, options, options.index(present), key=_key(id_, label),
        format_func=lambda option: known.get(option) or fmt.words(option),
    )  # fmt: skip


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
    edit(patch, is_autosave=True)
    st.rerun()


def _close(*, is_wanted: bool) -> None:
    if is_wanted:
        tab().select("")
        st.rerun()
