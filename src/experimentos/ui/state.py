"""What one person is working on: one typed object under one key, saved by id as it changes."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from experimentos.errors import Conflict, NotFound
from experimentos.flows.drafts import Draft, draft_input, load_draft, save_draft
from experimentos.ids import ordered_id
from experimentos.ui.services import services

KEY = "session"
ADDRESS = "s"
# Where a draft keeps the id that its analysis will be saved under.
RUN_ID = "run_id"
EMPTY_DRAFT = Draft()


def new_id() -> str:
    """Return an id that nobody has and that sorts by time."""
    return ordered_id(datetime.now(UTC), secrets.token_bytes(10))


def new_draft(draft: Draft = EMPTY_DRAFT) -> Draft:
    """Return the draft as one that was never saved, under an id that nobody has."""
    return draft.model_copy(update={"id": new_id(), "revision": 0, "input_sha256": None})


@dataclass(slots=True)
class Session:
    """The work of one browser tab.

    Attributes
    ----------
    draft : Draft
        Its id stands in the address as `?s=` once it was saved.
    version : int
        Grows when the draft is replaced as a whole, so that inputs are filled anew.
    is_stale : bool
        Another tab saved a newer revision: nothing is written until the person chooses.
    notices : list[str]
        What the next page shows once, as Markdown.
    uploads : int
        How many results were brought in; empties the upload box after each.
    findings : dict[str, tuple[str, ...]]
        Per saved analysis that was run again in this tab, what differed; empty for nothing.
    sources : dict[str, str]
        Per saved analysis that was run again, what became of the raw rows behind it.
    shown : int
        How many saved analyses are listed.
    undo : tuple[str, str] | None
        Id and title of the analysis that was last put into the bin.
    """

    draft: Draft = field(default_factory=new_draft)
    version: int = 0
    is_stale: bool = False
    notices: list[str] = field(default_factory=list)
    undo: tuple[str, str] | None = None
    uploads: int = 0
    findings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    shown: int = 12

    def key(self, name: str) -> str:
        """Return the widget key of a field of this draft."""
        return f"{self.draft.id}.{self.version}.{name}"


def session() -> Session:
    """Return this tab's session."""
    current: Session = st.session_state[KEY]
    return current


def ensure_state() -> None:
    """Have a session: the one in memory, the one that the address names, or a new one.

    A tab that lost its memory (reload, restart of the server) finds its draft by the address.
    """
    wanted = st.query_params.get(ADDRESS, "")
    known = st.session_state.get(KEY)
    if isinstance(known, Session) and wanted in ("", known.draft.id):
        return
    if not wanted:
        st.session_state[KEY] = Session()
        return
    try:
        st.session_state[KEY] = Session(load_draft(services().store, wanted))
    except NotFound:
        del st.query_params[ADDRESS]
        st.session_state[KEY] = Session(
            notices=["The work that this address names is not in this history; a new one is open."]
        )


def write_address() -> None:
    """Put the id of the draft back into the address, which a page switch clears."""
    draft = session().draft
    if draft.revision:
        st.query_params[ADDRESS] = draft.id
    elif ADDRESS in st.query_params:
        del st.query_params[ADDRESS]


def start(draft: Draft = EMPTY_DRAFT, content: bytes | None = None) -> None:
    """Begin another draft; the present one stays where it was saved."""
    _work_on(new_draft(draft))
    if content is not None:
        change(content)
    write_address()


def open_draft(id: str) -> None:  # noqa: A002 - the field's name
    """Continue a saved draft.

    Raises
    ------
    NotFound
        If it is not in the history.
    """
    _work_on(load_draft(services().store, id))
    write_address()


def reload_draft() -> None:
    """Take over what another tab saved; what this tab shows differently is given up."""
    current = session()
    _work_on(load_draft(services().store, current.draft.id))
    session().version = current.version + 1


def keep_as_copy() -> None:
    """Save what this tab shows as a draft of its own, beside the newer one."""
    draft = session().draft
    start(draft, draft_input(services().store, draft))


def change(content: bytes | None = None, **fields: Any) -> None:
    """Change the draft and save it before this returns.

    Parameters
    ----------
    content
        The bytes of new results.

    Raises
    ------
    StoreError
        If it could not be written; the session still holds what was typed.
    """
    current = session()
    current.draft = current.draft.model_copy(update=fields)
    if current.is_stale:
        return
    try:
        saved = save_draft(services().store, current.draft, content)
    except Conflict:
        current.is_stale = True
        return
    is_first = current.draft.revision == 0
    current.draft = saved
    if is_first:
        write_address()


def _work_on(draft: Draft) -> None:
    st.session_state[KEY] = replace(session(), draft=draft, version=0, is_stale=False)
