"""Design session: from a description to a checked design with its run sheet."""

import streamlit as st

from experimentos.flows import design_edits
from experimentos.flows.design_session import undo, undo_target
from experimentos.ui import format as fmt
from experimentos.ui import guard
from experimentos.ui.design_board import canvas
from experimentos.ui.design_checks import anatomy_table
from experimentos.ui.design_describe import describe
from experimentos.ui.design_exchange import import_box
from experimentos.ui.design_list import designs_list
from experimentos.ui.design_outputs import outputs
from experimentos.ui.design_panels import left_panel, right_panel, status_bar
from experimentos.ui.design_redescribe import redescription
from experimentos.ui.design_state import (
    checked,
    draw_design_notices,
    edit,
    ensure_design,
    renew,
    tab,
    work_on,
)
from experimentos.ui.design_templates import begin_box
from experimentos.ui.notices import draw_notices

TRACK_WIDTH = 280


def page() -> None:
    ensure_design()
    session = tab().session
    st.title(fmt.plain(session.title) or "Design session")
    draw_notices()
    draw_design_notices()
    if session.document is None:
        description()
    else:
        workspace()


def description() -> None:
    st.markdown(
        "Describe an experiment in plain words. See what was read from them, have the design "
        "checked, and leave with a randomised run sheet. No key and no network are needed."
    )
    describe()
    begin_box()
    designs_list()
    import_box()


def workspace() -> None:
    is_open = toolbar()
    document = tab().session.document
    if document is None:
        return
    given, found = checked(document)
    left_panel(document, given)
    # Three tracks beside one another, two or one as the width allows: the panel of checks then
    # follows the cards.
    grid = st.grid(3, min_column_width=TRACK_WIDTH, gap="medium", key="design.panels")
    span = 2 if is_open else 3
    with grid.cell(column_span=span):
        status_bar(document, given)
        redescription(document)
        canvas(document, given, found)
    if is_open:
        with grid.cell(row_span=2):
            right_panel(document, found)
    with grid.cell(column_span=span):
        anatomy_table(document, given)
        outputs(document, given)


def toolbar() -> bool:
    session = tab().session
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(
            "Title", session.title, key=tab().key("title"), max_chars=200, width="stretch",
            placeholder="What a colleague would call this experiment",
        )  # fmt: skip
        if (title or "").strip() != session.title:
            edit(design_edits.rename(title or ""))
            st.rerun()
        target = undo_target(session)
        label = fmt.plain(fmt.shortened(target[0].message, 60)) if target else ""
        if st.button(
            "Undo", key="design.undo", icon=":material/undo:", disabled=target is None,
            help=f"Take back: {label}" if target else "Nothing to take back",
        ):  # fmt: skip
            renew(undo(session))
            st.rerun()
        if st.button("All designs", key="design.all", icon=":material/apps:"):
            work_on()
            st.rerun()
        return st.toggle("Checks and help", value=True, key="design.panel")


guard.run(page)
