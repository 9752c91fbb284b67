"""The adapters of this process, opened once and shared by every session that may share them."""

from typing import TYPE_CHECKING

import streamlit as st

from experimentos.ui import access
from experimentos.wiring import (
    Services,
    open_assistant,
    open_private_services,
    open_services,
    settings_from_environment,
)

if TYPE_CHECKING:
    from experimentos.llm.choice import Choice
    from experimentos.llm.port import Assistant


def services() -> Services:
    """Return the store and the other adapters that the environment asks for.

    On a public server every tab has a store of its own, in memory, gone with the tab.

    Raises
    ------
    StoreError
        If the history cannot be opened.
    """
    return shared() if access.gate().is_shared else private()


def chosen() -> "Choice":
    """Return who may answer questions about designs; on a public server the rules alone."""
    from experimentos.llm.choice import NOBODY, choice

    return choice() if access.gate().is_shared else NOBODY


@st.cache_resource(show_spinner=False, max_entries=4)
def assistant(whom: "Choice") -> "Assistant":
    """Return the assistant of a choice; the client of a model is loaded with its first question."""
    return open_assistant(whom)


def close() -> None:
    """Release the history file; the next call of `services` opens it again."""
    if access.gate().is_shared:
        shared().store.close()
        shared.clear()


@st.cache_resource(show_spinner=False)
def shared() -> Services:
    """Open the workspace; commands beside the app are answered by it while it runs."""
    return open_services(settings_from_environment(), serve=True)


@st.cache_resource(show_spinner=False, scope="session")
def private() -> Services:
    return open_private_services()
