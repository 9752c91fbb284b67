"""Map your columns: when a file calls things differently."""

import streamlit as st

from experimentos.flows.drafts import recall_mapping, remember_mapping
from experimentos.metrics.contract import Reading, suggest_mapping
from experimentos.ui import format as fmt
from experimentos.ui.services import services
from experimentos.ui.state import change, session
from experimentos.ui.which_experiment import experiment_step, kept_rows

NEEDED = {
    "variant": "Column of arms",
    "users": "Column of users",
    "conversions": "Column of conversions",
}
CONTROL = "variant=control"
TREATMENT = "variant=treatment"
ASKS = frozenset({"missing_columns", "no_control"})
DECLINED = "mapping_declined"


def mapping_step(reading: Reading) -> None:
    """Draw which column is which, when the reader could not tell or was already told."""
    experiment_step(reading)
    draft = session().draft
    names = {k: v for k, v in draft.mapping.items() if k not in kept_rows(draft.mapping)}
    if names:
        _mapped(names)
        return
    if len(reading.columns) < 2 or not any(issue.code in ASKS for issue in reading.issues):
        return
    remembered = recall_mapping(services().store, reading.columns)
    if remembered and not draft.page.get(DECLINED):
        session().notices.append("The columns are mapped as they were the last time.")
        change(mapping=remembered | kept_rows(draft.mapping))
        st.rerun()
    _ask(reading, remembered or suggest_mapping(reading))


def _mapped(mapping: dict[str, str]) -> None:
    pairs = [f"{fmt.plain(theirs)} is {fmt.plain(ours)}" for ours, theirs in mapping.items()]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/join_inner: Mapped: {fmt.listed(pairs)}.", width="stretch")
        if st.button("Undo the mapping", key=session().key("mapping.undo"), type="tertiary"):
            kept = kept_rows(session().draft.mapping)
            change(mapping=kept, page={**session().draft.page, DECLINED: True})
            st.rerun()


def _ask(reading: Reading, suggested: dict[str, str]) -> None:
    with st.container(border=True, key="mapping"):
        st.subheader("Map your columns", anchor=False)
        st.markdown("Say what this file calls them. What looks likely is filled in; please check.")
        chosen: dict[str, str] = {}
        with st.grid(min_column_width=200):
            for ours, question in NEEDED.items():
                column = _choice(
                    question, f"map.{ours}", reading.columns, suggested.get(ours, ours)
                )
                if column:
                    chosen[ours] = column
            arms = _arms(reading, chosen.get("variant"))
            control = _choice("Control arm", "map.control", arms, suggested.get(CONTROL, "control"))
        wrong = _wrong(chosen)
        if wrong:
            st.warning(wrong)
        pressed = st.button(
            "Read with this mapping", key=session().key("mapping.apply"), type="primary",
            icon=":material/check:", disabled=bool(wrong) or control is None,
        )  # fmt: skip
    if pressed and control is not None:
        mapping = {ours: theirs for ours, theirs in chosen.items() if ours != theirs}
        mapping |= _arm_names(arms, control)
        remember_mapping(services().store, reading.columns, mapping)
        mapping |= kept_rows(session().draft.mapping)
        change(mapping=mapping, page={**session().draft.page, DECLINED: False})
        st.rerun()


def _choice(question: str, name: str, options: tuple[str, ...], likely: str) -> str | None:
    place = options.index(likely) if likely in options else None
    return st.selectbox(
        question, options, index=place, key=session().key(name), placeholder="Choose"
    )


def _arms(reading: Reading, column: str | None) -> tuple[str, ...]:
    """Return the distinct names in the column of arms, as found."""
    if column is None:
        return ()
    place = reading.columns.index(column)
    names = (row[place].strip() for row in reading.rows if place < len(row))
    return tuple(dict.fromkeys(name for name in names if name))


def _arm_names(arms: tuple[str, ...], control: str) -> dict[str, str]:
    names = {} if control == "control" else {CONTROL: control}
    others = [arm for arm in arms if arm != control]
    if len(others) == 1 and others[0] != "treatment":
        names[TREATMENT] = others[0]
    return names


def _wrong(chosen: dict[str, str]) -> str:
    missing = [ours for ours in NEEDED if ours not in chosen]
    if missing:
        return f"Still to choose: {fmt.listed(missing)}."
    if len(set(chosen.values())) < len(chosen):
        return "One column cannot be two things: choose a different one for each question."
    return ""
