"""An unexpected failure: an id on the screen that the log explains."""

import streamlit as st

from experimentos import logs


def show_incident(failure: Exception) -> bool:
    """Log the failure and show its id; True tells Streamlit that nothing more is to be drawn."""
    incident = logs.incident(failure)
    st.error(
        "This is a fault of ExperimentOS, not of your data; what you entered so far is kept. "
        f"Reload the page to go on. If it comes back, report the incident **{incident}**: "
        "the server's log explains it under this id.",
        title="Something went wrong",
        icon=":material/bug_report:",
    )
    return True
