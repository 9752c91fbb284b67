"""Designs in and out: files by choice, and what a file changes before it is taken."""

from functools import partial

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.errors import DesignError
from experimentos.flows.design_exchange import (
    ExportWish,
    Incoming,
    exported,
    incoming,
    taken_into,
)
from experimentos.flows.design_report import ReportForm, ReportWish, report_of, write_report
from experimentos.flows.design_session import IMPORT_LIMIT_BYTES, DesignSession
from experimentos.ui import format as fmt
from experimentos.ui.design_download import download
from experimentos.ui.design_state import keep, renew, tab, work_on

IMPORT_LIMIT_MB = IMPORT_LIMIT_BYTES // 1_000_000
SENTENCES_SHOWN = 12
PARTS = {
    "runs": "Run sheet",
    "versions": "Versions",
    "notes": "Notes",
    "conversation": "Conversation",
}
FORMS: tuple[tuple[str, ReportForm, str], ...] = (
    ("Report (HTML)", "html", "text/html"),
    ("Report (PDF)", "pdf", "application/pdf"),
    ("Report (Markdown)", "md", "text/markdown"),
)


def files(document: ExperimentDescription) -> None:
    """Draw the downloads of a report and of the session, with what goes into them."""
    st.markdown(
        "A report for people, and a file that any ExperimentOS takes in again with the same hash."
    )
    chosen = st.pills(
        "What goes into the files", list(PARTS), default=["runs", "versions"],
        selection_mode="multi", format_func=lambda name: PARTS[name],
        key=tab().lasting("files.parts"), persist_state="session",
    )  # fmt: skip
    wanted = {name: name in chosen for name in PARTS}
    session = tab().session
    with st.container(horizontal=True):
        for label, form, mime in FORMS:
            download(label, partial(_report, session, ReportWish(**wanted), form), form, mime)
        wish = ExportWish(wanted["versions"], wanted["notes"], wanted["conversation"])
        download("Design (JSON)", lambda: exported(session, wish), "json", "application/json")
    st.caption(f"Hash of this version: `{document.hash()}`")
    with st.expander("Take over a design from a file", icon=":material/upload_file:"):
        found = _uploaded("compare", document)
        if found is not None:
            _take_over(found)


def import_box() -> None:
    """Draw the way in for a design that was exported, as a design of its own."""
    with st.expander("Bring in a design from a file", icon=":material/upload_file:"):
        found = _uploaded("new", None)
        if found is None:
            return
        _about(found)
        if st.button("Open it as a new design", key="design.import.open", type="primary"):
            tab().imports += 1
            work_on()
            keep(found.session.model_copy(update={"id": tab().session.id}))
            st.rerun()


def _report(session: DesignSession, wish: ReportWish, form: ReportForm) -> bytes:
    # Made in a thread of the server, which knows no tab.
    return write_report(report_of(session, wish), form)


def _uploaded(name: str, present: ExperimentDescription | None) -> Incoming | None:
    file = st.file_uploader(
        "A design as JSON", "json", key=f"design.import.{name}.{tab().imports}",
        max_upload_size=IMPORT_LIMIT_MB,
    )  # fmt: skip
    if file is None:
        return None
    try:
        return incoming(file.getvalue(), present)
    except DesignError as failure:
        st.error(
            f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}",
            title="The file was not brought in",
            icon=":material/error:",
        )
        return None


def _about(found: Incoming) -> None:
    parts = [
        fmt.plural(found.versions, "version") if found.versions else "a description, no design yet",
        *([fmt.plural(found.messages, "message")] if found.messages else []),
        *(["notes"] if found.has_notes else []),
    ]
    st.markdown(f"**{fmt.plain(found.session.name)}**: {fmt.listed(parts)}.")
    if found.about:
        st.caption(fmt.plain(found.about))
    if found.standing is not None:
        errors = fmt.plural(found.standing.errors, "error")
        warnings = fmt.plural(found.standing.warnings, "warning")
        st.caption(f"{fmt.words(found.standing.design_class)}; {errors}, {warnings}")


def _take_over(found: Incoming) -> None:
    _about(found)
    if found.is_same:
        st.success("It is this very design: the same hash.", icon=":material/check:")
        return
    if not found.changes:
        st.info("Open it from the list of designs instead.", icon=":material/info:")
        return
    st.markdown("Taking it over makes a new version with these changes:")
    for sentence in found.changes[:SENTENCES_SHOWN]:
        st.markdown(f"- {fmt.plain(sentence)}")
    if len(found.changes) > SENTENCES_SHOWN:
        st.caption(f"and {fmt.plural(len(found.changes) - SENTENCES_SHOWN, 'further change')}")
    if st.button("Take it over", key=tab().key("import.take"), icon=":material/check:"):
        tab().imports += 1
        renew(taken_into(tab().session, found))
        st.rerun()
