"""The design that one tab works on, saved by id with every change."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from experimentos.design.document import ExperimentDescription
from experimentos.design.edits import Patch
from experimentos.design.rules import findings
from experimentos.design.rules.finding import Context, Finding, context
from experimentos.design.versions import Author
from experimentos.errors import Conflict, DesignError, NotFound
from experimentos.flows.design_board import is_card
from experimentos.flows.design_session import (
    EMPTY_SESSION,
    DesignSession,
    load_session,
    revise,
    save_session,
)
from experimentos.ui import format as fmt
from experimentos.ui.services import services
from experimentos.ui.state import new_id

KEY = "design_tab"
ADDRESS = "d"
SIDE = "design.side"
SIDES = (":material/rule: Checks", ":material/forum: Assistant")


def new_session() -> DesignSession:
    """Return an empty session under an id that nobody has."""
    return EMPTY_SESSION.model_copy(update={"id": new_id()})


@dataclass(slots=True)
class DesignTab:
    """What one browser tab shows of a design.

    Attributes
    ----------
    session : DesignSession
    version : int
        Grows when inputs are to be filled anew.
    is_stale : bool
        Another tab saved a newer revision: nothing is written until the person chooses.
    selected : str
        The card that is open, as "factors.id"; "" for the design as a whole.
    opened : int
        Grows with every selection, so that the list of cards shows it.
    clicked : str
        The node of the graph that was clicked last; the graph goes on reporting it.
    undo : tuple[str, str] | None
        Id and name of the design that was last put into the bin.
    taken_away : str
        What the last edit deleted, "" when it deleted nothing; offered to be taken back.
    notices : list[str]
        What did not work, shown once, as Markdown.
    imports : int
        How many files were brought in; empties the upload box after each.
    reloads : int
        Grows when another tab's work is taken over.
    """

    session: DesignSession = field(default_factory=new_session)
    version: int = 0
    is_stale: bool = False
    selected: str = ""
    opened: int = 0
    clicked: str = ""
    undo: tuple[str, str] | None = None
    taken_away: str = ""
    notices: list[str] = field(default_factory=list)
    imports: int = 0
    reloads: int = 0
    checked: tuple[str, Context, tuple[Finding, ...]] | None = None

    def key(self, name: str) -> str:
        """Return the widget key of a field of this design."""
        return f"design.{self.session.id}.{self.version}.{name}"

    def lasting(self, name: str) -> str:
        """Return the widget key of something that edits of the design leave alone."""
        return f"design.{self.session.id}.{name}"

    def select(self, key: str) -> None:
        """Open a card, "" for none."""
        self.selected = key
        self.opened += 1


def tab() -> DesignTab:
    """Return this tab's design."""
    current: DesignTab = st.session_state[KEY]
    return current


def ensure_design(*, is_addressed: bool = True) -> None:
    """Have a design: the one in memory, the one that the address names, or a new one.

    Parameters
    ----------
    is_addressed
        False on pages whose address is not about a design.
    """
    if not is_addressed:
        st.session_state.setdefault(KEY, DesignTab())
        return
    wanted = st.query_params.get(ADDRESS, "")
    known = st.session_state.get(KEY)
    if isinstance(known, DesignTab) and wanted in ("", known.session.id):
        write_address()
        return
    st.session_state[KEY] = DesignTab()
    if not wanted:
        return
    try:
        st.session_state[KEY] = DesignTab(load_session(services().store, wanted))
    except NotFound:
        del st.query_params[ADDRESS]
        tab().notices.append(
            "The design that this address names is not in this history; a new one is open."
        )


def write_address() -> None:
    """Put the id of the design into the address once it was saved."""
    if tab().session.revision:
        st.query_params[ADDRESS] = tab().session.id
    elif ADDRESS in st.query_params:
        del st.query_params[ADDRESS]


def work_on(session: DesignSession | None = None) -> None:
    """Show another design, or begin a new one; the present one stays where it was saved."""
    present = tab()
    st.session_state[KEY] = DesignTab(
        session or new_session(),
        undo=present.undo,
        imports=present.imports,
        reloads=present.reloads + 1,
    )
    write_address()


def keep(session: DesignSession) -> None:
    """Show a session and save it before this returns; a conflict is noted, nothing overwritten."""
    current = tab()
    current.session = session
    if current.is_stale:
        return
    try:
        current.session = save_session(services().store, session)
    except Conflict:
        current.is_stale = True
        return
    write_address()


def keep_fields(**fields: Any) -> None:
    """Change fields of the session and save it."""
    keep(tab().session.model_copy(update=fields))


def edit(
    patch: Patch, message: str = "", *, author: Author = "user", is_autosave: bool = False
) -> None:
    """Apply a patch to the design as a new version and save it; what does not fit is told."""
    current = tab()
    try:
        changed = revise(current.session, patch, message, author=author, is_autosave=is_autosave)
    except DesignError as failure:
        current.notices.append(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        return
    renew(changed)


def renew(session: DesignSession) -> None:
    """Show and save a session whose design changed: forms close and inputs are filled anew."""
    current = tab()
    current.taken_away = ""
    current.version += 1
    document = session.document
    if document is None or not is_card(document, current.selected):
        current.select("")
    if session != current.session:
        keep(session)


def checked(document: ExperimentDescription) -> tuple[Context, tuple[Finding, ...]]:
    """Return a design's table, anatomy and findings, computed once for each content."""
    current = tab()
    hash_ = document.hash()
    if current.checked is None or current.checked[0] != hash_:
        given = context(document)
        current.checked = (hash_, given, findings(given))
    return current.checked[1], current.checked[2]


def ask_about(key: str) -> None:
    """Open a card and the assistant beside it; to be called before the panel is drawn."""
    tab().select(key)
    st.session_state[SIDE] = SIDES[1]


def draw_design_notices() -> None:
    """Draw a conflict with another tab, and what did not work."""
    current = tab()
    if current.is_stale:
        _conflict()
    for notice in current.notices:
        st.warning(notice, icon=":material/info:")
    current.notices = []


def _conflict() -> None:
    st.warning(
        "Another tab or person saved a newer version of this design. Nothing was overwritten, and "
        "what you see here is not saved until you choose.",
        title="Changed elsewhere",
        icon=":material/sync_problem:",
    )
    with st.container(horizontal=True):
        if st.button("Show the newer design", key="design.conflict.reload", icon=":material/sync:"):
            work_on(load_session(services().store, tab().session.id))
            st.rerun()
        if st.button(
            "Keep mine as a copy", key="design.conflict.copy", icon=":material/content_copy:"
        ):
            mine = tab().session
            work_on()
            own = {"id": tab().session.id, "revision": 0}
            keep(mine.model_copy(update=own))
            st.rerun()
