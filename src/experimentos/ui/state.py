"""What one person is working on: one typed object under one key, saved by id."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import streamlit as st

from experimentos.ids import ordered_id
from experimentos.plan.charter import EMPTY_CHARTER, Charter

KEY = "session"
ADDRESS = "s"


@dataclass(slots=True)
class Session:
    """The work in progress of one browser tab.

    Attributes
    ----------
    id : str
        26 characters; in the address as `?s=` once something has been saved.
    charter : Charter
    """

    id: str
    charter: Charter = EMPTY_CHARTER
    mapping: Mapping[str, str] = field(default_factory=dict)


def new_id() -> str:
    """Return an id that nobody has."""
    return ordered_id(datetime.now(UTC), secrets.token_bytes(10))


def ensure_state() -> None:
    """Have a session: the one in memory, the one that the address names, or a new one."""
    if not isinstance(st.session_state.get(KEY), Session):
        st.session_state[KEY] = Session(new_id())


def session() -> Session:
    """Return this tab's session."""
    current: Session = st.session_state[KEY]
    return current


def write_address() -> None:
    """Put the id of the draft back into the address, which a page switch clears."""
