"""Design session: from a description to a checked design with its run sheet."""

import streamlit as st

from experimentos.flows import design_edits
from experimentos.flows.design_session import undo, undo_target
from experimentos.ui import format as fmt
from experimentos.ui import guard
from experimentos.ui.design_cards import cards
from experimentos.ui.design_checks import anatomy_table, findings_list, open_questions, summary
from experimentos.ui.design_describe import describe
from experimentos.ui.design_list import designs_list, import_box, template_box
from experimentos.ui.design_outputs import export_tab, run_sheet_tab, versions_tab
from experimentos.ui.design_state import (
    checked,
    draw_design_notices,
    edit,
    ensure_design,
    renew,
    tab,
    work_on,
)
from experimentos.ui.notices import draw_notices

TABS = {
    "sheet": ":material/list_alt: Run sheet",
    "versions": ":material/history: Versions",
    "export": ":material/download: Export",
}


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
    template_box()
    designs_list()
    import_box()


def workspace() -> None:
    toolbar()
    document = tab().session.document
    if document is None:
        return
    given, found = checked(document)
    summary(document, given, found)
    findings_list(document, found)
    open_questions(document)
    st.subheader("Cards", anchor=False)
    cards(document, found)
    anatomy_table(given)
    sheet, versions, export = st.tabs(list(TABS.values()), key="design.tabs", on_change="rerun")
    if sheet.open:
        with sheet:
            run_sheet_tab(document)
    if versions.open:
        with versions:
            versions_tab()
    if export.open:
        with export:
            export_tab(document)


def toolbar() -> None:
    session = tab().session
    title = st.text_input(
        "Title", session.title, key=tab().key("title"), max_chars=200,
        placeholder="What a colleague would call this experiment",
    )  # fmt: skip
    if (title or "").strip() != session.title:
        edit(design_edits.rename(title or ""))
        st.rerun()
    with st.container(horizontal=True):
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
    if session.text:
        with st.expander("The description", icon=":material/notes:"):
            st.markdown(fmt.plain(session.text))


guard.run(page)
