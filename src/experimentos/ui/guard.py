"""What a page shows when something goes wrong: never a traceback, always what to do next."""

from collections.abc import Callable

import streamlit as st

from experimentos.errors import ExperimentOSError
from experimentos.ui import access, navigation
from experimentos.ui import format as fmt
from experimentos.ui.failure import show_incident
from experimentos.ui.state import ensure_state


def run(page: Callable[[], None]) -> None:
    """Draw a page, for those who may come in and nobody else.

    An expected failure becomes its message and hint, a bug becomes an id.
    """
    try:
        access.admit()
        ensure_state()
        page()
    except ExperimentOSError as failure:
        hint = f"  \n{fmt.plain(failure.hint)}" if failure.hint else ""
        st.error(
            fmt.plain(failure.message) + hint, title="This did not work", icon=":material/error:"
        )
    except Exception as failure:  # noqa: BLE001 - the last border before the reader
        show_incident(failure)


def nothing_yet(title: str, body: str, *, action: str = "Bring in your results") -> None:
    """Say what this page needs and link to where it is given."""
    with st.container(border=True):
        st.markdown(f"#### {title}")
        st.info(body, icon=":material/info:")
        with st.container(horizontal=True):
            navigation.link("health_check", action)
            navigation.link("home", "Try it with sample data", ":material/science:")
