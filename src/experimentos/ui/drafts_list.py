"""Work in progress that was not saved as an analysis yet."""

from typing import Any

import streamlit as st

from experimentos.flows.drafts import DRAFT, list_drafts
from experimentos.store.port import Record
from experimentos.ui import format as fmt
from experimentos.ui import navigation
from experimentos.ui.services import services
from experimentos.ui.state import open_draft, session, start

SHOWN = 3


def drafts_list() -> None:
    """Draw the newest drafts with a way back into each; nothing when there are none."""
    records = [r for r in list_drafts(services().store) if not _body(r).get("analysis_id")]
    if not records:
        return
    st.subheader("In progress", anchor=False)
    with st.grid(min_column_width=300, gap="small"):
        for record in records[:SHOWN]:
            _card(record)


def _body(record: Record) -> Any:
    return record.body


def _card(record: Record) -> None:
    with st.container(border=True, key=f"draft.{record.id}", gap="xsmall"):
        name = record.title or _body(record).get("file_name") or "Untitled"
        here = " :blue-badge[Open in this tab]" if record.id == session().draft.id else ""
        st.markdown(f"**{fmt.plain(name)}**{here}")
        file_name = _body(record).get("file_name") or "no results yet"
        st.caption(f"{fmt.when(record.updated_at)} · {fmt.plain(file_name)}")
        with st.container(horizontal=True):
            if st.button("Continue", key=f"continue.{record.id}", icon=":material/play_arrow:"):
                open_draft(record.id)
                navigation.go("results" if record.artefacts else "health_check")
            if st.button("Discard", key=f"discard.{record.id}", type="tertiary"):
                services().store.remove(DRAFT, record.id)
                if record.id == session().draft.id:
                    start()
                st.rerun()
