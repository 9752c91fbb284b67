"""The adapters of this process, opened once and shared by every session that may share them."""

import streamlit as st

from experimentos.ui import access
from experimentos.wiring import (
    Services,
    open_private_services,
    open_services,
    settings_from_environment,
)


def services() -> Services:
    """Return the store and the other adapters that the environment asks for.

    On a public server every tab has a store of its own, in memory, gone with the tab.

    Raises
    ------
    StoreError
        If the history cannot be opened.
    """
    return shared() if access.gate().is_shared else private()


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
