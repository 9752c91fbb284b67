"""The adapters of this process, opened once and shared by every session."""

import streamlit as st

from experimentos.wiring import Services, open_services, settings_from_environment


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Return the store and the other adapters that the environment asks for.

    Commands beside the app are answered by it: `experimentos history` works while it runs.

    Raises
    ------
    StoreError
        If the history cannot be opened.
    """
    return open_services(settings_from_environment(), serve=True)


def close() -> None:
    """Release the history file; the next call of `services` opens it again."""
    services().store.close()
    services.clear()
