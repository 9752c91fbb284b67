"""Inputs that are filled from the draft and saved as they change.

No callback and no writing into widget state: the caller compares what an input holds with the
draft. Only so does text that was typed before a restart of the server survive it, because the
browser still holds it and delivers it with the next run.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from experimentos.ui.state import session


def bound(widget: Callable[..., Any], label: str, name: str, value: Any, **options: Any) -> Any:
    """Draw an input seeded with the draft's value; return what it holds now."""
    key = session().key(name)
    return widget(label, value=value, key=key, persist_state="session", **options)


def bound_choice[V](label: str, name: str, options: Sequence[V], value: V, **more: Any) -> V:
    """Draw a choice among options seeded with the draft's value; return what is chosen now."""
    place = options.index(value) if value in options else 0
    chosen = st.selectbox(
        label, options, index=place, key=session().key(name), persist_state="session", **more
    )
    return value if chosen is None else chosen
