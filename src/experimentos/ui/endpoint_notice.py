"""The endpoint that answers prompts: where texts go, or what to set up where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from experimentos.errors import LlmUnavailable
from experimentos.ui import format as fmt

if TYPE_CHECKING:
    from experimentos.llm.settings import LlmSettings


def endpoint() -> LlmSettings | None:
    """Return the endpoint of this server; draw what to set up when there is none."""
    from experimentos.llm.settings import BASE_URL, KEYS, llm_settings

    try:
        settings = llm_settings()
    except LlmUnavailable as failure:
        st.warning(f"{fmt.plain(failure.message)} {fmt.plain(failure.hint)}")
        return None
    if settings.is_set:
        return settings
    st.info(
        f"No language model is set up here. Start the app with `{BASE_URL}` (any "
        f"OpenAI-compatible endpoint) or `{KEYS[0]}` in its environment.",
        icon=":material/key:",
    )
    return None
