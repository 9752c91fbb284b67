"""What stands beside the canvas: summary, notes and history on the left, checks on the right."""

from collections.abc import Sequence

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.rules.finding import Context, Finding
from experimentos.flows import design_edits
from experimentos.flows.design_board import name_of, part_of
from experimentos.flows.design_session import TEXT_LIMIT, go_back_to, version_rows
from experimentos.flows.design_status import Standing, standing
from experimentos.ui import format as fmt
from experimentos.ui.design_assistant import assistant_panel
from experimentos.ui.design_badges import class_words
from experimentos.ui.design_checks import findings_list, open_questions
from experimentos.ui.design_redescribe import description_editor
from experimentos.ui.design_state import SIDE, SIDES, edit, keep_fields, renew, tab

LOOKS = {
    "ready": ("green", ":material/verified:"),
    "open": ("orange", ":material/warning:"),
    "blocked": ("red", ":material/error:"),
}
TIMELINE = 8
TRANSCRIPT = 50


def validity_badge(now: Standing) -> str:
    """Return in Markdown whether a design has errors, warnings or neither."""
    tone, icon = LOOKS[now.word]
    errors, warnings = fmt.plural(now.errors, "error"), fmt.plural(now.warnings, "warning")
    counts = [*([errors] if now.errors else []), *([warnings] if now.warnings else [])]
    return f":{tone}-badge[{icon} {', '.join(counts) or 'Ready: all checks pass'}]"


def status_bar(document: ExperimentDescription, given: Context) -> None:
    """Draw validity, size and when the design was last saved, in one line."""
    session = tab().session
    now = standing(document)
    observations = fmt.plural(given.table.n, "observation") if given.table else "size not known"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="status"):
        st.markdown(validity_badge(now), width="content")
        st.caption(
            f"{class_words(now.design_class)} · {fmt.plural(len(document.factors), 'factor')} · "
            f"{observations}",
            width="content",
        )
        saved = version_rows(session)[0]
        word = (
            "not saved: changed elsewhere" if tab().is_stale else f"saved {fmt.when(saved.until)}"
        )
        st.caption(f":material/cloud_done: Version {saved.number}, {word}", width="content")


def left_panel(document: ExperimentDescription, given: Context) -> None:
    """Draw the summary, always; notes, description, transcript and timeline fold below it."""
    session = tab().session
    now = standing(document)
    with st.sidebar, st.container(gap="xsmall", key="design.left"):
        st.caption("Summary of the design")
        st.markdown(f"**{fmt.plain(session.name)}**")
        st.markdown(validity_badge(now))
        for line in _summary(document, given):
            st.caption(line)
        with st.expander("Aim and hypothesis", icon=":material/target:"):
            _aim(document)
        with st.expander("Notes", icon=":material/edit_note:"):
            _notes()
        with st.expander("The description", icon=":material/notes:"):
            description_editor()
        with st.expander("Conversation", icon=":material/forum:"):
            _transcript()
        with st.expander("Versions", icon=":material/history:"):
            _timeline()


def _summary(document: ExperimentDescription, given: Context) -> list[str]:
    treatments = fmt.listed(fmt.plain(f.name) for f in document.treatments)
    primary = document.primary
    return [
        f"Design: {class_words(standing(document).design_class)}",
        f"Compared: {treatments or 'nothing yet'}",
        f"Measured: {fmt.plain(primary.name) if primary else 'no primary response yet'}",
        f"Observations: {given.table.n:,}" if given.table else "Observations: not known yet",
        *([f"Open questions: {len(document.open_questions)}"] if document.open_questions else []),
        *([f"Accepted warnings: {len(document.acknowledged)}"] if document.acknowledged else []),
    ]


def _aim(document: ExperimentDescription) -> None:
    with st.form(tab().key("aim"), border=False):
        aim = st.text_area("Aim", document.aim, height=80, max_chars=4_000)
        hypothesis = st.text_area("Hypothesis", document.hypothesis, height=80, max_chars=4_000)
        purposes = design_edits.PURPOSES
        purpose = st.selectbox(
            "Purpose", purposes, purposes.index(document.purpose), format_func=fmt.words
        )
        is_kept = st.form_submit_button("Keep", icon=":material/check:")
    if is_kept:
        edit(
            design_edits.state(
                document, aim=aim or "", hypothesis=hypothesis or "", purpose=purpose
            )
        )
        st.rerun()


def _notes() -> None:
    session = tab().session
    typed = st.text_area(
        "Notes for the people who work on this", session.notes, height=160, max_chars=TEXT_LIMIT,
        key=tab().lasting(f"notes.{tab().reloads}"), persist_state="session",
        placeholder="Decisions, doubts, who said what",
    )  # fmt: skip
    if (typed or "") != session.notes:
        keep_fields(notes=typed or "")


def _transcript() -> None:
    turns = tab().session.conversation
    if not turns:
        st.caption("Nothing was said yet.")
    for turn in turns[-TRANSCRIPT:]:
        who = "You" if turn.who == "person" else f"Assistant ({fmt.plain(turn.source or 'rules')})"
        st.caption(f"{who} · {fmt.when(turn.at)}")
        st.markdown(fmt.plain(turn.text))


def _timeline() -> None:
    rows = version_rows(tab().session)
    for version in rows[:TIMELINE]:
        with st.container(gap="xsmall", border=True):
            st.markdown(f"**{version.number}** · {fmt.plain(version.message) or 'Edit'}")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"{fmt.when(version.until)} · {version.author}", width="stretch")
                if version.number != rows[0].number and st.button(
                    "", key=tab().key(f"left.restore.{version.number}"), type="tertiary",
                    icon=":material/history:",
                    help=f"Restore version {version.number} as the newest",
                ):  # fmt: skip
                    renew(go_back_to(tab().session, version.number))
                    st.rerun()
    if len(rows) > TIMELINE:
        st.caption(f"{len(rows) - TIMELINE} earlier ones are on the tab Versions.")


def right_panel(document: ExperimentDescription, found: Sequence[Finding]) -> None:
    """Draw the checks and questions about the card that is open, or about the whole design."""
    chosen = tab().selected.partition(".")[2]
    mine = [f for f in found if not chosen or chosen in f.subjects]
    if chosen:
        name = name_of(document, *part_of(tab().selected))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"About {fmt.plain(name)}", width="stretch")
            if st.button("Whole design", key=tab().key("focus.all"), type="tertiary"):
                tab().select("")
                st.rerun()
    checks, assistant = st.tabs(list(SIDES), key=SIDE, on_change="rerun")
    if checks.open:
        with checks:
            findings_list(document, mine, is_all=not chosen)
            open_questions(document)
    if assistant.open:
        with assistant:
            assistant_panel(document, found)
