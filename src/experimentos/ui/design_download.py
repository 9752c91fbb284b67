"""One download of a design under the name of its session."""

from collections.abc import Callable

import streamlit as st

from experimentos.memo.exports import download_name
from experimentos.ui.access import while_admitted
from experimentos.ui.design_state import tab


def download(label: str, make: Callable[[], bytes], extension: str, mime: str) -> None:
    """Draw the button of a file that is made only when it is asked for."""
    session = tab().session
    st.download_button(
        label, while_admitted(make), download_name(session.name, session.id, extension), mime,
        key=tab().key(f"download.{label}"), icon=":material/download:", on_click="ignore",
    )  # fmt: skip
